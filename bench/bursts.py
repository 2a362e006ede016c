"""How soon bursts in real text are told as new, and how often something is told where nothing is new.

`python bench/bursts.py [--repeats N] [--seeds A,B] [--only PART,...] [--workspace DIR]`. Quiet streams are real texts
in an order and at times drawn by lot, with a rhythm of days and weeks. Bursts are real messages of one theme, of
another set or held out of the same one and sharing a word; delay is counted in their messages. Parts: quiet, dated,
bursts, planted, seconds. Parameters were chosen on seeds below 100, airline tweets and themes of banking77.
"""

import argparse
import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from heedful.insight.emerging import Growing, Name, Stream, growing, joined, said
from machine import quantile, save

DATA = Path(os.environ.get("HEEDFUL_TEST_DATA", Path(__file__).parents[2] / "shared" / "data"))
STREAMS = {
    "airline tweets": ("airline_tweets/all.parquet", "text", "user_name"),
    "guest reviews": ("airbnb_reviews/albany_reviews_all.parquet", "text", "user_id"),
    "app reviews": ("app_store_reviews/googleplay_reviews_all.parquet", "text", None),
}
THEMES = ("multidogo/turn_level/train.parquet", "utterance", "intent")
ACTS = ("confirmation", "contentonly", "greeting", "outofdomain", "rejection", "thank")
"""Intents that are acts in a dialogue about anything, and no theme."""
RATES = (5, 10, 20, 50, 100)
DAY = 86_400
BEFORE, WATCHED = 98, 90
"""Days of history before anything is looked for, and days that are watched."""
BURST = 40
TARGET = 15
LOOK = 6
"""Hours between two looks at a quiet stream."""
AGAIN = 7 * 24 / LOOK
"""Looks after which the same name told again is another false discovery."""
WEEKS = WATCHED / 7
Numbers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Corpus:
    """Texts read once, of which streams are made."""

    people: Numbers
    copy: Numbers
    names: Sequence[Name]
    name: Numbers
    starts: Numbers

    @staticmethod
    def of(texts: Sequence[str], people: Sequence[object]) -> "Corpus":
        """Texts and who wrote each (None: nobody known)."""
        (names, name, message), copy = said(texts)
        known: dict[object, int] = {}
        numbers = [-1 if one is None else known.setdefault(one, len(known)) for one in people]
        starts = np.searchsorted(message, np.arange(len(texts) + 1))
        return Corpus(np.array(numbers, np.int64), copy, names, name, starts)

    def stream(self, rows: Numbers, at: Numbers) -> Stream:
        """Some of the texts at some times, in this order."""
        sizes = self.starts[rows + 1] - self.starts[rows]
        message = np.repeat(np.arange(len(rows)), sizes)
        before = np.repeat(np.cumsum(sizes) - sizes, sizes)
        place = np.arange(len(message)) - before + np.repeat(self.starts[rows], sizes)
        named = (self.names, self.name[place], message)
        return joined(at, self.people[rows], self.copy[rows], [named])

    def bearing(self) -> dict[Name, Numbers]:
        """The texts of each word."""
        message = np.repeat(np.arange(len(self.copy)), np.diff(self.starts))
        order = np.argsort(self.name, kind="stable")
        ends = np.cumsum(np.bincount(self.name, minlength=len(self.names)))
        parts = np.split(message[order], ends[:-1])
        return {name: rows for name, rows in zip(self.names, parts, strict=True) if name.kind == "word"}


def read(name: str) -> tuple[list[str], list[object]]:
    """The texts of a stream, and who wrote them."""
    path, column, person = STREAMS[name]
    table = pq.read_table(DATA / path)
    people = table[person].to_pylist() if person else [None] * table.num_rows
    rows = zip(table[column].to_pylist(), people, strict=True)
    kept = [(str(text), who) for text, who in rows if text]
    return [text for text, _ in kept], [who for _, who in kept]


def themes() -> dict[str, list[str]]:
    """Messages of one intent each, as many as make a burst."""
    path, column, label = THEMES
    found: dict[str, set[str]] = defaultdict(set)
    for row in pq.read_table(DATA / path).to_pylist():
        if row[column] and len(row[column].split()) >= 4:
            found[f"{row['domain']}: {row[label]}"].add(row[column])
    about = {name: texts for name, texts in found.items() if not any(act in name for act in ACTS)}
    return {name: sorted(texts) for name, texts in sorted(about.items()) if len(texts) >= 2 * BURST}


