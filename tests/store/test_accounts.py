from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from heedful.errors import BadSettings, NotAllowed, NotFound
from heedful.store.accounts import IDLE, LINK, LONGEST, Accounts

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
GOOD = "correct horse battery"


@pytest.fixture
def accounts(tmp_path: Path) -> Iterator[Accounts]:
    opened = Accounts(tmp_path / "accounts.db")
    yield opened
    opened.close()


def test_a_password_fits_its_account_only(accounts: Accounts) -> None:
    accounts.create("Ada", "admin", NOW, password=GOOD)
    accounts.create("Ben", "viewer", NOW, password="another long secret")
    assert accounts.fits(" ada ", GOOD) == accounts.get("Ada")
    assert accounts.fits("Ben", GOOD) is None
    assert accounts.fits("nobody", GOOD) is None


def test_an_account_without_a_password_cannot_be_entered(accounts: Accounts) -> None:
    accounts.create("Ada", "admin", NOW)
    assert accounts.fits("Ada", "") is None
    assert accounts.fits("Ada", "None") is None


def test_no_secret_is_on_the_disk(accounts: Accounts, tmp_path: Path) -> None:
    ada = accounts.create("Ada", "admin", NOW, password=GOOD)
    secrets = [GOOD, accounts.sign_in(ada, "Firefox", NOW), accounts.link("Ada", NOW)]
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"$argon2id$" in kept
    assert not [secret for secret in secrets if secret.encode() in kept]


@pytest.mark.parametrize(
    ("password", "why"), [("short", "12 to 256"), ("aaaaaaaabbbb", "different"), ("my name is Ada!", "name")]
)
def test_weak_passwords_are_refused(accounts: Accounts, password: str, why: str) -> None:
    with pytest.raises(BadSettings, match=why):
        accounts.create("Ada", "admin", NOW, password=password)
    assert not accounts.any()


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "a\x00b"])
def test_names_are_readable(accounts: Accounts, name: str) -> None:
    with pytest.raises(BadSettings, match="name"):
        accounts.create(name, "viewer", NOW)


def test_one_name_is_one_account(accounts: Accounts) -> None:
    accounts.create("Ada", "viewer", NOW)
    with pytest.raises(BadSettings, match="already"):
        accounts.create("ADA ", "admin", NOW)
    with pytest.raises(BadSettings, match="no role"):
        accounts.create("Ben", "demo", NOW)


def test_the_first_account_is_made_once(accounts: Accounts) -> None:
    accounts.create("Ada", "admin", NOW, password=GOOD, first=True)
    with pytest.raises(NotAllowed, match="already"):
        accounts.create("Eve", "admin", NOW, password=GOOD, first=True)


def test_the_last_admin_stays(accounts: Accounts) -> None:
    accounts.create("Ada", "admin", NOW)
    for end in (lambda: accounts.remove("Ada"), lambda: accounts.change_role("Ada", "viewer")):
        with pytest.raises(BadSettings, match="only admin"):
            end()
    accounts.create("Ben", "admin", NOW)
    accounts.change_role("Ada", "viewer")
    accounts.remove("Ada")
    with pytest.raises(NotFound, match="Ada"):
        accounts.get("Ada")


def test_a_session_ends_when_idle_and_after_a_week(accounts: Accounts) -> None:
    ada = accounts.create("Ada", "admin", NOW)
    secret = accounts.sign_in(ada, "Firefox", NOW)
    found = accounts.session(secret, NOW + IDLE)
    assert found
    assert found.account
    assert found.account.name == "Ada"
    assert accounts.session(secret, NOW + 2 * IDLE) is not None, "it was used in between"
    assert accounts.session(secret, NOW + 4 * IDLE) is None
    again, at = accounts.sign_in(ada, "Firefox", NOW), NOW
    while at < NOW + LONGEST:
        assert accounts.session(again, at)
        at += timedelta(hours=6)
    assert accounts.session(again, at + timedelta(minutes=1)) is None


def test_sessions_can_be_ended(accounts: Accounts) -> None:
    ada, ben = (accounts.create(name, "admin", NOW, password=GOOD) for name in ("Ada", "Ben"))
    first, second, third = (accounts.sign_in(one, "Firefox", NOW) for one in (ada, ada, ben))
    accounts.end_session(next(s.id for s in accounts.sessions(NOW) if s.account == accounts.get("Ben")))
    assert accounts.session(third, NOW) is None
    accounts.sign_out(first)
    assert accounts.session(first, NOW) is None
    assert accounts.session(second, NOW)
    accounts.set_password("Ada", "something else now")
    assert accounts.session(second, NOW) is None
    fourth = accounts.sign_in(ben, "Firefox", NOW)
    accounts.remove("Ben")
    assert accounts.session(fourth, NOW) is None
    assert accounts.session("", NOW) is None


def test_a_link_sets_a_password_once(accounts: Accounts) -> None:
    accounts.create("Ada", "admin", NOW)
    old, link = accounts.link("Ada", NOW), accounts.link("Ada", NOW)
    with pytest.raises(NotAllowed, match="new one"):
        accounts.linked(old, NOW)
    with pytest.raises(BadSettings, match="12 to"):
        accounts.use_link(link, "short", NOW)
    accounts.use_link(link, GOOD, NOW)
    assert accounts.fits("Ada", GOOD)
    with pytest.raises(NotAllowed, match="was used"):
        accounts.use_link(link, "another long secret", NOW)
    late = accounts.link("Ada", NOW)
    with pytest.raises(NotAllowed, match="two days"):
        accounts.linked(late, NOW + LINK + timedelta(seconds=1))


def test_a_provider_vouches_for_its_own_people_only(accounts: Accounts) -> None:
    accounts.create("Ada", "admin", NOW, password=GOOD)
    accounts.create("ben@example.org", "analyst", NOW)
    with pytest.raises(NotAllowed, match="no account"):
        accounts.vouched("https://id", "1", "Eve", NOW, verified=True, role=None)
    with pytest.raises(BadSettings, match="already"):
        accounts.vouched("https://id", "1", "ada", NOW, verified=True, role="viewer")
    with pytest.raises(NotAllowed, match="no account"):
        accounts.vouched("https://id", "9", "ben@example.org", NOW, verified=False, role=None)
    ben = accounts.vouched("https://id", "2", "Ben@example.org", NOW, verified=True, role=None)
    assert (ben.role, ben.provider) == ("analyst", "https://id")
    assert accounts.vouched("https://id", "2", "renamed", NOW, verified=True, role=None).id == ben.id
    with pytest.raises(NotAllowed, match="no account"):
        accounts.vouched("https://other", "2", "ben@example.org", NOW, verified=True, role=None)
    assert accounts.vouched("https://id", "3", "Cleo", NOW, verified=True, role="viewer").role == "viewer"


def test_the_first_account_ends_what_the_printed_link_began(accounts: Accounts) -> None:
    unnamed = accounts.sign_in(None, "Firefox", NOW)
    assert accounts.session(unnamed, NOW)
    accounts.create("Ada", "admin", NOW)
    assert accounts.session(unnamed, NOW) is None
