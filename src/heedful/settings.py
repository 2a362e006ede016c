"""heedful.toml: read once, checked whole, every mistake named with its line and its fix."""

import difflib
import os
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from heedful.errors import BadSettings
from heedful.records import BASES, EMOTIONS, GOEMOTIONS, PURPOSES, SENTIMENTS, YES_NO

FILE = "heedful.toml"
LARGEST = 100_000
"""Bytes that a heedful.toml may have."""
MOST_MISTAKES = 100
"""Mistakes that are told at once."""
ROLES = ("viewer", "agent", "analyst", "privacy officer", "admin")
DEFAULT_BASIS = {
    "service": "contract",
    "insight": "legitimate interest",
    "research": "legitimate interest",
    "personalisation": "consent",
    "marketing": "consent",
    "security": "legitimate interest",
}
READINGS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"sentiment": SENTIMENTS, "emotion": EMOTIONS, "emotions": tuple(GOEMOTIONS)}
    | {name: (name,) for name in YES_NO}
    | {"entities": (), "categories": ()}
)
"""What a model of one's own can read, and the labels of each reading; entities are of any kind.

Categories are what `heedful teach` taught; there may be several sets of them.
"""


Margins = Mapping[str, Mapping[str, float]]
"""What share each group of a dimension has among those that figures are to speak for; they add up to 1."""


@dataclass(frozen=True)
class Brand:
    """A company or product line people talk about; its handles stay readable in texts."""

    name: str
    handles: tuple[str, ...] = ()
    competitor: bool = False


@dataclass(frozen=True)
class OwnModel:
    """A model folder of the user's own: which reading it makes, in which languages (`*`: in all).

    `labels` are pairs of the model's label and ours; without any, the model's labels are ours. From a probability of
    `threshold` on, what holds or not is said to hold.
    """

    reading: str
    folder: Path
    languages: tuple[str, ...]
    labels: tuple[tuple[str, str], ...] = ()
    threshold: float = 0.5


@dataclass(frozen=True)
class Provider:
    """An OpenID provider that people sign in with; `role` is what newcomers get, without one they need an account."""

    issuer: str
    client_id: str
    client_secret: str
    label: str = "Single sign-on"
    role: str | None = None


@dataclass(frozen=True)
class Listened:
    """A source that is listened to: `every` so many seconds; `settings` is what the Settings of its kind hold."""

    name: str
    kind: str
    every: float
    settings: Any


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
    public_url: str | None = None
    trusted_proxies: tuple[str, ...] = ()
    address_per_second: int = 100
    key_per_second: int = 1_000
    provider: Provider | None = None
    log: str = "auto"
    log_requests: bool = True
    metrics_open: bool = False
    body_bytes: int = 5_000_000
    batch_records: int = 10_000
    backlog_bytes: int = 2_000_000_000
    upload_bytes: int = 2_000_000_000
    quarantine_days: int = 90
    audit_days: int = 730
    brands: tuple[Brand, ...] = ()
    models: tuple[OwnModel, ...] = ()
    weights: Mapping[str, Margins] = field(default_factory=lambda: MappingProxyType({}))
    sources: tuple[Listened, ...] = ()

    @property
    def categorised(self) -> bool:
        """Whether messages are read for categories of the user's own."""
        return any(model.reading == "categories" for model in self.models)


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


def _languages(value: Any) -> str | None:
    fits = (
        isinstance(value, list) and value and all(isinstance(v, str) and re.fullmatch(r"[a-z]{2}|\*", v) for v in value)
    )
    return None if fits else 'must be a list of two-letter codes such as ["fr", "it"], or ["*"] for every language'


def _labels(value: Any) -> str | None:
    fits = isinstance(value, dict) and value and all(isinstance(ours, str) and ours for ours in value.values())
    return None if fits else 'must say which of the model\'s labels is which of ours: { LABEL_0 = "negative" }'


def _probability(value: Any) -> str | None:
    fits = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1
    return None if fits else "must be a number between 0 and 1"


def _share(value: Any) -> str | None:
    fits = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 1
    return None if fits else "must be a share: over 0 and at most 1"


def _url(value: Any) -> str | None:
    fits = isinstance(value, str) and re.fullmatch(r"https?://[^/?#\s]+", value)
    return None if fits else "must be an address without a path, such as https://heedful.example.org"


