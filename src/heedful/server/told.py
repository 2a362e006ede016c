"""The audit in words: who did what, to what."""

import json
from collections.abc import Mapping
from typing import Any

from heedful.server import words
from heedful.store.audit import AuditRow

LONGEST = 300
WHO = {"user": "{} (account)", "local": "{} (this machine)", "key": "{} (key)"}
ACTION = {
    "ask": "asked for figures",
    "evidence": "opened the rows behind a figure",
    "find": "searched messages",
    "count": "counted messages",
    "try search": "tried a search on history",
    "save search": "saved a search",
    "remove search": "removed a saved search",
    "message": "opened a message",
    "conversation": "opened a conversation",
    "study": "asked a study",
    "topics": "looked at the topics",
    "topic": "looked at a topic",
    "find topics": "had topics looked for again",
    "change topics": "changed the topics",
    "check": "said what a message is",
    "checks": "looked at how often a reading is right",
    "examples": "exported what was checked",
    "look at identity": "looked at who a person is",
    "make account": "made an account",
    "make password link": "made a link that sets a password",
    "set password": "set their password",
    "change role": "changed the role of an account",
    "remove account": "removed an account",
    "sign in": "signed in",
    "wrong password": "was refused: wrong password",
    "end session": "ended a session",
    "make key": "made a key",
    "revoke key": "revoked a key",
    "list quarantine": "listed records in quarantine",
    "look at quarantine": "opened a record in quarantine",
    "replay quarantine": "sent records in quarantine through again",
    "correct quarantine": "corrected a record in quarantine",
    "drop quarantine": "dropped records from quarantine",
    "change settings": "changed the settings",
    "read again": "had messages read again",
    "save view": "saved a view",
    "remove view": "removed a view",
    "send file": "sent a file",
    "look at file": "looked into a file that was sent",
    "drop file": "dropped a file",
    "import file": "brought a file in",
    "take back import": "took an import back",
    "preview erasure": "looked at what there is of people to erase",
    "forget": "erased people",
}
"""What was done, to stand behind who did it."""
SILENT = frozenset(
    {"as_of", "zone", "offset", "below", "returning", "metric", "by", "where", "made", "kept", "answers"}
)
"""Particulars that are said in another way, or tell a reader nothing."""
NAME = {"import": "import", "id": "message", "how": "by", "words": "for", "tz": "time zone"}

COUNTED = {"rows": ("row",), "figures": ("figure",), "messages": ("message",), "people": ("person", "people")}


def who(viewer: str) -> str:
    """A viewer as people know them: 'ada (account)'."""
    kind, _, name = viewer.partition(":")
    if viewer == "demo":
        return "a visitor of the demo"
    return WHO[kind].format(name) if kind in WHO and name else viewer


def action(name: str) -> str:
    """What was done, as in 'asked for figures'."""
    return ACTION.get(name, name)


def deed(row: AuditRow) -> str:
    """What was done, to what: 'asked for Messages by channel, since 1 Nov; 8 figures'."""
    try:
        known = json.loads(row.details)
    except ValueError:
        return f"{action(row.action)}: {row.details[:LONGEST]}" if row.details else action(row.action)
    if not isinstance(known, dict):
        return f"{action(row.action)}: {known}"[:LONGEST]
    rest = [
        _particular(name, value)
        for name, value in known.items()
        if name not in SILENT and value not in (None, "", [], {})
    ]
    return ", ".join([f"{_asked(row.action, known)}{_where(known)}", *rest])[:LONGEST]


def _particular(name: str, value: object) -> str:
    if name in COUNTED and isinstance(value, int):
        return words.count(value, *COUNTED[name])
    return f"{NAME.get(name, name.replace('_', ' '))} {_shown(value)}"


def _asked(name: str, known: Mapping[str, Any]) -> str:
    """The deed with its metric and groups, where it is about figures."""
    if "kept" in known:
        return "looked at figures of the overview that were made for somebody before"
    if name not in ("ask", "evidence") or not isinstance(known.get("metric"), str):
        return action(name)
    by = known.get("by") or []
    groups = by if isinstance(by, list) else str(by).split(",")
    grouped = f" by {' and '.join(words.dimension(str(one)).lower() for one in groups)}" if groups else ""
    lead = "asked for" if name == "ask" else "opened the rows behind"
    return f"{lead} {words.metric(known['metric'], known['metric'].replace('_', ' '))}{grouped}"


def _where(known: Mapping[str, Any]) -> str:
    """The filters: 'where channel is Chat'."""
    found = known.get("where")
    if isinstance(found, list):
        found = dict(one.partition("=")[::2] for one in map(str, found))
    if not isinstance(found, dict) or not found:
        return ""
    told = (f"{words.dimension(name).lower()} is {words.member(name, value or None)}" for name, value in found.items())
    return f" where {' and '.join(told)}"


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return " and ".join(f"{name} {part}" for name, part in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
