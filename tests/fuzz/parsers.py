"""Every parser that takes what others wrote, with examples of ours and a way to run it.

`start` makes what a parser needs once and gives a function of one input; whatever that raises is a finding, so each
catches the errors that the parser promises, and says with AssertionError where an answer cannot be right.
"""

import sqlite3
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise
from pathlib import Path
from random import Random
from urllib.parse import urlencode

from fuzz import examples
from heedful.errors import BadRecord, BadSettings, HeedfulError, NotAllowed, NotFound

Run = Callable[[bytes, Random], None]
NOW = datetime(2026, 11, 20, 13, 30, tzinfo=UTC)
TABLES = ("message", "event", "answer", "item", "profile", "consent")


@dataclass(frozen=True)
class Parser:
    """Examples, how long an input may get, and the way to run one."""

    start: Callable[[], Run]
    examples: tuple[bytes, ...]
    longest: int = 20_000


def text_of(body: bytes) -> str:
    """Any bytes as text that can stand in a record."""
    return body.decode("utf-8", "replace").replace("\x00", "\ufffd")


def _file(ending: str) -> Run:
    from heedful.intake.files import inspect, read
    from heedful.records import INCOMING

    folder = Path(tempfile.mkdtemp(prefix="heedful-fuzz-"))
    path = folder / f"any{ending}"

    def run(body: bytes, draw: Random) -> None:
        path.write_bytes(body)
        table = draw.choice(TABLES)
        try:
            plan = inspect(path, table, zone=draw.choice(("UTC", "Europe/Berlin", "Pacific/Apia")))
            for shaped in read(plan, rows=draw.choice((1, 7, 20_000))):
                shaped.batch.validate(full=True)
                assert shaped.batch.schema.equals(INCOMING[table])
                assert not shaped.batch["id"].null_count
                assert all(bad.reason and bad.line >= 1 for bad in shaped.bad)
        except BadSettings:
            return

    return run


def _workbook() -> Run:
    """One part of a workbook changed, and packed with the others as it should be."""
    import io
    import zipfile

    run_file = _file(".xlsx")
    with zipfile.ZipFile(io.BytesIO(examples.workbooks()[0])) as book:
        parts = {name: book.read(name) for name in book.namelist()}

    def run(body: bytes, draw: Random) -> None:
        name, _, content = body.partition(b"\n")
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as book:
            for kept, old in parts.items():
                book.writestr(kept, content if kept.encode() == name else old)
        run_file(out.getvalue(), draw)

    return run


def _table() -> Run:
    """What `heedful read` reads and writes: the rows of a CSV or JSON file come back as they were."""
    from contextlib import ExitStack

    import pyarrow as pa

    from heedful.language.table import blocks_of
    from heedful.language.written import writer

    folder = Path(tempfile.mkdtemp(prefix="heedful-fuzz-"))
    source = folder / "any"

    def rows_of(path: Path) -> list[dict[str, object]]:
        with ExitStack() as stack:
            blocks = [rows for _, rows in blocks_of(path, stack)[0]]
        return [row for rows in blocks for row in (rows.to_pylist() if isinstance(rows, pa.RecordBatch) else rows)]

    def run(body: bytes, draw: Random) -> None:
        source.write_bytes(body)
        form = draw.choice((".csv", ".jsonl"))
        out = folder / f"out{form}"
        try:
            with ExitStack() as stack:
                blocks, kind = blocks_of(source, stack)
                write = stack.enter_context(writer(out, form[1:]))
                for names, rows in blocks:
                    count = len(rows) if isinstance(rows, list) else rows.num_rows
                    made = pa.RecordBatch.from_arrays([pa.array(["m"] * count, pa.string())], ["made by reading"])
                    write({name: name for name in names}, rows, made)
            before, after = rows_of(source), rows_of(out)
        except BadSettings:
            return
        if kind == "csv" and before and all(name and not name.startswith("\ufeff") for name in before[0]):
            again = [{k: v for k, v in row.items() if k != "made by reading"} for row in after]
            assert again == before, "rows changed on their way through a file"

    return run


def _door() -> Run:
    from heedful.intake.door import look, look_whole
    from heedful.intake.shapes import decode_many, to_arrow

    def run(body: bytes, draw: Random) -> None:
        table = draw.choice(TABLES)
        try:
            whole = look_whole(table, body, source="fuzz", most=50)
            looked = look(table, body, source="fuzz", most=50)
        except BadRecord:
            return
        assert len(looked.reasons) == looked.entry.records + len(looked.entry.bad)
        assert whole is None or (looked == whole and not looked.entry.bad)
        assert whole is not None or looked.entry.bad or looked.entry.body != body.strip(), (
            "one pass refuses, the other takes"
        )
        again = decode_many(table, looked.entry.body)
        assert len(again) == looked.entry.records
        if again:
            to_arrow(table, again)

    return run


