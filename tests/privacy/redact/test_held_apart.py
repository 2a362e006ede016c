"""Recall on a public set of generated sentences, and quiet on tweets; both where the sets are at hand."""

import gzip
import json
from hashlib import sha256
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from heedful.privacy.redact import find

LABELS = {
    "EMAIL_ADDRESS": "email", "PHONE_NUMBER": "phone", "CREDIT_CARD": "card", "IBAN_CODE": "iban", "IP_ADDRESS": "ip",
    "US_SSN": "ssn",
}  # fmt: skip


def f2(rows: list[dict], kinds: set[str]) -> float:
    right = missed = wrong = 0
    for row, spans in zip(rows, find([row["text"] for row in rows]), strict=True):
        marked = [(LABELS.get(span["entity_type"]), span["start"], span["end"]) for span in row["spans"]]
        marked = [mark for mark in marked if mark[0] in kinds]
        mine = [(span.kind, span.start, span.end) for span in spans if span.kind in kinds]
        hit = [any(k == kind and s < end and start < e for k, s, e in mine) for kind, start, end in marked]
        right, missed = right + sum(hit), missed + len(hit) - sum(hit)
        wrong += sum(not any(k == kind and s < end and start < e for k, s, e in marked) for kind, start, end in mine)
    return 5 * right / (5 * right + 4 * missed + wrong)


def test_pattern_kinds_on_held_apart_templates(shared_data: Path) -> None:
    files = sorted((shared_data / "pii_presidio_synthetic").glob("*.jsonl.gz"))
    if not files:
        pytest.skip("the set pii_presidio_synthetic is not there")
    for path in files:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            rows = [json.loads(line) for line in lines]
        held = [row for row in rows if sha256(str(row["template_id"]).encode()).digest()[-1] % 2]
        for part in (held, rows):
            assert f2(part, set(LABELS.values())) >= 0.97
            assert f2(part, {"phone"}) >= 0.97
            assert f2(part, {"card"}) >= 0.97


@pytest.mark.parametrize(("name", "most"), [("emotion/validation", 5), ("offensive/validation", 5)])
def test_quiet_on_tweets(shared_data: Path, name: str, most: int) -> None:
    path = shared_data / "tweeteval" / f"{name}.parquet"
    if not path.exists():
        pytest.skip(f"{path} is not there")
    tweets = pq.read_table(path, columns=["text"]).column("text").to_pylist()
    assert sum(map(len, find(tweets))) * 1000 / len(tweets) <= most
