"""Six errors, by what the reader does next."""

import pytest

from heedful import errors
from heedful.server import problem

KINDS = {"BadSettings", "NotAllowed", "NotFound", "TryLater", "BadRecord", "Bug"}


def test_there_are_six_and_one_above_them() -> None:
    defined = {name for name, thing in vars(errors).items() if isinstance(thing, type)}
    assert defined == KINDS | {"HeedfulError"}
    assert {cls.__name__ for cls in errors.HeedfulError.__subclasses__()} >= KINDS
    assert all(name in (errors.__doc__ or "") for name in KINDS)


def test_try_later_says_how_long_to_wait() -> None:
    assert errors.TryLater("full").after == 1.0
    assert errors.TryLater("full", after=5).after == 5


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.NotAllowed("x"), 403),
        (errors.NotFound("x"), 404),
        (errors.BadRecord("x"), 422),
        (errors.BadSettings("x"), 400),
        (errors.TryLater("x", after=7), 429),
        (errors.Bug("x"), 500),
    ],
)
def test_each_has_its_status_over_http(error: errors.HeedfulError, status: int) -> None:
    answer = problem.of(error)
    assert answer.status_code == status
    assert answer.media_type == "application/problem+json"
    assert answer.headers.get("retry-after") == ("7" if status == 429 else None)
