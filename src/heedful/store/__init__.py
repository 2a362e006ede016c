"""Where everything is kept: the journal, the facts, the search index, and small mutable state."""