def _seal() -> Run:
    from heedful.intake.door import look
    from heedful.intake.drain import CANNOT
    from heedful.intake.shapes import decode_many, to_arrow
    from heedful.privacy.pseudonym import Keys
    from heedful.privacy.seal import seal

    keys = Keys.of(b"a secret of thirty-two bytes, ok")

    def run(body: bytes, draw: Random) -> None:
        table = draw.choice(TABLES)
        try:
            looked = look(table, body, source="fuzz", most=50)
            records = decode_many(table, looked.entry.body)
        except BadRecord:
            return
        if records:
            try:
                sealed = seal(table, to_arrow(table, records), keys=keys, brands=frozenset({"larkfield"}), now=NOW)
            except CANNOT:  # such a record is set aside when the journal is drained
                return
            assert sealed.batch.num_rows == len(records)

    return run


def _times() -> Run:
    import pyarrow as pa

    from heedful.intake.files import times

    def run(body: bytes, draw: Random) -> None:
        column = pa.array(text_of(body).split("\n")[:200], pa.string())
        found = times.find(column, named=draw.random() < 0.7)
        how = found[0] if found else draw.choice(("iso", "unix seconds", "excel days", draw.choice(times.FORMATS)))
        stamps, faults = times.parse(column, how, draw.choice(("UTC", "Europe/Berlin", "Pacific/Apia")))
        stamps.validate(full=True)
        assert len(stamps) == len(column)
        assert all(len(mask) == len(column) for mask, _ in faults)

    return run


def _cells() -> Run:
    import pyarrow as pa

    from heedful.intake.files import values, words

    kinds = (
        values.as_number,
        partial(values.as_number, comma=True),
        values.as_count,
        values.as_flag,
        values.as_label,
        values.as_answer,
        values.as_key,
        partial(values.as_words, part=",;| "),
    )
    meanings = (
        words.channel_of,
        words.kind_of,
        words.direction_of,
        words.language_of,
        words.purpose_of,
        words.basis_of,
    )

    def run(body: bytes, draw: Random) -> None:
        cells = text_of(body).split("\n")[:200]
        column = pa.array(cells, pa.string())
        draw.choice(kinds)(column).validate(full=True)
        for cell in cells[:5]:
            draw.choice(meanings)(cell)

    return run


def _http_times() -> Run:
    from heedful.insight import periods
    from heedful.insight.answer import Question
    from heedful.insight.dimensions import ALL
    from heedful.insight.local import clock

    dimensions = [one for one in ALL if one.timed or one.values]

    def run(body: bytes, draw: Random) -> None:
        since, until, zone, value = (*text_of(body).split("\n", 3), "", "", "UTC", "")[:4]
        try:
            found = periods.period(since or None, until or None, zone or "UTC", NOW)
            found.text()
            found.holds()
            if found.since:
                periods.before(found, NOW)
            where = clock(found.zone, found.since or NOW.replace(tzinfo=None), found.until or NOW.replace(tzinfo=None))
            draw.choice(dimensions).matches(value or since, where)
            Question("volume", (), (("day", value),), since, until, zone)
        except HeedfulError:
            return

    return run


def _search() -> Run:
    from heedful.store.search.wanted import read
    from heedful.store.search.words import indexed

    con = sqlite3.connect(":memory:")
    con.execute("create virtual table word using fts5(words, columnsize=0, tokenize=\"ascii tokenchars '_#@[].'\")")

    def run(body: bytes, draw: Random) -> None:
        typed, _, text = text_of(body).partition("\n")
        wanted, held = read(typed), indexed((text, None))
        if not wanted.groups:
            return
        con.execute("delete from word")
        con.execute("insert into word (rowid, words) values (1, ?)", [held])
        there = con.execute("select 1 from word where word match ?", [wanted.expression()]).fetchall()
        assert bool(there) == wanted.fits(held), "the index and the text at hand answer differently"

    return run


