"""Addresses: what is asked stands whole in the address bar, and every figure's address opens its rows."""

import re
from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

from heedful.errors import BadSettings
from heedful.insight.answer import Answer

NONE = "(none)"
"""Stands in an address for a value that is missing."""


def address(path: str, pairs: Iterable[tuple[str, str | None]]) -> str:
    """A path with a query of the pairs that have a value."""
    query = urlencode([(key, value) for key, value in pairs if value])
    return f"{path}?{query}" if query else path


def number_in(name: str, given: str, *, most: int = 2**63 - 1) -> int:
    """The whole number that a parameter gives; BadSettings where it is none, or more than `most`."""
    if not re.fullmatch(r"[0-9]{1,19}", given) or int(given) > most:
        raise BadSettings(f"{name}={given[:40]} is not a whole number up to {most:,}")
    return int(given)


def behind(answer: Answer, group: Mapping[str, str | None], *, path: str = "/messages") -> str:
    """The address of the rows behind one figure of an answer, as of the same moment."""
    members = [(name, NONE if member is None else member) for name, member in (*answer.where, *group.items())]
    period = [("since", _brief(answer.since)), ("until", _brief(answer.until)), ("as_of", answer.as_of)]
    return address(path, [("metric", answer.metric), *members, *period])


def figures(answer: Answer, *, form: str | None = None) -> str:
    """The address of an answer's figures as JSON, or in the form csv or parquet."""
    where = [("where", f"{name}={member or ''}") for name, member in answer.where]
    period = [("since", _brief(answer.since)), ("until", _brief(answer.until)), ("tz", answer.zone)]
    weights = ("weights", answer.weighted.name if answer.weighted else None)
    asked = [("by", ",".join(answer.by)), *where, *period, weights, ("format", form)]
    return address(f"/v1/metrics/{answer.metric}", asked)


def study(name: str, answer: Answer, by: str | None, *, form: str | None = None) -> str:
    """The address of a study of what an answer is about, as JSON, or in the form csv or parquet."""
    where = [("where", f"{dimension}={member or ''}") for dimension, member in answer.where]
    period = [("since", _brief(answer.since)), ("until", _brief(answer.until)), ("tz", answer.zone)]
    asked = [("metric", answer.metric), ("by", by), *where, *period, ("format", form)]
    return address(f"/v1/studies/{name}", asked)


def _brief(moment: str | None) -> str | None:
    """A time in the question's zone as short as it can be written: midnight as its date."""
    return moment[:10] if moment and re.fullmatch(r"T00:00(:00)?([+-]\d\d:\d\d)?", moment[10:]) else moment
