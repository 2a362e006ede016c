"""What `--map field=column,...` says, checked against the fields of the table and the columns of the file."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from heedful.errors import BadSettings
from heedful.intake.files import ratings
from heedful.intake.files.plan import Column
from heedful.intake.files.times import UNIX
from heedful.records import INCOMING, TIME, plural

SAID = "you said so"


@dataclass(frozen=True, slots=True)
class Said:
    """What was said: columns by field, fields that shall have no column, attributes by name."""

    fields: Mapping[str, Column]
    without: frozenset[str]
    attributes: Mapping[str, str]


def check(mapping: Mapping[str, str], table: str, columns: Sequence[str]) -> Said:
    """Read a mapping; BadSettings names an unknown field or column, the ones that exist and the nearest one.

    `field=column`, `field=a+b` (joined, or multiplied for a value), `field=column@HOW` (a time format or a scale),
    `field==constant`, `field=` (no column), `attributes.NAME=column`.
    """
    known = [name for name in INCOMING[table].names if name != "attributes"]
    known += ["answer"] if table == "answer" else []
    fields: dict[str, Column] = {}
    without: set[str] = set()
    attributes: dict[str, str] = {}
    for field, text in mapping.items():
        if field.startswith("attributes.") and len(field) > len("attributes."):
            attributes[field.removeprefix("attributes.")] = _existing(text, field, columns)
        elif field not in known:
            raise BadSettings(f"--map {field}={text}: {plural(table)} have no field {field!r}{_near(field, known)}")
        elif text == "":
            without.add(field)
        elif text.startswith("=") and text not in columns:
            fields[field] = Column((), why=SAID, constant=text[1:])
        else:
            fields[field] = _column(field, text, table, columns)
    return Said(fields, frozenset(without), attributes)


def _column(field: str, text: str, table: str, columns: Sequence[str]) -> Column:
    if text in columns:
        return Column((text,), "", SAID)
    name, at, how = text.rpartition("@")
    if at and (name in columns or all(part in columns for part in name.split("+"))):
        _check_how(field, how, table)
        text = name
    else:
        how = ""
    parts = (text,) if text in columns else tuple(text.split("+"))
    return Column(tuple(_existing(part.strip(), field, columns) for part in parts), how, SAID)


def _check_how(field: str, how: str, table: str) -> None:
    if field == "rating" and ratings.ends(how) is None:
        raise BadSettings(f"--map rating=...@{how}: write the ends of the scale, as in @1-5 or @0-10")
    if field in INCOMING[table].names and INCOMING[table].field(field).type == TIME:
        for kind in how.split(" or "):
            if "%" not in kind and kind not in (*UNIX, "excel days", "iso"):
                names = ", ".join(["iso", *UNIX, "excel days"])
                raise BadSettings(f"--map {field}=...@{kind}: write one of {names}, or a format such as %d.%m.%Y %H:%M")


def _existing(column: str, field: str, columns: Sequence[str]) -> str:
    if column not in columns:
        raise BadSettings(f"--map {field}={column}: the file has no column {column!r}{_near(column, columns)}")
    return column


def _near(name: str, known: Iterable[str]) -> str:
    """The nearest of the known names, and all of them."""
    listed = list(known)
    lower = {each.lower(): each for each in listed}
    close = [lower[hit] for hit in get_close_matches(name.lower(), list(lower), n=1, cutoff=0.6)]
    hint = f"; did you mean {close[0]!r}?" if close else "."
    return f"{hint} There are: {', '.join(listed)}"
