"""Shapes of phone numbers: from abroad (+, 00, 011), and as people write them inside their own country."""

import re
from functools import lru_cache

_GROUP = re.compile(r"[0-9]+")
_TRUNK = re.compile(r"\(0\)")

grouped = re.compile(
    r"(?<![0-9])(?:\+[0-9]{1,3}[ .-]?)?\(?[0-9]{3}\)?[ .-][0-9]{3}[.-][0-9]{4}(?![0-9])|"
    r"(?<![0-9+])\+[0-9]{9,14}(?![0-9])"
)
"""Unmistakable shapes, for text that is one long list of numbers."""

_BRACKETED = re.compile(r"\(?(?:\+?[0-9]{1,3}[ .-]?)?\(([0-9]{1,5})\)[ .\-/]{0,3}[0-9]")
_YEARS = re.compile(r"(?:1[89]|20)[0-9]{2}[ ]?[-/.][ ]?(?:1[89]|20)[0-9]{2}")
_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}(?:[ .][0-9]{3})*(?:[ .]000)")
_DATE = re.compile(r"(?:[0-9]{1,2}[-./ ]){2}(?:19|20)[0-9]{2}|(?:19|20)[0-9]{2}(?:[-./ ][0-9]{1,2}){2}")
_DISTINCT = re.compile(
    r"[1-9][0-9]/[0-9]{3}[ -][0-9]{3,4}|[78][ -]?\(?[3-9][0-9]{2}\)?[ -][0-9]{3}[ -][0-9]{2}[ -][0-9]{2}"
    r"|[1-9][0-9]{3} [0-9]{3} [0-9]{3}"
)
"""Groupings that hardly mean anything but a phone number: Hungary, Russia, Greece and Australia."""

_TRUNK_ZERO = ("GB", "DE", "FR", "NL", "CH", "AU", "JP", "BE", "SE", "IT", "IN", "ZA", "TR", "KR")
_RISING = "01234567890123456789"
_FALLING = "98765432109876543210"

_HOME: dict[tuple[int, ...], tuple[str, ...]] = {
    (5, 5): ("IN", "GB"),
    (2, 4, 4): ("BR", "MX", "SG", "IN"),
    (2, 5, 4): ("BR", "IN"),
    (3, 4, 4): ("CN", "CO"),
    (2, 8): ("MX", "IN", "BR"),
    (2, 9): ("BR",),
    (1, 3, 3, 2, 2): ("RU",),
    (3, 3, 2, 2): ("RU", "TR"),
    (3, 2, 2, 3): ("ES", "HU"),
    (3, 2, 2, 2): ("ES", "PT", "CH"),
    (2, 3, 2, 2): ("PL", "CH", "SE", "ES", "UA"),
    (2, 3, 4): ("IL", "HU"),
    (4, 3, 3): ("AU", "NZ", "GR"),
    (3, 7): ("IT",),
    (3, 6): ("IT", "ES"),
    (1, 4, 4): ("CL", "AU"),
    (3, 3, 3): ("ES", "PL", "PT", "CZ", "GR", "CH", "AU"),
    (4, 4): ("DK", "NO", "SG", "HK", "AU"),
    (4, 6): ("GR",),
    (5, 2, 3): ("GR",),
    (2, 2, 2, 2, 2): ("FR", "IT"),
}
"""Groupings without a leading zero, and where a valid number is written so."""

_ALONE: dict[tuple[int, ...], tuple[str, ...]] = {
    (2, 2, 2, 2): ("DK", "NO"),
    (3, 2, 3): ("NO",),
    (4, 4): ("SG", "HK", "DK", "NO", "TW"),
    (3, 3, 3): ("ES", "PL", "PT", "CZ", "SK", "GR"),
    (3, 4): ("US",),
}
"""Groupings that mean a phone number only where they stand alone in a line."""


def abroad(written: str, digits: str, *, said: bool, denied: bool) -> float:
    """How surely a number with '+', '00' or '011' in front is one: its country exists and its length fits."""
    plus = "+" in written[:4]
    if plus:
        rest = _TRUNK.sub("", written)
    elif digits.startswith("011") and len(digits) >= 11 and not digits.startswith("0110"):
        rest = digits[3:]
    elif digits.startswith("00") and not digits.startswith("000") and len(digits) >= 9:
        rest = _TRUNK.sub("", written).lstrip("(").removeprefix("00")
    else:
        return 0.0
    if denied and not plus:
        return 0.0
    number = "".join(filter(str.isdigit, rest))
    if not 7 <= len(number) <= 16 or number.endswith("000000"):
        return 0.0
    fit = _country_fits(number)
    if fit == 2:
        return 0.98
    bare = written.lstrip("+(").isdigit()
    if fit == 1:
        return 0.9 if plus or not bare or said else 0.0
    if plus and (said or (len(number) >= 8 and number[0] != "0")):
        return 0.6
    return 0.0


@lru_cache(maxsize=4096)
def _country_fits(number: str) -> int:
    """2: valid for the country in front; 1: a possible length there; 0: neither."""
    import phonenumbers

    try:
        parsed = phonenumbers.parse("+" + number, None)
    except phonenumbers.NumberParseException:
        return 0
    if phonenumbers.is_valid_number(parsed):
        return 2
    return 1 if phonenumbers.is_possible_number(parsed) else 0


