"""Numbers with a structure that can be checked: cards, bank accounts, network addresses, social security numbers."""

import ipaddress
import re
from collections.abc import Iterator

from heedful.privacy.redact.context import ACCOUNT, CARD, NETWORK, SOCIAL, SPOKEN, denied, near
from heedful.privacy.redact.spans import Span

_CARD = re.compile(
    r"(?<![0-9A-Za-z_+/#$€£¥])(?<![0-9][.,-])(?:"
    r"[0-9]{12,19}"
    r"|[0-9]{4}(?:[ ]{0,2}[ .-][ ]{0,2}[0-9]{4}){3}(?:[ .-][0-9]{1,3})?"
    r"|[0-9]{4}[ .-][0-9]{6}[ .-][0-9]{4,5}"
    r"|(?P<odd>[0-9]{2,6}(?:[ -][0-9]{2,6}){2,5})"
    r")(?![0-9A-Za-z_])(?!-[0-9])"
)
_FIRST_CARD = re.compile(r"[0-9]{4}[ .-](?:[0-9]{4}[ .-][0-9]{4}[ .-][0-9]{4}|[0-9]{6}[ .-][0-9]{4,5})(?![0-9])")
_NOT_DIGIT = re.compile(r"[^0-9]+")
_BRANDS: tuple[tuple[re.Pattern[str], frozenset[int]], ...] = (
    (re.compile(r"4"), frozenset((13, 16, 19))),
    (re.compile(r"5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)"), frozenset((16,))),
    (re.compile(r"3[47]"), frozenset((15,))),
    (re.compile(r"30[0-5]|309|3[689]"), frozenset((14, 15, 16, 17, 18, 19))),
    (re.compile(r"35"), frozenset((16, 17, 18, 19))),
    (re.compile(r"2131|1800"), frozenset((15,))),
    (re.compile(r"6(?:011|4[4-9]|5|2)"), frozenset((16, 17, 18, 19))),
    (re.compile(r"50|5[6-9]|6|0604"), frozenset(range(12, 20))),
    (re.compile(r"220[0-4]|9792|8699"), frozenset((15, 16, 17, 18, 19))),
)


_DOUBLED = str.maketrans("0123456789", "0246813579")


def luhn(digits: str) -> bool:
    """The check digit of ISO/IEC 7812 holds."""
    doubled = digits[-2::-2].translate(_DOUBLED)
    return sum(map(int, digits[-1::-2] + doubled)) % 10 == 0


def cards(text: str) -> Iterator[Span]:
    """Payment card numbers of 12 to 19 digits: a known beginning and length and a right check digit.

    A wrong check digit passes only for a well-formed number right behind a word such as 'card'.
    """
    for match in _CARD.finditer(text):
        start, end = match.span()
        score = _card(text, start, match[0], odd=match["odd"] is not None)
        if score == 0 and (first := _FIRST_CARD.match(text, start, end)):
            end = first.end()
            score = _card(text, start, first[0], odd=False)
        if score:
            yield Span("card", start, end, score)


def _card(text: str, start: int, written: str, *, odd: bool) -> float:
    """How surely a card; one in groups of an odd size has to be named as a card."""
    digits = _NOT_DIGIT.sub("", written)
    if not 12 <= len(digits) <= 19 or len(set(digits)) == 1:
        return 0.0
    known = any(len(digits) in lengths and brand.match(digits) for brand, lengths in _BRANDS)
    right = luhn(digits)
    if not known and not right:
        return 0.0
    if near(CARD, text, start, reach=48):
        typed_wrong = len(digits) in (15, 16) and not denied(text, start)
        return 0.99 if right else 0.6 if typed_wrong else 0.0
    return 0.9 if right and known and not odd and not denied(text, start) else 0.0


_IBAN = re.compile(r"(?<![0-9A-Za-z_])[A-Za-z]{2}[0-9]{2}(?=(?:[ .-]?[0-9A-Za-z]){11})")
_IBAN_RUN = re.compile(r"[0-9A-Za-z]{15,34}(?![0-9A-Za-z_])(?![ .-][0-9]{2})")
_IBAN_LENGTH: dict[str, int] = {
    name: length
    for length, names in {
        15: "NO", 16: "BE BI", 18: "DK FI FO GL NL FK SD", 19: "MK SI", 20: "AT BA EE KZ LT LU XK MN",
        21: "CH HR LI LV", 22: "BG BH CR DE GB GE IE ME RS VA", 23: "AE GI IL IQ TL OM SO",
        24: "AD CZ ES MD PK RO SA SE SK TN VG", 25: "LY PT ST", 26: "IS TR", 27: "DJ FR GR IT MC MR SM BF CI",
        28: "AL AZ BY CY DO GT HU LB NI PL SV SN", 29: "BR EG PS QA UA", 30: "JO KW MU YE",
        31: "MT SC", 32: "LC", 33: "RU",
    }.items()
    for name in names.split()
}  # fmt: skip
"""Characters of an account number by country: the IBAN registry of SWIFT."""


