"""Full-text search at two million messages: Heedful's index and tantivy on the same questions, then whole searches.

`python bench/search.py [--rows N] [--folder DIR]`; DIR keeps the corpus and the filled indexes for another run.
Words are drawn from 50,000 by Zipf's law, 5 to 40 a message; a part of the messages is history imported in no order.
Processor time is beside the time on the clock, since other work on the machine slows only the latter.
"""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from heedful.insight.messages import Query, count, find
from heedful.privacy.viewer import Viewer
from heedful.settings import DEFAULT_BASIS
from heedful.store.facts import Store
from heedful.store.search import Search
from machine import quantile, save
from search_corpus import CHANNELS, MARK, batches, corpus, facts, vocabulary

NOW = datetime(2025, 12, 1, tzinfo=UTC)
ANALYST = Viewer("bench", frozenset({"analyst"}))


def opened(engine: str, folder: Path) -> Any:
    if engine == "fts5":
        return Search(folder / "search.db")
    from search_peer import Tantivy

    return Tantivy(folder / "tantivy")


# Filling, crashes, removal


def fill(engine: str, folder: Path) -> None:
    """In a process of its own; prints what it took."""
    index = opened(engine, folder)
    started, cpu, waits, rows = time.perf_counter(), time.process_time(), [], 0
    for batch in batches(folder):
        begun = time.perf_counter()
        index.add(batch, through=batch["n"][-1].as_py())
        waits.append(time.perf_counter() - begun)
        rows += batch.num_rows
        print(f"at {rows}", flush=True)
    index.close()
    seconds, used = time.perf_counter() - started, time.process_time() - cpu
    figures = {
        "messages_per_second": round(rows / seconds),
        "cpu_us_per_message": round(1e6 * used / rows, 1),
        "batch_of_2000_ms_p50": round(1e3 * quantile(waits, 0.5), 1),
        "batch_of_2000_ms_p95": round(1e3 * quantile(waits, 0.95), 1),
        "peak_memory_mb": peak_memory_mb(),
        "disk_mb": round(size(engine, folder) / 1e6),
    }
    print(json.dumps(figures), flush=True)


def files(engine: str, folder: Path) -> list[Path]:
    return list(folder.glob("search.db*") if engine == "fts5" else folder.glob("tantivy/*"))


def peak_memory_mb() -> int:
    """Of this process alone: what getrusage tells includes the one that started it."""
    line = next(li for li in Path("/proc/self/status").read_text().splitlines() if li.startswith("VmHWM"))
    return round(int(line.split()[1]) / 1e3)


def size(engine: str, folder: Path) -> int:
    return sum(path.stat().st_size for path in files(engine, folder))


