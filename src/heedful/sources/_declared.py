"""How a source's settings are declared: each field with its help and its form, secrets by name only."""

import re
from collections.abc import Callable
from dataclasses import MISSING, Field, dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from heedful.errors import BadSettings
from heedful.settings import secret_bytes

Form = Callable[[Any], Any]
"""Makes a field of what heedful.toml says; ValueError tells how it must be."""
UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}


@dataclass(frozen=True)
class Secret:
    """A secret by its name, `env:NAME` or `file:PATH`; it shows itself only where it is used."""

    named: str
    folder: Path = field(default=Path(), repr=False)

    def reveal(self) -> str:
        """The secret itself; BadSettings where it is not there."""
        found = secret_bytes(self.named, self.folder, least=1).decode("utf-8", "replace").strip()
        if not found:  # nobody may sign with nothing
            raise BadSettings(f"the secret {self.named} holds nothing but spaces")
        return found


def setting(help: str, form: Form, default: Any = MISSING) -> Any:
    """A field of a source's Settings; without a default the table must have it."""
    told = {"help": help, "form": form, "needed": default is MISSING}
    return field(metadata=told) if default is MISSING else field(default=default, metadata=told)


def form_of(one: "Field[Any]") -> Form:
    """The form of a declared field."""
    made: Form = one.metadata["form"]
    return made


def bound(value: Any, folder: Path) -> Any:
    """A value that knows the workspace, where it needs to: a secret's file lies in it."""
    return replace(value, folder=folder) if isinstance(value, Secret) else value


def named(value: Any) -> str:
    """A source's name."""
    if isinstance(value, str) and re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,59}", value):
        return value
    raise ValueError("must be a short name of small letters, digits and . _ - such as acme-blog")


def interval(value: Any) -> float:
    """Seconds of `30s`, `5m`, `2h` or `1d`."""
    found = re.fullmatch(r"([0-9]{1,6})([smhd])", value) if isinstance(value, str) else None
    if found and 1 <= (seconds := int(found[1]) * UNITS[found[2]]) <= 31 * UNITS["d"]:
        return seconds
    raise ValueError('must be a time from "1s" to "31d", such as "5m" or "2h"')


def word(value: Any) -> str:
    """A text."""
    if isinstance(value, str) and value.strip() and len(value) <= 2_000 and value.isprintable():
        return value.strip()
    raise ValueError("must be a text that is not empty")


def words(value: Any) -> tuple[str, ...]:
    """A list of texts."""
    if isinstance(value, list) and value and all(isinstance(one, str) and one.strip() for one in value):
        return tuple(word(one) for one in value)
    raise ValueError('must be a list of texts such as ["acme", "acme help"]')


def flag(value: Any) -> bool:
    """Yes or no."""
    if isinstance(value, bool):
        return value
    raise ValueError("must be true or false")


def number(low: int, high: int) -> Form:
    """A whole number within bounds."""

    def form(value: Any) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        raise ValueError(f"must be a whole number from {low:,} to {high:,}")

    return form


def one_of(*known: str) -> Form:
    """One word of a few."""

    def form(value: Any) -> str:
        if isinstance(value, str) and value in known:
            return value
        raise ValueError(f"must be one of: {', '.join(known)}")

    return form


def some_of(*known: str) -> Form:
    """Some words of a few."""

    def form(value: Any) -> tuple[str, ...]:
        if isinstance(value, list) and value and all(one in known for one in value):
            return tuple(dict.fromkeys(value))
        raise ValueError(f"must be a list of some of: {', '.join(known)}")

    return form


def address(value: Any) -> str:
    """An address on the web."""
    return _address(value, ("http", "https"), "https://www.example.org/feed")


def socket_address(value: Any) -> str:
    """An address of a websocket."""
    return _address(value, ("ws", "wss"), "wss://jetstream2.us-east.bsky.network/subscribe")


def _address(value: Any, schemes: tuple[str, ...], such: str) -> str:
    wrong = ValueError(f"must be an address such as {such}, with secrets under a key of their own")
    try:
        found = urlsplit(value) if isinstance(value, str) and value.isprintable() and " " not in value else None
        if found and found.scheme in schemes and found.hostname and "@" not in found.netloc and found.port != 0:
            return str(value)
    except ValueError:  # such as a port that is none
        pass
    raise wrong


def secret(value: Any) -> Secret:
    """A secret's name."""
    if isinstance(value, str) and re.fullmatch(r"(env|file):.+", value):
        return Secret(value)
    raise ValueError("must name a secret: env:NAME or file:PATH, never the secret itself")


def table(value: Any) -> tuple[tuple[str, str], ...]:
    """Pairs of texts."""
    if isinstance(value, dict) and value and all(isinstance(one, str) and one for one in value.values()):
        return tuple(value.items())
    raise ValueError('must be a table of texts such as { text = "body" }')


def pair(value: Any) -> tuple[float, float]:
    """A lowest and a highest number."""
    numbers = isinstance(value, list) and len(value) == 2 and all(type(one) in (int, float) for one in value)
    if numbers and value[0] < value[1]:
        return float(value[0]), float(value[1])
    raise ValueError("must be the lowest and the highest, such as [1, 5]")
