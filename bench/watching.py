"""Saved searches against arriving messages, and searches with NEAR over a large store, each beside the plain way.

`python bench/watching.py [--only live,store] [--rows N] [--folder DIR]`. Live: 5,000 searches made from words of real
texts (airline tweets, support tweets, Airbnb reviews), held against other messages of the same sets on one core, from
columns in the stored shape to the places of the searches; beside it the same compiled searches in a loop. Store: the
corpus of `search_corpus`, five clauses with NEAR, the newest 50 and all row numbers, through a viewer's view; beside it
DuckDB's regular expressions over the same rows. DIR keeps the store for another run.
"""

import argparse
import os
import random
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from heedful.privacy.viewer import Viewer
from heedful.query.many import Many, shares
from heedful.query.match import meaning
from heedful.query.over_store import Found
from heedful.query.parse import parse
from heedful.query.said import said
from heedful.query.tree import All, Either, Near, Not, Tree, clauses, walk
from heedful.records import CHANNELS, SENTIMENTS
from heedful.settings import DEFAULT_BASIS
from heedful.store.facts import Store
from heedful.store.search import Search
from machine import quantile, save
from search_corpus import batches, corpus, facts

DATA = Path(os.environ.get("HEEDFUL_TEST_DATA", Path(__file__).parents[2] / "shared" / "data"))
SETS = {
    "airline tweets": ("airline_tweets/all.parquet", "social"),
    "support tweets": ("twcs_sample/all.parquet", "social"),
    "reviews": ("airbnb_reviews/albany_reviews_all.parquet", "review"),
}
SEARCHES, BATCH, LEARNT, ARRIVING = 5_000, 500, 8_000, 15_000
ANALYST = Viewer("bench", frozenset({"analyst"}))


# Messages and searches


def messages(name: str, chance: random.Random) -> list[dict[str, Any]]:
    """One set in the stored shape; what it does not tell is drawn by lot."""
    path, channel = SETS[name]
    rows = pq.read_table(DATA / path).to_pylist()
    return [
        {
            "title": None,
            "text": row["text"] or "",
            "person": chance.randrange(2**64),
            "mentions": None,
            "hashtags": None,
            "links": ["https://example.com/offer"] if chance.random() < 0.1 else None,
            "url": f"https://{chance.choice(('news', 'blog', 'forum'))}.example.com/{at}",
            "language": "en",
            "read_language": "en",
            "country": chance.choice(("US", "GB", "DE", None)),
            "channel": channel,
            "brand": [row["airline"]] if row.get("airline") else None,
            "rating": chance.choice((None, 0.0, 0.25, 0.5, 0.75, 1.0)),
            "read_sentiment": row.get("sentiment") or chance.choice(SENTIMENTS),
        }
        for at, row in enumerate(rows)
    ]


class Words:
    """Words of texts by how often they stand in them."""

    def __init__(self, texts: Sequence[list[str]], chance: random.Random) -> None:
        self.texts, self.chance = [text for text in texts if len(text) > 5], chance
        counts: dict[str, int] = {}
        for text in texts:
            for word in set(text):
                counts[word] = counts.get(word, 0) + 1
        self.common = set(sorted(counts, key=lambda word: -counts[word])[:150])

    def search(self) -> str:
        """A search of some clauses, of words of one message, which it may or may not find."""
        chance, text = self.chance, self.chance.choice(self.texts)
        parts = [self.clause(text) for _ in range(chance.choice((2, 2, 3, 3, 4)))]
        if chance.random() < 0.35:
            parts.append(f"-{self.word(chance.choice(self.texts))}")
        if chance.random() < 0.4:
            parts.append(chance.choice(FIELDS))
        return " ".join(parts)

    def clause(self, text: list[str]) -> str:
        chance = self.chance
        kind = chance.random()
        if kind < 0.25:
            left, right = self.term(text), self.either(text)
            return f"{left} NEAR/{chance.randint(2, 10)}{chance.choice(('', 'f'))} {right}"
        return self.either(text) if kind < 0.75 else self.term(text)

    def either(self, text: list[str]) -> str:
        """Words for one thing: some of this message, some of others."""
        others = [self.term(self.chance.choice(self.texts)) for _ in range(self.chance.randint(1, 3))]
        return f"({' OR '.join([self.term(text), *others])})"

    def term(self, text: list[str]) -> str:
        kind, word = self.chance.random(), self.word(text)
        if kind < 0.2:
            at = self.chance.randrange(len(text) - 1)
            return f'"{text[at]} {text[at + 1]}"'
        if kind < 0.35 and len(word) > 5:
            return f"{word[: self.chance.randint(4, len(word) - 1)]}*"
        return f"{word[0]}?{word[2:]}" if kind < 0.38 and len(word) > 4 else word

    def word(self, text: list[str]) -> str:
        return self.chance.choice([word for word in text if word not in self.common and len(word) > 2] or text)


