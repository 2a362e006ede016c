"""A search as a condition on the message table: what columns say, and sets of row numbers for what texts say."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from heedful.query.fields import BIG, HOST, KNOWN, LISTED, SMALL, fits
from heedful.query.match import whole, wild
from heedful.query.said import listed
from heedful.query.tree import All, Either, Field, Near, Not, Phrase, Rating, Raw, Tag, Tree, walk
from heedful.records import person_number, pseudonym
from heedful.store.view import View

Fitting = Callable[[Tree], Collection[int]]
"""Row numbers of messages whose text fits, among those that are looked at."""


@dataclass
class Condition:
    """A condition in SQL on rows of `message`, with its parameters."""

    view: View
    fitting: Fitting
    params: dict[str, object] = field(default_factory=dict)

    def sql(self, tree: Tree) -> str:
        """True or false, never null."""
        if of_text(tree) or isinstance(tree, Raw):
            return self.among(self.fitting(tree))
        match tree:
            case Not(part):
                return f"(not {self.sql(part)})"
            case All(parts):
                return f"({' and '.join(map(self.sql, parts))})"
            case Either(parts):
                return f"({' or '.join(map(self.sql, parts))})"
            case Tag():
                return f"({self.among(self.fitting(tree))} or {self._tagged(tree.name)})"
            case Rating():
                low, high = tree.bounds()
                return f"coalesce(rating between {self._given(low)} and {self._given(high)}, false)"
            case Field():
                return f"coalesce({self._field(tree)}, false)"
            case _:
                raise AssertionError(tree)

    def _given(self, value: object) -> str:
        name = f"p{len(self.params)}"
        self.params[name] = value
        return f"${name}"

    def among(self, numbers: Collection[int]) -> str:
        """Rows of some numbers."""
        return f"(n in (select unnest({self._given(list(numbers))})))" if numbers else "false"

    def _field(self, asked: Field) -> str:
        if asked.name == "author":
            number = _person(asked.value)
            return "false" if number is None else f"person = {self._given(number)}::ubigint"
        if asked.name in KNOWN:
            return f"{_lower(LISTED[asked.name])} = {self._given(asked.value)}"
        if asked.name == "site":
            named = _lower(f"regexp_extract(url, '{HOST}', 1)")
            host = f"regexp_replace({named}, '^www[.]', '')"
            site = self._given(asked.value)
            return f"({host} = {site} or ends_with({host}, '.' || {site}))"
        if asked.name == "links":
            return f"len(list_filter(links, lambda link: contains({_lower('link')}, {self._given(asked.value)}))) > 0"
        return self._listed(asked)

    def _listed(self, asked: Field) -> str:
        """The values of the column that fit; there are few."""
        column = {"lang": "coalesce(read_language, language)"}.get(asked.name, LISTED[asked.name])
        many = asked.name == "brand"
        found = list(filter(fits(asked), self._values(f"unnest({column})" if many else column)))
        if not found:
            return "false"
        return (
            f"list_has_any({column}, {self._given(found)})"
            if many
            else f"{column} in (select unnest({self._given(found)}))"
        )

    def _tagged(self, name: str) -> str:
        """Whether a tag is among those that the source listed."""
        pattern = whole(name) if wild(name) else None

        def known(tag: str) -> bool:
            return tag == name if pattern is None else bool(pattern.fullmatch(tag))

        told = []
        if name[0] == "#" and (tags := [tag for tag in self._values("unnest(hashtags)") if known(listed(tag))]):
            told.append(f"list_has_any(hashtags, {self._given(tags)})")
        if name[0] == "@" and (people := self._mentioned(name, known)):
            told.append(f"list_has_any(mentions, {self._given(people)}::ubigint[])")
        return f"coalesce({' or '.join(told)}, false)" if told else "false"

    def _mentioned(self, name: str, known: Callable[[str], bool]) -> list[int]:
        if not wild(name):
            return [] if (number := _person(name[1:])) is None else [number]
        return [person for person in self._values("unnest(mentions)") if known(f"@{pseudonym(person)}")]

    def _values(self, what: str) -> list[Any]:
        """Each value that there is."""
        rows = self.view.query(f"select distinct {what} as found from message").collect("pyarrow").to_arrow()
        return [one for one in rows["found"].to_pylist() if one is not None and one != ""]


def of_text(tree: Tree) -> bool:
    """Whether words alone tell: the search index knows everything that is asked for."""
    return all(isinstance(part, Phrase | Near | Not | All | Either) for part in walk(tree))


def _lower(column: str) -> str:
    return f"translate({column}, '{BIG}', '{SMALL}')"


def _person(shown: str) -> int | None:
    """The number of a pseudonym as it is shown; None where it is none."""
    try:
        number = person_number(shown)
    except ValueError:
        return None
    return number if pseudonym(number) == shown else None
