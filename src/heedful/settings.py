"""heedful.toml: read once, checked whole, every mistake named with its line and its fix."""

import difflib
import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from heedful.errors import BadSettings
from heedful.records import BASES, PURPOSES

FILE = "heedful.toml"
ROLES = ("viewer", "agent", "analyst", "privacy officer", "admin")
DEFAULT_BASIS = {
    "service": "contract",
    "insight": "legitimate interest",
    "research": "legitimate interest",
    "personalisation": "consent",
    "marketing": "consent",
    "security": "legitimate interest",
}


@dataclass(frozen=True)
class Brand:
    """A company or product line people talk about; its handles stay readable in texts."""

    name: str
    handles: tuple[str, ...] = ()
    competitor: bool = False


@dataclass(frozen=True)
class Settings:
    """Everything heedful.toml says, with the defaults filled in."""

    name: str = "My company"
    time_zone: str = "UTC"
    language: str = "en"
    secret: str = "file:secret.key"
    smallest_group: int = 5
    basis: Mapping[str, str] = field(default_factory=lambda: MappingProxyType(dict(DEFAULT_BASIS)))
    local_role: str = "analyst"
    host: str = "127.0.0.1"
    port: int = 8400
    demo: bool = False
    body_bytes: int = 5_000_000
    batch_records: int = 10_000
    backlog_bytes: int = 2_000_000_000
    brands: tuple[Brand, ...] = ()


Check = Callable[[Any], str | None]


def _text(value: Any) -> str | None:
    return None if isinstance(value, str) and value else "must be a text that is not empty"


def _flag(value: Any) -> str | None:
    return None if isinstance(value, bool) else "must be true or false"


def _between(low: int, high: int) -> Check:
    def check(value: Any) -> str | None:
        fits = isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
        return None if fits else f"must be a whole number from {low:,} to {high:,}"

    return check


def _one_of(*known: str) -> Check:
    def check(value: Any) -> str | None:
        return None if value in known else f"must be one of: {', '.join(known)}"

    return check


def _zone(value: Any) -> str | None:
    try:
        ZoneInfo(str(value))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return "must be a time zone such as Europe/Berlin"
    return None


def _secret(value: Any) -> str | None:
    fits = isinstance(value, str) and re.fullmatch(r"(env|file):.+", value)
    return None if fits else "must name a secret: env:NAME or file:PATH, never the secret itself"


def _handles(value: Any) -> str | None:
    fits = isinstance(value, list) and all(isinstance(handle, str) and handle for handle in value)
    return None if fits else 'must be a list of handles such as ["@acme"]'


KEYS: dict[str, dict[str, tuple[str, Check]]] = {
    "workspace": {
        "name": ("name", _text),
        "time_zone": ("time_zone", _zone),
        "language": ("language", _text),
        "secret": ("secret", _secret),
    },
    "privacy": {"smallest_group": ("smallest_group", _between(1, 1000))},
    "local": {"role": ("local_role", _one_of(*ROLES))},
    "server": {"host": ("host", _text), "port": ("port", _between(0, 65535)), "demo": ("demo", _flag)},
    "intake": {
        "body_bytes": ("body_bytes", _between(1_000, 1_000_000_000)),
        "batch_records": ("batch_records", _between(1, 1_000_000)),
        "backlog_bytes": ("backlog_bytes", _between(100_000, 10**15)),
    },
}
BRAND_KEYS: dict[str, Check] = {"handles": _handles, "competitor": _flag}


def read(path: Path) -> Settings:
    """Read and check one heedful.toml; BadSettings lists every mistake in it."""
    if not path.is_file():
        raise BadSettings(
            f"{path.parent.resolve()} is not a workspace (it has no {path.name}): name one with --workspace or "
            f"HEEDFUL_WORKSPACE, or make one with `heedful init DIR`"
        )
    text = path.read_text(encoding="utf-8")
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadSettings(f"{path} is not valid TOML: {error}") from None
    values, mistakes = _checked(found, text)
    if mistakes:
        raise BadSettings(f"{path} has {len(mistakes)} mistake(s):\n" + "\n".join(f"  {m}" for m in mistakes))
    return Settings(**values)


