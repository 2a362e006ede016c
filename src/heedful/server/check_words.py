"""What is asked on the page Check, in words."""

from collections.abc import Mapping

from heedful.insight.checking import Task
from heedful.records import GOEMOTIONS
from heedful.server import words

IS = {
    "complaint": "a complaint",
    "urgency": "urgent",
    "question": "a question",
    "request": "a request",
    "suggestion": "a suggestion",
    "neutral": "free of any feeling",
}
"""What a message is that has the label, where the label alone would not do."""
SENTIMENT = "Of the message as a whole, towards what it is about."
UNSEEN = "What the classifier read is not shown before you answer, so that it does not lead you."


def named(reading: str, names: Mapping[str, str]) -> str:
    """What a reading is called, such as 'Sentiment', 'refund' or 'irony'; `names` are those of topics."""
    kind, _, value = reading.partition(":")
    return names.get(value, value) if value else words.reading(kind)


def chosen(reading: str, names: Mapping[str, str]) -> str:
    """The same among others: 'Category: refund'."""
    kind, _, value = reading.partition(":")
    return f"{words.dimension(kind)}: {named(reading, names)}" if value else words.reading(kind)


def asked(task: Task, names: Mapping[str, str]) -> str | None:
    """The question about a message; None where the page's own will do."""
    kind, _, value = task.reading.partition(":")
    if not value:
        return None
    if kind != "label":
        return f"Is this about {names.get(value, value.partition(': ')[2] or value)}?"
    if value in GOEMOTIONS and value not in IS:
        return f"Does this show {value}?"
    return f"Is this {IS.get(value, value)}?"


def about(task: Task) -> str:
    """What is to be borne in mind."""
    return f"{SENTIMENT} {UNSEEN}" if task.about is None else UNSEEN