def filler(engine: str, folder: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, __file__, "--fill", engine, "--folder", str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def filled(engine: str, folder: Path) -> dict[str, Any]:
    out, _ = filler(engine, folder).communicate()
    figures: dict[str, Any] = json.loads(out.splitlines()[-1])
    return figures


def crashes(engine: str, folder: Path, kills: int = 5) -> dict[str, Any]:
    """Kill while filling: is everything up to `through` found once?"""
    chance, wrong = random.Random(1), 0
    for _ in range(kills):
        with tempfile.TemporaryDirectory() as name:
            here = Path(name)
            (here / "corpus.parquet").symlink_to(folder / "corpus.parquet")
            with filler(engine, here) as process:
                assert process.stdout is not None
                process.stdout.readline()
                time.sleep(chance.random() * 3)
                os.kill(process.pid, signal.SIGKILL)
            index = opened(engine, here)
            found = [hit[1] for hit in index.find("-nothing", limit=1_000_000)]
            wrong += sorted(found) != list(range(3, index.through() + 1, 3))
            index.close()
    return {"kills": kills, "wrong_after": wrong}


def erased(engine: str, folder: Path) -> dict[str, Any]:
    index = opened(engine, folder)
    gone = [hit[1] for hit in index.find(MARK, limit=1_000)]
    begun = time.perf_counter()
    index.remove(gone)
    removed = time.perf_counter()
    index.compact()
    compacted = time.perf_counter()
    left = sum(MARK.encode() in path.read_bytes() for path in files(engine, folder))
    known = index.known(MARK) if engine == "tantivy" else None  # its dictionary is packed, so bytes do not tell
    return {
        "removed": len(gone),
        "remove_seconds": round(removed - begun, 2),
        "compact_seconds": round(compacted - removed, 1),
        "files_that_still_hold_the_word": left,
        **({} if known is None else {"messages_in_the_dictionary_for_the_word": known}),
        "disk_mb_after": round(size(engine, folder) / 1e6),
    }


# Questions


def typed(chance: random.Random, words: list[str]) -> dict[str, str]:
    def one(low: int, high: int) -> str:
        return words[chance.randrange(low, high)]

    return {
        "rare": one(20_000, 50_000),
        "medium": one(200, 2_000),
        "common": one(0, 20),
        "two words": f"{one(0, 200)} {one(0, 2_000)}",
        "common and rare": f"{one(0, 20)} {one(10_000, 50_000)}",
        "phrase": f'"{one(0, 40)} {one(0, 200)}"',
        "beginning": f"{one(0, 50_000)[:3]}*",
        "all but": f"{one(50, 1_000)} -{one(0, 20)}",
        "either": f"{one(0, 2_000)} OR {one(0, 2_000)}",
    }


def asked(seed: int, rounds: int) -> list[tuple[str, str]]:
    chance, words = random.Random(seed), vocabulary()
    return [pair for _ in range(rounds) for pair in typed(chance, words).items()]


def compared(folder: Path, rounds: int = 15) -> dict[str, Any]:
    """The newest 50 from the index alone, both engines in turn; their answers must be the same."""
    engines = {name: opened(name, folder) for name in ("fts5", "tantivy")}
    took: dict[str, dict[str, list[float]]] = {}
    different = 0
    for kind, words in asked(11, rounds):
        answers = []
        for name, engine in engines.items():
            begun = time.perf_counter()
            answers.append([tuple(hit) for hit in engine.find(words, limit=50)])
            took.setdefault(kind, {}).setdefault(name, []).append(1e3 * (time.perf_counter() - begun))
        different += answers[0] != answers[1]
    shown = {
        kind: {f"{name}_ms_p{part}": round(quantile(ms, part / 100), 1) for name, ms in by.items() for part in (50, 95)}
        for kind, by in took.items()
    }
    return {"answers_that_differ": different, **shown}


def complete(folder: Path, rounds: int = 25) -> dict[str, int]:
    """All hits of a question, both engines: how many questions, and how many answers differ."""
    ours, theirs = opened("fts5", folder), opened("tantivy", folder)
    different = 0
    questions = asked(21, rounds)
    for _, words in questions:
        hits = [tuple(hit) for hit in ours.find(words, limit=100_000)]
        different += hits != theirs.find(words, limit=100_000)
    return {"questions": len(questions), "answers_that_differ": different}


def narrowed(chance: random.Random) -> dict[str, Any]:
    where = []
    if chance.random() < 0.4:
        where.append(("channel", chance.choice(CHANNELS)))
    if chance.random() < 0.3:
        where.append(("sentiment", chance.choice(["negative", "neutral", "positive"])))
    since = chance.choices([None, "7d", "30d", "90d"], [6, 1, 2, 1])[0]
    return {"where": tuple(where), "since": since, "zone": chance.choice(["UTC", "Europe/Berlin"])}


def searches(folder: Path, rounds: int = 30) -> dict[str, Any]:
    """Whole searches through a view with random filters and periods, as a page makes them; a tenth without words."""
    chance = random.Random(13)
    store, index = Store(folder / "heedful.duckdb", basis=DEFAULT_BASIS), Search(folder / "search.db")
    every = asked(12, rounds) + [("no words", "")] * rounds
    chance.shuffle(every)
    took: dict[str, list[tuple[float, float]]] = {}
    for kind, words in every:
        query = Query(words, **narrowed(chance))
        for name, ask in (("find", find), ("count", count)):
            spent = measured(store, lambda view, ask=ask, query=query: ask(view, index, query, now=NOW))
            for group in (name, f"{name}: {kind}"):
                took.setdefault(group, []).append(spent)
    figures = {
        group: {f"{what}_ms_p{part}": round(1e3 * quantile([s[i] for s in spent], part / 100), 1)
                for i, what in enumerate(("clock", "cpu")) for part in (50, 95)}
        for group, spent in took.items()
    }  # fmt: skip
    return {
        "searches": len(every),
        "memory_mb": peak_memory_mb(),
        **figures,
    }


def measured(store: Store, ask: Callable[[Any], object]) -> tuple[float, float]:
    begun, cpu = time.perf_counter(), time.process_time()
    with store.view(ANALYST) as view:
        ask(view)
    return time.perf_counter() - begun, time.process_time() - cpu


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--fill", choices=["fts5", "tantivy"])
    parser.add_argument("--only", choices=["searches", "compared", "all"], default="all")
    given = parser.parse_args()
    if given.fill:
        return fill(given.fill, given.folder)
    folder = given.folder or Path(tempfile.mkdtemp())
    folder.mkdir(exist_ok=True)
    run(folder, given.rows, given.only)
    if not given.folder:
        shutil.rmtree(folder)
    return None


def run(folder: Path, rows: int, only: str) -> None:
    if not (folder / "heedful.duckdb").exists():
        corpus(rows, folder)
        facts(folder)
    engines = ("fts5", "tantivy")
    if only == "all":
        for engine in engines:
            save("search", {f"{engine}: filling": filled(engine, folder)})
    if only in ("all", "compared"):
        save("search", {"index alone, newest 50": compared(folder)})
        save("search", {"index alone, up to 100,000 hits": complete(folder)})
    if only in ("all", "searches"):
        save("search", {"whole searches": searches(folder)})
    if only == "all":
        for engine in engines:
            save(
                "search", {f"{engine}: kill -9": crashes(engine, folder), f"{engine}: removal": erased(engine, folder)}
            )


if __name__ == "__main__":
    main()
