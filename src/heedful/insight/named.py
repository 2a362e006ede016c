"""What topics and themes are called, as of the moment that a viewer looks at."""

from collections.abc import Iterable, Mapping
from typing import Any

from heedful.errors import NotAllowed
from heedful.store.view import View

NAMED = ("topic", "theme")
"""Dimensions whose values are ids."""


def names(view: View) -> dict[str, str]:
    """Names by id, of topics and themes that are gone too; none where the tables read hold no topics."""
    try:
        frame = view.frame("topic")
    except NotAllowed:
        return {}
    return called(frame.select("topic", "name", "theme", "theme_name").collect("pyarrow").to_arrow().to_pylist())


def called(topics: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Names by id, of topics as they are defined and of their themes."""
    rows = list(topics)
    named = {row["theme"]: row["theme_name"] or row["theme"] for row in rows if row["theme"]}
    return {**named, **{row["topic"]: row["name"] for row in rows}}


def names_for(view: View, dimensions: Iterable[str]) -> dict[str, str]:
    """The same where some dimension needs them."""
    return names(view) if set(NAMED) & set(dimensions) else {}
