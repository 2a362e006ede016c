"""What can be done to topics, by name: the same from pages, over HTTP and from code."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial

from heedful.catalogue import edit
from heedful.catalogue.undo import undo
from heedful.errors import BadSettings
from heedful.privacy.viewer import Viewer
from heedful.store.facts import Store
from heedful.store.topics import Change

NEEDS = "operate"
"""The right that changing topics needs."""
Fields = Mapping[str, str]
Make = Callable[..., Change]


def do(store: Store, action: str, fields: Fields, viewer: Viewer, now: datetime) -> int:
    """Change topics as somebody; the number of the change.

    BadSettings: no such action, or a field is missing or wrong. NotFound: no such topic. NotAllowed: not for them.
    """
    viewer.must(NEEDS)
    if action not in ACTIONS:
        raise BadSettings(f"{action[:40]!r} cannot be done to topics; there are: {', '.join(ACTIONS)}")
    make, needed = ACTIONS[action]
    if missing := [name for name in needed if not fields.get(name)]:
        raise BadSettings(f"to {action} say also: {', '.join(missing)}")
    on = store.topics.version()  # before anything is looked at, so that nobody's change in between is written over
    change = make(store, *(fields[name] for name in needed), who=viewer.name, now=now)
    return store.topics.change(replace(change, on=on))


def _undo(store: Store, version: str, *, who: str, now: datetime) -> Change:
    if not (version.isascii() and version.isdigit() and len(version) < 10):
        raise BadSettings(f"{version[:40]!r} is not the number of a change")
    return undo(store, int(version), who=who, now=now)


def _teach(store: Store, topic: str, message: str, like: str, *, who: str, now: datetime) -> Change:
    if like not in ("more", "less"):
        raise BadSettings(f"like is more or less, not {like[:40]!r}")
    return edit.teach(store, topic, message, like == "more", who=who, now=now)


def _held(held: bool, store: Store, topic: str, *, who: str, now: datetime) -> Change:
    return edit.hold(store, topic, held, who=who, now=now)


ACTIONS: Mapping[str, tuple[Make, tuple[str, ...]]] = {
    "rename": (edit.rename, ("topic", "name")),
    "rename theme": (edit.rename_theme, ("theme", "name")),
    "merge": (edit.merge, ("topic", "into")),
    "split": (edit.split, ("topic",)),
    "move": (edit.move, ("topic", "theme")),
    "pin": (partial(_held, True), ("topic",)),
    "unpin": (partial(_held, False), ("topic",)),
    "delete": (edit.delete, ("topic",)),
    "teach": (_teach, ("topic", "message", "like")),
    "undo": (_undo, ("version",)),
}
"""What each action makes, and the fields it needs."""
