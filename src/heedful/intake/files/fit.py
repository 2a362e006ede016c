"""Which columns could hold a field, by name and by content, the best first."""

from collections.abc import Callable, Iterable, Sequence

from heedful.intake.files import words
from heedful.intake.files.looks import Look
from heedful.intake.files.names import field_names
from heedful.intake.files.values import AVAILABLE, NO, YES

PARTS = {
    "occurred_at": {"date", "time", "timestamp", "datetime", "datum", "fecha"},
    "text": {"text", "review", "comment", "comments", "message", "feedback", "verbatim", "texto", "kommentar"},
    "title": {"title", "headline", "subject"},
    "rating": {"rating", "stars"},
    "url": {"url", "link"},
    "price": {"price"},
    "value": {"amount", "revenue", "total"},
    "person": {"username"},
}
"""Single words that count as a part of a longer name too; names of several words always do."""
NEVER = {
    "occurred_at": set(
        "birth dob release due expiry expiration first last since reply developer host next zone".split()
    ),
    "text": set(
        "developer reply agent count id date time url length language stopwords stemmed lemmatized title".split()
    ),
    "person": set("host agent assignee owner developer reply brand in".split()),
    "item": set("host parent".split()),
    "rating": set("count number average avg mean content confidence".split()),
    "url": set("image photo picture avatar host thumbnail".split()),
    "id": set("item product user customer response reply in retweeted quoted parent".split()),
}
"""Words in a name that say it is something else."""


def _count(look: Look) -> bool:
    return look.numeric >= 0.9 and look.whole and look.least >= 0


def _number(look: Look) -> bool:
    return look.numeric >= 0.9


def _short(look: Look) -> bool:
    return look.words <= 4 and look.length <= 80 and not _fraction(look)


def _fraction(look: Look) -> bool:
    return look.numeric > 0.9 and not look.whole


def _label(look: Look) -> bool:
    return look.words <= 15 and look.numeric < 0.9 and not look.plain_time


def _name(look: Look) -> bool:
    return look.numeric < 0.5 and look.words <= 5 and look.distinct <= max(60, 0.05 * look.filled)


def _prose(look: Look) -> bool:
    return look.numeric < 0.5 and look.linked < 0.5 and not look.plain_time


def _spoken(look: Look) -> bool:
    return look.share(r"^[A-Za-z]{2,3}([-_][A-Za-z]+)?$") >= 0.9 or look.share_in(words.LANGUAGE) >= 0.7


def _place(look: Look) -> bool:
    return look.linked >= 0.5 or look.share(r"^(/|www\.)\S*$|^[\w.-]+\.[a-z]{2,}(/\S*)?$") >= 0.5


def _key(look: Look) -> bool:
    return look.words <= 2 and not _fraction(look) and not look.linked > 0.9


def _yes(look: Look) -> bool:
    return look.share_in(YES | NO | set(AVAILABLE)) >= 0.5


TESTS: dict[str, Callable[[Look], bool]] = {
    "occurred_at": lambda look: look.time is not None,
    "rating": lambda look: look.scale is not None,
    "likes": _count, "shares": _count, "replies": _count, "reach": _count,
    "value": _number, "price": _number,
    "weight": lambda look: _number(look) and look.least >= 0,
    "direction": lambda look: look.share_in(words.DIRECTION) >= 0.9,
    "language": _spoken,
    "channel": lambda look: look.share_in(words.CHANNEL) >= 0.5,
    "kind": lambda look: look.share_in(words.KIND) >= 0.5,
    "text": _prose, "title": lambda look: _prose(look) and look.length <= 250,
    "person": lambda look: _short(look) and not look.plain_time,
    "anonymous": _short, "item": lambda look: not _fraction(look) and look.words <= 15,
    "url": _place, "path": lambda look: look.words <= 1.5 and (look.numeric < 0.5 or look.whole),
    "country": lambda look: look.numeric < 0.5 and look.words <= 5,
    "available": _yes, "granted": _yes,
    "name": _name, "category": _label, "brand": lambda look: _label(look) and look.words <= 6,
    "campaign": lambda look: look.numeric < 0.5, "currency": lambda look: look.numeric < 0.5 and look.length <= 5,
    "thread": _key, "parent": _key, "about": _key, "id": lambda look: _key(look) and not look.mangled,
    "response": lambda look: _key(look) and not look.mangled, "purpose": _name,
}  # fmt: skip


def place(field: str, look: Look, table: str) -> int | None:
    """How well a name fits a field, 0 is best; None where it does not.

    A whole name comes before the end of a longer one ("Review Text"), that before the beginning of one.
    """
    names = field_names(table, field)
    if look.plain in names:
        return names[look.plain]
    parts = look.plain.split("_")
    if (table == "item" and field == "occurred_at") or set(parts) & NEVER.get(field, set()):
        return None
    best: int | None = None
    for name, order in names.items():
        single = "_" not in name
        if single and name not in PARTS.get(field, ()):
            continue
        if look.plain.endswith(f"_{name}") or (look.plain.startswith(f"{name}_") and not single):
            score = order + (1000 if look.plain.endswith(f"_{name}") else 2000)
            best = score if best is None else min(best, score)
    return best


def candidates(field: str, table: str, looks: Iterable[Look]) -> list[tuple[int, Look]]:
    """The columns whose name fits a field and whose content does not speak against it, the best first."""
    found = [(score, look) for look in looks if look.filled and (score := place(field, look, table)) is not None]
    passes = TESTS.get(field) if (table, field) != ("profile", "value") else None
    return sorted(((s, look) for s, look in found if passes is None or passes(look)), key=lambda pair: pair[0])


def prose(looks: Sequence[Look]) -> list[Look]:
    """Columns that people wrote freely, the longest first."""
    return sorted((look for look in looks if look.is_prose and not look.plain_time), key=lambda look: -look.length)
