"""What happened to topics, in words."""

from collections.abc import Mapping
from typing import Any

from heedful.server import words
from heedful.store.topics import Past, Told


def change(past: Past) -> str:
    """One change as a sentence without its end."""
    told: Mapping[str, Any] = past.details
    name = f"\u201c{told.get('name', '')}\u201d"
    return {
        "found": lambda: (
            f"Found {words.count(told.get('topics', 0), 'topic')} in {words.count(told.get('messages', 0), 'message')}"
        ),
        "rename": lambda: f"Renamed \u201c{told.get('before', '')}\u201d to {name}",
        "rename theme": lambda: f"Renamed the theme \u201c{told.get('before', '')}\u201d to {name}",
        "merge": lambda: f"Merged {name} into \u201c{told.get('into_name', '')}\u201d",
        "split": lambda: f"Split \u201c{told.get('new_name', '')}\u201d from {name}",
        "move": lambda: f"Moved {name} to the theme \u201c{told.get('theme', '')}\u201d",
        "pin": lambda: f"Pinned {name}",
        "unpin": lambda: f"Unpinned {name}",
        "delete": lambda: f"Deleted {name}",
        "teach": lambda: (
            f"Taught {name}: {'more' if told.get('more') else 'less'} like a message, "
            f"{words.count(told['moved'], 'message') if 'moved' in told else 'few messages'} moved"
        ),
        "undo": lambda: f"Undid: {told.get('action', '')} {name if told.get('name') else ''}".rstrip(),
    }.get(past.action, lambda: past.action.capitalize())()


def event(told: Told, topic: str, called: Mapping[str, str]) -> str:
    """What happened to a topic, as the topic's own story tells it."""
    others = ", ".join(called.get(id, id) for id in told.others)
    about = told.topic == topic
    if told.kind == "split":
        return f"Split from {others}" if about else f"{called.get(told.topic, told.topic)} was split from it"
    if told.kind == "merged":
        return f"{others} went into it" if about else f"Went into {called.get(told.topic, told.topic)}"
    return {
        "born": "First message",
        "faded": "Faded: none of its messages are about it any more",
        "renamed": "Got another name",
        "moved": "Went under another theme",
        "deleted": "Deleted",
        "taught": "Taught by an example",
        "undone": "A change was undone",
    }.get(told.kind, told.kind.capitalize())


def person(who: str) -> str:
    """Who changed something."""
    return "Heedful" if who == "heedful" else who.partition(":")[2] or who