def _issuer(value: Any) -> str | None:
    fits = isinstance(value, str) and re.fullmatch(r"https://[^?#\s]+|http://(127\.0\.0\.1|localhost)[^?#\s]*", value)
    return None if fits else "must be the provider's https address"


def _networks(value: Any) -> str | None:
    try:
        if isinstance(value, list) and [ip_network(one) for one in value]:
            return None
    except ValueError:
        pass
    return 'must be a list of addresses or networks such as ["127.0.0.1", "10.0.0.0/8"]'


KEYS: dict[str, dict[str, tuple[str, Check]]] = {
    "workspace": {
        "name": ("name", _text),
        "time_zone": ("time_zone", _zone),
        "language": ("language", _text),
        "secret": ("secret", _secret),
    },
    "privacy": {"smallest_group": ("smallest_group", _between(1, 1000))},
    "local": {"role": ("local_role", _one_of(*ROLES))},
    "server": {
        "host": ("host", _text),
        "port": ("port", _between(0, 65535)),
        "demo": ("demo", _flag),
        "public_url": ("public_url", _url),
        "trusted_proxies": ("trusted_proxies", _networks),
        "address_per_second": ("address_per_second", _between(1, 1_000_000)),
        "key_per_second": ("key_per_second", _between(1, 1_000_000)),
        "log": ("log", _one_of("auto", "json", "text")),
        "log_requests": ("log_requests", _flag),
        "metrics_open": ("metrics_open", _flag),
    },
    "intake": {
        "body_bytes": ("body_bytes", _between(1_000, 1_000_000_000)),
        "batch_records": ("batch_records", _between(1, 1_000_000)),
        "backlog_bytes": ("backlog_bytes", _between(100_000, 10**15)),
        "upload_bytes": ("upload_bytes", _between(1_000, 10**12)),
    },
    "retention": {
        "quarantine_days": ("quarantine_days", _between(0, 36_500)),
        "audit_days": ("audit_days", _between(0, 36_500)),
    },
}
OTHER_SECTIONS = ("brands", "models", "sign_in", "sources", "weights")
BRAND_KEYS: dict[str, Check] = {"handles": _handles, "competitor": _flag}
PROVIDER_KEYS: dict[str, Check] = {
    "issuer": _issuer,
    "client_id": _text,
    "client_secret": _secret,
    "label": _text,
    "role": _one_of(*ROLES),
}
MODEL_KEYS: dict[str, Check] = {
    "reading": _one_of(*READINGS),
    "folder": _text,
    "languages": _languages,
    "labels": _labels,
    "threshold": _probability,
}


def read(path: Path) -> Settings:
    """Read and check one heedful.toml; BadSettings lists every mistake in it."""
    if not path.is_file():
        raise BadSettings(
            f"{path.parent.resolve()} is not a workspace (it has no {path.name}): name one with --workspace or "
            f"HEEDFUL_WORKSPACE, or make one with `heedful init DIR`"
        )
    if path.stat().st_size > LARGEST:
        raise BadSettings(f"{path} is larger than {LARGEST:,} bytes: no settings need as many")
    try:
        return parse(path.read_bytes().decode(), path)
    except UnicodeDecodeError as error:
        raise BadSettings(f"{path} is not valid TOML: {error}") from None


def parse(text: str, path: Path) -> Settings:
    """Check the text of one heedful.toml, which stands at `path` or is going to."""
    try:
        found = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # not TOML, a number of 5,000 digits, or nested too deeply
        raise BadSettings(f"{path} is not valid TOML: {error}") from None
    values, mistakes = _checked(found, text, path.parent)
    if mistakes:
        shown = "\n".join(f"  {m}" for m in mistakes)
        many = f"{MOST_MISTAKES} mistakes or more" if len(mistakes) == MOST_MISTAKES else f"{len(mistakes)} mistake(s)"
        raise BadSettings(f"{path} has {many}:\n{shown}")
    return Settings(**values)


