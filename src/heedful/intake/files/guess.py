"""Which column means what: by its name, then by what it holds. No column is taken for two fields."""

from collections.abc import Mapping, Sequence

import pyarrow as pa

from heedful.intake.files.fit import candidates, prose
from heedful.intake.files.looks import CONTACTS, Look
from heedful.intake.files.names import ORDER, PRICE, QUANTITY, field_names
from heedful.intake.files.plan import Column
from heedful.intake.files.values import as_label

FIELDS = {
    "message": (
        "text title person occurred_at id rating item brand thread parent about direction language channel kind "
        "likes shares replies reach hashtags mentions links url country"
    ),
    "event": "name person anonymous occurred_at id value currency path referrer campaign device item country",
    "item": "title id category price url available occurred_at",
    "answer": "response question answer survey wave weight person occurred_at id",
    "profile": "person trait value occurred_at id",
    "consent": "person purpose granted basis proof occurred_at id",
}
BY_CONTENT = "by what it holds"
SCORE_NAMES = frozenset(field_names("message", "rating"))


class Guess:
    """Columns by field as they are found, with notes on what was not sure."""

    def __init__(self, table: str, looks: Sequence[Look], said: Mapping[str, Column], without: frozenset[str]) -> None:
        """Begin with what was said; `without` are fields that shall have no column."""
        self.table = table
        self.looks = {look.name: look for look in looks}
        self.fields = {field: self.complete(field, column) for field, column in said.items()}
        self.without = without
        self.notes: list[str] = []

    @property
    def taken(self) -> set[str]:
        """The columns that already mean something."""
        return {name for column in self.fields.values() for name in column.columns}

    @property
    def free(self) -> list[Look]:
        """The columns that mean nothing yet, in the order of the file."""
        return [look for name, look in self.looks.items() if name not in self.taken]

    def wants(self, field: str) -> bool:
        """Whether a field still has to be guessed."""
        return field not in self.fields and field not in self.without

    def take(self, field: str, *names: str, how: str = "", why: str = "by its name") -> None:
        """Let a field come from columns."""
        self.fields[field] = self.complete(field, Column(names, how, why))

    def complete(self, field: str, column: Column) -> Column:
        """The same with how it is read filled in."""
        if column.how or not column.columns:
            return column
        look = self.looks[column.columns[0]]
        how = "as it is"
        if field == "occurred_at":
            how = look.time[0] if look.time else "iso"
        elif field == "rating":
            how = look.scale or "1-5"
        elif field in ("value", "price", "weight") and look.comma:
            how = "number with decimal comma"
        elif field == "text" and len(column.columns) > 1:
            how = "joined, each under its name"
        elif field == "value" and len(column.columns) > 1:
            how = "multiplied"
        return Column(column.columns, how, column.why)


def guess(found: Guess) -> None:
    """Fill in the fields of a table."""
    for field in FIELDS[found.table].split():
        if not found.wants(field):
            continue
        if field == "text":
            _text(found)
        elif field == "id":
            _id(found)
        elif field == "value" and found.table == "event":
            _value(found)
        elif picked := candidates(field, found.table, found.free):
            found.take(field, picked[0][1].name)
    if "person" in FIELDS[found.table].split():
        person(found)
    if found.wants("occurred_at") and found.table in ("message", "event"):
        for look in sorted(found.free, key=lambda look: not pa.types.is_timestamp(look.column.type)):
            if look.plain_time:
                found.take("occurred_at", look.name, why=BY_CONTENT)
                break
    if found.table == "message" and found.wants("rating"):
        _rating(found)
    if found.table == "event" and found.wants("name"):
        _event_name(found)
    if "occurred_at" in found.fields and (column := found.fields["occurred_at"]).columns:
        time = found.looks[column.columns[0]].time
        if time and time[1] and time[0] == column.how:
            other = column.how.replace("%m", "\0").replace("%d", "%m").replace("\0", "%d")
            found.notes.append(f"{time[1]}; --map 'occurred_at={column.columns[0]}@{other}' reads it the other way.")


def person(found: Guess) -> None:
    """Who, where no name says it: the first column of e-mail addresses, else of phone numbers, else of handles."""
    likely = [look for look in found.free if look.contact] if found.wants("person") else []
    if likely:
        first = min(likely, key=lambda look: CONTACTS.index(str(look.contact)))
        found.take("person", first.name, why=BY_CONTENT)
        found.notes.append(
            f"{first.name} holds {first.contact}: they become the person; --map person= leaves them out."
        )


def _text(found: Guess) -> None:
    """The column with what people said; several of the same standing are joined."""
    named = candidates("text", found.table, found.free)
    free = [look for look in found.free if (look.time is None or not look.plain_time) and not look.contact]
    if named and named[0][0] < 1000:
        found.take("text", named[0][1].name)
        return
    tier = [look for _, look in named if look.is_prose] or prose(_untitled(free))
    why = "by its name" if named else BY_CONTENT
    if not tier:
        if named:
            found.take("text", named[0][1].name)
        elif alone := [look for look in free if look.numeric < 0.5 and look.words > 1.5 and look.linked < 0.5]:
            found.take("text", max(alone, key=lambda look: look.length).name, why=BY_CONTENT)
        return
    longest = max(look.length for look in tier)
    equals = [
        look.name for look in tier if look.length >= 0.25 * longest and look.words >= 4 and not _copies(look, tier)
    ]
    equals = [look.name for look in found.looks.values() if look.name in equals]
    if len(equals) in (2, 3, 4):
        found.take("text", *equals, why=why)
        listed = ", ".join(equals)
        found.notes.append(f"The text is {listed} joined, each under its name; --map text={equals[0]} takes one alone.")
    else:
        found.take("text", max(tier, key=lambda look: look.length).name, why=why)


