"""`heedful user` and `heedful key`, as typed."""

import json
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from typer.testing import CliRunner

from heedful.cli.commands import app
from heedful.errors import BadSettings
from heedful.store.place import Place, make

NOW = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return make(tmp_path / "shop")


def typed(place: Place, *command: str) -> str:
    done = CliRunner().invoke(app, [*command, "--workspace", str(place.folder)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_an_account_is_made_listed_changed_and_removed(place: Place) -> None:
    assert "no accounts" in typed(place, "user", "list")
    link = typed(place, "user", "add", "ada@example.org", "--role", "admin").strip()
    assert link.startswith("http://127.0.0.1:8400/set-password?link=")
    accounts = place.accounts()
    secret = parse_qs(urlsplit(link).query)["link"][0]
    assert accounts.use_link(secret, "correct horse battery", datetime.now(UTC)).role == "admin"
    typed(place, "user", "add", "ben", "--json")
    typed(place, "user", "role", "ben", "analyst")
    listed = json.loads(typed(place, "user", "list", "--json"))
    assert [(one["name"], one["role"]) for one in listed] == [("ada@example.org", "admin"), ("ben", "analyst")]
    typed(place, "user", "remove", "ben")
    assert "ben" not in typed(place, "user", "list")
    with pytest.raises(BadSettings, match="only admin"):
        typed(place, "user", "remove", "ada@example.org")


def test_a_lost_password_is_set_anew_by_a_link(place: Place) -> None:
    accounts = place.accounts()
    accounts.create("Ada", "admin", NOW, password="correct horse battery")
    link = json.loads(typed(place, "user", "link", "ada", "--json"))["link"]
    accounts.use_link(link.rpartition("=")[2], "another long secret", datetime.now(UTC))
    assert accounts.fits("Ada", "another long secret")
    assert not accounts.fits("Ada", "correct horse battery")


def test_a_key_has_a_role_and_an_end(place: Place) -> None:
    typed(place, "key", "create", "board", "--scope", "read", "--role", "viewer", "--days", "30")
    key = json.loads(typed(place, "key", "list", "--json"))[0]
    assert (key["scope"], key["role"], bool(key["until"])) == ("read", "viewer", True)
    assert "hk_" not in typed(place, "key", "list")