FIELDS = (
    *("channel:social", "channel:(review OR chat)", "lang:en", "lang:(de OR fr)", "country:US", "rating:<3"),
    *("rating:4..5", "sentiment:negative", "-sentiment:positive", "site:blog.example.com", "links:example.com/offer"),
    *('brand:"Virgin America"', "brand:(United OR Delta)", "raw:Thanks", "#fail", "@united", "-#love"),
)


def terms(tree: Tree) -> int:
    """Words, phrases and fields in a search."""
    sides = sum(len(part.left) + len(part.right) - 1 for part in walk(tree) if isinstance(part, Near))
    return sides + sum(not isinstance(part, Not | All | Either) for part in walk(tree))


# Arriving messages


def live() -> dict[str, Any]:
    chance = random.Random(11)
    rows = [row for name in SETS for row in messages(name, chance)]
    chance.shuffle(rows)
    history, arriving = rows[:LEARNT], rows[LEARNT : LEARNT + ARRIVING]
    heard = [said(row) for row in history]
    words = Words([message.words for message in heard], chance)
    asked = [words.search() for _ in range(SEARCHES)]
    trees = [parse(one) for one in asked]
    known = shares(heard)
    began = time.perf_counter()
    many = Many(trees, known)
    many.matching(heard[0])
    built = time.perf_counter() - began
    figures = {"searches": len(trees), "examples": asked[:8], "index_seconds": round(built, 2)}
    figures |= {
        "clauses_mean": round(sum(len(clauses(tree)) for tree in trees) / len(trees), 2),
        "terms_mean": round(sum(map(terms, trees)) / len(trees), 2),
        "with_near": sum(any(isinstance(part, Near) for part in walk(tree)) for tree in trees),
        "with_open_letters": sum("*" in one or "?" in one for one in asked),
        "words_per_message": round(sum(len(m.words) for m in heard) / len(heard), 1),
        "messages": len(arriving),
    }
    found, took, cpu = hold(many, arriving)
    figures["all sets"] = speed(arriving, found, took, cpu)
    for channel in ("social", "review"):
        some = [row for row in arriving if row["channel"] == channel]
        figures[channel] = speed(some, *hold(Many(trees, known), some))
    figures["plain loop"] = loop(trees, arriving[:300], found[:300])
    return figures


def hold(many: Many, rows: list[dict[str, Any]]) -> tuple[list[list[int]], float, float]:
    """What each message fits, and seconds by the clock and of the processor."""
    tables = [pa.Table.from_pylist(rows[at : at + BATCH], SHAPE) for at in range(0, len(rows), BATCH)]
    began, cpu, found = time.perf_counter(), time.process_time(), []
    for table in tables:
        found += list(many.of_each(table))
    return found, time.perf_counter() - began, time.process_time() - cpu


def speed(rows: Sequence[Any], found: list[list[int]], took: float, cpu: float) -> dict[str, Any]:
    return {
        "messages": len(rows),
        "messages_per_second_clock": round(len(rows) / took),
        "messages_per_second_of_one_core": round(len(rows) / cpu),
        "microseconds_cpu_per_message": round(1e6 * cpu / len(rows), 1),
        "searches_found_per_message": round(sum(map(len, found)) / len(rows), 2),
    }


def loop(trees: Sequence[Tree], rows: list[dict[str, Any]], found: list[list[int]]) -> dict[str, Any]:
    """Every search on every message, each compiled before."""
    meanings = [meaning(tree) for tree in trees]
    began, cpu = time.perf_counter(), time.process_time()
    plain = []
    for row in rows:
        message = said(row)
        plain.append([place for place, fits in enumerate(meanings) if fits(message)])
    took, used = time.perf_counter() - began, time.process_time() - cpu
    return speed(rows, plain, took, used) | {
        "answers_that_differ": sum(a != b for a, b in zip(plain, found, strict=True))
    }


SHAPE = pa.schema(
    [
        ("title", pa.string()),
        ("text", pa.string()),
        ("person", pa.uint64()),
        ("mentions", pa.list_(pa.uint64())),
        *((name, pa.list_(pa.string())) for name in ("hashtags", "links", "brand")),
        *((name, pa.string()) for name in ("url", "language", "read_language", "country", "channel", "read_sentiment")),
        ("rating", pa.float64()),
    ]
)


# The store


