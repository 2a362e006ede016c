"""Handles in a search as they stand in stored messages: pseudonyms, but for those of declared brands."""

import re
from dataclasses import dataclass

from heedful.errors import NotAllowed
from heedful.privacy.pseudonym import person_number
from heedful.privacy.viewer import Viewer
from heedful.query.match import wild
from heedful.query.tree import All, Either, Field, Not, Phrase, Tag, Tree
from heedful.records import pseudonym
from heedful.store.search.words import fold, tags, words

_SHOWN = re.compile(r"p_[0-9a-f]{16}")


@dataclass(frozen=True)
class Handles:
    """The workspace's key of people, and the declared handles in lower case without @."""

    key: bytes
    brands: frozenset[str]

    def resolved(self, tree: Tree, viewer: Viewer) -> Tree:
        """The search with pseudonyms; NotAllowed where it names somebody whom the viewer may not look up."""
        match tree:
            case Not(part):
                return Not(self.resolved(part, viewer))
            case All(parts):
                return All(tuple(self.resolved(part, viewer) for part in parts))
            case Either(parts):
                return Either(tuple(self.resolved(part, viewer) for part in parts))
            case Field("author", value):
                return Field("author", self._person(value, viewer))
            case Tag(name) if name[0] == "@" and not wild(name):
                return self._mentioned(name, viewer)
            case _:
                return tree

    def _mentioned(self, name: str, viewer: Viewer) -> Tree:
        if name.removeprefix("@") not in self.brands:
            return Tag(f"@{self._person(name.removeprefix('@'), viewer)}")
        folded = fold(name)
        tag, apart = tags(folded)[:1] or [folded], words(folded)
        return Tag(folded) if tag == [folded] else All((Tag(tag[0]), Phrase(tuple(apart))))

    def _person(self, handle: str, viewer: Viewer) -> str:
        if _SHOWN.fullmatch(handle):
            return handle
        if handle not in self.brands and not viewer.may("identities"):
            raise NotAllowed(
                f"people are kept as pseudonyms: to look for {handle[:60]!r} takes the right identities, "
                f"which {viewer.name} does not have; write a pseudonym such as p_0123456789abcdef, or declare the brand"
            )
        return pseudonym(person_number(handle, self.key))