def _query() -> Run:
    """A search and a text: the search, said again, is the same, and one text is found by one as by many."""
    from heedful.query.many import Many
    from heedful.query.match import match
    from heedful.query.mistake import Mistake
    from heedful.query.parse import parse
    from heedful.query.said import said
    from heedful.query.tree import written

    def run(body: bytes, draw: Random) -> None:
        query, _, text = text_of(body).partition("\n")
        try:
            tree = parse(query)
        except Mistake:
            return
        assert parse(written(tree)) == tree
        message = said({"text": text, "channel": "chat", "rating": 0.25, "person": draw.getrandbits(64)})
        assert Many([tree]).matching(message) == ([0] if match(tree, message) else [])

    return run


def _index() -> Run:
    from heedful.store.search.words import fold, indexed

    def run(body: bytes, draw: Random) -> None:
        text = text_of(body)
        assert len(indexed((text, text[:100]))) < 40 * len(text) + 500
        assert fold(fold(text)) == fold(text) or len(text) > 2_000

    return run


def _marked() -> Run:
    """Words looked for, marked in a message's text."""
    from heedful.server.messages import _pattern, parts

    def run(body: bytes, draw: Random) -> None:
        words, _, text = text_of(body).partition("\n")
        shown = "".join(part.text for part in parts(text, _pattern(words[:200])) if part.kind != "removed")
        assert len(shown) <= len(text)

    return run


def _settings() -> Run:
    from heedful.settings import read

    path = Path(tempfile.mkdtemp(prefix="heedful-fuzz-")) / "heedful.toml"

    def run(body: bytes, draw: Random) -> None:
        path.write_bytes(body)
        try:
            read(path)
        except BadSettings:
            return

    return run


def _redact() -> Run:
    from heedful.privacy.redact import find, redact

    def run(body: bytes, draw: Random) -> None:
        text = text_of(body)
        for span in find([text], handles=draw.random() < 0.5)[0]:
            assert 0 <= span.start < span.end <= len(text)
        clean = redact([text], handle=lambda name: "@p_0123456789abcdef")
        assert redact(clean, handle=lambda name: "@p_0123456789abcdef") == clean

    return run


def _identity() -> Run:
    from heedful.privacy.pseudonym import identify

    def run(body: bytes, draw: Random) -> None:
        kind, normal = identify(text_of(body))
        assert kind in ("email", "phone", "name")
        assert normal is not None

    return run


def _language() -> Run:
    import pyarrow as pa

    from heedful.language.annotators import language
    from heedful.language.features import features
    from heedful.language.normalise import normalise

    def run(body: bytes, draw: Random) -> None:
        text = text_of(body)
        normalise(text[:12_000], lambda word: len(word) % 3 == 0)
        features([text])
        language.annotate(pa.RecordBatch.from_arrays([pa.array([text], pa.string())], ["text"]))

    return run


def _tokens() -> Run:
    from heedful.language.encoder import shipped

    encoder = shipped()

    def run(body: bytes, draw: Random) -> None:
        windows, owner, weight = encoder._windows([text_of(body), "plain"])
        assert len(windows) == len(owner) == len(weight)
        assert len(windows) <= 17

    return run


def _tags() -> Run:
    from heedful.language.tags import Token, spans

    kinds = ("O", "B-PER", "I-PER", "E-ORG", "S-LOC", "U-", "", "I-", "x", "B--")

    def run(body: bytes, draw: Random) -> None:
        text = text_of(body)[:2_000]
        cuts = sorted(draw.randint(0, len(text)) for _ in range(12))
        tokens = [Token(a, b, draw.choice(kinds), 0.5) for a, b in pairwise(cuts)]
        for span in spans(text, tokens):
            assert 0 <= span["start"] < span["end"] <= len(text)

    return run


def _pages() -> Run:
    import shop
    from heedful.server import pages, site  # noqa: F401 - their components are loaded by name

    opened = shop.open_shop(Path(tempfile.mkdtemp(prefix="heedful-fuzz-")))
    opened.take("message", shop.messages(60))
    opened.take("event", shop.events(20))
    client = opened.client()
    client.raise_server_exceptions = False
    some = opened.ids()[0]
    paths = (
        "/",
        "/index.json",
        "/messages",
        "/messages.json",
        f"/messages/{some}",
        f"/messages/{some}.json",
        "/evidence",
        "/evidence.json",
        "/static/site.css",
    )
    names = (
        "q",
        "period",
        "since",
        "until",
        "tz",
        "as_of",
        "offset",
        "next",
        "metric",
        "channel",
        "brand",
        "sentiment",
        "day",
        "week",
        "month",
        "hour",
        "weekday",
        "hour_of_day",
        "rating",
        "language",
        "why",
        "item",
        "country",
        "hashtag",
        "format",
    )

    def run(body: bytes, draw: Random) -> None:
        values = text_of(body).split("\n")[:4]
        asked = [(draw.choice(names), value[:3_000]) for value in values]
        if draw.random() < 0.5:
            asked.append(("metric", draw.choice(("events", "volume", "answers", "reply_time"))))
        path = draw.choice(paths)
        if draw.random() < 0.1:
            path = "/messages/" + "".join(char for char in values[0] if char.isalnum())[:300] or "x"
        answer = client.get(f"{path}?{urlencode(asked)}", headers={"accept": draw.choice(("text/html", "*/*"))})
        assert answer.status_code < 500, f"{answer.status_code} for {answer.request.url}"

    return run


