"""Full-text search of messages: SQLite FTS5 over words cut here, newest first."""

from heedful.store.search.index import HIGHEST, Hit, Search

__all__ = ["HIGHEST", "Hit", "Search"]
