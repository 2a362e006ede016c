"""What is wrong with a search, where, and what was probably meant."""

from heedful.errors import BadSettings

WIDEST = 60
"""Characters shown on either side of a mistake."""


class Mistake(BadSettings):
    """A search that cannot be understood: `said`, a `hint`, and the characters of the query that it is about."""

    def __init__(self, said: str, query: str, start: int, end: int, *, hint: str = "") -> None:
        """The message shows the line with carets beneath."""
        self.said, self.hint = said, hint
        self.start, self.end = start, max(start + 1, end)
        head = f"{said}{' ' if said.endswith('?') else '; '}{hint}" if hint else said
        super().__init__(f"{head}\n{_pointed(query, start, self.end)}")


def _pointed(query: str, start: int, end: int) -> str:
    """The line of the mistake, cut to what is near it, with carets beneath."""
    first = max(query.rfind("\n", 0, start) + 1, start - WIDEST)
    last = query.find("\n", start)
    last = min(len(query) if last < 0 else last, max(end, start) + WIDEST)
    line = "".join(" " if sign.isspace() or not sign.isprintable() else sign for sign in query[first:last])
    carets = "^" * max(1, min(end, last) - start)
    return f"  {line}\n  {' ' * (start - first)}{carets}"
