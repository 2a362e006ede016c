"""Records made of JSON by a mapping: which field is found under which path."""

from collections.abc import Iterable, Mapping
from typing import Any

from heedful.errors import TryLater
from heedful.records import INCOMING, WORDS
from heedful.sources import Batch
from heedful.sources._each import count, each, moment, share
from heedful.sources._plain import plain

FIELDS = INCOMING["message"].names
COUNTS = ("likes", "shares", "replies", "reach")
LISTS = tuple(field.name for field in INCOMING["message"] if field.type == WORDS)


def at(value: Any, path: str) -> Any:
    """What is found in JSON under `a.b.0`; under the first path that leads to something where `|` parts several.

    `=text` is the text itself, the empty path is the whole, and -1 is the last of a list.
    """
    for one in path.split("|"):
        found = one[1:] if one.startswith("=") else _under(value, one.strip())
        if found not in (None, "", []):
            return found
    return None


def _under(value: Any, path: str) -> Any:
    for name in path.split(".") if path else ():
        if isinstance(value, Mapping):
            value = value.get(name)
        elif isinstance(value, list) and value and (name == "-1" or (name.isdecimal() and int(name) < len(value))):
            value = value[int(name)]
        else:
            return None
    return value


def items(body: Any, path: str) -> list[Any]:
    """The items of an answer; TryLater where there is no list."""
    found = at(body, path) if path else body
    if found is None and path and _under(body, path) == []:
        return []
    if isinstance(found, Mapping):
        return [found]
    if not isinstance(found, list):
        raise TryLater(f"the answer holds no list under {path or 'its root'!r}: look at `items`", after=900)
    return found


def batch(
    given: Iterable[Any], fields: Mapping[str, str], *, channel: str, kind: str, scale: tuple[float, float] | None
) -> Batch:
    """Items as messages; one that the mapping does not fit is bad."""
    return each(given, lambda item: _message(item, fields, channel, kind, scale))


def _message(
    item: Any, fields: Mapping[str, str], channel: str, kind: str, scale: tuple[float, float] | None
) -> dict[str, Any]:
    if not isinstance(item, Mapping):
        raise TypeError(f"an item is {type(item).__name__}, not an object")
    made: dict[str, Any] = {"channel": channel, "kind": kind}
    attributes: dict[str, str] = {}
    for name, path in fields.items():
        found = at(item, path)
        if found is None:
            continue
        if name.startswith("attributes."):
            attributes[name.removeprefix("attributes.")] = str(found)
        else:
            made[name] = _as(name, found, scale)
    if scale and "rating" in made:
        attributes |= {"rating": str(at(item, fields["rating"])), "scale": f"{scale[0]:g}..{scale[1]:g}"}
    if "id" not in made:
        raise KeyError(f"id, under {fields.get('id')!r}")
    made.setdefault("text", "")
    return made | ({"attributes": attributes} if attributes else {})


def _as(name: str, found: Any, scale: tuple[float, float] | None) -> Any:
    """A found value in the form of its field."""
    if name in ("text", "title"):
        return plain(str(found))
    if name == "occurred_at":
        return moment(found)
    if name in COUNTS:
        return count(found)
    if name == "rating":
        return share(found, *scale) if scale else float(found)
    if name in LISTS:
        return [str(one) for one in (found if isinstance(found, list) else [found])]
    return str(found)
