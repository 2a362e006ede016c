import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from heedful.errors import BadSettings, NotAllowed, NotFound
from heedful.store.keys import TABLE, Keys

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_a_key_does_what_its_scope_says(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "keys.db")
    secret = keys.create("shop", "write", NOW)
    assert keys.check(secret, "write", NOW).name == "shop"
    with pytest.raises(NotAllowed, match="may write, not read"):
        keys.check(secret, "read", NOW)
    with pytest.raises(NotAllowed, match="not known"):
        keys.check(secret + "x", "write", NOW)
    assert keys.list()[0].used_at == NOW.isoformat(timespec="seconds")
    keys.revoke("shop")
    with pytest.raises(NotAllowed, match="not known"):
        keys.check(secret, "write", NOW)
    with pytest.raises(NotFound, match="shop"):
        keys.revoke("shop")
    keys.close()


def test_a_key_with_days_ends(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "keys.db")
    secret = keys.create("board", "read", NOW, role="viewer", days=30)
    assert keys.check(secret, "read", NOW + timedelta(days=30)).role == "viewer"
    with pytest.raises(NotAllowed, match="ended on 2026-12-20"):
        keys.check(secret, "read", NOW + timedelta(days=30, seconds=1))
    keys.close()


def test_wrong_keys_are_refused(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "keys.db")
    keys.create("board", "read", NOW)
    with pytest.raises(BadSettings, match="already"):
        keys.create(" board", "read", NOW)
    with pytest.raises(BadSettings, match="scope"):
        keys.create("a", "all", NOW)
    with pytest.raises(BadSettings, match="role 'admin'"):
        keys.create("a", "read", NOW, role="admin")
    with pytest.raises(BadSettings, match="days"):
        keys.create("a", "read", NOW, days=0)
    with pytest.raises(BadSettings, match="name"):
        keys.create(" ", "read", NOW)
    keys.close()


def test_keys_of_an_earlier_version_go_on(tmp_path: Path) -> None:
    con = sqlite3.connect(tmp_path / "keys.db")
    con.execute(TABLE)
    now = Keys(tmp_path / "other.db")
    secret = now.create("shop", "write", NOW)
    row = sqlite3.connect(tmp_path / "other.db").execute("select hash, name, scope, created_at from api_key").fetchone()
    con.execute("insert into api_key values (?, ?, ?, ?)", row)
    con.commit()
    con.close()
    old = Keys(tmp_path / "keys.db")
    key = old.check(secret, "write", NOW)
    assert (key.name, key.role, key.until) == ("shop", "analyst", None)
    old.close()
    now.close()
