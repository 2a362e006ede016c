"""`heedful forget` as somebody types it."""

import json
import subprocess

import pytest

from canary import put, rows, settle
from heedful.store.place import Place
from terminal import heedful

BOB = "bob_42@example.org"


@pytest.fixture
def officers(place: Place) -> Place:
    """A workspace whose local user may erase, with something of Bob in it."""
    settings = place.folder / "heedful.toml"
    settings.write_text(settings.read_text().replace('role = "analyst" ', 'role = "privacy officer" '))
    place = Place.at(place.folder)
    put(place, "message", [{"id": "1", "text": "Hello.", "person": BOB}, {"id": "2", "text": "Hi.", "person": "ann"}])
    settle(place)
    return place


def forget(place: Place, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    return heedful("forget", "--workspace", str(place.folder), *arguments, typed=typed)


def messages(place: Place) -> int:
    return len(rows(place)["facts.message"])


def test_it_shows_and_asks_first(officers: Place) -> None:
    no = forget(officers, "--person", BOB, typed="n\n")
    assert no.returncode == 1
    assert "1  messages" in no.stderr
    assert "Erase all of this" in no.stderr
    assert messages(officers) == 2
    yes = forget(officers, "--person", BOB, typed="y\n")
    assert yes.returncode == 0, yes.stderr
    assert "Receipt e_" in yes.stdout
    assert messages(officers) == 1


def test_dry_run_changes_nothing(officers: Place) -> None:
    shown = forget(officers, "--person", BOB, "--dry-run", "--json")
    assert json.loads(shown.stdout)["messages"] == 1
    assert messages(officers) == 2
    nobody = forget(officers, "--person", "nobody@example.org", "--dry-run")
    assert nobody.stdout.strip() == "There is nothing of them here."


def test_receipts_are_listed_and_tell_of_nobody(officers: Place) -> None:
    done = forget(officers, "--person", BOB, "--yes", "--json")
    receipt = json.loads(done.stdout)
    listed = forget(officers, "--receipts", "--json")
    assert json.loads(listed.stdout) == [receipt]
    assert receipt["done_at"] > receipt["erased_at"] > receipt["asked_at"]
    assert BOB not in done.stdout + done.stderr + listed.stdout
    assert receipt["id"] in forget(officers, "--receipts").stdout


def test_without_a_person_it_says_how(officers: Place) -> None:
    for arguments in ([], ["--person", " "]):
        wrong = forget(officers, *arguments, "--yes")
        assert wrong.returncode == 2
        assert "nobody is named" in wrong.stderr
