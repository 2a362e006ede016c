"""Backups: the same rows come back, whatever is damaged is refused, and what was killed is none."""

import json
import os
import random
import signal
import sqlite3
import stat
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pytest

from heedful.errors import BadRecord, BadSettings, HeedfulError, TryLater
from heedful.intake.door import look
from heedful.intake.drain import Drain
from heedful.store.backup import archive, restore, snapshot
from heedful.store.facts import Store
from heedful.store.place import Place, make
from heedful.workspace import Workspace

NOW = datetime(2026, 11, 21, 18, tzinfo=UTC)


def everything(data: Path) -> dict[str, list[Any]]:
    """Every row of every table of every database in a data folder that nobody has open."""
    found: dict[str, list[Any]] = {}
    with duckdb.connect(str(data / "heedful.duckdb")) as con:
        for table in snapshot.tables(con):
            found[table] = con.execute(f"select * from {table} order by all").fetchall()
    for path in sorted(data.glob("*.db")):
        if path.name in snapshot.REBUILT:
            continue
        with closing(sqlite3.connect(path)) as sqlite:
            for table in [*snapshot.rows(sqlite), "sqlite_sequence"]:
                if sqlite.execute("select 1 from sqlite_master where name = ?", [table]).fetchone():
                    found[f"{path.name} {table}"] = sqlite.execute(f"select * from {table} order by 1").fetchall()
    return found


@pytest.fixture
def filled(place: Place, send, store: Store) -> Place:
    """A workspace with something in every table and file."""
    send("message", [{"id": str(i), "text": f"text {i}", "person": f"kim{i % 7}@example.com"} for i in range(300)])
    send("message", [{"id": "0", "text": "another text"}])
    send("event", [{"id": str(i), "name": "view", "person": f"p{i}"} for i in range(300)])
    send("answer", [{"survey": "nps", "response": "r", "question": "q", "value": 9}])
    send("item", [{"id": "i", "title": "Lamp"}])
    send("profile", [{"person": "a@example.com", "trait": "plan", "value": "pro"}])
    send("consent", [{"person": "a@example.com", "purpose": "insight", "granted": True}])
    send("message", b'[{"text": 5}]')
    place.api_keys().create("shop", "write", NOW)
    Workspace(place)._audit("ask", {"metric": "volume"}, NOW)
    with closing(sqlite3.connect(place.data / "accounts.db")) as con:
        con.execute("create table account (name text)")
        con.execute("insert into account values ('kim')")
        con.commit()
    (place.data / "demo.json").write_text("{}")
    (place.data / "cache").mkdir()
    (place.data / "cache" / "bundle.js").write_text("made again")
    store.close()
    return place


def back_up(place: Place, into: Path, *, secret: bool = True) -> archive.Manifest:
    with Workspace(place).snapshot() as copied:
        return archive.write(place, copied, into, secret=secret, now=NOW)


def test_every_row_of_every_table_comes_back(filled: Place, tmp_path: Path) -> None:
    made = back_up(filled, tmp_path / "b.tar")
    told = everything(filled.data)
    assert restore.check(tmp_path / "b.tar") == made
    assert restore.restore(tmp_path / "b.tar", tmp_path / "again") == made
    assert everything(tmp_path / "again" / "data") == told
    assert len(told["facts.message"]) == 300
    assert len(told["past.message"]) == 1
    assert told["accounts.db account"] == [("kim",)]
    assert told["journal.db quarantine"]
    files = {path.relative_to(tmp_path / "again").as_posix() for path in (tmp_path / "again").rglob("*")}
    assert {"heedful.toml", "secret.key", "data/demo.json"} <= files
    assert not {"data/cache", "data/search.db", "data/server.lock"} & files
    again = Place.at(tmp_path / "again")
    assert again.keys == filled.keys
    assert not [path.name for path in filled.data.iterdir() if path.name.startswith(snapshot.PREFIX)]
    assert archive.last(filled.data) == NOW


def test_only_its_owner_can_read_a_backup_and_what_is_made_of_it(filled: Place, tmp_path: Path) -> None:
    back_up(filled, tmp_path / "b.tar")
    restore.restore(tmp_path / "b.tar", tmp_path / "again")
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "again").rglob("*") if path.is_file()}
    assert modes | {stat.S_IMODE((tmp_path / "b.tar").stat().st_mode)} == {0o600}
    assert stat.S_IMODE((tmp_path / "again" / "data").stat().st_mode) == 0o700


