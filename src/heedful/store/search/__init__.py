"""Full-text search of messages: SQLite FTS5 over words cut here, newest first."""

from heedful.store.search.index import Hit, Search

__all__ = ["Hit", "Search"]
