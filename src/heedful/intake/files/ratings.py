"""Ratings: which scale a column is on, and where each value stands between its ends."""

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from heedful.intake.files.names import plain
from heedful.intake.files.values import as_label, as_number, by_distinct, nearly_all

_OUT_OF = re.compile(r"(\d+(?:[.,]\d+)?)\s*(?:/|out of|von|sur|de|di|van)\s*(\d+)(?:\s*\w+)?")
_STARS = re.compile(r"(\d+(?:[.,]\d+)?)\s*[-_ ]?\s*(?:stars?|sterne?|étoiles?|estrellas?|stelle?|★|☆)\.?")
_SIGNS = re.compile(r"([★⭐]️?)+[☆]*")
SCALES = {
    "0-1": (0, 1),
    "1-5": (1, 5),
    "0-5": (0, 5),
    "1-7": (1, 7),
    "1-10": (1, 10),
    "0-10": (0, 10),
    "0-100": (0, 100),
}


def numbers(column: pa.Array) -> pa.Array:
    """The ratings as numbers on their own scale: `4`, `4.5 out of 5`, `4/5`, `4 stars`, `★★★★☆`."""
    found = as_number(column)
    if not pa.types.is_string(column.type) or pc.sum(pc.is_null(found)).as_py() == pc.sum(pc.is_null(column)).as_py():
        return found
    return pc.coalesce(found, by_distinct(as_label(column), _number, pa.float64()))


def _number(text: str) -> float | None:
    text = text.lower()
    found = _OUT_OF.fullmatch(text) or _STARS.fullmatch(text)
    if found:
        return float(found[1].replace(",", "."))
    return float(sum(text.count(star) for star in "★⭐")) if _SIGNS.fullmatch(text) else None


def find_scale(column: pa.Array, name: str) -> str | None:
    """The scale of a column, from `4/5`, its name or the values in it; None where it is not a rating."""
    values, filled = numbers(column).drop_null(), len(as_label(column).drop_null())
    if not len(values) or not (len(values) >= 0.9 * filled or nearly_all(len(values), filled)):
        return None
    stray = 0.98 if len(values) >= 50 else 1.0
    low, high = float(np.min(values)), float(np.quantile(values, stray, method="lower"))
    if pa.types.is_string(column.type):
        tops = {
            int(found[2])
            for text in pc.unique(column).to_pylist()
            if text and (found := _OUT_OF.fullmatch(text.lower()))
        }
        if len(tops) == 1 and (scale := f"1-{top}" if (top := tops.pop()) == 5 and low >= 1 else f"0-{top}"):
            return scale
    if "nps" in plain(name).split("_"):
        return "0-10" if low >= 0 and high <= 10 else None
    whole = bool(np.all(np.asarray(values) % 1 == 0))
    if low < 0:
        return None
    if high <= 1 and (low == 0 or not whole):
        return "0-1"
    if high <= 5:
        return "0-5" if low < 1 else "1-5"
    if high == 7 and len(values) >= 30:
        return "1-7" if low >= 1 else None
    if high <= 10:
        return "0-10" if low < 1 else "1-10"
    return "0-100" if high <= 100 else None


def ends(scale: str) -> tuple[float, float] | None:
    """The ends of a scale such as `1-5`; None where the text is none."""
    found = re.fullmatch(r"(-?\d+(?:\.\d+)?)\s*(?:-|to|\.\.)\s*(-?\d+(?:\.\d+)?)", scale.strip())
    return (float(found[1]), float(found[2])) if found and float(found[1]) < float(found[2]) else None


def scaled(column: pa.Array, scale: str) -> pa.Array:
    """Ratings from 0 to 1; null where a value is missing, none, or beyond the ends of the scale."""
    low, high = ends(scale) or (0.0, 1.0)
    found = numbers(column)
    inside = pc.and_(pc.greater_equal(found, low), pc.less_equal(found, high))
    return pc.if_else(inside, pc.divide(pc.subtract(found, low), high - low), pa.scalar(None, pa.float64()))
