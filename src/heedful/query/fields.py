"""Fields of the language: what may be written after each, and which values of a column fit it."""

import difflib
import re
from collections.abc import Callable, Mapping

from heedful.query.mistake import Mistake
from heedful.query.tree import STARS, Field, Rating, Raw, Tree
from heedful.records import CHANNELS, SENTIMENTS
from heedful.store.search.words import fold

EXAMPLES: Mapping[str, str] = {
    "raw": 'raw:"C++"',
    "author": "author:p_0123456789abcdef",
    "site": "site:example.com",
    "links": "links:example.com/offer",
    "lang": "lang:de",
    "country": "country:FR",
    "channel": "channel:review",
    "brand": 'brand:"Blue Door"',
    "rating": "rating:<3",
    "sentiment": "sentiment:negative",
}
"""Every field, with an example."""
KNOWN: Mapping[str, tuple[str, ...]] = {"channel": CHANNELS, "sentiment": SENTIMENTS}
LISTED: Mapping[str, str] = {
    "lang": "language",
    "country": "country",
    "channel": "channel",
    "brand": "brand",
    "sentiment": "read_sentiment",
}
"""Fields whose columns have few different values."""
HOST = r"^[A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#@]*@)?([^/?#:]*)"
"""The host of an address; the same in Python and in the store."""

_HOST = re.compile(HOST)
BIG, SMALL = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"
_LOWER = str.maketrans(BIG, SMALL)
_RATING = re.compile(r"(<=|>=|<|>|=)?([0-9]+(?:\.[0-9]+)?)(?:\.\.([0-9]+(?:\.[0-9]+)?))?")


def field(name: str, value: str) -> Tree:
    """A field and its value, checked; `Mistake` where there is no such field, or the value is none of it."""
    name = name.lower()
    if name not in EXAMPLES:
        near = difflib.get_close_matches(name, EXAMPLES, 1)
        meant = f"did you mean {near[0]}:? " if near else ""
        hint = f"{meant}There are {' '.join(f'{one}:' for one in EXAMPLES)}; in quotation marks it is a word"
        raise _wrong(name, value, f"there is no field {name}:", hint)
    if not value.strip():
        raise _wrong(name, value, f"{name}: of what?", f"Write the value right after the colon: {EXAMPLES[name]}")
    if name == "raw":
        return Raw(value)
    if name == "rating":
        return _rating(value)
    return Field(name, _checked(name, value.strip()))


def _checked(name: str, value: str) -> str:
    if name in KNOWN and value.lower() not in KNOWN[name]:
        near = difflib.get_close_matches(value.lower(), KNOWN[name], 1)
        meant = f"did you mean {near[0]}? " if near else ""
        raise _wrong(name, value, f"{value} is no {name}", f"{meant}There are {', '.join(KNOWN[name])}")
    if name == "site":
        host = value.translate(_LOWER).removeprefix("http://").removeprefix("https://").removeprefix("www.").rstrip("/")
        if "/" in host or not host:
            raise _wrong(name, value, "a site is a name such as example.com", f"write links:{value} to look for a link")
        return host
    if name == "links":
        return value.translate(_LOWER)
    if name == "author":
        return value.removeprefix("@").casefold() or value
    return fold(value)


def _rating(value: str) -> Tree:
    found = _RATING.fullmatch(value)
    numbers = [float(number) for number in found.groups()[1:] if number] if found else []
    if not found or (found[3] and found[1]) or not all(1 <= number <= STARS for number in numbers):
        hint = "write rating:4, rating:<3 or rating:1..2, with stars from 1 to 5"
        raise _wrong("rating", value, f"{value} is no rating", hint)
    sign = ".." if found[3] else (found[1] or "").replace("=", "") if found[1] == "=" else found[1] or ""
    return Rating(sign, numbers[0], numbers[-1])


def _wrong(name: str, value: str, said: str, hint: str) -> Mistake:
    return Mistake(said, f"{name}:{value}", 0, len(name) + 1, hint=hint)


def fits(asked: Field) -> Callable[[str], bool]:
    """Whether one value of the field's column fits; of a field in LISTED."""
    value = asked.value
    if asked.name in KNOWN:
        return lambda found: lower(found) == value
    if asked.name == "lang":
        return lambda found: re.split("[-_]", fold(found))[0] == value or fold(found) == value
    return lambda found: fold(found) == value


def lower(text: str) -> str:
    """Without capitals of ASCII, as the store does it too."""
    return text.translate(_LOWER)


def host(url: str) -> str:
    """The host of an address, without www."""
    found = _HOST.match(url)
    return lower(found[1]).removeprefix("www.") if found else ""


def of_site(found: str, site: str) -> bool:
    """Whether a host is a site's, or beneath it."""
    return found == site or found.endswith(f".{site}")
