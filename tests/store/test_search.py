"""The index: what is found, what is not, what a crash leaves, and what stays on disk after a removal."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heedful.store.search import Search, index, rank, wanted
from heedful.store.search.words import fold, indexed, words
from in_turn import EXAMPLES

START = datetime(2026, 3, 1, 12)
TEXTS = {
    1: "The courier never rang, and my parcel is late.",
    2: "Late again! Third parcel this month",
    3: "Crème brûlée flavour is lovely 😍👍🏽",
    4: "Refund took weeks. #RefundNow @acme please",
    5: "配送がとても遅いです",
    6: "ÜBERRASCHEND gut, Straße gesperrt",
    7: "Write to [email] or ask @p_0123456789abcdef",
    8: "Wi-Fi drops every evening; wifi support was kind",
    9: "Delivered on time, thank you",
    10: "",
    11: "নমস্কার, ধন্যবাদ",
    12: "เครื่องเสียแล้ว",
}


def table(rows: Sequence[tuple[int, datetime | None, str | None, str]]) -> pa.Table:
    names = ("n", "occurred_at", "title", "text")
    kinds = (pa.int64(), pa.timestamp("us"), pa.string(), pa.string())
    columns = list(zip(*rows, strict=True)) or [()] * 4
    return pa.table({name: pa.array(c, k) for name, c, k in zip(names, columns, kinds, strict=True)})


def of(texts: dict[int, str]) -> pa.Table:
    return table([(n, START + timedelta(minutes=n), None, text) for n, text in texts.items()])


@pytest.fixture
def search(tmp_path: Path) -> Iterator[Search]:
    made = Search(tmp_path / "search.db")
    yield made
    made.close()


@pytest.fixture
def filled(search: Search) -> Search:
    search.add(of(TEXTS), through=12)
    return search


def found(search: Search, words: str, **more: int) -> list[int]:
    return [hit.n for hit in search.find(words, limit=100, **more)]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("late parcel", [2, 1]),
        ("LATE", [2, 1]),
        ('"parcel is late"', [1]),
        ('"late parcel"', []),
        ("parcel -courier", [2]),
        ('parcel -"third parcel"', [1]),
        ("courier OR month", [2, 1]),
        ("parcel courier OR thank", [9, 1]),
        ("deliv*", [9]),
        ("de*", []),
        ("creme brulee", [3]),
        ("CRÈME", [3]),
        ("uberraschend strasse", [6]),
        ("😍", [3]),
        ("👍", [3]),
        ("👍🏿", [3]),
        ("#refundnow", [4]),
        ("#refund", []),
        ("#refun*", [4]),
        ("refundnow", [4]),
        ("@acme", [4]),
        ("@p_0123456789abcdef", [7]),
        ("[email]", [7]),
        ("配送", [5]),
        ("送配", []),
        ("遅い", [5]),
        ("wi-fi", [8]),
        ("wi-fi -wifi", []),
        ("ধন্যবাদ", [11]),
        ("เสีย", [12]),
        ("nothing-like-this", []),
        ("!!! ...", []),
        ("", []),
    ],
)
def test_search_finds_what_was_typed_newest_first(filled: Search, typed: str, expected: list[int]) -> None:
    assert found(filled, typed) == expected


@pytest.mark.parametrize(
    "typed", ['"late parcel', "late OR", "OR late", "( late", "late AND", "NEAR(late", "late:parcel"]
)
def test_search_takes_bad_syntax_as_plain_words(filled: Search, typed: str) -> None:
    plain = wanted.read(typed)
    assert len(plain.groups) == 1
    assert not any(term.beginning or not term.wanted for term in plain.groups[0])
    found(filled, typed)


def test_all_but_a_word_walks_everything_else(filled: Search) -> None:
    assert found(filled, "-parcel") == [12, 11, 10, 9, 8, 7, 6, 5, 4, 3]


def test_title_is_searched_with_the_text(search: Search) -> None:
    search.add(table([(1, START, "Broken zip", "The jacket is warm")]), through=1)
    assert found(search, "zip warm") == [1]


def test_newest_is_by_time_and_undated_last(search: Search) -> None:
    rows = [(5, START, None, "tea"), (6, START - timedelta(days=9), None, "tea"), (7, None, None, "tea")]
    rows += [(8, datetime(1, 1, 1), None, "tea"), (9, datetime(9999, 12, 31), None, "tea"), (3, None, None, "tea")]
    search.add(table(rows), through=9)
    assert found(search, "tea") == [9, 5, 6, 8, 7, 3]


def test_pages_follow_each_other_without_gap_or_repeat(search: Search) -> None:
    search.add(table([(n, START if n % 3 else None, None, "tea") for n in range(1, 60)]), through=59)
    seen: list[int] = []
    below = None
    while hits := search.find("tea", below=below, limit=7):
        seen += [hit.n for hit in hits]
        below = hits[-1].rank
    assert len(seen) == len(set(seen)) == 59
    assert seen == found(search, "tea")


@pytest.mark.parametrize("below", [-5, 0, 2**62, 2**63, 2**80])
def test_any_cursor_is_answered(filled: Search, below: int) -> None:
    assert found(filled, "late", below=below) in ([], [2, 1])


def test_adding_again_changes_nothing(filled: Search) -> None:
    filled.add(of(TEXTS), through=3)
    assert found(filled, "late") == [2, 1]
    assert filled.through() == 12


def test_another_version_of_the_index_begins_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "search.db"
    first = Search(path)
    first.add(of(TEXTS), through=12)
    first.close()
    monkeypatch.setattr(index, "VERSION", index.VERSION + 1)
    second = Search(path)
    assert (second.through(), found(second, "late")) == (0, [])
    second.close()


def test_a_file_that_is_no_index_begins_empty(tmp_path: Path) -> None:
    path = tmp_path / "search.db"
    path.write_bytes(b"not a database at all" * 500)
    search = Search(path)
    assert search.through() == 0
    search.add(of(TEXTS), through=12)
    assert found(search, "late") == [2, 1]
    search.close()


# Against a model that reads the texts

VOCABULARY = ["late", "parcel", "tea", "Été", "ok", "later", "#late", "配送", "😀"]
SOME = st.lists(st.sampled_from(VOCABULARY), max_size=7).map(" ".join)


def cut(text: str) -> list[str]:
    plain = "".join(c for c in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(c))
    out = [""]
    for c in plain:
        if c in "配送😀":
            out += [c, ""]
        elif c.isalnum():
            out[-1] += c
        else:
            out.append("")
    return [word for word in out if word]


def has(text: str, phrase: str) -> bool:
    all_words, wanted_words = cut(text), cut(phrase)
    size = len(wanted_words)
    return any(all_words[i : i + size] == wanted_words for i in range(len(all_words) - size + 1))


TERMS = st.one_of(
    st.sampled_from(["late", "PARCEL", "tea", "ete", "ok", "later", "配送", "😀", "absent"]).map(lambda w: (w, w)),
    st.lists(st.sampled_from(["late", "parcel", "tea", "ok", "été"]), min_size=2, max_size=3)
    .map(" ".join)
    .map(lambda w: (f'"{w}"', w)),
)
ASKED = st.lists(st.lists(st.tuples(st.booleans(), TERMS), min_size=1, max_size=3), min_size=1, max_size=3)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Search]:
    made = Search(tmp_path_factory.mktemp("shared") / "search.db")
    yield made
    made.close()


@settings(max_examples=6 * EXAMPLES, deadline=None)
@given(texts=st.lists(SOME, max_size=12), asked=ASKED)
def test_search_agrees_with_reading_every_text(
    shared: Search, texts: list[str], asked: list[list[tuple[bool, tuple[str, str]]]]
) -> None:
    shared.remove(range(1, 100))
    shared.add(of(dict(enumerate(texts, 1))), through=len(texts))
    typed = " OR ".join(" ".join(("-" if minus else "") + term[0] for minus, term in group) for group in asked)
    expected = [
        n
        for n, text in reversed(list(enumerate(texts, 1)))
        if any(all(has(text, term[1]) != minus for minus, term in group) for group in asked)
    ]
    assert found(shared, typed) == expected
    ranks = {rank.rank(START + timedelta(minutes=n), n): n for n in range(1, len(texts) + 1)}
    assert sorted(ranks[r] for r in shared.among(typed, list(ranks))) == sorted(expected)


@settings(max_examples=10 * EXAMPLES, deadline=None)
@given(typed=st.text(st.characters(), max_size=60) | st.text('"*-()^:+{}OR ANDéa#@[]\0', max_size=40))
def test_any_string_is_answered(shared: Search, typed: str) -> None:
    shared.find(typed, limit=5)


@settings(max_examples=8 * EXAMPLES, deadline=None)
@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_every_word_of_a_text_finds_it(shared: Search, text: str) -> None:
    shared.remove(range(1, 100))
    shared.add(of({1: text}), through=1)
    for word in words(fold(text)):
        assert found(shared, f'"{word}"') == [1], word


@pytest.mark.parametrize("typed", ["a" * 200_000, '"' * 5_000, "late " * 5_000, "-" * 9_000, "OR " * 5_000])
def test_long_questions_are_quick(filled: Search, typed: str) -> None:
    began = time.perf_counter()
    found(filled, typed)
    assert time.perf_counter() - began < 2


def test_a_text_of_a_megabyte_is_quick_to_cut() -> None:
    for text in ("a" * 1_000_000, "é#@[" * 250_000, "配" * 1_000_000, "[" * 1_000_000, "a" + "\u0301" * 1_000_000):
        began = time.perf_counter()
        indexed((None, text))
        assert time.perf_counter() - began < 3


# Crash and removal

WRITER = """
import sys
from datetime import datetime, timedelta
from pathlib import Path
import pyarrow as pa
from heedful.store.search import Search
search = Search(Path(sys.argv[1]))
at = search.through()
while True:
    ns = list(range(at + 1, at + 51))
    times = [datetime(2026, 1, 1) + timedelta(seconds=n // 3) for n in ns]
    search.add(pa.table({"n": pa.array(ns, pa.int64()), "occurred_at": pa.array(times, pa.timestamp("us")),
        "title": pa.nulls(50, pa.string()), "text": [f"tea number{n}" for n in ns]}), through=ns[-1])
    at = ns[-1]
    print(at, flush=True)
"""


def test_a_killed_index_goes_on_from_where_it_was_and_holds_nothing_twice(tmp_path: Path) -> None:
    path = tmp_path / "search.db"
    told = 0
    for batches in (2, 7, 4):
        with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            for _ in range(batches):
                told = int(writer.stdout.readline())
            os.kill(writer.pid, signal.SIGKILL)
        search = Search(path)
        through = search.through()
        hits = search.find("tea", limit=100_000)
        assert through >= told
        assert sorted(hit.n for hit in hits) == list(range(1, through + 1))
        search.close()
    with sqlite3.connect(path) as con:
        con.execute("insert into word (word, rank) values ('integrity-check', 1)")
    con.close()


def test_what_was_removed_is_not_on_the_disk_after_compacting(filled: Search, tmp_path: Path) -> None:
    secret = "zanzibarqueen"
    rows = [(n, START, None, f"{secret} ordered tea" if n % 50 == 0 else f"tea for number{n}") for n in range(100, 900)]
    filled.add(table(rows), through=900)
    gone = found(filled, secret)
    assert len(gone) == 16
    filled.remove(gone)
    assert found(filled, secret) == []
    assert len(filled.find("tea", limit=1_000)) == 784
    filled.compact()
    for file in tmp_path.iterdir():
        assert secret.encode() not in file.read_bytes()
    assert found(filled, "late parcel") == [2, 1]


def test_words_share_their_beginnings_on_disk_too(search: Search, tmp_path: Path) -> None:
    """FTS5 keeps a word as what differs from the one before: the part that differs must go as well."""
    search.add(of({1: "zanzibarqueen", 2: "zanzibarprince"}), through=2)
    search.remove([1])
    search.compact()
    raw = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"queen" not in raw
    assert b"prince" in raw


def test_many_read_while_one_writes(search: Search) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def write() -> None:
        for batch in range(30):
            ns = range(batch * 20 + 1, batch * 20 + 21)
            search.add(of(dict.fromkeys(ns, "tea")), through=ns[-1])

    def look() -> bool:
        hits = found(search, "tea")
        return hits == sorted(set(hits), reverse=True) and len(hits) % 20 == 0

    with ThreadPoolExecutor(4) as pool:
        writing = pool.submit(write)
        looks = [pool.submit(look) for _ in range(60)]
        writing.result()
        assert all(one.result() for one in looks)
    assert search.through() == 600
