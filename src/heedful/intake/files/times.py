"""Times: which format a column is in, day first or month first, and the values as UTC microseconds.

How a column is read is a text that people can write too (`--map occurred_at=column@HOW`): `iso`, `unix seconds`
(milliseconds, microseconds, nanoseconds), `excel days`, or a strptime format; several are joined by ` or `.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from itertools import product

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from heedful.intake.files.values import Mask, as_label, as_number, by_distinct, nearly_all, unread
from heedful.records import TIME

FIRST = int(datetime(1970, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000
LAST = int(datetime(2101, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000
NAIVE = pa.timestamp("us")
UNIX = {"unix seconds": 1_000_000, "unix milliseconds": 1000, "unix microseconds": 1, "unix nanoseconds": 0.001}
_BOUNDS = {"unix seconds": 1e8, "unix milliseconds": 1e11, "unix microseconds": 1e14, "unix nanoseconds": 1e17}
_ISO = r"^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?\s?(?:Z|z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?)?$"
_ISO_PLAIN = r"^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d:\d\d)?$"
_ZONE = r"(\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?)\s?(Z|z|UTC|GMT|[+-]\d\d(?::?\d\d)?)$"
_NUMBERED = (
    "%m/%d/%Y %d/%m/%Y %m/%d/%y %d/%m/%y %d.%m.%Y %d.%m.%y %d-%m-%Y %m-%d-%Y %d-%m-%y %m-%d-%y "
    "%Y/%m/%d %Y.%m.%d %Y-%m-%d %Y%m%d %d-%b-%Y %d-%b-%y %d/%b/%Y %b-%d-%Y"
).split()
_NAMED = ("%d %b %Y", "%d %b, %Y", "%b %d, %Y", "%b %d %Y", "%a, %d %b %Y", "%a %d %b %Y", "%a, %b %d, %Y", "%d. %b %Y")
_DATES = (*_NUMBERED, *_NAMED)
_CLOCKS: tuple[str, ...] = (
    "",
    " %H:%M",
    " %H:%M:%S",
    "T%H:%M:%S",
    " %I:%M %p",
    " %I:%M:%S %p",
    ", %H:%M",
    ", %H:%M:%S",
    ", %I:%M %p",
)
_CLOCKS += (", %I:%M:%S %p", ":%H:%M:%S", " %I:%M%p", " at %I:%M %p", " %I %p", "T%H%M%S")
_OTHERS = (
    "%a %b %d %H:%M:%S %z %Y",
    "%a %b %d %H:%M:%S %Y",
    "%I:%M %p - %d %b %Y",
    "%I:%M %p · %b %d, %Y",
    "%b %Y",
    "%H:%M %d/%m/%Y",
)
FORMATS = (*_OTHERS, *(d + c + z for d, c, z in product(_DATES, _CLOCKS, ("", " %z", "%z")) if c or not z))
_LATE_DAYS = r"(?:29|30|31)"


def find(column: pa.Array, *, named: bool) -> tuple[str, str | None] | None:
    """How a column's times are written and a note where that is a guess; None where it holds no times.

    Numbers count as times only where the column's name says so (`named`).
    """
    if pa.types.is_timestamp(column.type):
        return "as it is", None
    text = _tidy(column).drop_null()
    if not len(text) or pa.types.is_boolean(column.type):
        return None
    if named and (found := _find_number(column)):
        return found, None
    counted = pc.value_counts(text)
    texts, often = counted.field("values").to_pylist(), counted.field("counts").to_pylist()
    if not named and sum(map(_may_be_time, texts[:200])) < 0.9 * len(texts[:200]):
        return None
    kinds: list[str] = []
    note, left = None, texts
    while left and len(kinds) < 3:
        best, part, remark = _best(left)
        if best is None or part < (0.5 if not kinds else 0.02) * len(texts):
            break
        kinds.append(best)
        note = note or remark
        left = [
            t for t, v in zip(left, parse_text(pa.array(left, pa.string()), best).to_pylist(), strict=True) if v is None
        ]
    rest = set(left)
    lost = sum(count for value, count in zip(texts, often, strict=True) if value in rest)
    enough = lost <= 0.2 * len(text) or (named and nearly_all(len(text) - lost, len(text)))
    return (" or ".join(kinds), note) if kinds and enough else None


def _may_be_time(text: str) -> bool:
    return 6 <= len(text) <= 60 and bool(re.search(r"\d", text)) and bool(re.search(r"[-/.:, T]", text))


def _find_number(column: pa.Array) -> str | None:
    number = as_number(column).drop_null()
    if len(number) < 0.9 * len(as_label(column).drop_null()) or not len(number):
        return None
    low, high = np.quantile(np.asarray(number), [0.05, 0.95])
    for kind, least in _BOUNDS.items():
        if least <= low and high < 45 * least:
            return kind
    return "excel days" if low >= 20_000 and high <= 80_000 else None


def _best(texts: Sequence[str]) -> tuple[str | None, int, str | None]:
    """The format that reads most texts, how many, and a note where day and month could be the other way round."""
    some = texts[:: max(1, len(texts) // 200)]
    few = pa.array(some, pa.string())
    outlines = {_outline(text) for text in some}
    likely = ["iso", *(kind for kind in FORMATS if _format_outline(kind) in outlines)]
    counts = {kind: len(few) - parse_text(few, kind).null_count for kind in likely}
    top = max(counts.values())
    if not top:
        return None, 0, None
    every = pa.array(texts, pa.string())
    close = [kind for kind, count in counts.items() if count >= 0.7 * top]
    whole = {kind: len(every) - parse_text(every, kind).null_count for kind in close}
    most = max(whole.values())
    ties = [kind for kind in whole if whole[kind] == most]
    best = _usual(ties)
    note = None
    if _swapped(best) != best and _swapped(best) in ties:
        first = "the month" if best.find("%m") < best.find("%d") else "the day"
        example = next((t for t in texts if re.search(r"\d", t)), texts[0])
        note = f"{example!r} can be read two ways; {first} is taken to come first"
    return best, most, note


def _outline(text: str) -> str:
    """The shape of a text: 0 for digits, A for letters, ~ for a distance from UTC, the other signs as they are."""
    text = re.sub(r"[+-]\d\d:?\d\d(?=\s|$)", "~", text[:80]) if ":" in text or "T" in text else text[:80]
    return re.sub(r"\d+", "0", re.sub(r"[^\W\d_]+", "A", text))


@cache
def _format_outline(kind: str) -> str:
    """The outline of the texts that a format reads."""
    shape = kind.replace("T%H", "A%H")
    for name, sign in {"%z": "~", "%b": "A", "%a": "A", "%p": "A", " at ": " A "}.items():
        shape = shape.replace(name, sign)
    return re.sub(r"0+", "0", re.sub(r"%[A-Za-z]", "0", shape))


def _usual(ties: Sequence[str]) -> str:
    """Of formats that all fit: day first where parts are joined by - or with a 24-hour clock and a dot, else month."""
    dashed = [kind for kind in ties if kind.startswith("%d-%m")]
    return dashed[0] if dashed else ties[0]


def _swapped(kind: str) -> str:
    return kind.replace("%m", "\0").replace("%d", "%m").replace("\0", "%d")


def parse(column: pa.Array, how: str, zone: str) -> tuple[pa.Array, list[tuple[Mask, str]]]:
    """UTC microseconds, and which rows hold no time that can be read or one out of range (1970 to 2100).

    Times without a zone are in `zone`.
    """
    if pa.types.is_timestamp(column.type):
        found = column if column.type.tz else _placed(column, zone)
        given = column
    else:
        given = _tidy(column)
        found = pa.nulls(len(column), TIME)
        for kind in how.split(" or "):
            found = pc.coalesce(found, _one_kind(column, given, kind, zone))
        if pc.any(pc.and_(pc.is_valid(given), pc.is_null(found))).as_py():
            left = pc.if_else(pc.is_null(found), given, pa.scalar(None, pa.string()))
            found = pc.coalesce(found, _placed_any(left, zone))
    faults = []
    if (strange := unread(given, found)).any():
        faults.append((strange, "time not understood"))
    ticks = found.cast(pa.int64())
    inside = pc.and_(pc.greater_equal(ticks, FIRST), pc.less(ticks, LAST))
    far = np.asarray(pc.fill_null(pc.invert(inside), False).to_numpy(zero_copy_only=False), dtype=bool)
    if far.any():
        faults.append((far, "time out of range"))
    return found.cast(TIME), faults


def _one_kind(column: pa.Array, given: pa.Array, kind: str, zone: str) -> pa.Array:
    if kind in UNIX or kind == "excel days":
        number = as_number(column)
        ticks = pc.multiply(number, UNIX[kind]) if kind in UNIX else pc.multiply(pc.subtract(number, 25569.0), 86_400e6)
        ticks = pc.if_else(pc.less(pc.abs(ticks), 9e18), ticks, -1.0)
        stamp = pc.round(ticks).cast(pa.int64()).cast(NAIVE)
        return stamp.cast(TIME) if kind in UNIX else _placed(pc.round_temporal(stamp, 1, "second"), zone)
    found = parse_text(given, kind)
    if found.type.tz:
        return found.cast(TIME)
    if kind != "iso":
        return _placed(found, zone)
    offset = pc.match_substring_regex(given, _ZONE)
    return pc.if_else(offset, found.cast(TIME), _placed(found, zone))


def parse_text(text: pa.Array, kind: str) -> pa.Array:
    """Texts in one format: naive, or UTC where the format holds a zone; ISO ones with a zone naive in UTC."""
    if kind == "iso":
        return _iso(text)
    found = pc.strptime(text, format=kind, unit="us", error_is_null=True)
    if "%Y" in kind:
        found = pc.if_else(pc.greater_equal(pc.year(found), 1000), found, pa.scalar(None, found.type))
    if "%d" not in kind:
        return found
    rolled = pc.and_(pc.less_equal(pc.day(found), 3), pc.match_substring_regex(text, _LATE_DAYS))
    if not pc.any(rolled).as_py():
        return found
    doubted = pc.if_else(rolled, text, pa.scalar(None, pa.string()))
    real = by_distinct(doubted, lambda t: _is_real(t, kind), pa.bool_())
    return pc.if_else(pc.fill_null(real, True), found, pa.scalar(None, found.type))


def _is_real(text: str, kind: str) -> bool:
    """Whether the day exists: the 31st of February does not, though strptime in Arrow takes it."""
    for month, day in product(("%b", "%B"), ("%a", "%A")):
        try:
            datetime.strptime(text, kind.replace("%b", month).replace("%a", day))
        except ValueError:
            continue
        return True
    return False


def _iso(text: pa.Array) -> pa.Array:
    if pc.all(pc.match_substring_regex(text, _ISO_PLAIN)).as_py():
        return _cast(text)
    fits = pc.match_substring_regex(text, _ISO)
    kept = pc.if_else(fits, text, pa.scalar(None, pa.string()))
    stamp = pc.replace_substring_regex(kept, _ZONE, r"\1")
    stamp = pc.replace_substring_regex(stamp, r"[.,](\d{1,6})\d*$", r".\1")
    zones = pc.struct_field(
        pc.extract_regex(kept, r"\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?\s?(?P<zone>Z|z|UTC|GMT|[+-]\d\d(?::?\d\d)?)$"), "zone"
    )
    shift = by_distinct(zones, _offset, pa.int64())
    return pc.subtract(_cast(stamp), pc.fill_null(shift, 0).cast(pa.duration("us")))


def _cast(text: pa.Array) -> pa.Array:
    try:
        return text.cast(NAIVE)
    except pa.ArrowInvalid:
        return by_distinct(text, _naive, NAIVE)


def _naive(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _offset(zone: str) -> int:
    """Microseconds east of UTC."""
    digits = zone.replace(":", "")
    if digits[0] not in "+-":
        return 0
    minutes = int(digits[1:3]) * 60 + int(digits[3:5] or 0)
    return (minutes if digits[0] == "+" else -minutes) * 60_000_000


def _placed(naive: pa.Array, zone: str) -> pa.Array:
    """Naive times of a zone as UTC; an hour that the clock shows twice is the first, one that it skips the next."""
    if zone == "UTC":
        return naive.cast(TIME)
    near = pc.and_(pc.greater_equal(naive.cast(pa.int64()), FIRST), pc.less(naive.cast(pa.int64()), LAST))
    inside = pc.if_else(near, naive, pa.scalar(None, NAIVE))
    placed = pc.assume_timezone(inside, zone, ambiguous="earliest", nonexistent="latest").cast(TIME)
    return pc.coalesce(placed, naive.cast(TIME))


def _placed_any(text: pa.Array, zone: str) -> pa.Array:
    """Times in none of the formats found, one by one."""
    known = by_distinct(text, lambda t: _any(t, zoned=True), TIME)
    return pc.coalesce(known, _placed(by_distinct(text, lambda t: _any(t, zoned=False), NAIVE), zone))


def _any(text: str, *, zoned: bool) -> datetime | None:
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            found = read(text)
            if (found.tzinfo is not None) == zoned:
                return found.astimezone(UTC) if zoned else found
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None


def _tidy(column: pa.Array) -> pa.Array:
    """Texts without what strptime does not know: ordinals, fractions of a second, UTC spelled out."""
    text = as_label(column)
    if not pa.types.is_string(column.type) or pc.all(pc.match_substring_regex(text, _ISO)).as_py():
        return text
    text = pc.replace_substring_regex(text, r"^Reviewed in .{2,60} on ", "")
    text = pc.replace_substring_regex(text, r"(\d)(?:st|nd|rd|th)\b", r"\1")
    text = pc.replace_substring_regex(text, r"\bSept\b", "Sep")
    text = pc.replace_substring_regex(text, r"(\d)([AaPp])\.?([Mm])\.?$", r"\1 \2\3")
    plain = pc.invert(pc.match_substring_regex(text, r"^\d{4}-\d\d-\d\d"))
    other = pc.replace_substring_regex(text, r"(:\d\d)[.,]\d+", r"\1")
    other = pc.replace_substring_regex(other, r"\s*(?:UTC|GMT|Z)(?:\s*\(.*\))?$", " +0000")
    return pc.if_else(plain, other, text)