def _checked(found: Mapping[str, Any], text: str, folder: Path) -> tuple[dict[str, Any], list[str]]:
    values: dict[str, Any] = {}
    mistakes: list[str] = []

    def wrong(section: str, key: str, why: str) -> None:
        if len(mistakes) == MOST_MISTAKES:
            return
        repeated = section.partition(".")[0] if re.fullmatch(r"(models|sources)\.\d+", section) else ""
        shown = f"[{repeated}]" if repeated else section
        mistakes.append(f"line {_line(text, section, key)}: [{shown}] {key} {why}".replace("  ", " "))

    for section, table in found.items():
        if section == "brands" and isinstance(table, dict):
            values["brands"] = tuple(_brand(name, keys, wrong) for name, keys in table.items())
        elif section == "models":
            values["models"] = _models(table, folder, wrong)
        elif section == "sources":
            values["sources"] = _sources(table, folder, wrong)
        elif section == "sign_in" and isinstance(table, dict):
            values["provider"] = _provider(table, wrong)
        elif section == "weights" and isinstance(table, dict):
            values["weights"] = MappingProxyType({name: _margins(name, dims, wrong) for name, dims in table.items()})
        elif section not in KEYS or not isinstance(table, dict):
            wrong(section, "", f"is not a known section; {nearest(section, [*KEYS, *OTHER_SECTIONS])}")
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
            wrong(section, key, f"is not known; {nearest(key, known)}")
        elif why := KEYS[section][key][1](value):
            wrong(section, key, f"{why}, not {value!r}")
        else:
            values[KEYS[section][key][0]] = tuple(value) if isinstance(value, list) else value


def _basis(table: Mapping[str, Any], wrong: Callable[[str, str, str], None]) -> Mapping[str, str]:
    for purpose, basis in table.items():
        if purpose not in PURPOSES:
            wrong("privacy.basis", purpose, f"is not a purpose; {nearest(purpose, PURPOSES)}")
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
            wrong(section, key, f"is not known; {nearest(key, BRAND_KEYS)}")
        elif why := BRAND_KEYS[key](value):
            wrong(section, key, f"{why}, not {value!r}")
    handles = keys.get("handles", [])
    handles = tuple(str(handle) for handle in handles) if isinstance(handles, list) else ()
    return Brand(name, handles, bool(keys.get("competitor", False)))


def _margins(name: str, table: Any, wrong: Callable[[str, str, str], None]) -> Margins:
    if not isinstance(table, dict) or not table:
        wrong("weights", name, f"must have a section for each dimension: [weights.{name}.channel]")
        return {}
    for dimension, shares in table.items():
        section = f"weights.{name}.{dimension}"
        if not isinstance(shares, dict) or not shares:
            wrong(f"weights.{name}", dimension, f"must be a section of shares: [{section}]")
            continue
        mistakes = [(group, why) for group, share in shares.items() if (why := _share(share))]
        for group, why in mistakes:
            wrong(section, group, f"{why}, not {shares[group]!r}")
        if not mistakes and abs(sum(shares.values()) - 1) > 1e-6:
            wrong(section, "", f"must add up to 1, not {sum(shares.values()):g}")
    return MappingProxyType(table)


def _provider(table: Mapping[str, Any], wrong: Callable[[str, str, str], None]) -> Provider | None:
    mistakes = [(key, f"is not known; {nearest(key, PROVIDER_KEYS)}") for key in table if key not in PROVIDER_KEYS]
    for key, check in PROVIDER_KEYS.items():
        if key in table and (why := check(table[key])):
            mistakes.append((key, f"{why}, not {table[key]!r}"))
        elif key not in table and key in ("issuer", "client_id", "client_secret"):
            mistakes.append(("", f"needs {key}: it {check(None)}"))
    for key, why in mistakes:
        wrong("sign_in", key, why)
    return None if mistakes else Provider(**table)


def _models(tables: Any, folder: Path, wrong: Callable[[str, str, str], None]) -> tuple[OwnModel, ...]:
    if not isinstance(tables, list) or not all(isinstance(keys, dict) for keys in tables):
        wrong("models", "", "must be written with two brackets, once for each model: [[models]]")
        return ()
    made: list[OwnModel] = []
    first: dict[tuple[str, str], int] = {}
    for number, keys in enumerate(tables, 1):
        mistakes = list(_model_mistakes(keys, folder))
        for key, why in mistakes:
            wrong(f"models.{number}", key, why)
        if mistakes:
            continue
        languages = tuple(dict.fromkeys(keys.get("languages", ["*"])))
        labels = tuple(keys.get("labels", {}).items())
        what = f"{keys['reading']} {keys['folder']}" if keys["reading"] == "categories" else keys["reading"]
        for language in languages:
            if (other := first.setdefault((what, language), number)) != number:
                wrong(f"models.{number}", "languages", f"has {language!r}, for which model {other} is")
        threshold = float(keys.get("threshold", OwnModel.threshold))
        made.append(OwnModel(keys["reading"], (folder / keys["folder"]).absolute(), languages, labels, threshold))
    return tuple(made)


