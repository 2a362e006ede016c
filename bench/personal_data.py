"""Personal details in text: recall and precision, countries, false redactions on tweets, speed, and a peer.

`python bench/personal_data.py [--data DIR] [--presidio PYTHON]`

- Kinds with a pattern on `pii_presidio_synthetic`, any overlap of the same kind counts. The detector was written with
  one half of the templates in sight (even SHA-256 of the template's number); "held apart" is the other half: its
  texts were never read, but its totals were looked at between rounds.
- Countries: the sentences in `tests/privacy/redact/countries.txt`, all kinds. They were written beside the detector,
  so they show which forms are covered, not how it does on unseen ones.
- Tweets: redactions per 1,000. The sets hold some real numbers and addresses; `FALSE` lists, by the CRC-32 of what was
  redacted and after reading every one (`--show`), those that are no such detail, and names of
  public or invented people.
- Speed: median of runs over tweets, one core.
"""

import argparse
import gzip
import importlib.util
import json
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any
from zlib import crc32

import pyarrow.parquet as pq

from heedful.privacy.redact import Span, find
from machine import save

ROOT = Path(__file__).parents[1]
LABELS = {
    "EMAIL_ADDRESS": "email",
    "PHONE_NUMBER": "phone",
    "CREDIT_CARD": "card",
    "IBAN_CODE": "iban",
    "IP_ADDRESS": "ip",
    "US_SSN": "ssn",
}
RUNS = 7
FALSE = frozenset(
    (
        1452395837,
        1785990507,
        2916494306,
        823302059,
        1890034107,
        1203153170,
        3504551966,
        418068588,
        324091997,
        971323445,
        83922581,
        1887477096,
    )
)

Mark = tuple[str, int, int]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    options.add_argument("--show", action="store_true", help="print every redaction on tweets, and end")
    options.add_argument("--presidio", help="the Python of an environment that has presidio-analyzer")
    chosen = options.parse_args()
    parts = synthetic(chosen.data)
    tweets = tweet_sets(chosen.data)
    if chosen.show:
        show(tweets)
        return
    marked = countries()
    result = {
        "templates": {
            part: scores(some, [marks(spans) for spans in find(texts_of(some))]) for part, some in parts.items()
        },
        "countries": {name: by_country(lines, find([text for text, _ in lines])) for name, lines in marked.items()},
        "tweets": {name: quiet(texts) for name, texts in tweets.items()},
        "speed": {name: speed(texts) for name, texts in tweets.items()},
        "hostile_seconds": {repr(piece): hostile(piece) for piece in ("1", "@", "a.", " ", "+1 (")},
    }
    if chosen.presidio:
        result["presidio"] = peer(chosen.presidio, parts, tweets, marked)
    save("personal_data", result)


def texts_of(rows: list[dict[str, Any]]) -> list[str]:
    return [row["text"] for row in rows]


def marks(spans: Sequence[Span]) -> list[Mark]:
    return [(span.kind, span.start, span.end) for span in spans]


