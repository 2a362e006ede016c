"""Who may sign in and with which role, who is signed in, and the keys of programs."""

from collections.abc import Callable
from datetime import datetime

from starlette.requests import Request

from heedful.errors import BadSettings
from heedful.server import words
from heedful.server.addresses import address, number_in
from heedful.server.blocks import Button, Cell, Choice, Column, Empty, Field, Form, Link, Notice, Page, Shown, Table
from heedful.server.upkeep import Upkeep
from heedful.server.upkeep_pages import Form as Sent
from heedful.settings import ROLES
from heedful.store.accounts import Account, Session
from heedful.store.keys import ROLES as KEY_ROLES
from heedful.store.keys import SCOPES, Key

PATH = "/accounts"
MENU = (25, "Accounts")
NEEDS = "manage"

ROLE_ABOUT = (
    "A viewer sees figures; an agent also reads messages; an analyst also brings records in and exports; a privacy "
    "officer also erases people and sees who asked what; an admin may do everything."
)
SCOPE_ABOUT = {"write": "write: send records", "read": "read: ask questions"}


def page(upkeep: Upkeep, request: Request) -> Page:
    """Accounts, sessions and keys, with what can be done about each; `account` in the address asks for its role."""
    chosen = request.query_params.get("account")
    asked = () if chosen is None else (_change(upkeep.accounts.get(chosen)),)
    return Page("Accounts and keys", (*asked, *_blocks(upkeep)), "Who and what may reach this workspace.")


def act(upkeep: Upkeep, form: Sent) -> str | Page:
    """Do what one of the page's forms asks for."""
    do = form.get("do", "")
    if do not in ACTS:
        raise BadSettings(f"there is nothing named {do[:40]!r} to be done here")
    return ACTS[do](upkeep, form)


def _blocks(upkeep: Upkeep) -> list[Table | Form | Empty | Notice]:
    return [_accounts(upkeep), *_sessions(upkeep), _keys(upkeep), _new_account(), _new_key()]


def _accounts(upkeep: Upkeep) -> Table | Empty:
    accounts = upkeep.accounts.all()
    if not accounts:
        link = (Link("Make the first account", "/welcome"),)
        return Empty(
            "Nobody has an account yet", "The first one is an admin's; it closes the printed link.", links=link
        )
    columns = tuple(Column(label) for label in ("Name", "Role", "Signs in with", "Last signed in", ""))
    return Table("Accounts", columns, tuple(_account(upkeep, account) for account in accounts))


def _account(upkeep: Upkeep, account: Account) -> tuple[Cell, ...]:
    named = (("name", account.name),)
    how = account.provider or ("a password" if account.has_password else "nothing yet: make a link")
    buttons = (
        Button("Password link", PATH, (("do", "link"), *named), account.name),
        Button("Remove", PATH, (("do", "remove"), *named), account.name, danger=True),
    )
    return (
        Cell(account.name, account.name),
        Cell(account.role, account.role, address(PATH, [("account", account.name)])),
        Cell(how),
        Cell(_when(upkeep, account.signed_in_at)),
        Cell("", buttons=buttons),
    )


def _change(account: Account) -> Form:
    roles = Field("role", "Role", kind="select", choices=_choices(ROLES, account.role), about=ROLE_ABOUT)
    hidden = (("do", "role"), ("name", account.name))
    return Form(f"The role of {account.name}", PATH, (roles,), "Change", hidden=hidden)


def _new_account() -> Form:
    fields = (
        Field("name", "Name", required=True, about="Such as an e-mail address; single sign-on finds it by that."),
        Field("role", "Role", kind="select", choices=_choices(ROLES, "viewer"), about=ROLE_ABOUT),
    )
    about = "You get a link with which its owner sets a password."
    return Form("Add an account", PATH, fields, "Add", about, hidden=(("do", "add"),), half=True)


def _sessions(upkeep: Upkeep) -> tuple[Table, ...]:
    columns = tuple(Column(label) for label in ("Signed in", "Browser", "Since", "Last seen", ""))
    rows = tuple(_session(upkeep, one) for one in upkeep.accounts.sessions(upkeep.now))
    return (Table("Signed in now", columns, rows),) if rows else ()


def _session(upkeep: Upkeep, session: Session) -> tuple[Cell, ...]:
    name = session.account.name if session.account else "by the printed link"
    end = Button("End", PATH, (("do", "end"), ("id", session.id)), f"the session of {name}", danger=True)
    times = (Cell(_when(upkeep, session.made_at)), Cell(_when(upkeep, session.seen_at)))
    return (Cell(name), Cell(session.browser), *times, Cell("", buttons=(end,)))


