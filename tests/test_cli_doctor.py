"""`heedful doctor`: all is well in a good workspace, and each thing that is not is named with what to do."""

import json
import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from heedful.store.facts import Store
from heedful.store.place import Place
from serving import serving
from terminal import heedful

NAMES = {"settings", "disk", "data folder", "secret", "journal", "clock", "leftover files", "keys", "models", "server"}


def doctor(folder: Path) -> tuple[int, dict[str, dict[str, object]]]:
    done = heedful("doctor", "--workspace", str(folder), "--json")
    assert "Traceback" not in done.stderr, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return done.returncode, {str(one["name"]): one for one in found}


@pytest.fixture
def filled(place: Place, send, store: Store) -> Place:
    send("message", [{"id": "1", "text": "hello", "person": "kim@example.com"}])
    store.close()
    keys = place.api_keys()
    keys.create("shop", "write", datetime.now(UTC))
    keys.close()
    return place


def test_a_good_workspace_is_well_without_a_server(filled: Place) -> None:
    code, found = doctor(filled.folder)
    assert (code, [name for name, one in found.items() if not one["well"]]) == (0, [])
    assert NAMES | {"facts", "readings", "database journal.db", "database identities.db"} <= found.keys()
    assert found["readings"]["found"] == "1 messages wait to be read"
    assert found["keys"]["found"] == "1 to write"


def test_a_good_workspace_is_well_with_a_server(filled: Place) -> None:
    with serving(filled):
        code, found = doctor(filled.folder)
    assert (code, [name for name, one in found.items() if not one["well"]]) == (0, [])
    assert "is ready at http://127.0.0.1" in str(found["server"]["found"])
    assert NAMES | {"readings"} <= found.keys()


def other_secret(place: Place) -> None:
    (place.folder / "secret.key").write_text("0" * 64)


def open_secret(place: Place) -> None:
    (place.folder / "secret.key").chmod(0o644)


def open_folder(place: Place) -> None:
    place.data.chmod(0o755)


def broken_sqlite(place: Place) -> None:
    body = bytearray((place.data / "keys.db").read_bytes())
    body[100:400] = os.urandom(300)
    (place.data / "keys.db").write_bytes(body)


def broken_facts(place: Place) -> None:
    (place.data / "heedful.duckdb").write_bytes(os.urandom(20_000))


def later_facts(place: Place) -> None:
    with duckdb.connect(str(place.data / "heedful.duckdb")) as con:
        con.execute("update facts.progress set schema = 99")


def future(place: Place) -> None:
    with closing(sqlite3.connect(place.data / "audit.db")) as con:
        con.execute("create table if not exists audit (id, at)")
        con.execute("insert into audit (at) values ('2099-01-01T00:00:00.000+00:00')")
        con.commit()


def leftover(place: Place) -> None:
    (place.data / "snapshot-1").mkdir()
    os.utime(place.data / "snapshot-1", (1, 1))


def no_model(place: Place) -> None:
    (place.folder / "mine").mkdir()
    with (place.folder / "heedful.toml").open("a") as file:
        file.write('\n[[models]]\nreading = "sentiment"\nfolder = "mine"\nlanguages = ["fr"]\n')


def mistake(place: Place) -> None:
    with (place.folder / "heedful.toml").open("a") as file:
        file.write("\n[srver]\n")


@pytest.mark.parametrize(
    ("harm", "name", "do"),
    [
        (other_secret, "secret", "put the first one back"),
        (open_secret, "secret", "chmod 600"),
        pytest.param(open_folder, "data folder", "chmod 700", marks=pytest.mark.soak),
        (broken_sqlite, "database keys.db", "restore a backup"),
        pytest.param(broken_facts, "facts", "restore a backup", marks=pytest.mark.soak),
        pytest.param(later_facts, "facts", "install that version", marks=pytest.mark.soak),
        (future, "clock", "time service"),
        pytest.param(leftover, "leftover files", "remove", marks=pytest.mark.soak),
        pytest.param(no_model, "models", "[[models]]", marks=pytest.mark.soak),
        (mistake, "settings", "correct"),
    ],
)
def test_what_is_wrong_is_named_with_what_to_do(
    harm: Callable[[Place], None], name: str, do: str, filled: Place
) -> None:
    harm(filled)
    code, found = doctor(filled.folder)
    assert code == 1
    assert [one for one, told in found.items() if not told["well"]] == [name]
    assert do in str(found[name]["do"])


def test_what_waits_for_long_beside_a_running_server_is_wrong(filled: Place) -> None:
    from heedful.store import checks

    journal = filled.journal()
    from heedful.intake.door import look

    journal.append([look("message", b'{"text": "hi"}', source="s", most=1).entry])
    assert checks.journal(filled, time.time() + 30, running=True).well
    assert checks.journal(filled, time.time() + 3600, running=False).well
    assert not checks.journal(filled, time.time() + 3600, running=True).well
    journal.close()


def test_little_room_is_wrong(filled: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    import shutil

    from heedful.store import checks

    monkeypatch.setattr(shutil, "disk_usage", lambda _path: shutil._ntuple_diskusage(10**12, 10**12, 10**6))
    assert not checks.disk(filled.data).well
