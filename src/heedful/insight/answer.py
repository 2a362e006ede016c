"""Questions and answers as values: what the page, the API, the command line and exports all show."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

import pyarrow as pa

from heedful.insight.named import NAMED

Where = tuple[tuple[str, str | None], ...]


@dataclass(frozen=True)
class Question:
    """A metric, by which dimensions, of which rows, when.

    `since` and `until` (not included) are ISO dates or times in `zone`, or 30d, 12h, 2w back from now; without
    either it is all time, undated rows too. `where` pairs a dimension with a value (None: rows without one); all
    must hold. `compare` adds the period of the same length just before. `weights` names those of the settings by
    which the rows are made to look like a population whose make-up is known.
    """

    metric: str
    by: tuple[str, ...] = ()
    where: Where = ()
    since: str | None = None
    until: str | None = None
    zone: str = "UTC"
    compare: bool = False
    weights: str | None = None


class Figure(NamedTuple):
    """One group's number: its interval where it is an estimate, and how many rows and people are behind it.

    A hidden figure has a group and nothing else. `people` counts pseudonyms; rows without a person add nobody.
    `checked` is how many of the rows, drawn at random, people checked, where the figure is corrected by them.
    `effective` is how many rows of equal weight would say as much, where rows are weighted.
    """

    group: dict[str, str | None]
    value: float | None
    low: float | None
    high: float | None
    rows: int | None
    people: int | None
    checked: int = 0
    effective: float | None = None
    hidden: bool = False
    before: "Figure | None" = None
    change_low: float | None = None
    change_high: float | None = None

    @property
    def change(self) -> float | None:
        """The value less the one of the period before, where both are shown."""
        if self.value is None or self.before is None or self.before.value is None:
            return None
        return self.value - self.before.value


@dataclass(frozen=True)
class Weighted:
    """By which weights an answer's rows count, and what that costs: Kish's design effect and effective rows."""

    name: str
    effect: float
    effective: float


@dataclass(frozen=True)
class Answer:
    """Every group's figure, and what is needed to read them rightly.

    `checked` is "full count", "checked" (every estimate is corrected by messages of its group that people checked),
    "measured" (estimates with an interval from the classifier's measured errors) or "not checked" (what a classifier
    read, with no known accuracy). `unread` is how many of the filtered rows an
    estimate could not use since no reading was made of them. `since` and `until` are ISO times with an offset.
    `names` are what ids among the groups and filters are called, `topics` the version of the topics that it stands on.
    """

    metric: str
    title: str
    unit: str
    zone: str
    since: str | None
    until: str | None
    as_of: str
    by: tuple[str, ...]
    figures: tuple[Figure, ...]
    checked: str
    unread: int | None
    better: str = "neither"
    where: Where = ()
    compare: bool = field(default=False)
    names: Mapping[str, str] = field(default_factory=dict)
    topics: int | None = None
    weighted: Weighted | None = None

    def to_json(self) -> dict[str, Any]:
        """The object of `heedful ask --json` and `/v1/metrics/{name}`."""
        return {
            "metric": self.metric,
            "title": self.title,
            "unit": self.unit,
            "better": self.better,
            "zone": self.zone,
            "since": self.since,
            "until": self.until,
            "as_of": self.as_of,
            "checked": self.checked,
            "unread": self.unread,
            **({"names": dict(self.names), "topics_version": self.topics} if self.names else {}),
            **({"weights": asdict(self.weighted)} if self.weighted else {}),
            "rows": [self._row(figure) for figure in self.figures],
        }

    def _row(self, figure: Figure) -> dict[str, Any]:
        row = {**figure.group, **_numbers(figure)}
        if self.compare:
            row["before"] = None if figure.before is None else _numbers(figure.before)
            row["change"] = figure.change
            row["change_low"], row["change_high"] = figure.change_low, figure.change_high
        return row

    def to_arrow(self) -> pa.Table:
        """For CSV and Parquet: dimensions, value, low, high, rows, people, checked, hidden; if compared the change."""
        return from_json(self.to_json(), self.by)


def _numbers(figure: Figure) -> Mapping[str, Any]:
    names = ("value", "low", "high", "rows", "people")
    more: dict[str, Any] = {"checked": figure.checked} if figure.checked else {}
    more |= {} if figure.effective is None else {"effective": figure.effective}
    return {name: getattr(figure, name) for name in names} | more | ({"hidden": True} if figure.hidden else {})


def from_json(answer: Mapping[str, Any], by: Sequence[str]) -> pa.Table:
    """The table of `Answer.to_arrow` from the object of `Answer.to_json`, such as a server sent."""
    rows: list[Mapping[str, Any]] = answer["rows"]
    columns: dict[str, pa.Array] = {}
    for name in by:
        columns[name] = pa.array([row[name] for row in rows], pa.string())
        if name in NAMED:
            called = [answer.get("names", {}).get(row[name]) for row in rows]
            columns[f"{name}_name"] = pa.array(called, pa.string())
    columns |= {name: pa.array([row[name] for row in rows], pa.float64()) for name in ("value", "low", "high")}
    columns |= {name: pa.array([row[name] for row in rows], pa.int64()) for name in ("rows", "people")}
    if any(row.get("checked") for row in rows):
        columns["checked"] = pa.array([row.get("checked", 0) for row in rows], pa.int64())
    if "weights" in answer:
        columns["effective"] = pa.array([row.get("effective") for row in rows], pa.float64())
    columns["hidden"] = pa.array([row.get("hidden", False) for row in rows], pa.bool_())
    if any("change" in row for row in rows):
        columns["before"] = pa.array([(row["before"] or {}).get("value") for row in rows], pa.float64())
        for name in ("change", "change_low", "change_high"):
            columns[name] = pa.array([row[name] for row in rows], pa.float64())
    return pa.table(columns)


def evidence_where(answer: Answer, figure: Figure) -> Question:
    """The question whose evidence are the rows behind one figure: ask it `as_of` the answer."""
    return Question(
        answer.metric,
        where=(*answer.where, *figure.group.items()),
        since=answer.since,
        until=answer.until,
        zone=answer.zone,
    )