def _keys(upkeep: Upkeep) -> Table | Empty:
    keys = upkeep.keys.list()
    if not keys:
        return Empty(
            "There are no keys", "A program sends records with a write key, and asks questions with a read key."
        )
    columns = tuple(Column(label) for label in ("Key", "May", "Made", "Last used", "Ends", ""))
    return Table("Keys of programs", columns, tuple(_key(upkeep, key) for key in keys))


def _key(upkeep: Upkeep, key: Key) -> tuple[Cell, ...]:
    may = "send records" if key.scope == "write" else f"ask questions as {key.role}"
    revoke = Button("Revoke", PATH, (("do", "revoke"), ("name", key.name)), key.name, danger=True)
    over = key.until is not None and key.until < upkeep.now.isoformat(timespec="seconds")
    ends = "never" if key.until is None else words.day(datetime.fromisoformat(key.until).date())
    return (
        Cell(key.name, key.name),
        Cell(may),
        Cell(_when(upkeep, key.created_at)),
        Cell(_when(upkeep, key.used_at)),
        Cell(ends, tone="bad" if over else ""),
        Cell("", buttons=(revoke,)),
    )


def _new_key() -> Form:
    fields = (
        Field("name", "Name", required=True, about="What the key is for; records sent with it have this source."),
        Field("scope", "May", kind="select", choices=_choices(SCOPES, "write", SCOPE_ABOUT)),
        Field("role", "Role of a read key", kind="select", choices=_choices(KEY_ROLES, "viewer")),
        Field("days", "Days until it ends", kind="number", about="Empty: until it is revoked."),
    )
    return Form("Make a key", PATH, fields, "Make", "It is shown once.", hidden=(("do", "key"),), half=True)


def _choices(names: tuple[str, ...], chosen: str, labels: dict[str, str] | None = None) -> tuple[Choice, ...]:
    return tuple(Choice(name, (labels or {}).get(name, name), name == chosen) for name in names)


def _when(upkeep: Upkeep, at: str | None) -> str:
    return "never" if at is None else words.moment(datetime.fromisoformat(at), upkeep.zone, upkeep.now)


# What the forms do


def _add(upkeep: Upkeep, form: Sent) -> Page:
    account = upkeep.accounts.create(form.get("name", ""), form.get("role", ""), upkeep.now)
    upkeep.note("make account", {"account": account.name, "role": account.role})
    return _with_link(upkeep, account.name)


def _link(upkeep: Upkeep, form: Sent) -> Page:
    return _with_link(upkeep, form.get("name", ""))


def _with_link(upkeep: Upkeep, name: str) -> Page:
    path = f"/set-password?link={upkeep.accounts.link(name, upkeep.now)}"
    upkeep.note("make password link", {"account": name})
    public = upkeep.place.settings.public_url or ((upkeep.place.running() or {}).get("url", ""))
    about = "Send it to its owner. It can be used once, within two days, and is not shown again."
    return _after(upkeep, Shown(f"A link for {name}", f"{public}{path}", about))


def _role(upkeep: Upkeep, form: Sent) -> str:
    upkeep.accounts.change_role(form.get("name", ""), form.get("role", ""))
    upkeep.note("change role", {"account": form.get("name", ""), "role": form.get("role", "")})
    return PATH


def _remove(upkeep: Upkeep, form: Sent) -> str:
    upkeep.accounts.remove(form.get("name", ""))
    upkeep.note("remove account", {"account": form.get("name", "")})
    return PATH


def _end(upkeep: Upkeep, form: Sent) -> str:
    upkeep.accounts.end_session(form.get("id", ""))
    upkeep.note("end session", {})
    return PATH


def _make_key(upkeep: Upkeep, form: Sent) -> Page:
    name, scope, days = form.get("name", ""), form.get("scope", ""), form.get("days", "").strip()
    role = form.get("role", "viewer")
    secret = upkeep.keys.create(name, scope, upkeep.now, role=role, days=number_in("days", days) if days else None)
    upkeep.note("make key", {"key": name, "scope": scope, "role": role})
    about = "Keep it now: it is not shown again. Programs send it as “Authorization: Bearer KEY”."
    return _after(upkeep, Shown(f"The key {name}", secret, about))


def _revoke(upkeep: Upkeep, form: Sent) -> str:
    upkeep.keys.revoke(form.get("name", ""))
    upkeep.note("revoke key", {"key": form.get("name", "")})
    return PATH


def _after(upkeep: Upkeep, shown: Shown) -> Page:
    return Page("Accounts and keys", (shown, *_blocks(upkeep)))


ACTS: dict[str, Callable[[Upkeep, Sent], str | Page]] = {
    "add": _add,
    "link": _link,
    "role": _role,
    "remove": _remove,
    "end": _end,
    "key": _make_key,
    "revoke": _revoke,
}
