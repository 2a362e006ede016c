"""A person planted everywhere in a workspace, and every place where something of them could be."""

import json
import random
import shutil
import sqlite3
import string
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import duckdb
import msgspec

from heedful.intake import forget
from heedful.intake.door import look
from heedful.language.unread import read_these, unread
from heedful.privacy.hidden import Hidden
from heedful.privacy.pseudonym import person_number, row_hash
from heedful.privacy.viewer import Viewer
from heedful.store.place import Place
from shop import by_rule

OFFICER = Viewer("officer", frozenset({"privacy officer"}), smallest=1)
READ_BY = "rule=1"


@dataclass
class Canary:
    """Words that stand nowhere else (20 letters, random, so that nothing can compress them), and identifiers."""

    seed: int
    words: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make up the identifiers."""
        self._draw = random.Random(self.seed)
        self.email = f"{self._letters(10)}.{self._letters(6)}@example.org"
        self.handle = f"@{self._letters(9)}_{self._draw.randrange(10, 99)}"
        self.phone = f"+49151{self._draw.randrange(10**7, 10**8)}"
        self.number = f"C-{self._letters(4).upper()}{self._draw.randrange(10**5, 10**6)}"

    def _letters(self, count: int) -> str:
        return "".join(self._draw.choices(string.ascii_lowercase, k=count))

    def word(self, place: str) -> str:
        """A word of this place alone."""
        return self.words.setdefault(place, self._letters(20))

    @property
    def identifiers(self) -> list[str]:
        """What the person is called by."""
        return [self.email, self.handle, self.phone, self.number]

    def people(self, place: Place) -> list[int]:
        """Their pseudonyms."""
        return [person_number(one, place.keys.person) for one in self.identifiers]

    def traces(self, place: Place) -> dict[str, bytes]:
        """Everything that must not be left, by what it is.

        A pseudonym is also looked for as 8 bytes in either order. By chance 8 given bytes stand in a file of 100 MB
        once in 2^64 / 10^8, that is one time in 180 thousand million.
        """
        found = {f"word of {where}": word.encode() for where, word in self.words.items()}
        names = [form for one in self.identifiers for form in (one, one.removeprefix("@"))]
        found |= {f"identifier {name}": name.encode() for name in names}
        for one, person in zip(self.identifiers, self.people(place), strict=True):
            found[f"pseudonym of {one}"] = f"{person:016x}".encode()
            found[f"pseudonym of {one}, in decimal digits"] = str(person).encode()
            found[f"pseudonym of {one}, little end first"] = person.to_bytes(8, "little")
            found[f"pseudonym of {one}, big end first"] = person.to_bytes(8, "big")
        found["stand-in"] = row_hash(self.email, place.keys.row)[:8].hex().encode()
        return found


def put(place: Place, table: str, records: Sequence[Mapping[str, Any]], *, source: str = "shop") -> None:
    """Records into the journal, bad ones into quarantine."""
    body = msgspec.json.encode(records)
    with closing(place.journal()) as journal:
        journal.append([look(table, body, source=source, most=1_000_000, import_id="i").entry])


def settle(place: Place) -> None:
    """Everything stored, read by a rule and indexed."""
    with forget.opened(place) as parts:
        parts.drain.all()
        store = parts.drain.store
        while waiting := unread(store, READ_BY):
            read_these(store, waiting[-5000:], READ_BY, by_rule)
        while (texts := store.texts(parts.search.through(), 5000)).num_rows:
            parts.search.add(texts, through=texts["n"][-1].as_py())


def others(count: int, *, seed: int = 3) -> list[dict[str, Any]]:
    """Messages of other people."""
    draw = random.Random(seed)
    said = ("The lamp is lovely.", "Nobody answers, awful.", "Where is the shop?", "I am tired of waiting.")
    return [
        {
            "id": f"o{i}",
            "text": f"{draw.choice(said)} Order {draw.randrange(10**6)}, {draw.randbytes(8).hex()}.",
            "person": f"other{draw.randrange(count // 2 + 1)}@example.net",
            "channel": draw.choice(("social", "review", "email")),
            "occurred_at": f"2026-03-{draw.randrange(1, 29):02d}T10:00:00Z",
        }
        for i in range(count)
    ]


def plant(place: Place, canary: Canary) -> None:
    """The person in every store: said, did, answered, chose, was mentioned, searched for, refused and not yet taken."""
    c = canary
    about = f"I am {c.handle}, {c.email}, {c.phone}, customer {c.number}."
    at = {"occurred_at": "2026-03-05T10:00:00Z"}
    old = {"id": "m1", "person": c.email, "channel": "review", "text": f"{c.word('old text')} {about} awful", **at}
    put(place, "message", [old])
    settle(place)
    put(
        place,
        "message",
        [
            old | {"text": f"{c.word('text')} {about} lovely", "title": f"{c.word('title')} {c.email}"},
            {
                "id": "m2",
                "person": c.handle,
                "text": f"{c.word('second text')} {c.handle}",
                "url": f"https://shop.example/{c.word('url')}",
                "links": [f"https://shop.example/{c.word('link')}"],
                "hashtags": [c.word("hashtag")],
                "attributes": {"note": c.word("attribute"), "email": c.email},
                **at,
            },
            {"id": "m3", "person": c.phone, "channel": "call", "thread": "t1", "text": c.word("call"), **at},
            {"id": "m4", "person": c.number, "channel": "email", "text": c.word("letter"), "mentions": [c.email], **at},
        ],
    )
    _do(place, c, at)
    _be_mentioned(place, c, at)
    settle(place)
    put(place, "message", [{"id": "q1", "person": c.email, "text": c.word("quarantine"), "likes": "many"}])
    put(place, "event", [{"id": "q2", "name": c.word("reason"), "value": f"by {c.handle}"}])
    _ask(place, c)
    _send(place, c)
    put(place, "message", [{"id": "w1", "person": c.email, "text": f"{c.word('waiting')} {c.phone}", **at}])
    put(place, "message", [{"id": "w2", "person": "patient@example.net", "text": "I wait as well."}])


def _do(place: Place, c: Canary, at: Mapping[str, str]) -> None:
    event = {"name": c.word("event"), "path": f"/{c.word('path')}", "referrer": f"https://{c.word('referrer')}.example"}
    put(
        place,
        "event",
        [
            {"id": "e1", "person": c.email, "anonymous": "phone-7", "campaign": c.word("campaign"), **event, **at},
            {"id": "e2", "name": c.word("visit"), "anonymous": "phone-7", **at},
            {"id": "e3", "name": c.word("own visit"), "anonymous": c.handle, "attributes": {"a": c.word("event note")}},
        ],
    )
    answer = {"survey": "nps", "response": "r1", "question": "why", "person": c.number, "value": 3.0}
    said = {"text": f"{c.word('answer')} {c.email}", "choices": [c.word("choice")]}
    put(place, "answer", [{"id": "a1", **answer, **said, **at}])
    put(place, "profile", [{"id": "p1", "person": c.email, "trait": "plan", "value": c.word("profile"), **at}])
    choice = {"person": c.email, "purpose": "marketing", "granted": True, "proof": c.word("proof")}
    put(place, "consent", [{"id": "c1", **choice, **at}])


def _be_mentioned(place: Place, c: Canary, at: Mapping[str, str]) -> None:
    said = f"Ask {c.handle} or {c.email} about {c.number}, {c.handle} knows."
    told = {"attributes": {"cc": c.handle, "customer": c.number}, "hashtags": [c.email]}
    one = {"id": "x1", "person": "ann@example.net", "text": said, "title": f"To {c.handle}", "mentions": [c.email]}
    put(place, "message", [{**one, "links": [f"https://social.example/{c.handle}"], **told, **at}])
    settle(place)
    put(place, "message", [{**one, "text": f"{said} Again.", **told, **at}])
    put(place, "event", [{"id": "x2", "name": "share", "person": "ann@example.net", "path": f"/u/{c.handle}", **at}])
    answer = {"survey": "nps", "response": "r2", "question": "who", "person": "ann@example.net"}
    put(place, "answer", [{"id": "x3", **answer, "text": f"{c.handle} helped", "choices": [c.handle], **at}])
    put(place, "message", [{"id": "x4", "direction": "out", "parent": "m1", "text": "We look into it.", **at}])


def _ask(place: Place, c: Canary) -> None:
    pseudonym = f"p_{c.people(place)[0]:016x}"
    asked: list[tuple[str, Mapping[str, object] | str]] = [
        ("find", {"words": c.handle, "where": {}}),
        ("find", {"words": f"late {c.email}", "below": None}),
        ("find", {"words": c.phone[:6] + " " + c.phone[6:]}),
        ("find", {"words": c.number.lower()}),
        ("evidence", {"where": {"person": pseudonym}}),
        ("look at identity", pseudonym),
        ("ask", {"metric": "volume"}),
        *(("find", {"words": f"{c.handle} {'x' * (i % 50)}"}) for i in range(300)),
    ]
    with closing(place.audit()) as audit:
        audit.write(Viewer("agent", frozenset({"agent"})), asked, datetime(2026, 3, 7, tzinfo=UTC))
    with closing(place.views()) as views:
        address = f"/messages?{urlencode({'q': c.email, 'period': 'all'})}"
        views.save(c.word("view"), address, "user:agent", datetime(2026, 3, 7, tzinfo=UTC))
    with closing(place.searches()) as searches:
        searches.save(c.word("search"), f'late "{c.email}"', "user:agent", datetime(2026, 3, 7, tzinfo=UTC))


def _send(place: Place, c: Canary) -> None:
    """A file that was sent from the browser and not taken yet."""
    folder = place.data / "uploads" / "1"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "reviews.csv").write_text(f"who,text\n{c.email},{c.word('uploaded')}\n")


# Looking

HIDDEN = {
    "journal": ("journal.db", "select body from batch"),
    "quarantine": ("journal.db", "select raw from quarantine"),
    "identities": ("identities.db", "select value from identity"),
    "erasure": ("erasures.db", "select who from under_way"),
}


def hidden_traces(place: Place, canary: Canary) -> dict[str, bytes]:
    """The encrypted forms of what the person is in: their nonces stand nowhere else, and tell where they were left."""
    hidden, words = Hidden(place.keys.identity), [word.encode() for word in canary.words.values()]
    words += [name.removeprefix("@").encode() for name in canary.identifiers]
    found: dict[str, bytes] = {}
    for name, (file, query) in HIDDEN.items():
        blobs = [blob for (blob,) in _sqlite(place.data / file, query)]
        theirs = [blob for blob in blobs if any(word in hidden.show(blob) for word in words)]
        found |= {f"encrypted {name} {i}": blob[:12] for i, blob in enumerate(theirs)}
    return found


def everything(place: Place) -> dict[str, bytes]:
    """All that the data folder holds, by store: raw files, and what they hide by encryption or compression."""
    found = {f"file {path.name}": path.read_bytes() for path in sorted(place.data.rglob("*")) if path.is_file()}
    found |= {f"content of {name}": content for name, content in _contents(place).items()}
    return found


def left(place: Place, traces: Mapping[str, bytes]) -> list[str]:
    """Which of the traces are where."""
    return sorted(f"{what} in {where}" for where, held in everything(place).items() for what in _in(held, traces))


def holds(place: Place, trace: str) -> set[str]:
    """The stores that hold a trace."""
    return {where for where, held in everything(place).items() if trace.encode() in held}


def _in(held: bytes, traces: Mapping[str, bytes]) -> Iterable[str]:
    return (what for what, trace in traces.items() if trace in held)


def _contents(place: Place) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    with tempfile.TemporaryDirectory() as folder:  # looking must not change what is looked at
        copy = Path(folder) / "data"
        shutil.copytree(place.data, copy)
        for path in sorted(copy.rglob("*.duckdb")):
            found |= {f"{path.parent.name}/{table}": rows for table, rows in _tables(path).items()}
        hidden = Hidden(place.keys.identity)
        for name, (file, query) in HIDDEN.items():
            found[name] = b"\n".join(hidden.show(blob) for (blob,) in _sqlite(copy / file, query))
        found["audit"] = b"\n".join(
            text.encode() for (text,) in _sqlite(copy / "audit.db", "select details from audit")
        )
        found["index"] = b" ".join(word.encode() for (word,) in _sqlite(copy / "search.db", "select words from entry"))
        found["terms"] = b" ".join(term.encode() for term in _terms(copy / "search.db"))
    return found


def _tables(path: Path) -> dict[str, bytes]:
    with duckdb.connect(str(path)) as con:
        names = con.execute("select table_schema, table_name from information_schema.tables").fetchall()
        rows = {f"{schema}.{name}": con.execute(f"select * from {schema}.{name}").fetchall() for schema, name in names}
    return {name: json.dumps(some, default=str, ensure_ascii=False).encode() for name, some in rows.items()}


def _sqlite(path: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as con:
        return con.execute(query).fetchall()


def _terms(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as con:
        con.execute("create virtual table temp.vocabulary using fts5vocab('main', 'word', 'row')")
        return [term for (term,) in con.execute("select term from temp.vocabulary")]


def rows(place: Place) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table of the facts, sorted."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "heedful.duckdb"
        shutil.copy(place.data / "heedful.duckdb", copy)
        with duckdb.connect(str(copy)) as con:
            names = con.execute("select table_schema, table_name from information_schema.tables").fetchall()
            return {f"{s}.{t}": sorted(con.execute(f"select * from {s}.{t}").fetchall(), key=repr) for s, t in names}


def uncompressed(place: Place) -> None:
    """Write the facts anew without compression, so that what is in them can be seen in the file."""
    database = place.data / "heedful.duckdb"
    plain = database.with_name("plain.duckdb")
    with duckdb.connect() as con:
        con.execute("pragma force_compression = 'uncompressed'")
        con.execute(f"attach '{database}' as compressed; attach '{plain}' as plain")
        con.execute("copy from database compressed to plain; detach compressed; detach plain")
    plain.replace(database)