def synthetic(data: Path) -> dict[str, list[dict[str, Any]]]:
    """The parts that are reported: for each file of the set the templates held apart, and all."""
    parts: dict[str, list[dict[str, Any]]] = {}
    for path in sorted((data / "pii_presidio_synthetic").glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            rows = [json.loads(line) for line in lines]
        name = path.name.removesuffix(".jsonl.gz")
        parts[f"{name}, held apart"] = [row for row in rows if held_apart(row["template_id"])]
        parts[f"{name}, all"] = rows
    return parts


def held_apart(template: int) -> bool:
    return sha256(str(template).encode()).digest()[-1] % 2 == 1


def overlaps(mark: Mark, others: Sequence[Mark]) -> bool:
    return any(kind == mark[0] and start < mark[2] and mark[1] < end for kind, start, end in others)


def figures(right: int, missed: int, wrong: int) -> dict[str, Any]:
    return {
        "marked": right + missed,
        "missed": missed,
        "wrong": wrong,
        "precision": round(right / (right + wrong), 4) if right + wrong else None,
        "recall": round(right / (right + missed), 4) if right + missed else None,
        "f2": round(5 * right / (5 * right + 4 * missed + wrong), 4) if right else None,
    }


def compare(pairs: Sequence[tuple[Sequence[Mark], Sequence[Mark]]], kinds: Sequence[str]) -> dict[str, Any]:
    """Figures per kind and for all of them, from pairs of what is marked and what was found."""
    right, missed, wrong = Counter[str](), Counter[str](), Counter[str]()
    for want, got in pairs:
        for mark in want:
            (right if overlaps(mark, got) else missed)[mark[0]] += 1
        for mark in got:
            wrong[mark[0]] += not overlaps(mark, want)
    table = {kind: figures(right[kind], missed[kind], wrong[kind]) for kind in kinds}
    total = [sum(count[kind] for kind in kinds) for count in (right, missed, wrong)]
    return {**table, "all": figures(*total)}


def scores(rows: list[dict[str, Any]], found: Sequence[Sequence[Mark]]) -> dict[str, Any]:
    want = [[(LABELS.get(s["entity_type"], ""), s["start"], s["end"]) for s in row["spans"]] for row in rows]
    return compare(list(zip(want, found, strict=True)), list(LABELS.values()))


def countries() -> dict[str, list[tuple[str, list[Mark]]]]:
    """The marked sentences of the tests, by country."""
    path = ROOT / "tests" / "privacy" / "redact" / "cases.py"
    spec = importlib.util.spec_from_file_location("cases", path)
    assert spec is not None
    assert spec.loader is not None
    cases = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(cases)
    return {name: [cases.unmark(line) for line in lines] for name, lines in cases.countries().items()}


def by_country(lines: Sequence[tuple[str, list[Mark]]], found: Sequence[Sequence[Span]]) -> dict[str, Any]:
    pairs = [(want, marks(got)) for (_, want), got in zip(lines, found, strict=True)]
    kinds = sorted({mark[0] for pair in pairs for side in pair for mark in side})
    return compare(pairs, kinds)["all"]


def tweet_sets(data: Path) -> dict[str, list[str]]:
    sets: dict[str, list[str]] = {}
    for name in ("sentiment", "emotion", "offensive"):
        sets[name] = [text for path in sorted((data / "tweeteval" / name).glob("*.parquet")) for text in texts_in(path)]
    sets["airline_tweets"] = texts_in(data / "airline_tweets" / "all.parquet")
    return sets


def texts_in(path: Path) -> list[str]:
    return [text or "" for text in pq.read_table(path, columns=["text"]).column("text").to_pylist()]


def quiet(texts: list[str]) -> dict[str, Any]:
    found = find(texts)
    kinds = Counter(span.kind for spans in found for span in spans)
    false = sum(
        crc32(text[s.start : s.end].encode()) in FALSE for text, spans in zip(texts, found, strict=True) for s in spans
    )
    return {
        "tweets": len(texts),
        "redactions": dict(kinds),
        "per_1000": round(1000 * kinds.total() / len(texts), 2),
        "false": false,
        "false_per_1000": round(1000 * false / len(texts), 2),
    }


def show(tweets: dict[str, list[str]]) -> None:
    for texts in tweets.values():
        for text, spans in zip(texts, find(texts), strict=True):
            for span in spans:
                what = text[span.start : span.end]
                around = text[max(0, span.start - 45) : span.end + 25]
                sys.stdout.write(f"{span.kind} {span.score:.2f} {what!r} {crc32(what.encode())} | {around!r}\n")


def speed(texts: list[str]) -> dict[str, int]:
    """Texts a second on one core: median and slowest of the runs, by the clock and by processor time."""
    some = texts[:10_000]
    find(some)
    clock, busy = [], []
    for _ in range(RUNS):
        begun, worked = time.perf_counter(), time.process_time()
        find(some)
        clock.append(len(some) / (time.perf_counter() - begun))
        busy.append(len(some) / (time.process_time() - worked))
    return {
        "median": round(statistics.median(clock)),
        "slowest": round(min(clock)),
        "median_by_processor_time": round(statistics.median(busy)),
    }


def hostile(piece: str) -> float:
    """Seconds of processor time for a million characters of one piece: median of three."""
    text = (piece * (1_000_000 // len(piece) + 1))[:1_000_000]
    spent = []
    for _ in range(3):
        begun = time.process_time()
        find([text])
        spent.append(time.process_time() - begun)
    return round(statistics.median(spent), 3)


def peer(
    python: str,
    parts: dict[str, list[dict[str, Any]]],
    tweets: dict[str, list[str]],
    marked: dict[str, list[tuple[str, list[Mark]]]],
) -> dict[str, Any]:
    """presidio-analyzer's pattern recognisers on the same texts, without a language model or context words."""
    version, _, _ = ask_peer(python, ["warm up"])
    templates = {part: scores(rows, ask_peer(python, texts_of(rows))[2]) for part, rows in parts.items()}
    lines = {
        name: [(text, [mark for mark in want if mark[0] in LABELS.values()]) for text, want in some]
        for name, some in marked.items()
    }
    pattern_only: dict[str, Any] = {}
    for name, some in lines.items():
        theirs = ask_peer(python, [text for text, _ in some])[2]
        ours = [[m for m in marks(spans) if m[0] in LABELS.values()] for spans in find([text for text, _ in some])]
        want = [mark for _, mark in some]
        pattern_only[name] = {
            "theirs": compare(list(zip(want, theirs, strict=True)), list(LABELS.values()))["all"]["f2"],
            "ours": compare(list(zip(want, ours, strict=True)), list(LABELS.values()))["all"]["f2"],
        }
    sample = [text for texts in tweets.values() for text in texts[:1000]]
    _, seconds, spans = ask_peer(python, sample)
    return {
        "version": version,
        "templates": templates,
        "countries_pattern_kinds_f2": pattern_only,
        "tweets_per_1000": round(1000 * sum(map(len, spans)) / len(sample), 2),
        "texts_per_second": round(len(sample) / seconds),
    }


def ask_peer(python: str, texts: list[str]) -> tuple[str, float, list[list[Mark]]]:
    script = Path(__file__).with_name("personal_data_peer.py")
    done = subprocess.run([python, script], input=json.dumps(texts), capture_output=True, text=True, check=True)
    answer = json.loads(done.stdout.splitlines()[-1])
    return answer["version"], answer["seconds"], [[tuple(mark) for mark in marks] for marks in answer["spans"]]


if __name__ == "__main__":
    main()
