"""Two million invented messages with the word frequencies of a language, as Parquet and as stored facts."""

import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from heedful.settings import DEFAULT_BASIS
from heedful.store.facts import Store

MARK = "zanzibarqueen"
"""Stands in fifty of the messages."""
BATCH = 2_000
CHANNELS = "social review survey chat email call forum news".split()
SHARES = [0.45, 0.2, 0.1, 0.1, 0.06, 0.02, 0.05, 0.02]
COLUMNS = ["n", "occurred_at", "title", "text"]


def vocabulary() -> list[str]:
    chance = random.Random(3)
    syllables = [c + v for c in "bcdfghklmnprstvwz" for v in "aeiou"] + "an er in on st al en".split()
    words: dict[str, None] = {}
    while len(words) < 50_000:
        words["".join(chance.choices(syllables, k=chance.randint(1, 4)))] = None
    return sorted(words, key=lambda word: len(word) + 3 * chance.random())


def corpus(rows: int, folder: Path) -> None:
    chance = np.random.default_rng(7)
    words = np.array(vocabulary(), dtype=object)
    weights = np.cumsum(1 / np.arange(1, len(words) + 1) ** 1.05)
    texts: list[str] = []
    while len(texts) < rows:
        lengths = chance.integers(5, 41, min(100_000, rows - len(texts)))
        drawn = words[np.searchsorted(weights, chance.random(lengths.sum()) * weights[-1])]
        ends = np.cumsum(lengths)
        texts += [" ".join(drawn[a:b]) for a, b in zip(ends - lengths, ends, strict=True)]
    for i in range(0, rows, rows // 50):
        texts[i] += f" {MARK}"
    seconds = np.sort(chance.integers(0, 700 * 86_400, rows))
    history = rows * 2 // 5
    seconds[:history] = chance.permutation(seconds[:history])
    table = {
        "n": pa.array(np.arange(1, rows + 1) * 3),
        "occurred_at": np.datetime64("2024-01-01", "us") + seconds.astype("timedelta64[s]"),
        "title": pa.nulls(rows, pa.string()),
        "text": texts,
        "channel": np.array(CHANNELS)[chance.choice(8, rows, p=SHARES)],
        "person": pa.array(chance.integers(1, 400_000, rows).astype("uint64")),
        "sentiment": np.array(["negative", "neutral", "positive"])[chance.choice(3, rows, p=[0.3, 0.45, 0.25])],
    }
    pq.write_table(pa.table(table), folder / "corpus.parquet")


def facts(folder: Path) -> None:
    """The corpus as stored messages and readings."""
    import duckdb

    Store(folder / "heedful.duckdb", basis=DEFAULT_BASIS).close()
    with duckdb.connect(str(folder / "heedful.duckdb")) as con:
        con.register("corpus", pq.read_table(folder / "corpus.parquet"))
        con.execute(
            "insert into facts.message by name select n, md5(n::varchar) as id, 'bench' as source, channel, person, "
            "'post' as kind, 'in' as direction, text, occurred_at, occurred_at as ingested_at, "
            "('0x' || md5(n::varchar)[:16])::ubigint as key, n::ubigint as version from corpus"
        )
        con.execute(
            "insert into facts.reading by name select n, md5(n::varchar) as message, 'v' as version, n as r, "
            "occurred_at as read_at, 'en' as language, sentiment, 0.2 as sentiment_negative from corpus"
        )


def batches(folder: Path) -> Iterator[pa.Table]:
    for batch in pq.ParquetFile(folder / "corpus.parquet").iter_batches(BATCH, columns=COLUMNS):
        yield pa.Table.from_batches([batch])