def times(random: np.random.Generator, count: int, days: int) -> Numbers:
    """Times with a rhythm of days and weeks."""
    at = np.empty(0)
    while len(at) < count:
        drawn = random.uniform(0, days * DAY, 2 * count)
        wave = (1 + 0.6 * np.sin(2 * np.pi * drawn / DAY)) * (1 + 0.25 * np.cos(2 * np.pi * drawn / DAY / 7)) / 2
        at = np.concatenate((at, drawn[random.random(len(drawn)) < wave]))
    return at[:count].astype(np.int64)


def told_at(looks: Iterator[tuple[int, Growing]]) -> list[tuple[int, Name]]:
    """Each thing told, once for as long as it is told again within a week: at which look, and what."""
    last: dict[Name, int] = {}
    found = []
    for look, growth in looks:
        for one in growth.findings:
            if one.name not in last or look - last[one.name] > AGAIN:
                found.append((look, one.name))
            last[one.name] = look
    return found


def looks(stream: Stream, start: int) -> Iterator[tuple[int, Growing]]:
    """A look every few hours over the days that are watched."""
    for look in range(WATCHED * 24 // LOOK):
        yield look, growing(stream, start + look * LOOK * 3600)


def quiet(corpora: dict[str, Corpus], seeds: Sequence[int]) -> dict[str, Any]:
    """False discoveries a week in streams in which nothing is new."""
    weeks: dict[str, list[float]] = defaultdict(list)
    for name, corpus in corpora.items():
        for seed in seeds:
            random = np.random.default_rng([seed, 1])
            rows = random.permutation(len(corpus.copy))
            stream = corpus.stream(rows, times(random, len(rows), BEFORE + WATCHED))
            found = told_at(looks(stream, BEFORE * DAY))
            weeks[name].append(round(len(found) / WEEKS, 3))
            print(name, seed, weeks[name][-1], [one.name for _, one in found], flush=True)
    worst = max(value for values in weeks.values() for value in values)
    a_day = {name: round(len(corpus.copy) / (BEFORE + WATCHED)) for name, corpus in corpora.items()}
    return {
        "days": WATCHED,
        "hours_between_looks": LOOK,
        "messages_a_day": a_day,
        "false_discoveries_a_week": dict(weeks),
        "mean": round(float(np.mean([value for values in weeks.values() for value in values])), 3),
        "worst": worst,
    }


def dated() -> dict[str, Any]:
    """What is told a week in guest reviews at their true dates: seasons and fashions are in them."""
    path, column, person = STREAMS["guest reviews"]
    table = pq.read_table(DATA / path).sort_by("date")
    rows = [row for row in table.to_pylist() if row[column]]
    random = np.random.default_rng(5)
    order = random.permutation(len(rows))
    corpus = Corpus.of([rows[row][column] for row in order], [rows[row][person] for row in order])
    days = [datetime.fromisoformat(str(rows[row]["date"])[:10]).replace(tzinfo=UTC).timestamp() for row in order]
    at = np.array(days, np.int64) + random.integers(0, DAY, len(order))
    stream = corpus.stream(np.arange(len(order)), at)
    told = {}
    for back in (720, 540, 360, 180):
        start = int(at.max()) - back * DAY
        found = told_at(looks(stream, start))
        day = datetime.fromtimestamp(start, UTC).date().isoformat()
        told[day] = {"a_week": round(len(found) / WEEKS, 3), "told": [name.name for _, name in found]}
        print(day, told[day], flush=True)
    return {
        "days_each": WATCHED,
        "from": told,
        "mean_a_week": round(float(np.mean([t["a_week"] for t in told.values()])), 3),
    }


Hits = Callable[[Growing, NDArray[np.bool_]], str | None]


def hit(found: Growing, planted: NDArray[np.bool_]) -> str | None:
    """The name of a finding of which most messages are the burst's."""
    return next((one.name.name for one in found.findings if planted[one.rows].mean() >= 0.5), None)


def delay(stream: Stream, planted: NDArray[np.bool_]) -> tuple[int | None, int | None, str | None]:
    """After how many messages of the burst it is told: looked at after each, and every full hour; and its name."""
    moments = np.sort(stream.at[planted])
    for count in range(4, len(moments) + 1):
        if name := hit(growing(stream, int(moments[count - 1]) + 1), planted):
            hour = -(-int(moments[count - 1] + 1) // 3600) * 3600
            return count, int((moments < hour).sum()), name
    return None, None, None


def bursts(corpora: dict[str, Corpus], repeats: int, seeds: Sequence[int]) -> dict[str, Any]:
    """Delays by rate, for themes of another set and for messages of the same set that share a word."""
    foreign = themes()
    texts = [text for theme in foreign.values() for text in theme]
    places = dict(zip(foreign, np.cumsum([0, *map(len, foreign.values())]).tolist(), strict=False))
    found: dict[str, dict[int, list[Any]]] = {"another set": defaultdict(list), "same set": defaultdict(list)}
    for name in corpora:
        base, people = read(name)
        corpus = Corpus.of([*base, *texts], [*people, *[None] * len(texts)])
        own = {word: rows[rows < len(base)] for word, rows in corpus.bearing().items()}
        shared = sorted((word.name, word) for word, rows in own.items() if 60 <= len(rows) <= 600)
        for seed in seeds:
            random = np.random.default_rng([seed, 2])
            for rate in RATES:
                for _ in range(repeats):
                    theme = list(foreign)[random.integers(len(foreign))]
                    rows = len(base) + places[theme] + random.permutation(len(foreign[theme]))[:BURST]
                    found["another set"][rate].append((*_burst(random, corpus, len(base), rows, rate), name, theme))
                    word = shared[random.integers(len(shared))][1]
                    rows = random.permutation(own[word])[:BURST]
                    found["same set"][rate].append((*_burst(random, corpus, len(base), rows, rate), name, word.name))
                print(name, seed, rate, [(k, v[rate][-1][:3], v[rate][-1][4]) for k, v in found.items()], flush=True)
    return {
        kind: {
            "by_rate": {rate: _curve(rows) for rate, rows in of.items()},
            "all": _curve([row for rows in of.values() for row in rows]),
        }
        for kind, of in found.items()
    }


def _burst(
    random: np.random.Generator, corpus: Corpus, base: int, burst: Numbers, rate: int
) -> tuple[int | None, int | None, str | None]:
    usual = np.setdiff1d(np.arange(base), burst)
    start = (BEFORE + random.uniform(2, 40)) * DAY
    at = start + np.cumsum(random.exponential(DAY / rate, len(burst)))
    rows = np.concatenate((usual, burst))
    moments = np.concatenate((times(random, len(usual), BEFORE + WATCHED), at.astype(np.int64)))
    order = random.permutation(len(rows))
    return delay(corpus.stream(rows[order], moments[order]), order >= len(usual))


def _curve(rows: Sequence[tuple[Any, ...]]) -> dict[str, Any]:
    """The delays of some bursts; one that is not told within its messages counts as longer than all."""
    by_message, hourly = ([float("inf") if row[at] is None else row[at] for row in rows] for at in (0, 1))
    low, middle, high = (quantile(by_message, part) for part in (0.1, 0.5, 0.9))
    return {
        "bursts": len(rows),
        "within_15_percent": round(100 * float(np.mean([one <= TARGET for one in by_message])), 1),
        "within_15_percent_hourly": round(100 * float(np.mean([one <= TARGET for one in hourly])), 1),
        "never_within_40": sum(one == float("inf") for one in by_message),
        **{key: None if one == float("inf") else one for key, one in (("p10", low), ("median", middle), ("p90", high))},
        "hourly_median": None if (half := quantile(hourly, 0.5)) == float("inf") else half,
        "late": [[row[0], row[3], row[4]] for row in rows if (row[0] or 99) > TARGET][:12],
    }


def planted(seeds: Sequence[int]) -> dict[str, Any]:
    """The incidents planted in the demo: after how many of their messages each is told, and what else is told."""
    from heedful.simulate import Ledger, history

    made = {}
    for seed in seeds:
        ledger, records = Ledger(), []
        end = datetime(2026, 11, 20, tzinfo=UTC)
        for table, chunk in history(seed=seed, end=end, events=0, ledger=ledger):
            records += chunk if table == "message" else []
        stream, of = _company([r for r in records if r["direction"] == "in"], seed, ledger)
        assert ledger.story is not None
        delays = {}
        for incident in ledger.story[1].incidents:
            count, hourly, name = delay_of(stream, of == incident.name)
            delays[incident.name] = {"messages": count, "hourly": hourly, "as": name}
        others = _others(stream, of, int(ledger.story[1].start.timestamp()))
        made[str(seed)] = {"messages": len(of), "delays": delays, "others_a_week": others[0], "others": others[1]}
        print(seed, made[str(seed)], flush=True)
    return {"by_seed": made}


def delay_of(stream: Stream, planted: NDArray[np.bool_]) -> tuple[int | None, int | None, str | None]:
    """The delay of a long incident, of which the first messages are enough to look at."""
    moments = np.sort(stream.at[planted])[:80]
    for count in range(4, len(moments)):
        if name := hit(growing(stream, int(moments[count - 1]) + 1), planted):
            hour = -(-int(moments[count - 1] + 1) // 3600) * 3600
            return count, int((np.sort(stream.at[planted]) < hour).sum()), name
    return None, None, None


def _company(records: list[dict[str, Any]], seed: int, ledger: Any) -> tuple[Stream, NDArray[Any]]:
    order = np.random.default_rng(seed).permutation(len(records))
    rows = [records[row] for row in order]
    of = {fact.message: fact.incident or "" for fact in ledger.facts}
    known: dict[object, int] = {}
    people = [known.setdefault(row["person"], len(known)) if row.get("person") else -1 for row in rows]
    texts = [f"{row['title']}. {row['text']}" if row.get("title") else row["text"] for row in rows]
    named, copy = said(texts)
    parts = [named]
    for dimension in ("channel", "kind", "source", "brand", "hashtags", "language", "country", "item"):
        numbers: dict[Name, int] = {}
        name, message = [], []
        for place, row in enumerate(rows):
            value = row.get(dimension)
            for one in value if isinstance(value, list) else [value] if value else []:
                name.append(numbers.setdefault(Name("dimension", dimension, one), len(numbers)))
                message.append(place)
        parts.append((list(numbers), np.array(name, np.int64), np.array(message, np.int64)))
    at = np.array([int(row["occurred_at"].timestamp()) for row in rows], np.int64)
    return joined(at, np.array(people, np.int64), copy, parts), np.array([of[row["id"]] for row in rows])


def _others(stream: Stream, of: NDArray[Any], start: int) -> tuple[float, list[str]]:
    """What is told a week, looked at daily after four weeks, that is mostly of no incident."""
    days = range(28, 90)
    found: dict[Name, int] = {}
    for day in days:
        for one in growing(stream, start + day * DAY).findings:
            if (of[one.rows] != "").mean() < 0.5:
                found.setdefault(one.name, day)
    return round(7 * len(found) / len(days), 3), [name.name for name in found]


def seconds(workspace: Path | None) -> dict[str, Any]:
    """How long a look at 100,000 messages takes, and a study of a workspace."""
    texts = [text for name in STREAMS for text in read(name)[0]]
    random = np.random.default_rng(9)
    chosen = [texts[row] for row in random.integers(0, len(texts), 100_000)]
    began = time.perf_counter()
    corpus = Corpus.of(chosen, [None] * len(chosen))
    words = time.perf_counter()
    stream = corpus.stream(np.arange(len(chosen)), times(random, len(chosen), BEFORE))
    looked = growing(stream, BEFORE * DAY)
    ended = time.perf_counter()
    made: dict[str, Any] = {"messages": len(chosen), "names_looked_at": looked.names}
    made |= {"words_seconds": round(words - began, 2), "growth_seconds": round(ended - words, 2)}
    if workspace is not None:
        import heedful
        from heedful.insight.answer import Question

        opened = heedful.open(workspace)
        began = time.perf_counter()
        found = opened.study("new", Question("", (), (), None, None, "UTC"))
        made["study_seconds"] = round(time.perf_counter() - began, 2)
        metadata = found.schema.metadata or {}
        made["study_messages"] = sum(int(metadata.get(name, b"0")) for name in (b"recent", b"earlier"))
    return made


def main() -> None:
    """Measure and save."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--repeats", type=int, default=3)
    options.add_argument("--seeds", default="101,102")
    options.add_argument("--only", default="quiet,dated,bursts,planted,seconds")
    options.add_argument("--workspace", type=Path)
    given = options.parse_args()
    seeds = [int(seed) for seed in given.seeds.split(",")]
    parts = given.only.split(",")
    corpora = {name: Corpus.of(*read(name)) for name in STREAMS} if {"quiet", "bursts"} & set(parts) else {}
    measures: dict[str, Callable[[], dict[str, Any]]] = {
        "seconds": lambda: seconds(given.workspace),
        "quiet": lambda: quiet(corpora, seeds),
        "dated": dated,
        "bursts": lambda: bursts(corpora, given.repeats, seeds),
        "planted": lambda: planted(seeds),
    }
    for name, measure in measures.items():
        if name in parts:
            save("bursts", {name: {"seeds": seeds, "repeats": given.repeats} | measure()})


if __name__ == "__main__":
    main()