def test_without_the_secret_it_is_nowhere_in_the_backup(filled: Place, tmp_path: Path) -> None:
    made = back_up(filled, tmp_path / "b.tar", secret=False)
    secret = (filled.folder / "secret.key").read_bytes().strip()
    assert made.secret == archive.OUT
    assert secret not in (tmp_path / "b.tar").read_bytes()
    restore.restore(tmp_path / "b.tar", tmp_path / "again")
    with pytest.raises(BadSettings, match="the secret"):
        Place.at(tmp_path / "again")


def test_model_folders_inside_come_along_and_those_outside_are_named(filled: Place, tmp_path: Path) -> None:
    from heedful.settings import OwnModel

    inside, outside = filled.folder / "models" / "mine", tmp_path / "elsewhere"
    for folder in (inside, outside):
        folder.mkdir(parents=True)
        (folder / "model.onnx").write_bytes(b"weights")
    models = tuple(OwnModel("sentiment", folder, ("fr",)) for folder in (inside, outside))
    place = replace(filled, settings=replace(filled.settings, models=models))
    made = back_up(place, tmp_path / "b.tar")
    assert made.outside == (str(outside),)
    restore.restore(tmp_path / "b.tar", tmp_path / "again")
    assert (tmp_path / "again" / "models" / "mine" / "model.onnx").read_bytes() == b"weights"


def test_copies_taken_while_somebody_writes_lose_and_double_nothing(place: Place, tmp_path: Path) -> None:
    """Each copy, drained, holds every record that was acknowledged before it was begun, once."""
    store, journal = place.store(), place.journal()
    drain = Drain(journal, store, place.identities(), place.keys, place.brands)
    over, acknowledged = threading.Event(), [0]
    door = place.journal()

    def write() -> None:
        while not over.is_set():
            first = acknowledged[0]
            records = [{"id": str(first + i), "text": f"text {first + i}", "person": "kim"} for i in range(50)]
            looked = look("message", msgspec.json.encode(records), source="test", most=100, import_id="test")
            door.append([looked.entry])
            acknowledged[0] = first + 50

    def store_all() -> None:
        while not over.is_set():
            drain.step()

    threads = [threading.Thread(target=one) for one in (write, store_all)]
    for thread in threads:
        thread.start()
    copies = []
    try:
        for i in range(6):
            while acknowledged[0] < (i + 1) * 2000:
                time.sleep(0.001)
            before = acknowledged[0]
            copied = snapshot.take(place.data, store.still)
            archive.write(place, copied, tmp_path / f"{i}.tar", secret=True, now=NOW)
            copies.append((before, acknowledged[0]))
    finally:
        over.set()
        for thread in threads:
            thread.join()
    store.close()
    for i, (before, after) in enumerate(copies):
        restore.restore(tmp_path / f"{i}.tar", tmp_path / f"again{i}")
        again = Place.at(tmp_path / f"again{i}")
        opened = again.store()
        Drain(again.journal(), opened, again.identities(), again.keys, again.brands).all()
        assert (
            again.journal().append([look("message", b'{"text": "new"}', source="s", most=1).entry]) > opened.position()
        )
        opened.close()
        with duckdb.connect(str(again.data / "heedful.duckdb")) as con:
            texts = [int(text.split()[1]) for (text,) in con.execute("select text from facts.message").fetchall()]
        assert len(texts) == len(set(texts)), "a record is there twice"
        assert set(range(before)) <= set(texts), "an acknowledged record is missing"
        assert max(texts) < after + 50


