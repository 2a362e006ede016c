"""What fuzzing found, each in its shortest form."""

import csv
import io
import re
import time
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from heedful.accents import MOST, bounded
from heedful.errors import BadSettings, NotFound
from heedful.insight import periods
from heedful.insight.export import as_csv, harmless, original
from heedful.intake.files.header import unique
from heedful.intake.files.values import words_of
from heedful.language.features import tokens
from heedful.language.normalise import normalise
from heedful.privacy.viewer import Viewer
from heedful.settings import read
from heedful.store.facts import Store
from heedful.store.search.words import indexed

MODEL = b'[[models]]\nreading = "sentiment"\nlanguages = ["*"]\nfolder = "%s"\n'


@pytest.mark.parametrize(
    "text",
    [
        b"\xff",
        b"x = " + b"[" * 50_000,
        b"[server]\nport = " + b"1" * 5_000,
        MODEL % b"a\\u0000b",
        MODEL % (b"a" * 5_000),
        b"# " + b"a" * 200_000,
    ],
)
def test_settings_that_cannot_be_read_are_told_so(text: bytes, tmp_path: Path) -> None:
    path = tmp_path / "heedful.toml"
    path.write_bytes(text)
    with pytest.raises(BadSettings, match=re.escape(str(path))):
        read(path)


def test_a_million_marks_on_a_letter_take_no_longer_than_other_text() -> None:
    began = time.process_time()
    indexed(("a" + "\u0315\u0300" * 500_000, None))
    normalise("a" + "\u0315\u0300" * 6_000, lambda word: True)
    assert time.process_time() - began < 5
    assert bounded("a" + "\u0300" * 99) == "a" + "\u0300" * MOST
    assert bounded("e\u0301\u0323 😡" * 50) == "e\u0301\u0323 😡" * 50


def test_an_entity_of_endless_digits_is_one_unknown_sign() -> None:
    assert normalise("a &#" + "1" * 5_000 + "; b &amp; c", lambda word: True) == "a \ufffd; b & c"
    assert "b" in tokens("a &#" + "1" * 3_000 + "; b")


def test_columns_of_one_name_are_numbered_at_once() -> None:
    began = time.process_time()
    names = unique(["x"] * 20_000)
    assert time.process_time() - began < 2
    assert (len(set(names)), names[:3]) == (20_000, ("x", "x_2", "x_3"))
    assert unique(["x", "x_2", "x"]) == ("x", "x_2", "x_3")


def test_a_list_too_deep_to_read_is_text() -> None:
    assert words_of("[" * 100_000 + "]" * 100_000, re.compile("[,;]"))


@pytest.mark.parametrize("since", ["0001-01-02", "0001-06-01"])
def test_no_period_lies_before_year_1(since: str) -> None:
    now = datetime(2026, 11, 20, tzinfo=UTC)
    with pytest.raises(BadSettings, match="before year 1"):
        periods.before(periods.period(since, "2026-01-01", "UTC", now), now)


@pytest.mark.parametrize("as_of", ["\u00b2-1", "9" * 5_000 + "-1", "1", "1-", "-1-1", "1-1\n"])
def test_what_is_no_moment_is_not_found(as_of: str, store: Store) -> None:
    with pytest.raises(NotFound, match="is not a moment"):
        store.view(Viewer("a", frozenset({"analyst"})), as_of=as_of)


@pytest.mark.parametrize(
    "text", ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1", "-", "'=1", "''=1", "|x"]
)
def test_an_exported_cell_cannot_run_and_gives_its_text_back(text: str) -> None:
    assert harmless(text) == "'" + text
    assert original(harmless(text)) == text


@pytest.mark.parametrize("text", ["", "-5", "+5", "-0.5", "plain", "'quoted'", "a=b", "3-4"])
def test_numbers_and_plain_texts_are_exported_as_they_are(text: str) -> None:
    assert harmless(text) == text
    assert original(text) == text


def test_a_cr_alone_begins_no_row_in_an_export() -> None:
    table = pa.table({"text": ["x\r=1+1", "y"], "value": [-1.5, 2.0]})
    rows = list(csv.reader(io.StringIO(as_csv(table).decode(), newline="")))
    assert rows == [["text", "value"], ["x\r=1+1", "-1.5"], ["y", "2.0"]]