def _untitled(looks: Sequence[Look]) -> list[Look]:
    return [look for look in looks if look.plain not in field_names("message", "title")]


def _copies(look: Look, others: Sequence[Look]) -> bool:
    """Whether a column is another one edited (stemmed, without stop words ...): mostly the same words, row by row."""
    mine = as_label(look.column).to_pylist()[:200]
    for other in others:
        if other is look or other.length < look.length or (other.length == look.length and other.name > look.name):
            continue
        theirs = as_label(other.column).to_pylist()[:200]
        pairs = [(_beginnings(a), _beginnings(b)) for a, b in zip(mine, theirs, strict=True) if a and b]
        if pairs and sum(2 * len(a & b) > len(a | b) for a, b in pairs) > 0.5 * len(pairs):
            return True
    return False


def _beginnings(text: str) -> set[str]:
    """The first three letters of each word, which stemming leaves."""
    return {word[:3] for word in text.lower().split()}


def _id(found: Guess) -> None:
    """The column that names each row; one whose values repeat for different rows is refused."""
    for look in found.free:
        if look.mangled and look.plain in field_names(found.table, "id"):
            found.notes.append(
                f"{look.name} is not used as id: a spreadsheet rounded its numbers ({look.labels[0].as_py()}), "
                "so that different rows would become one."
            )
    for _, look in candidates("id", found.table, found.free):
        if look.filled < 0.5 * len(look.column):
            continue
        repeats = look.filled - look.distinct
        if repeats >= 20 and repeats > 0.03 * look.filled and not _versions(look, found):
            found.notes.append(
                f"{look.name} is not used as id: {repeats / look.filled:.0%} of its values repeat for different rows; "
                f"--map id={look.name} uses it all the same."
            )
            continue
        found.take("id", look.name)
        return
    if found.table == "item" and (title := found.fields.get("title")) and title.columns:
        found.take("id", *title.columns, how="the title")


def _versions(key: Look, found: Guess) -> bool:
    """Whether rows of one id hold the same text, more or less: an edit, and not another message."""
    text = found.fields.get("text")
    if not text or not text.columns:
        return False
    texts = as_label(found.looks[text.columns[0]].column).to_pylist()
    first: dict[str, str] = {}
    repeats = same = 0
    for name, value in zip(key.keys().to_pylist(), texts, strict=True):
        if name is None:
            continue
        if name in first:
            repeats += 1
            same += (value or "")[:20] == first[name]
        else:
            first[name] = (value or "")[:20]
    return same >= 0.5 * repeats


def _value(found: Guess) -> None:
    """An amount, or the quantity times the price, or a rating."""
    named = candidates("value", "event", found.free)
    sure = [look for score, look in named if score < 1000 and look.plain not in SCORE_NAMES]
    quantity, price = _first(found, QUANTITY), _first(found, PRICE)
    if sure:
        found.take("value", sure[0].name)
    elif quantity and price:
        found.take("value", quantity.name, price.name, how="multiplied")
        found.notes.append(
            f"The value is {quantity.name} times {price.name}; --map value={price.name} takes the price alone."
        )
    elif price:
        found.take("value", price.name)
    elif named:
        found.take("value", named[0][1].name)


def _first(found: Guess, names: Sequence[str]) -> Look | None:
    ranked = [look for name in names for look in found.looks.values() if look.plain == name and look.numeric >= 0.9]
    return ranked[0] if ranked else None


def _rating(found: Guess) -> None:
    """A single column of whole numbers up to 5 that its name calls some kind of score."""
    likely = [
        look
        for look in found.free
        if look.scale in ("1-5", "0-10", "1-10")
        and look.whole
        and look.distinct >= 4
        and set(look.plain.split("_")) & (SCORE_NAMES | {"score", "rating", "stars", "satisfaction", "effectiveness"})
        and "sentiment" not in look.plain
    ]
    if len(likely) == 1:
        found.take("rating", likely[0].name, why=BY_CONTENT)
        found.notes.append(
            f"{likely[0].name} looks like a rating on {likely[0].scale}; --map rating= takes it as an attribute."
        )


def _event_name(found: Guess) -> None:
    """What happened, where no column says it: worked out from what the columns are about."""
    quantity, order, price = (_first(found, QUANTITY), [n for n in ORDER if _has(found, n)], _first(found, PRICE))
    value = found.fields.get("value")
    amount = found.looks[value.columns[0]] if value and value.columns else None
    rated = amount is not None and amount.plain in SCORE_NAMES
    money = amount is not None and not rated and amount.plain in ("amount", "total", "revenue", "umsatz", "sales")
    if quantity or order or price or money:
        sign = quantity or amount
        name = "purchase"
        below = sign is not None and sign.least < 0
        how = "return below zero" if below else "always"
        found.fields["name"] = Column((sign.name,) if sign and below else (), how, BY_CONTENT, constant=name)
        if below and sign:
            name = f"{name} or, where {sign.name} or the value is below zero, return"
    else:
        visited = {"path", "referrer"} & set(found.fields) or _has(found, "session_id") or _has(found, "page_id")
        name = "rating" if rated else "visit" if visited else "event"
        found.fields["name"] = Column((), "always", BY_CONTENT, constant=name)
    found.notes.append(
        f"No column says what happened: each row is named {name}; --map name==NAME or name=COLUMN changes it."
    )


def _has(found: Guess, plain: str) -> bool:
    return any(look.plain == plain for look in found.looks.values())


def sample_looks(rows: pa.RecordBatch, *, answers: bool = False) -> list[Look]:
    """A look at each column of a sample."""
    return [Look(name, column, answers=answers) for name, column in zip(rows.schema.names, rows.columns, strict=True)]
