"""How fast questions are answered on 2 million messages and 20 million events, and beside bare SQL.

    python bench/ask.py [--dir DIR] [--messages N] [--events N] [--questions N]

The mix is drawn with a fixed seed: any metric by two dimensions, half of them filtered by a third, 70% over 7 to 30
days, 20% over 90, 10% over all time; nothing is cached between answers. One person in a hundred refused, so every
query pays for the consent predicate; so does the bare SQL.
"""

import argparse
import random
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ask_rows import build
from heedful.insight.ask import Question, ask
from heedful.insight.certainty import Confusion
from heedful.insight.dimensions import DIMENSIONS, applicable
from heedful.insight.metrics import metric, names
from heedful.privacy.viewer import Viewer
from heedful.settings import DEFAULT_BASIS
from heedful.store.facts import Store
from machine import quantile, save

NOW = datetime(2026, 11, 20, tzinfo=UTC)
VIEWER = Viewer("bench", frozenset({"analyst"}))
MEASURED = Confusion(("negative", "neutral", "positive"), ((880, 90, 30), (80, 840, 80), (30, 90, 880)))
VALUES = {"channel": "email", "country": "DE", "direction": "in", "name": "view", "device": "phone", "source": "web"}
REFUSED = "(select person from facts.choice where not granted and until is null) r"
PEOPLE = "count(*) as rows, count(distinct person) as people"
DAY = (
    "date_trunc('day', case when occurred_at < timestamp '2026-03-29 01:00' then occurred_at + interval 1 hour "
    "when occurred_at < timestamp '2026-10-25 01:00' then occurred_at + interval 2 hours "
    "else occurred_at + interval 1 hour end)"
)
MESSAGES = f"(select m.* from facts.message m anti join {REFUSED} using (person))"
EVENTS = f"(select e.* from facts.event e anti join {REFUSED} using (person))"
READ = (
    f"(select * from {MESSAGES} m join facts.reading r using (n) where r.sentiment is not null and m.direction = 'in')"
)
SHARES = "sum((sentiment = 'negative')::int), sum((sentiment = 'neutral')::int), sum((sentiment = 'positive')::int)"
BESIDE = {
    "volume by channel and country": ("volume", ("channel", "country"), "channel, country", "count(*)", MESSAGES),
    "volume by day and channel": ("volume", ("day", "channel"), f"{DAY}, channel", "count(*)", MESSAGES),
    "mean rating by source and country": (
        "mean_rating",
        ("source", "country"),
        "source, country",
        "avg(rating)",
        MESSAGES,
    ),
    "net sentiment by channel and country": ("net_sentiment", ("channel", "country"), "channel, country", SHARES, READ),
    "events by name and country": ("events", ("name", "country"), "name, country", "count(*)", EVENTS),
    "events by day and device": ("events", ("day", "device"), f"{DAY}, device", "count(*)", EVENTS),
}


def seconds(store: Store, question: Question) -> float:
    """One answer, from opening the view."""
    began = time.perf_counter()
    with store.view(VIEWER) as view:
        ask(view, question, now=NOW, accuracy=lambda _: MEASURED)
    return time.perf_counter() - began


def drawn(table: str, spans: dict[str | None, int], count: int) -> list[Question]:
    """Random questions about a table's metrics."""
    draw = random.Random(20261120)
    known = [
        m for name in names() if (m := metric(name)).of in ((table, "contact") if table == "message" else (table,))
    ]
    asked = []
    for _ in range(count):
        of = draw.choice(known)
        by = draw.sample([d.name for d in applicable(of.of, reading=of.reading)], 2)
        filters = [name for name in VALUES if of.of in DIMENSIONS[name].tables or of.of == "contact"]
        filters = [name for name in filters if name not in by and (name != "device" or table == "event")]
        filters = [name for name in filters if table == "event" or name not in ("name", "device")]
        where = ((name := draw.choice(filters), VALUES[name]),) if filters and draw.random() < 0.5 else ()
        since = draw.choices(list(spans), list(spans.values()))[0]
        asked.append(Question(of.name, tuple(by), where, since=since, zone="Europe/Berlin"))
    return asked


def mix(store: Store, questions: list[Question]) -> dict[str, Any]:
    """Every question once, after a handful to warm up: quantiles, and the slowest by name."""
    for question in questions[:5]:
        seconds(store, question)
    took = [(1000 * seconds(store, question), question) for question in questions]
    times = [ms for ms, _ in took]
    slowest = sorted(took, key=lambda pair: -pair[0])[:5]
    shown = [f"{ms:.0f} ms: {q.metric} by {', '.join(q.by)} over {q.since or 'all time'}" for ms, q in slowest]
    return {f"p{p}_ms": round(quantile(times, p / 100)) for p in (50, 90, 95, 99)} | {
        "questions": len(times),
        "slowest": shown,
    }


def beside_sql(store: Store, days: int) -> dict[str, Any]:
    """Medians of nine, one after the other in turn, of `ask` and of SQL that returns the same columns."""
    since = f"occurred_at >= timestamp '2026-11-20' - interval {days} days"
    found = {}
    for title, (name, by, columns, value, rows) in BESIDE.items():
        rated = " and rating is not null" if name == "mean_rating" else ""
        sql = f"select {columns}, {value}, {PEOPLE} from {rows} where {since}{rated} group by all"
        question = Question(name, by, since=f"{days}d", zone="Europe/Berlin")
        asked, bare = [], []
        for _ in range(9):
            asked.append(1000 * seconds(store, question))
            bare.append(1000 * timed(lambda: plain(store, sql)))  # noqa: B023
        one, other = quantile(asked, 0.5), quantile(bare, 0.5)
        found[title] = {"ask_ms": round(one), "sql_ms": round(other), "ratio": round(one / other, 2)}
    return found


def plain(store: Store, sql: str) -> None:
    """Run SQL on the store's own connection, past every view: for this comparison only."""
    with store._con.cursor() as con:
        con.sql(sql).to_arrow_table()


def timed(do: Callable[[], None]) -> float:
    """Seconds that it takes."""
    began = time.perf_counter()
    do()
    return time.perf_counter() - began


def main() -> None:
    """Build the rows, ask, save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dir", type=Path, default=Path(tempfile.gettempdir()) / "heedful-questions")
    parser.add_argument("--messages", type=int, default=2_000_000)
    parser.add_argument("--events", type=int, default=20_000_000)
    parser.add_argument("--questions", type=int, default=200)
    chosen = parser.parse_args()
    chosen.dir.mkdir(parents=True, exist_ok=True)
    path = chosen.dir / f"{chosen.messages}-{chosen.events}.duckdb"
    build(path, chosen.messages, chosen.events)
    store = Store(path, basis=DEFAULT_BASIS)
    recent: dict[str | None, int] = {"7d": 25, "14d": 20, "30d": 25, "90d": 20}
    everyone = [1000 * seconds(store, Question("event_people")) for _ in range(5)]
    figures = {
        "rows": {"messages": chosen.messages, "events": chosen.events},
        "messages, any metric by two dimensions": mix(store, drawn("message", {**recent, None: 10}, chosen.questions)),
        "events up to 90 days, any metric by two dimensions": mix(store, drawn("event", recent, chosen.questions // 2)),
        "exact people over all events": {"median_ms": round(quantile(everyone, 0.5))},
        "beside SQL over 30 days": beside_sql(store, 30),
        "beside SQL over 365 days": beside_sql(store, 365),
    }
    store.close()
    save("ask", figures)


if __name__ == "__main__":
    main()
