"""Cases that take turns: `make test` runs some of them, spread over all, and `make soak` the rest."""

import os
from collections.abc import Iterable
from typing import Any

import pytest

EXAMPLES = int(os.environ.get("HEEDFUL_EXAMPLES", "12"))
"""So many examples hypothesis makes for a property that is slow to look at; quick ones take a multiple of it."""


def in_turn(cases: Iterable[Any], every: int) -> list[Any]:
    """The cases as parameters of a test; all but each `every`-th are long tests."""
    return [
        pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=pytest.mark.soak if at % every else ())
        for at, case in enumerate(cases)
    ]