def test_one_byte_of_another_value_anywhere_is_refused_or_does_no_harm(filled: Place, tmp_path: Path) -> None:
    back_up(filled, tmp_path / "b.tar")
    told = everything(filled.data)
    whole = (tmp_path / "b.tar").read_bytes()
    draw = random.Random(5)
    refused = 0
    for at in [0, 200, len(whole) // 2, *(draw.randrange(len(whole)) for _ in range(30))]:
        damaged = bytearray(whole)
        damaged[at] ^= 1 << draw.randrange(8)
        (tmp_path / "damaged.tar").write_bytes(damaged)
        try:
            restore.check(tmp_path / "damaged.tar")
        except BadRecord:
            refused += 1
        else:
            restore.restore(tmp_path / "damaged.tar", tmp_path / f"again{at}")
            assert everything(tmp_path / f"again{at}" / "data") == told
    assert refused > 20


def test_a_backup_cut_off_anywhere_is_refused(filled: Place, tmp_path: Path) -> None:
    back_up(filled, tmp_path / "b.tar")
    whole = (tmp_path / "b.tar").read_bytes()
    end = whole.rindex(b"manifest.sha256") + 512
    for at in [0, 1, 511, 512, 5000, len(whole) // 2, end - 513, end]:
        (tmp_path / "cut.tar").write_bytes(whole[:at])
        with pytest.raises(BadRecord, match="no whole backup"):
            restore.restore(tmp_path / "cut.tar", tmp_path / "again")
        assert not (tmp_path / "again").exists()


def rewritten(backup: Path, change: Any) -> None:
    """The same backup with another manifest that is whole."""
    import hashlib
    import io

    with tarfile.open(backup) as tar:
        members = {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore[union-attr]
    told = json.loads(members[archive.MANIFEST])
    change(told, members)
    members[archive.MANIFEST] = json.dumps(told).encode()
    members[archive.DIGEST] = hashlib.sha256(members[archive.MANIFEST]).hexdigest().encode()
    with tarfile.open(backup, "w") as tar:
        for name, body in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(body)
            tar.addfile(info, io.BytesIO(body))


@pytest.mark.parametrize(("name", "value"), [("format", 2), ("schema", 99), ("version", "99.0.0")])
def test_a_later_one_is_refused_by_name(name: str, value: object, filled: Place, tmp_path: Path) -> None:
    back_up(filled, tmp_path / "b.tar")
    rewritten(tmp_path / "b.tar", lambda told, _: told.update({name: value}))
    with pytest.raises(BadSettings, match="install that one"):
        restore.restore(tmp_path / "b.tar", tmp_path / "again")


def test_other_row_counts_are_refused_after_the_fact(filled: Place, tmp_path: Path) -> None:
    back_up(filled, tmp_path / "b.tar")
    rewritten(tmp_path / "b.tar", lambda told, _: told["rows"]["data/heedful.duckdb"].update({"facts.event": 299}))
    with pytest.raises(BadRecord, match=r"facts\.event"):
        restore.restore(tmp_path / "b.tar", tmp_path / "again")
    assert list((tmp_path / "again").iterdir()) == []


def test_a_part_that_leads_out_of_the_folder_is_refused(filled: Place, tmp_path: Path) -> None:
    import hashlib

    back_up(filled, tmp_path / "b.tar")

    def lead_out(told: dict[str, Any], members: dict[str, bytes]) -> None:
        members["../outside"] = b"x"
        told["parts"].append({"name": "../outside", "bytes": 1, "sha256": hashlib.sha256(b"x").hexdigest()})

    rewritten(tmp_path / "b.tar", lead_out)
    with pytest.raises(BadRecord, match="parts"):
        restore.restore(tmp_path / "b.tar", tmp_path / "again")
    assert not (tmp_path / "outside").exists()


def test_a_folder_with_something_in_it_is_left_alone(filled: Place, tmp_path: Path) -> None:
    back_up(filled, tmp_path / "b.tar")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("hello")
    with pytest.raises(BadSettings, match="not empty"):
        restore.restore(tmp_path / "b.tar", tmp_path / "mine")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["letter.txt"]
    with pytest.raises(BadSettings, match="exists already"):
        back_up(filled, tmp_path / "b.tar")


@pytest.mark.soak
def test_a_killed_backup_leaves_none_that_would_be_taken(filled: Place, tmp_path: Path) -> None:
    """Killed at any of its steps, the file is not there, or whole."""
    (filled.data / "weights.bin").write_bytes(os.urandom(60_000_000))
    draw = random.Random(3)
    command = [sys.executable, "-m", "heedful", "backup", str(tmp_path / "b.tar"), "--workspace", str(filled.folder)]
    seen = set()
    for kill in range(8):
        awaited = (filled.data, "snapshot-*") if kill % 2 else (tmp_path, "b.tar.partial")
        before = set(awaited[0].glob(awaited[1]))
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            until = time.monotonic() + 20
            while set(awaited[0].glob(awaited[1])) == before and process.poll() is None:
                assert time.monotonic() < until
                time.sleep(0.001)
            time.sleep(draw.uniform(0, 0.1))
            process.send_signal(signal.SIGKILL)
        for path in (tmp_path / "b.tar", tmp_path / "b.tar.partial"):
            if path.exists():
                seen.add(path.name)
                if path.name == "b.tar":
                    restore.check(path)
                    path.unlink()
                else:
                    with pytest.raises(HeedfulError):
                        restore.check(path)
                    path.unlink()
    assert "b.tar.partial" in seen
    snapshot.sweep(filled.data, time.time() + 2 * snapshot.LEFT_SECONDS)
    assert not list(filled.data.glob("snapshot-*"))
    back_up(filled, tmp_path / "b.tar")


def test_an_earlier_schema_is_backed_up_as_it_is_and_upgraded_after(
    place: Place, send, store: Store, tmp_path: Path
) -> None:
    from heedful.store.schema import VERSION

    send("message", [{"id": str(i), "text": f"text {i}"} for i in range(3)])
    store.close()
    with duckdb.connect(str(place.data / "heedful.duckdb")) as con:
        for schema in ("facts", "past"):
            for name in ("read_categories", "read_emotion", "read_topic", "read_theme"):
                con.execute(f"alter table {schema}.message drop column {name}")
            con.execute(f"alter table {schema}.reading drop column emotion")
            con.execute(f"alter table {schema}.reading drop column categories")
            con.execute(f"alter table {schema}.reading drop column nearest")
        con.execute("update facts.progress set schema = 3")
    assert back_up(place, tmp_path / "b.tar").schema == 3
    restore.restore(tmp_path / "b.tar", tmp_path / "again")
    again = Place.at(tmp_path / "again")
    again.store().close()
    with duckdb.connect(str(again.data / "heedful.duckdb")) as con:
        assert con.execute("select schema from facts.progress").fetchall() == [(VERSION,)]
        assert con.execute("select count(*), count(read_categories) from facts.message").fetchall() == [(3, 0)]


def test_while_another_process_has_the_facts_it_says_so(filled: Place) -> None:
    command = [sys.executable, "-c", f"import duckdb; c = duckdb.connect({str(filled.data / 'heedful.duckdb')!r}); "]
    command[-1] += "print('open', flush=True); input()"
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with pytest.raises(TryLater, match="in use"):
            snapshot.take(filled.data, partial(snapshot.alone, filled.data / snapshot.FACTS))
        process.kill()
    assert not list(filled.data.glob("snapshot-*"))


def test_a_workspace_without_records_is_backed_up_too(tmp_path: Path) -> None:
    back_up(make(tmp_path / "fresh"), tmp_path / "b.tar")
    restore.restore(tmp_path / "b.tar", tmp_path / "again")
    assert Place.at(tmp_path / "again").settings.name == "fresh"


def test_what_is_stored_right_before_and_after_the_facts_are_copied_is_there_once(
    place: Place, journal, drain, store: Store, tmp_path: Path
) -> None:
    """Storing goes on just before the facts stand still and just after: the journal is copied in between."""

    def come(text: str) -> None:
        journal.append([look("message", msgspec.json.encode({"text": text}), source="s", most=1).entry])

    @contextmanager
    def still() -> Iterator[Any]:
        come("before")
        drain.all()
        come("waits")
        with store.still() as con:
            yield con
        drain.all()

    archive.write(place, snapshot.take(place.data, still), tmp_path / "b.tar", secret=True, now=NOW)
    restore.restore(tmp_path / "b.tar", tmp_path / "again")
    again = Place.at(tmp_path / "again")
    opened = again.store()
    Drain(again.journal(), opened, again.identities(), again.keys, again.brands).all()
    assert opened.rows()["message"] == 2
    assert again.journal().append([look("message", b'{"text": "new"}', source="s", most=1).entry]) > opened.position()
    opened.close()