def _checked(found: Mapping[str, Any], text: str) -> tuple[dict[str, Any], list[str]]:
    values: dict[str, Any] = {}
    mistakes: list[str] = []

    def wrong(section: str, key: str, why: str) -> None:
        mistakes.append(f"line {_line(text, section, key)}: [{section}] {key} {why}".replace("  ", " "))

    for section, table in found.items():
        if section == "brands" and isinstance(table, dict):
            values["brands"] = tuple(_brand(name, keys, wrong) for name, keys in table.items())
        elif section not in KEYS or not isinstance(table, dict):
            wrong(section, "", f"is not a known section; {_nearest(section, [*KEYS, 'brands'])}")
        else:
            _section(section, table, values, wrong)
    return values, mistakes


def _section(
    section: str, table: Mapping[str, Any], values: dict[str, Any], wrong: Callable[[str, str, str], None]
) -> None:
    for key, value in table.items():
        if section == "privacy" and key == "basis" and isinstance(value, dict):
            values["basis"] = _basis(value, wrong)
        elif key not in KEYS[section]:
            known = [*KEYS[section], *(["basis"] if section == "privacy" else [])]
            wrong(section, key, f"is not known; {_nearest(key, known)}")
        elif why := KEYS[section][key][1](value):
            wrong(section, key, f"{why}, not {value!r}")
        else:
            values[KEYS[section][key][0]] = value


def _basis(table: Mapping[str, Any], wrong: Callable[[str, str, str], None]) -> Mapping[str, str]:
    for purpose, basis in table.items():
        if purpose not in PURPOSES:
            wrong("privacy.basis", purpose, f"is not a purpose; {_nearest(purpose, PURPOSES)}")
        elif basis not in BASES:
            wrong("privacy.basis", purpose, f"must be one of: {', '.join(BASES)}, not {basis!r}")
    return MappingProxyType({**DEFAULT_BASIS, **table})


def _brand(name: str, keys: Any, wrong: Callable[[str, str, str], None]) -> Brand:
    section = f"brands.{name}"
    if not isinstance(keys, dict):
        wrong("brands", name, f'must be a section of its own: [brands."{name}"]')
        return Brand(name)
    for key, value in keys.items():
        if key not in BRAND_KEYS:
            wrong(section, key, f"is not known; {_nearest(key, BRAND_KEYS)}")
        elif why := BRAND_KEYS[key](value):
            wrong(section, key, f"{why}, not {value!r}")
    handles = keys.get("handles", [])
    handles = tuple(str(handle) for handle in handles) if isinstance(handles, list) else ()
    return Brand(name, handles, bool(keys.get("competitor", False)))


def _nearest(word: str, known: Any) -> str:
    near = difflib.get_close_matches(word, list(known), 1)
    return f"did you mean {near[0]}?" if near else f"there are: {', '.join(known)}"


def _line(text: str, section: str, key: str) -> int:
    """The line where a key stands in its section, or the section's own, or 1."""
    here, at = "", 1
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[([^\[\]]+)\]", line):
            here = header[1].replace('"', "").replace("'", "").strip()
            at = number if here == section else at
        elif key and here == section and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", line):
            return number
    return at


def secret_bytes(name: str, folder: Path) -> bytes:
    """The secret that `env:NAME` or `file:PATH` (relative to the workspace) names: at least 32 bytes."""
    kind, _, where = name.partition(":")
    if kind == "env":
        found = os.environ.get(where, "").encode()
        hint = f"set the environment variable {where}"
    else:
        path = folder / where
        found = path.read_bytes().strip() if path.is_file() else b""
        hint = f"write at least 32 random characters into {path}"
    if len(found) < 32:
        raise BadSettings(f"the secret {name} is {'missing' if not found else 'shorter than 32 bytes'}: {hint}")
    return found