def _model_mistakes(keys: Mapping[str, Any], folder: Path) -> Iterator[tuple[str, str]]:
    fits = {key for key, check in MODEL_KEYS.items() if key in keys and not check(keys[key])}
    for key, value in keys.items():
        if key not in MODEL_KEYS:
            yield key, f"is not known; {nearest(key, MODEL_KEYS)}"
        elif key not in fits:
            yield key, f"{MODEL_KEYS[key](value)}, not {value!r}"
    taught = keys.get("reading") == "categories"
    for key in ("reading", "folder", "languages"):
        if key not in keys and not (taught and key == "languages"):
            yield "", f"needs {key}: it {MODEL_KEYS[key](None)}"
    if "folder" in fits and not _is_folder(folder / keys["folder"]):
        yield "folder", f"is {keys['folder']!r}, but there is no folder {folder / keys['folder']}"
    if "reading" in fits:
        reading, known = keys["reading"], READINGS[keys["reading"]]
        for label in dict.fromkeys(keys["labels"].values() if "labels" in fits and known else ()):
            if label not in known:
                yield "labels", f"has {label!r}, which {reading} does not have; {nearest(label, known)}"
        if taught:
            for key in {"labels", "threshold"} & keys.keys():
                yield key, "is not for categories: `heedful teach` has set them"
        elif "threshold" in keys and reading not in (*YES_NO, "emotions"):
            yield "threshold", f"is for what holds or not; of {reading} the likeliest is taken"


def _sources(tables: Any, folder: Path, wrong: Callable[[str, str, str], None]) -> tuple[Listened, ...]:
    if not isinstance(tables, list) or not all(isinstance(keys, dict) for keys in tables):
        wrong("sources", "", "must be written with two brackets, once for each source: [[sources]]")
        return ()
    from heedful.sources import checked  # each kind of source knows its own keys

    made: dict[str, Listened] = {}
    for number, keys in enumerate(tables, 1):
        found, mistakes = checked(keys, folder)
        if found is not None and found.name in made:
            mistakes = [("name", f"is {found.name!r}, as another source's is: each needs a name of its own")]
        for key, why in mistakes:
            wrong(f"sources.{number}", key, why)
        if found is not None:
            made.setdefault(found.name, found)
    return tuple(made.values())


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # such as a name that is too long
        return False


def nearest(word: str, known: Any) -> str:
    """What a word that is not known may have been meant to be, or what there is."""
    near = difflib.get_close_matches(word, list(known), 1)
    return f"did you mean {near[0]}?" if near else f"there are: {', '.join(known)}"


def _line(text: str, section: str, key: str) -> int:
    """The line where a key stands in its section, or the section's own, or 1; `models.2` is the second [[models]]."""
    here, at, counts = "", 1, Counter[str]()
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*(\[+)([^\[\]]+)\]", line):
            here = header[2].replace('"', "").replace("'", "").strip()
            if header[1] == "[[":
                counts[here] += 1
                here = f"{here}.{counts[here]}"
            at = number if here == section else at
        elif key and here == section and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", line):
            return number
    return at


def secret_bytes(name: str, folder: Path, *, least: int = 32) -> bytes:
    """The secret that `env:NAME` or `file:PATH` (relative to the workspace) names: at least so many bytes."""
    kind, _, where = name.partition(":")
    if kind == "env":
        found = os.environ.get(where, "").encode()
        hint = f"set the environment variable {where}"
    else:
        path = folder / where
        found = path.read_bytes().strip() if path.is_file() else b""
        hint = f"write at least {least} random characters into {path}"
    if len(found) < least:
        raise BadSettings(f"the secret {name} is {'missing' if not found else f'shorter than {least} bytes'}: {hint}")
    return found
