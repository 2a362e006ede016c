"""What grows, as people read it: sentences, addresses of the evidence, and a drawing of its days."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from heedful.server import marks, words
from heedful.server.addresses import NONE, address
from heedful.server.blocks import Cell, Chart, Column, Link, Table
from heedful.server.marks import PALETTE

Where = tuple[tuple[str, str | None], ...]
KIND = {"word": "Word", "pair": "Words", "question": "Word in questions"}
COLUMNS = ("What", "Kind", "Began", "Where", "With it", "People", "Expected", "Growth", "Negative")
NUMBERS = ("People", "Expected", "Growth", "Negative")
FAR = 100
"""From so many times on, it is not said how many."""
MOST_ALSO = 6


@dataclass(frozen=True)
class News:
    """One line of the study, as of `until`, within the filters of the page; `text` says whether texts may be read."""

    line: Mapping[str, Any]
    until: datetime
    where: Where
    zone: str
    now: datetime
    text: bool

    @property
    def name(self) -> str:
        """What grows, in words."""
        line = self.line
        if line["kind"] != "dimension":
            return f"\u201c{line['name']}\u201d"
        return words.member(line["what"], line["name"])

    @property
    def kind(self) -> str:
        """What kind of thing it is."""
        return KIND.get(self.line["kind"]) or words.dimension(self.line["what"])

    @property
    def within(self) -> str:
        """How long the time is in which it grew."""
        hours = self.line["hours"]
        return words.count(hours, "hour") if hours < 48 else words.count(hours // 24, "day")

    @property
    def began(self) -> str:
        """When it began."""
        return words.moment(self.line["began"], self.zone, self.now)

    @property
    def sentence(self) -> str:
        """What happened: how many, in how long, where history expects how many, and where it began."""
        line = self.line
        place = words.CHANNEL.get(line["channel"], line["channel"]).lower()
        return (
            f"{words.count(line['people'], 'person', 'people')} in {self.within}, {self.expected} expected; "
            f"began {self.began} in {place}, from {line['source']}."
        )

    @property
    def expected(self) -> str:
        """How many people history expects."""
        return _rounded(self.line["expected"]) if self.line["expected"] >= 0.05 else "almost none"

    @property
    def growth(self) -> str:
        """How many times what was expected, as far as it is sure."""
        low, high = self.line["low"], self.line["high"]
        if high is None or low >= FAR:
            return f"over {_rounded(min(low, FAR))} times"
        return f"{_rounded(low)} to {_rounded(high)} times"

    @property
    def also(self) -> str:
        """What grows with it."""
        names = self.line["also"]
        more = len(names) - MOST_ALSO
        return f"{', '.join(names[:MOST_ALSO])}{f' and {more} more' if more > 0 else ''}" or words.DASH

    @property
    def first(self) -> str | None:
        """The address of the message it began with."""
        return f"/messages/{self.line['first']}" if self.text else None

    def behind(self, since: datetime, until: datetime) -> str:
        """The address of its messages between two times; of their number by day where texts may not be read."""
        line = self.line
        filters = [(name, NONE if value is None else value) for name, value in self.where]
        ends = [(name, words.local(at, self.zone).isoformat()) for name, at in (("since", since), ("until", until))]
        if not any(name == "direction" for name, _ in self.where):
            filters.append(("direction", "in"))
        if line["kind"] == "dimension":
            filters.append((line["what"], line["name"]))
        if not self.text:
            return address("/figures", [("metric", "volume"), ("by", "day"), *filters, *ends])
        said = f'"{line["name"]}"' if line["kind"] == "pair" else line["name"]
        return address("/messages", [("q", "" if line["kind"] == "dimension" else said), *filters, *ends])

    @property
    def evidence(self) -> str:
        """The address of the messages of the time in which it grew."""
        return self.behind(self.until - timedelta(hours=self.line["hours"]), self.until)


def table(news: list[News], more: Link) -> Table:
    """Everything that grows, each with the addresses of its messages and of the first of them."""
    columns = tuple(Column(label, label in NUMBERS) for label in COLUMNS)
    note = "Copies of a text count once, and so do several messages of one person"
    return Table("What grows beyond its history", columns, tuple(map(_cells, news)), note, more)


def _cells(one: News) -> tuple[Cell, ...]:
    line = one.line
    negative = words.DASH if line["negative"] is None else f"{round(100 * line['negative'])}%"
    channel = words.CHANNEL.get(line["channel"], line["channel"])
    return (
        Cell(one.name, line["name"], one.evidence),
        Cell(one.kind, line["what"]),
        Cell(one.began, line["began"].isoformat(), one.first),
        Cell(f"{channel}, {line['source']}", line["channel"]),
        Cell(one.also, tone="long"),
        Cell(f"{words.number(line['people'])} in {one.within}", line["people"]),
        Cell(one.expected, line["expected"]),
        Cell(one.growth, line["growth"]),
        Cell(negative, line["negative"]),
    )


def _rounded(value: float) -> str:
    return words.number(value, 0 if value >= 10 else 1)


def drawing(number: int, one: News, forms: tuple[Link, ...]) -> Chart:
    """The people of each day, against what history expects of a day."""
    rows = [_day(one, back, count) for back, count in enumerate(reversed(one.line["days"]))][::-1]
    expected = 24 * one.line["expected"] / one.line["hours"]
    x = marks.time("day", [row["day"] for row in rows])
    y = marks.quantity("value", "people", domain=None)
    bars = {"mark": {"type": "bar", "color": PALETTE["accent"], "cornerRadiusEnd": 2}, "encoding": {"x": x, "y": y}}
    rule = {
        "data": {"values": [{"value": expected}]},
        "mark": {"type": "rule", "color": PALETTE["negative"], "strokeDash": [4, 3], "strokeWidth": 1.5},
        "encoding": {"y": y},
    }
    tips = [marks.tip("when", "Day to"), marks.tip("shown", "People")]
    spec = marks.frame(one.sentence, rows, height=150) | {"layer": [bars, rule, marks.target(x, tips)]}
    columns = (Column("24 hours to"), Column("People", number=True))
    cells = tuple((Cell(row["when"], row["day"]), Cell(row["shown"], row["value"], row["href"])) for row in rows)
    hidden = sum(count is None for count in one.line["days"])
    said = "The line is what history expects of a day"
    said += f"; {words.count(hidden, 'day')} of too few people not drawn" if hidden else ""
    nothing = None if any(one.line["days"]) else "On each day it was too few people to be shown."
    beneath = Table(one.name, columns, cells)
    links = (Link("Its messages", one.evidence), *([Link("The first", one.first)] if one.first else []), *forms)
    return Chart(f"new-{number}", f"{one.kind}: {one.name}", one.sentence, spec, beneath, said, links, nothing=nothing)


def _day(one: News, back: int, count: int | None) -> dict[str, Any]:
    """One bar: the 24 hours that end so many days before the study does."""
    end = one.until - timedelta(days=back)
    last = words.local(end - timedelta(seconds=1), one.zone).date()
    shown = "too few to tell" if count is None else words.number(count)
    href = one.behind(end - timedelta(days=1), end) if count else None
    return {"day": last.isoformat(), "when": words.day(last), "value": count, "shown": shown, "href": href}


def moment(text: str) -> datetime:
    """A time of the study's metadata."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
