"""What a viewer may read: which tables, which columns, and the rows of people who did not refuse.

A person's choice counts at the time of the event and at the time of use. Where the workspace's basis
for a purpose is consent, only rows of people who granted it then and still do are readable; under any
other basis but a legal duty, rows of people who refuse it now, or refused it then, are not.
A row without a person is about nobody, and readable.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw

from heedful.privacy.viewer import Viewer

Frame = nw.LazyFrame[Any]

TABLE_NEEDS: Mapping[str, str] = {"profile": "people", "consent": "people"}
COLUMN_NEEDS: Mapping[str, Mapping[str, str]] = {
    "message": dict.fromkeys(("title", "text", "url", "links", "attributes"), "text"),
    "answer": dict.fromkeys(("text", "attributes"), "text"),
    "event": dict.fromkeys(("path", "referrer", "attributes"), "text"),
    "reading": dict.fromkeys(("aspects",), "text"),
}
WITH_PEOPLE = ("message", "event", "answer", "profile", "reading", "verdict", "assignment")


@dataclass(frozen=True)
class Choices:
    """Times for which people granted or refused a purpose: person, since, until (null: still), granted.

    A person's times do not overlap. `refused` and `granted` may be None where there are none at all,
    so that the common case costs nothing.
    """

    basis: str
    refused: Frame | None = None
    granted: Frame | None = None
    ended: bool = True
    """Whether any refusal has ended: where none has, rows need no look at the time of the event."""


def visible(name: str, table: Frame, viewer: Viewer, choices: Choices) -> Frame | None:
    """What of one stored table a viewer may read; None for nothing at all."""
    if not viewer.may("figures") or not viewer.may(TABLE_NEEDS.get(name, "figures")):
        return None
    needs = COLUMN_NEEDS.get(name, {})
    columns = [column for column in table.collect_schema().names() if viewer.may(needs.get(column, "figures"))]
    rows = _agreed(table, choices) if name in WITH_PEOPLE else table
    return rows.select(columns)


def _agreed(rows: Frame, choices: Choices) -> Frame:
    if choices.basis == "legal duty":
        return rows
    if choices.basis == "consent":
        return _granted(rows, choices.granted)
    return _not_refused(rows, choices.refused, choices.ended)


def _granted(rows: Frame, granted: Frame | None) -> Frame:
    """Rows without a person, and those of people who granted it then and still do."""
    nobody = rows.filter(nw.col("person").is_null())
    if granted is None:
        return nobody
    still = granted.filter(nw.col("until").is_null()).select("person")
    agreed = rows.join(granted.select("person", "since", "until"), on="person", how="inner")
    then = agreed.filter(_within()).drop("since", "until").join(still, on="person", how="semi")
    return nw.concat([nobody, then])


def _not_refused(rows: Frame, refused: Frame | None, ended: bool) -> Frame:
    """Rows of people who refuse it neither now nor refused it then."""
    if refused is None:
        return rows
    still = refused.filter(nw.col("until").is_null()).select("person")
    willing = rows.join(still, on="person", how="anti")
    if not ended:
        return willing
    past = refused.filter(~nw.col("until").is_null()).select("person", "since", "until")
    then = rows.select("n", "person", "occurred_at").join(past, on="person", how="inner").filter(_within())
    return willing.join(then.select("n"), on="n", how="anti")


def _within() -> nw.Expr:
    """Whether the row's time lies in the time of the choice; a row without a time goes by the choice of today."""
    at, since, until = nw.col("occurred_at"), nw.col("since"), nw.col("until")
    return nw.when(at.is_null()).then(until.is_null()).otherwise((at >= since) & (until.is_null() | (at < until)))