def _questions() -> Run:
    """What /v1 makes of an address's parameters, and the answers in every format."""
    import shop
    from heedful.insight.messages import Query, find
    from heedful.server import export

    opened = shop.open_shop(Path(tempfile.mkdtemp(prefix="heedful-fuzz-")))
    opened.take("message", shop.messages(60))
    opened.take("event", shop.events(20))
    from heedful.insight.answer import Question
    from heedful.insight.ask import ask
    from heedful.insight.evidence import evidence

    def run(body: bytes, draw: Random) -> None:
        lines = (*text_of(body).split("\n")[:6], "", "", "", "", "", "")
        where = tuple((name, value) for name, _, value in (part.partition("=") for part in lines[1:3]) if name)
        metric, by = lines[0] or "volume", tuple(name for name in lines[3].split(",") if name)
        question = Question(metric, by, where, lines[4] or None, lines[5] or None, draw.choice(("UTC", "Asia/Kolkata")))
        try:
            with opened.store.view(opened.viewer, as_of=draw.choice((None, None, lines[4] or None))) as view:
                answer = ask(view, question, now=NOW)
                export.answer(answer, draw.choice(("json", "csv", "parquet", lines[1])))
                export.rows(evidence(view, question, limit=5, now=NOW), draw.choice(("json", "csv")), view.as_of)
                find(view, opened.search, Query(lines[0], where), limit=5, now=NOW)
        except (BadSettings, NotFound, NotAllowed):
            return

    return run


def _csv_out() -> Run:
    """Exported tables: nothing a spreadsheet runs, and the values come back."""
    import csv
    import io

    import pyarrow as pa

    from heedful.insight.export import as_csv, original

    def run(body: bytes, draw: Random) -> None:
        cells = text_of(body).split("\n")[:20]
        rows = list(
            csv.reader(io.StringIO(as_csv(pa.table({"text": pa.array(cells, pa.string())})).decode(), newline=""))
        )
        assert [original(row[0] if row else "") for row in rows[1:]] == cells

    return run


PARSERS: dict[str, Parser] = {
    "csv": Parser(partial(_file, ".csv"), examples.TABLES_AS_TEXT, 200_000),
    "jsonl": Parser(partial(_file, ".jsonl"), examples.JSON_LINES, 200_000),
    "parquet": Parser(partial(_file, ".parquet"), examples.parquets()),
    "xlsx": Parser(partial(_file, ".xlsx"), examples.workbooks()),
    "workbook": Parser(_workbook, examples.workbook_parts()),
    "table": Parser(_table, (*examples.TABLES_AS_TEXT, *examples.JSON_LINES)),
    "gzip": Parser(partial(_file, ".csv.gz"), examples.packed()),
    "door": Parser(_door, examples.BODIES),
    "seal": Parser(_seal, examples.BODIES),
    "times": Parser(_times, examples.TIMES, 5_000),
    "cells": Parser(_cells, examples.CELLS),
    "http_times": Parser(_http_times, examples.PERIODS),
    "search": Parser(_search, examples.SEARCHES, 8_000),
    "query": Parser(_query, examples.QUERIES, 12_000),
    "index": Parser(_index, examples.TEXTS, 100_000),
    "marked": Parser(_marked, examples.SEARCHES),
    "settings": Parser(_settings, examples.SETTINGS),
    "redact": Parser(_redact, examples.TEXTS, 100_000),
    "identity": Parser(_identity, examples.IDENTIFIERS),
    "language": Parser(_language, examples.TEXTS, 40_000),
    "tokens": Parser(_tokens, examples.TEXTS, 40_000),
    "tags": Parser(_tags, examples.TEXTS),
    "pages": Parser(_pages, examples.ADDRESSES),
    "questions": Parser(_questions, examples.QUESTIONS),
    "csv_out": Parser(_csv_out, examples.CELLS),
}