def opened(folder: Path, rows: int) -> tuple[Store, Search]:
    if not (folder / "heedful.duckdb").exists():
        corpus(rows, folder)
        facts(folder)
    search = Search(folder / "search.db")
    done = search.through()
    for batch in batches(folder) if done < 3 * rows else ():
        if (last := batch["n"][-1].as_py()) > done:
            search.add(batch, through=last)
    store = Store(folder / "heedful.duckdb", basis=DEFAULT_BASIS)
    return store, search


def five(texts: Iterator[list[str]], chance: random.Random) -> tuple[str, str]:
    """A search of five clauses around words of one message, and the same for DuckDB's regular expressions."""
    text = next(texts)
    at = chance.randrange(len(text) - 4)
    left, right, other = (
        text[at],
        text[at + chance.randint(1, 3)],
        chance.choice([word for word in text if len(word) > 2]),
    )
    strange, alike = chance.choice(next(texts)), chance.choice(next(texts))
    channel, most = chance.choice(CHANNELS[:3]), chance.randint(3, 8)
    ordered = chance.choice(("", "f"))
    query = f"({left} OR {alike}) NEAR/{most}{ordered} {right} AND {other[:4]}* AND NOT {strange} channel:{channel}"
    query += f" -sentiment:{chance.choice(SENTIMENTS)}"
    gap = rf"(\W+\w+){{0,{most}}}\W+"
    sides = rf"\b({left}|{alike}){gap}{right}\b"
    back = "" if ordered else rf"|\b{right}{gap}({left}|{alike})\b"
    mood = query.rpartition(":")[2]
    plain = (
        f"regexp_matches(text, '{sides}{back}') and regexp_matches(text, '\\b{other[:4]}\\w*') "
        f"and not regexp_matches(text, '\\b{strange}\\b') and channel = '{channel}' "
        f"and read_sentiment is distinct from '{mood}'"
    )
    return query, plain


def store(folder: Path, rows: int, rounds: int) -> dict[str, Any]:
    facts_, search = opened(folder, rows)
    chance = random.Random(17)
    held = pq.ParquetFile(folder / "corpus.parquet").read_row_group(0, ["text"])["text"].to_pylist()
    words = (split for text in iter(lambda: chance.choice(held), None) if len(split := text.split()) > 8)
    took: dict[str, list[float]] = {}
    hits = []
    different = 0
    for at, (query, plain) in enumerate(islice((five(words, chance) for _ in iter(int, 1)), rounds)):
        tree = parse(query)
        answers: dict[str, Any] = {}
        for name in ("newest 50", "all row numbers"):
            began, cpu = time.perf_counter(), time.process_time()
            with facts_.view(ANALYST) as view:
                found = Found(view, search, tree, view.frame("message", ()))
                answers[name] = found.newest(50) if name == "newest 50" else found.numbers()
            took.setdefault(f"{name}: clock", []).append(time.perf_counter() - began)
            took.setdefault(f"{name}: cpu", []).append(time.process_time() - cpu)
        hits.append(len(answers["all row numbers"]))
        different += len(answers["newest 50"]) != min(50, hits[-1])
        if at < 3:
            different += scanned(facts_, plain, took) != sorted(answers["all row numbers"].tolist())
    shown = {
        name: {f"ms_p{part}": round(1e3 * quantile(seconds, part / 100), 1) for part in (50, 95)}
        for name, seconds in took.items()
    }
    found = {"messages": facts_.rows()["message"], "searches": rounds, "answers_that_differ": different}
    found |= {"example": query, "hits_p50": quantile([float(h) for h in hits], 0.5), "hits_most": max(hits)}
    return found | shown


def scanned(facts_: Store, plain: str, took: dict[str, list[float]]) -> list[int]:
    """DuckDB's own regular expressions over every text."""
    began, cpu = time.perf_counter(), time.process_time()
    with facts_.view(ANALYST) as view:
        rows = view.query(f"select n from message where {plain}").collect("pyarrow").to_arrow()
    took.setdefault("regular expressions: clock", []).append(time.perf_counter() - began)
    took.setdefault("regular expressions: cpu", []).append(time.process_time() - cpu)
    return sorted(rows["n"].to_pylist())


def main() -> None:
    """Measure and save."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--only", default="live,store")
    options.add_argument("--rows", type=int, default=2_000_000)
    options.add_argument("--rounds", type=int, default=100)
    options.add_argument("--folder", type=Path)
    given = options.parse_args()
    parts = given.only.split(",")
    if "live" in parts:
        save("watching", {"arriving messages": live()})
    if "store" in parts:
        folder = given.folder or Path(tempfile.mkdtemp())
        folder.mkdir(exist_ok=True)
        save("watching", {"store": store(folder, given.rows, given.rounds)})
        if not given.folder:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
