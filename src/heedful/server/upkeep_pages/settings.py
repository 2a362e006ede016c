"""What heedful.toml says: checked whole, every mistake with its line and fix, and changed here where that is safe."""

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from starlette.requests import Request

from heedful import settings as toml
from heedful.errors import BadSettings, NotAllowed
from heedful.server.blocks import Block, Facts, Field, Form, Notice, Page
from heedful.server.upkeep import Upkeep
from heedful.server.upkeep_pages import Form as Sent
from heedful.settings import Settings

PATH = "/settings"
MENU = (27, "Settings")
NEEDS = "manage"

LONGEST = 100_000
ONLY_IN_THE_FILE = ("secret", "provider", "models", "host", "trusted_proxies", "demo")
"""What could make the server read another file, or be reached by others: not for a browser to change."""


def page(upkeep: Upkeep, _request: Request) -> Page:
    """The file as it stands, and what holds now."""
    text = _path(upkeep).read_text(encoding="utf-8")
    return _page(upkeep, text)


def act(upkeep: Upkeep, form: Sent) -> Page:
    """Check a text, or check and save it."""
    text = form.get("text", "").replace("\r\n", "\n")
    if len(text) > LONGEST:
        raise BadSettings(f"heedful.toml may have {LONGEST:,} characters, this has {len(text):,}")
    path = _path(upkeep)
    try:
        _safe(toml.read(path), toml.parse(text, path))
    except (BadSettings, NotAllowed) as error:
        return _page(upkeep, text, wrong=str(error).replace(f"{path.parent}/", ""))
    if form.get("of") != _digest(path.read_text(encoding="utf-8")):
        raise BadSettings("heedful.toml was changed meanwhile: this is how it stands now; make your change again")
    if form.get("do") != "save":
        return _page(upkeep, text, said=Notice("There is no mistake in it. It is not saved yet."))
    _replace(path, text)
    upkeep.note("change settings", {})
    return _page(upkeep, text, said=Notice("Saved. It holds when the server is started again: heedful serve.", "demo"))


def _page(upkeep: Upkeep, text: str, *, wrong: str | None = None, said: Notice | None = None) -> Page:
    field = Field("text", toml.FILE, kind="long", value=text)
    about = "What names a file or a secret, and where the server listens, is changed in the file itself."
    hidden = (("do", "save"), ("of", _digest(_path(upkeep).read_text(encoding="utf-8"))))
    form = Form("", PATH, (field,), "Save", about, hidden, wrong, wide=True, also=("do", "check", "Check only"))
    blocks: tuple[Block, ...] = (form, _now(upkeep.place.settings))
    return Page("Settings", blocks if said is None else (said, *blocks), f"{_path(upkeep)}")


def _now(settings: Settings) -> Facts:
    rows = [
        ("Time zone", settings.time_zone),
        ("Language", settings.language),
        ("Smallest group", f"{settings.smallest_group} people"),
        *((f"Basis for {purpose}", basis) for purpose, basis in settings.basis.items()),
        ("This machine's role", settings.local_role),
        ("Listens on", f"{settings.host}:{settings.port}"),
        ("Brands", ", ".join(brand.name for brand in settings.brands) or "none declared"),
    ]
    return Facts("What holds now", tuple(rows))


def _digest(text: str) -> str:
    """By which it is known whether the file is still the one that was shown."""
    return hashlib.sha256(text.encode()).hexdigest()


def _path(upkeep: Upkeep) -> Path:
    return upkeep.place.folder / toml.FILE


def _safe(now: Settings, asked: Settings) -> None:
    changed = [name for name in ONLY_IN_THE_FILE if getattr(now, name) != getattr(asked, name)]
    if changed:
        raise NotAllowed(
            f"{', '.join(changed).replace('provider', '[sign_in]')} can be changed only in the file itself, by "
            "somebody who may write on the server's disk"
        )


def _replace(path: Path, text: str) -> None:
    """Write it whole or not at all; what was there before is kept beside it."""
    handle, half = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    Path(half).chmod(path.stat().st_mode & 0o777)
    before = path.with_suffix(".toml.before")
    shutil.copy2(path, before)
    Path(half).replace(path)
