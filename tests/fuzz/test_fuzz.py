"""Every parser stands some thousand changed examples; `python tests/fuzz/driver.py` throws as many as time allows."""

from random import Random

import pytest

from fuzz.driver import fuzz, made
from fuzz.parsers import PARSERS

INPUTS = {"pages": 150, "questions": 300, "csv": 400, "jsonl": 400, "parquet": 800, "workbook": 300, "xlsx": 500}
"""Of the slow ones fewer."""

FOUND = (
    ("settings", 1, 26), ("settings", 1, 78), ("http_times", 1, 38), ("http_times", 1, 160), ("language", 1, 102),
    ("parquet", 1, 1059), ("csv_out", 1, 77), ("csv", 12, 1141), ("times", 12, 630), ("xlsx", 1, 225), ("xlsx", 1, 250),
)  # fmt: skip
"""Inputs that broke a parser once: parser, seed, number."""


@pytest.mark.soak
@pytest.mark.parametrize("name", sorted(PARSERS))
def test_a_parser_stands_changed_examples(name: str) -> None:
    wanted = INPUTS.get(name, 3_000)
    ran, found = fuzz(name, seed=2026, inputs=wanted, seconds=120)
    assert found == []
    assert ran > 0


@pytest.mark.parametrize(("name", "seed", "number"), FOUND)
def test_what_broke_once_breaks_no_more(name: str, seed: int, number: int) -> None:
    PARSERS[name].start()(made(name, PARSERS[name], seed, number), Random(number))


def test_an_input_can_be_made_again() -> None:
    assert made("redact", PARSERS["redact"], 3, 4) == made("redact", PARSERS["redact"], 3, 4)
    assert len({made("redact", PARSERS["redact"], 3, number) for number in range(100)}) > 90
