"""The language a text is written in, as its ISO 639-1 code."""

import math
import re
from functools import cache
from typing import Any

import pyarrow as pa

from heedful.privacy.redact import PLACEHOLDER
from heedful.records import READING

NEEDS: tuple[str, ...] = ("text",)
ADDS = pa.schema([READING.field("language")])
VERSION = "1"

LOOKED_AT = 2_000
ENOUGH = 120
"""Characters of a text that are searched for words, and of its words that are read."""
SHORT = 4
"""Fewer characters than these, in plain Latin letters, are the default language's: nothing tells them apart."""

FAVOUR_DEFAULT = 4.0
FAVOUR_FREQUENT = 2.0
FREQUENT = frozenset("ar de en es fr it nl pt hi".split())
LATIN = frozenset(
    "af az bs ca cs cy da de en es et eu fi fr ga gl hr hu id is it jv lt lv ms nl no pl pt ro sk sl so sq sr sv sw "
    "tl tr uz vi".split()
)
OTHERS = frozenset(
    "am ar be bg bn el fa gu he hi hy ja ka kk km kn ko ky lo mk ml mn mr my ne pa ps ru si ta te th uk ur zh".split()
)
"""Languages that are told apart, by whether they are written in Latin letters, and those that are met most.

The favours are in the unit of the recogniser's score.
"""

_NOISE = re.compile(
    r"https?:\S*|www\.\S+|[@#]\w+|\S+@\S+|&\w+;|\bhttps?\b|\brt\b(?=\s*@)|\d+|[^\w\s'’-]+|_+", re.IGNORECASE
)
_HINGLISH = frozenset(
    "aap aapka aapke aapki aur acha accha bahut bhai bhi chahiye dekho diya gaya hai hain haan hoga hota hua hum "
    "humko jaise jab kab kaha kahan kaise karna karne karo karke karta kisi kiya koi kuch kya kyu kyun liye mein "
    "mera mere meri mujhe nahi nahin naam raha rahe rahi sab sabhi sirf tha thi tum tumhara tera teri woh yaar yeh "
    "ka ke ki bhut kr nhi agar lekin magar tak jo iska uska unka apna apne apni wala wale wali hote hoti baat sahi "
    "desh sarkar paise saal zindagi pyar dil naya sath isliye phir fir kyunki hoon hu".split()
)
"""Hindi words as they are written in Latin letters; the recogniser only knows Hindi in its own script."""


def annotate(batch: pa.RecordBatch) -> pa.RecordBatch:
    """One code per text; null where it holds no words (only emoji, links, numbers or placeholders)."""
    default = ((batch.schema.metadata or {}).get(b"default_language") or b"en").decode()
    codes = [_code(text, default) if text else None for text in batch.column("text").to_pylist()]
    return pa.RecordBatch.from_arrays([pa.array(codes, pa.string())], schema=ADDS)


def _code(text: str, default: str) -> str | None:
    words = " ".join(_NOISE.sub(" ", PLACEHOLDER.sub(" ", text[:LOOKED_AT])).split())[:ENOUGH]
    if not any(sign.isalpha() for sign in words):
        return None
    if len(words) < SHORT and words.isascii():
        return default
    if _in_latin_hindi(words):
        return "hi"
    # The recogniser's scores grow with the length of the text; its own scale for that is the root of the bytes.
    scale = math.sqrt(len(words.encode()))
    favour = _favour(default, words.isascii())
    best: str = max((score + scale * favour[code], code) for code, score in _recogniser().rank(words))[1]
    return best


def _in_latin_hindi(words: str) -> bool:
    """Whether at least two different words, and every sixth, are Hindi."""
    if not words.isascii():
        return False
    found = words.lower().split()
    hindi = [word for word in found if word in _HINGLISH]
    return len(set(hindi)) >= 2 and len(hindi) * 6 >= len(found)


@cache
def _favour(default: str, plain: bool) -> dict[str, float]:
    """What is added to each language's score: short texts are rarely in a rare language.

    A text of plain Latin letters is in none of the languages with letters of their own.
    """
    favour = {code: FAVOUR_FREQUENT if code in FREQUENT else 0.0 for code in LATIN | OTHERS}
    return favour | {default: FAVOUR_DEFAULT} | (dict.fromkeys(OTHERS, -math.inf) if plain else {})


@cache
def _recogniser() -> Any:
    """The naive Bayes model over bytes that comes with py3langid, cut to the languages told apart."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    recogniser = LanguageIdentifier.from_model_file(MODEL_FILE)
    recogniser.set_languages(LATIN | OTHERS)
    return recogniser
