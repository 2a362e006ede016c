"""Columns of a file as text, keys, numbers, truth values and lists; what cannot be read is marked, never guessed.

Every function takes an array of string, int64, float64, bool or timestamp, and works value by value: the same
value gives the same result in every file, whatever the block it comes in.
"""

import ast
import json
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Mask = npt.NDArray[np.bool_]
WORDS = pa.list_(pa.string())
MISSING = ["", "na", "n/a", "#n/a", "nan", "null", "none", "nat", "\\n", "-", "--", "undefined", "nil"]
UNANSWERED = ["", "NA", "#N/A", "#NULL!", "NaN", "nan", "null", "NULL"]
_MISSING, _UNANSWERED = pa.array(MISSING), pa.array(UNANSWERED)
YES = frozenset(
    "true t yes y 1 on ok granted given accepted accept agreed agree opt-in opted-in optin opted_in opt_in in "
    "subscribed allow allowed active consented ja j oui si sí sim da да はい 是".split()
)
NO = frozenset(
    "false f no n 0 off denied deny declined decline refused refuse rejected withdrawn revoked opt-out "
    "opted-out optout "
    "opted_out opt_out out unsubscribed disallow disallowed inactive objected nein non nao não нет いいえ 否".split()
)
AVAILABLE = {
    "in stock": True,
    "instock": True,
    "available": True,
    "published": True,
    "live": True,
    "out of stock": False,
}
AVAILABLE |= {"outofstock": False, "unavailable": False, "sold out": False, "archived": False, "discontinued": False}
_PLAIN = r"^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$"
_COIN = (
    r"(?:[A-Z]{0,2}[$€£¥₹₽₩¢]|USD|EUR|GBP|JPY|CHF|INR|CAD|AUD|NZD|CNY|RMB|SEK|NOK|DKK|PLN|CZK|HUF|BRL|MXN|ZAR|TRY|RUB|KRW|"
    r"SGD|HKD|THB|IDR|MYR|PHP|VND|ILS|AED|SAR|Rs\.?|kr\.?|zł|Kč|Ft|Fr\.?)"
)
_MONEY = re.compile(rf"[-+(]?\s*{_COIN}?\s*([-+]?[\d.,'’\u00a0\u202f ]*\d)\s*(?:{_COIN}|[%+])?\s*\)?")


def by_distinct(column: pa.Array, function: Callable[[str], Any], kind: pa.DataType) -> pa.Array:
    """Apply a function to every distinct text once."""
    coded = column.dictionary_encode()
    found = [None if value is None else function(value) for value in coded.dictionary.to_pylist()]
    return pa.array(found, kind).take(coded.indices)


def unread(column: pa.Array, result: pa.Array) -> Mask:
    """Which rows held something that gave nothing."""
    return np.asarray(pc.and_(pc.is_valid(column), pc.is_null(result)).to_numpy(zero_copy_only=False), dtype=bool)


def nearly_all(good: int, of: int) -> bool:
    """Whether of a few values all but one are good: in a short file, one mistake must not speak against a column."""
    return good >= of - 1 and 2 * good >= of


def as_text(column: pa.Array) -> pa.Array:
    """Text as it is; empty is null. 5.0 is 5, true is true, a time is ISO without needless zeros."""
    kind = column.type
    if pa.types.is_string(kind):
        return pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column)
    if pa.types.is_timestamp(kind):
        return pc.replace_substring_regex(column.cast(pa.string()), r"\.0+(Z?)$", r"\1")
    if pa.types.is_floating(kind):
        column = pc.if_else(pc.is_finite(column), column, pa.scalar(None, kind))
        whole = pc.and_(pc.equal(pc.trunc(column), column), pc.less(pc.abs(column), 2.0**53))
        if pc.all(whole).as_py():
            return column.cast(pa.int64()).cast(pa.string())
        if not pc.any(whole).as_py():
            return column.cast(pa.string())
        safe = pc.if_else(whole, column, 0.0).cast(pa.int64()).cast(pa.string())
        return pc.if_else(whole, safe, column.cast(pa.string()))
    return column.cast(pa.string())


def as_label(column: pa.Array) -> pa.Array:
    """Short text: blanks at the ends go, words for nothing (NA, null, nan ...) are null."""
    text = pc.utf8_trim_whitespace(as_text(column))
    return pc.if_else(pc.is_in(pc.utf8_lower(text), _MISSING), pa.scalar(None, pa.string()), text)


def as_answer(column: pa.Array) -> pa.Array:
    """A survey's cell: a label in which None, nil or - may be what somebody chose; only NA and the like are nothing."""
    text = pc.utf8_trim_whitespace(as_text(column))
    return pc.if_else(pc.is_in(text, _UNANSWERED), pa.scalar(None, pa.string()), text)


def as_key(column: pa.Array) -> pa.Array:
    """An identifier: a label, where a spreadsheet's 12.0 is 12 again."""
    label = as_label(column)
    return pc.replace_substring_regex(label, r"^(\d+)\.0+$", r"\1") if pa.types.is_string(column.type) else label