@lru_cache(maxsize=4096)
def _valid_in(digits: str, regions: tuple[str, ...]) -> bool:
    """The digits are an assigned number of one of the countries, as dialled there."""
    import phonenumbers

    for region in regions:
        try:
            parsed = phonenumbers.parse(digits, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number_for_region(parsed, region):
            return True
    return False


def national(written: str, digits: str, *, alone: bool, closing: bool, whole: bool) -> float:
    """How surely a number written for its own country is one, by its shape only.

    `alone`: nothing else stands in the line; `closing`: the phrase ends behind it; `whole`: no more digits beside it.
    """
    groups = tuple(len(group) for group in _GROUP.findall(written))
    if _YEARS.fullmatch(written) or _DATE.fullmatch(written) or len(set(digits)) == 1:
        return 0.0
    if len(groups) == 1:
        return _bare(digits, alone=alone)
    return max(
        _north_american(written, groups),
        _with_zero(written, digits, groups),
        _by_group(written, digits, groups, alone, closing) if whole else 0.0,
    )


def _bare(digits: str, *, alone: bool) -> float:
    """Digits without a break: only where they are an assigned number."""
    if digits in _RISING or digits in _FALLING or digits.endswith("00000"):
        return 0.0
    if digits[0] == "0" and digits[1] != "0" and len(digits) in (10, 11):
        return 0.7 if _valid_in(digits, _TRUNK_ZERO) else 0.0
    if alone and len(digits) == 9:
        return 0.5 if _valid_in(digits, ("ES", "PT", "PL", "CZ", "IL", "TH")) else 0.0
    if digits[0] == "0" and len(digits) == 9:
        return 0.5 if _valid_in(digits, ("IL", "TH", "SE", "AT", "DE")) else 0.0
    if len(digits) == 10 and digits[0] not in "01":
        return 0.6 if digits[3] not in "01" or _valid_in(digits, ("IN",)) else 0.0
    if len(digits) == 11 and digits[0] == "1":
        return 0.55 if _valid_in(digits, ("US", "CN")) else 0.0
    return 0.0


def _north_american(written: str, groups: tuple[int, ...]) -> float:
    """555-123-4567 and its kin, with or without a leading 1."""
    tail = groups[1:] if len(groups) == 4 and groups[0] == 1 and written.lstrip("(")[0] == "1" else groups
    if tail == (3, 3, 4):
        return 0.85
    if tail == (3, 7) and ("(" in written or "-" in written):
        return 0.7
    return 0.7 if tail == (6, 4) and "-" in written else 0.0


def _with_zero(written: str, digits: str, groups: tuple[int, ...]) -> float:
    """A leading zero and an area code, or an area code in brackets."""
    bracketed = _BRACKETED.match(written)
    if bracketed is not None and 7 <= len(digits) <= 14:
        year = re.fullmatch(r"(?:19|20)[0-9]{2}", bracketed[1])
        return 0.0 if year else 0.8
    if digits[0] != "0" or digits.startswith("000") or not (8 if len(groups) > 2 else 9) <= len(digits) <= 13:
        return 0.0
    if len(digits) == 10 and len(groups) == 4 and groups[0] == groups[-1] == 1:
        return 0.0  # the shape of a book's number
    decimal = "." in written and (groups[0] == 1 or len(groups) == 2)
    return 0.0 if decimal else 0.8


def _by_group(written: str, digits: str, groups: tuple[int, ...], alone: bool, closing: bool) -> float:
    if alone and groups in _ALONE and not _THOUSANDS.fullmatch(written) and digits[0] not in "01":
        return 0.6
    if closing and "." not in written and groups in ((2, 3, 3), (3, 4)):
        return 0.45
    if _spread(written, groups) or _DISTINCT.fullmatch(written):
        return 0.5
    regions = _HOME.get(groups)
    if regions is None or _THOUSANDS.fullmatch(written) or digits.endswith("0000"):
        return 0.0
    if ("/" in written and groups != (2, 3, 4)) or (groups == (3, 6) and "-" not in written):
        return 0.0
    return 0.6 if _valid_in(digits, regions) else 0.0


def _spread(written: str, groups: tuple[int, ...]) -> bool:
    """Three to five groups of two to four digits, all with the same separator, and no sum with thousands."""
    if not (3 <= len(groups) <= 5 and 7 <= sum(groups) <= 12 and min(groups) >= 2 and max(groups) <= 5):
        return False
    if sum(groups) == 12 and re.search(r"\b(?:19|20)[0-9]{2}\b", written):
        return False
    if len({char for char in written if char in " .-/"}) != 1 or "/" in written or "  " in written:
        return False
    return set(groups[1:]) != {3} and groups != (3, 2, 4)


def plain_number(written: str, digits: str) -> bool:
    """With a word such as 'call' before it, this is a phone number: no year, date, round sum or short code."""
    if len(digits) > 15 or len(set(digits)) == 1 or digits.endswith("00000"):
        return False
    if _YEARS.fullmatch(written) or _DATE.fullmatch(written) or _THOUSANDS.fullmatch(written):
        return False
    groups = _GROUP.findall(written)
    if len(groups) == 1:
        return len(digits) >= 7
    if max(map(len, groups)) < 2 or len(groups) > 7:
        return False
    if len(groups) == 2 and ("/" in written or ("." in written and len(groups[1]) != 4)):
        return len(digits) > 8
    return not (len(digits) == 6 and max(map(int, groups)) > 1900)