def ibans(text: str) -> Iterator[Span]:
    """International bank account numbers, spaced or not, in either case, with the remainder of ISO 13616 checked."""
    done = 0
    for match in _IBAN.finditer(text):
        if match.start() < done:
            continue
        length = _IBAN_LENGTH.get(match[0][:2].upper())
        run = _IBAN_RUN.match(text, match.start())
        if run is not None and (length or len(run[0]) >= 20):
            end = run.end()
        else:
            end = _after(text, match.start(), length) if length else 0
        if not end:
            continue
        number = re.sub(r"[ .-]", "", text[match.start() : end]).upper()
        sure = _remainder(number) == 1
        if sure or near(ACCOUNT, text, match.start(), reach=40):
            done = end
            yield Span("iban", match.start(), end, 0.99 if sure else 0.7)


def _after(text: str, start: int, length: int) -> int:
    """Where `length` letters and digits with single separators between them end; 0 if they do not."""
    at, seen, gap = start, 0, 0
    while at < len(text) and seen < length:
        if text[at].isascii() and text[at].isalnum():
            seen, gap = seen + 1, 0
        elif text[at] in " .-" and gap == 0:
            gap = 1
        else:
            return 0
        at += 1
    rest = text[at : at + 1]
    return at if seen == length and not (rest.isascii() and rest.isalnum()) else 0


def _remainder(number: str) -> int:
    return int("".join(str(int(char, 36)) for char in number[4:] + number[:4])) % 97


_IP4 = re.compile(
    r"(?<![0-9A-Za-z_.])(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\.){3}"
    r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?![0-9A-Za-z_])(?!\.[0-9])"
)
_IP6 = re.compile(
    r"(?<![0-9A-Za-z:.])(?=[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:])[0-9A-Fa-f:]{3,41}(?:(?:[0-9]{1,3}\.){3}[0-9]{1,3})?"
    r"(?:%[0-9A-Za-z]{1,12})?(?![0-9A-Za-z:])"
)
_VERSION = re.compile(
    r"(?:versions?|ver|v|firmware|build|release|update|section|chapter|ios|driver|sdk)[ .:]{0,2}\Z", re.IGNORECASE
)


def network_addresses(text: str) -> Iterator[Span]:
    """Version 4 and 6 network addresses; numbers behind 'version' and the like stay."""
    for match in _IP4.finditer(text):
        before = text[max(0, match.start() - 16) : match.start()]
        if _VERSION.search(before) is None and not _like_version(text, match):
            yield Span("ip", match.start(), match.end(), 0.95)


def _like_version(text: str, match: re.Match[str]) -> bool:
    """Four small numbers, as in '5.9.1.0', that nothing calls an address."""
    small = all(int(part) < 64 for part in match[0].split("."))
    return small and not near(NETWORK, text, match.start(), reach=40)


def long_network_addresses(text: str) -> Iterator[Span]:
    """Version 6 network addresses that are more than a loopback and cannot be a clock time or a word."""
    for match in _IP6.finditer(text):
        written = match[0].rstrip(":") if match[0].endswith(":") and not match[0].endswith("::") else match[0]
        if written.count(":") < 2 or not any(char.isdigit() for char in written):
            continue
        try:
            ipaddress.IPv6Address(written.partition("%")[0])
        except ValueError:
            continue
        parts = [part for part in re.split(r"[:.%]", written) if part]
        if len(parts) >= 2 and max(len(part) for part in parts) >= 3:
            yield Span("ip", match.start(), match.start() + len(written), 0.95)


_SSN = re.compile(
    r"(?<![0-9A-Za-z_.+(/$€£-])([0-9]{3})(?:[ ]?-[ ]?|[ .])([0-9]{2})(?:[ ]?-[ ]?|"
    r"[ .])([0-9]{4})(?![0-9A-Za-z_])(?![-./][0-9])"
)
_SSN_BARE = re.compile(r"(?<![0-9A-Za-z_.+(/$€£-])([0-9]{3})([0-9]{2})([0-9]{4})(?![0-9A-Za-z_])(?![-./][0-9])")


def social_security(text: str) -> Iterator[Span]:
    """US social security numbers: area not 000, 666 or 9xx, group not 00, serial not 0000.

    Nine bare digits, and a taxpayer number (9xx), count only behind words such as 'SSN'.
    """
    for match in _SSN.finditer(text):
        named = near(SOCIAL, text, match.start(), reach=40)
        spoken = near(SPOKEN, text, match.start(), reach=24)
        if (named or not (spoken or denied(text, match.start()))) and _issued(match, named):
            yield Span("ssn", match.start(), match.end(), 0.97 if named else 0.85 if "-" in match[0] else 0.6)
    for match in _SSN_BARE.finditer(text):
        if near(SOCIAL, text, match.start(), reach=40) and _issued(match, True):
            yield Span("ssn", match.start(), match.end(), 0.9)


def _issued(match: re.Match[str], named: bool) -> bool:
    area, group, serial = match.groups()
    return area not in ("000", "666") and group != "00" and serial != "0000" and (named or area[0] != "9")