def join_present(parts: Sequence[pa.Array], sign: str) -> pa.Array:
    """The texts of a row that are there as one, joined by a sign; empty where there are none.

    Arrow's own join drops a row whose parts are all null, so an empty text goes first and its sign is cut off.
    """
    first = pa.repeat(pa.scalar("", pa.string()), len(parts[0]))
    whole = pc.binary_join_element_wise(first, *parts, sign, null_handling="skip")
    return pc.utf8_slice_codeunits(whole, len(sign))


def as_number(column: pa.Array, *, comma: bool = False) -> pa.Array:
    """Numbers, also `$1,234.50`, `10,000+`, `45%` or, with `comma`, `1.234,50`; null where it is none."""
    if pa.types.is_floating(column.type):
        return pc.if_else(pc.is_finite(column), column, pa.scalar(None, pa.float64()))
    if pa.types.is_integer(column.type) or pa.types.is_boolean(column.type):
        return column.cast(pa.float64(), safe=False)
    text = as_label(column)
    simple = pc.match_substring_regex(text, _PLAIN)
    if comma and pc.any(pc.match_substring(text, ".")).as_py():
        simple = pc.and_(simple, pc.invert(pc.match_substring(text, ".")))
    if pc.all(simple).as_py() is not False:
        return _finite(text.cast(pa.float64()))
    fast = pc.if_else(simple, text, pa.scalar(None, pa.string())).cast(pa.float64())
    slow = by_distinct(
        pc.if_else(simple, pa.scalar(None, pa.string()), text), lambda t: number_of(t, comma=comma), pa.float64()
    )
    return _finite(pc.coalesce(fast, slow))


def _finite(column: pa.Array) -> pa.Array:
    return pc.if_else(pc.is_finite(column), column, pa.scalar(None, pa.float64()))


def number_of(text: str, *, comma: bool = False) -> float | None:
    """The number in a text that holds a number and at most a currency, a percent sign or a plus."""
    found = _MONEY.fullmatch(text.strip()) if len(text) <= 40 else None
    if not found:
        return None
    digits = found[1]
    if re.search(r"[\s'’]", digits):
        if not re.fullmatch(r"[-+]?\d{1,3}(?:[\s'’]\d{3})+(?:[.,]\d+)?", digits):
            return None
        digits = re.sub(r"[\s'’]", "", digits)
    if comma:
        digits = digits.replace(".", "").replace(",", ".")
    elif re.fullmatch(r"[-+]?(\d{1,3}(,\d{3})+|\d{1,2}(,\d{2})+,\d{3})(\.\d+)?", digits):
        digits = digits.replace(",", "")
    try:
        value = float(digits)
    except ValueError:
        return None
    below = text.strip()[0] in "-(" and value > 0
    return -value if below else value


def as_count(column: pa.Array) -> pa.Array:
    """Whole numbers; null where there is none."""
    number = as_number(column)
    fits = pc.and_(pc.equal(pc.round(number), number), pc.less(pc.abs(number), 2.0**62))
    return pc.if_else(fits, number, pa.scalar(None, pa.float64())).cast(pa.int64())


def as_flag(column: pa.Array) -> pa.Array:
    """Yes or no, in the words of `YES`, `NO` and `AVAILABLE`; null where it is neither."""
    if pa.types.is_boolean(column.type):
        return column
    return by_distinct(as_key(column), flag_of, pa.bool_())


def flag_of(text: str) -> bool | None:
    """Yes, no, or None where a text says neither."""
    word = re.sub(r"\s+", " ", text.strip().lower())
    return True if word in YES else False if word in NO else AVAILABLE.get(word, AVAILABLE.get(word.replace("_", " ")))


def as_words(column: pa.Array, *, part: str) -> pa.Array:
    """Lists of text: JSON or Python lists, or text parted by one of the signs in `part`."""
    signs = re.compile(f"[{re.escape(part)}]")
    return by_distinct(as_label(column), lambda text: words_of(text, signs), WORDS)


def words_of(text: str, signs: re.Pattern[str]) -> list[str] | None:
    """The words of one cell; None where there are none."""
    if text.startswith("[") and text.endswith("]"):
        value = _literal(text)
        if isinstance(value, list | tuple):
            return [word for word in map(_word, value) if word] or None
        text = text[1:-1]
    return [word.strip() for word in signs.split(text) if word.strip()] or None


def _literal(text: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError:
        return None
    except ValueError:
        try:
            return ast.literal_eval(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            return None


def _word(value: Any) -> str | None:
    """A list's element as text; of an object the part that names it (as in exports of tweets)."""
    if isinstance(value, dict):
        value = next(
            (value[key] for key in ("text", "tag", "screen_name", "username", "expanded_url", "url") if key in value),
            None,
        )
    return None if value is None else str(value).strip()
