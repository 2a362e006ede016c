"""Changes to an example that keep enough of its structure to get past the first check of a parser."""

import re
from collections.abc import Callable, Sequence
from random import Random

NASTY: tuple[bytes, ...] = tuple(  # noqa: RUF005
    text.encode("utf-8", "surrogatepass")
    for text in (
        "",
        " ",
        "\t",
        "\n",
        "\r",
        "\r\n",
        "\x00",
        "\x1f",
        "\x7f",
        "\x85",
        "\u2028",
        "\ufeff",
        "\u200b",
        "\u202e",
        "\ud800",
        "\udfff",
        "\ue000",
        "\ufffd",
        "e\u0301",
        "\u0344\u0315",
        "\ufdfa",
        "👩‍👩‍👧",
        "🇺🇳",
        "１２３",
        "²",
        "١٢",
        "ﬀ",
        "ß",
        "İ",
        "ſ",
        "0",
        "-0",
        "-1",
        "1e999",
        "-1e-999",
        "NaN",
        "nan",
        "Infinity",
        "-inf",
        "1_000",
        "0x1F",
        "1" * 400,
        "9" * 4301,
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775809",
        "18446744073709551616",
        "1e18",
        "1.5",
        "0001-01-01",
        "9999-12-31T23:59:59Z",
        "9999-12-31T23:59:59-23:59",
        "2026-02-30",
        "2026-03-29T02:30:00",
        "10000-01-01",
        "-0001-01-01",
        "1969-12-31",
        "24:00:00",
        "2026-11-20T25:61:61",
        "1000000000000000000",
        "P1D",
        "Fri, 31 Dec 9999 23:59:59 -2359",
        "Mon, 1 Jan 0001 00:00:00 +2359",
        "20 Nov 99999 10:00",
        "30d",
        "999999w",
        "null",
        "true",
        "None",
        "undefined",
        "[]",
        "{}",
        "[" * 60,
        "]" * 60,
        '{"a":' * 40,
        "(" * 40,
        "-" * 80,
        "[[",
        "]]",
        '"',
        "'",
        '""',
        "\\",
        "\\u0000",
        "\\ud800",
        "\\x",
        ",",
        ";",
        "|",
        "=",
        "+",
        "@",
        "#",
        "&#" + "1" * 4400 + ";",
        "&#x110000;",
        "&amp;",
        "%00",
        "%ff",
        "%s",
        "{0}",
        "$(x)",
        "`x`",
        "../../etc/passwd",
        "a" * 64,
        "a." * 80,
        "@a" * 60,
        "=cmd|' /C calc'!A0",
        "<script>alert(1)</script>",
        "' or 1=1 --",
        "*",
        "a*",
        '-"',
        " OR ",
        " AND ",
        " NOT ",
        " NEAR ",
        "(none)",
        "\N{NBSP}",
        "+49 30 1234567",
        "555-123-4567",
        "jane@mail.example",
        "jane (at) mail (dot) example",
        "http://a.example/?token=x",
        "4111 1111 1111 1111",
        "DE89 3704 0044 0532 0130 00",
        "10.0.0.1",
        "::1",
        "123-45-6789",
        "[email]",
        "@p_0123456789abcdef",
        "Regards,\nJane Roe",
        "my name is Jane",
        "12 Long Street, Springfield 12345",
        "P.O. Box 12",
    )
) + (b"\xff", b"\xfe\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\x80", b"caf\xe9", b"\xef\xbb\xbf")
"""Pieces that have broken parsers before."""

_PIECES = re.compile(rb"\w+|\s+|.", re.DOTALL)
_NUMBER = re.compile(rb"\d+")

Change = Callable[[bytes, Random, Sequence[bytes]], bytes]


def mutated(example: bytes, draw: Random, others: Sequence[bytes], *, longest: int) -> bytes:
    """An example after one to six changes, cut to `longest` bytes; now and then one piece of it is repeated a lot."""
    body = example
    for _ in range(draw.choice((1, 1, 2, 3, 6))):
        body = draw.choice(CHANGES)(body, draw, others)
    if draw.random() < 0.01:
        body = _stretched(body, draw, longest)
    return body[:longest]


def _cut(body: bytes, draw: Random) -> tuple[int, int]:
    """Two places in a body, the first not behind the second."""
    first = draw.randint(0, len(body))
    return first, min(len(body), first + draw.choice((0, 1, 2, 8, 40)))


def _insert(body: bytes, draw: Random, _others: Sequence[bytes]) -> bytes:
    at, _ = _cut(body, draw)
    return body[:at] + draw.choice(NASTY) + body[at:]


def _replace(body: bytes, draw: Random, _others: Sequence[bytes]) -> bytes:
    first, last = _cut(body, draw)
    return body[:first] + draw.choice(NASTY) + body[last:]


def _drop(body: bytes, draw: Random, _others: Sequence[bytes]) -> bytes:
    first, last = _cut(body, draw)
    return body[:first] + body[last:]


def _double(body: bytes, draw: Random, _others: Sequence[bytes]) -> bytes:
    first, last = _cut(body, draw)
    return body[:last] + body[first:last] * draw.choice((1, 2, 7, 33)) + body[last:]


def _flip(body: bytes, draw: Random, _others: Sequence[bytes]) -> bytes:
    if not body:
        return body
    at = draw.randrange(len(body))
    return body[:at] + bytes([body[at] ^ (1 << draw.randrange(8))]) + body[at + 1 :]


def _splice(body: bytes, draw: Random, others: Sequence[bytes]) -> bytes:
    other = draw.choice(others)
    return body[: draw.randint(0, len(body))] + other[draw.randint(0, len(other)) :]


def _end(body: bytes, draw: Random, _others: Sequence[bytes]) -> bytes:
    return body[: draw.randint(0, len(body))]


def _pieces(body: bytes, draw: Random, _others: Sequence[bytes]) -> bytes:
    """Words and signs in another order."""
    found = _PIECES.findall(body[:4000])
    if len(found) > 1:
        a, b = draw.randrange(len(found)), draw.randrange(len(found))
        found[a], found[b] = found[b], found[a]
    return b"".join(found) + body[4000:]


def _number(body: bytes, draw: Random, _others: Sequence[bytes]) -> bytes:
    """One number for another."""
    found = list(_NUMBER.finditer(body[:4000]))
    if not found:
        return body
    one = draw.choice(found)
    said = draw.choice(
        (b"0", b"-1", b"99", b"1e400", b"00000", str(draw.getrandbits(draw.choice((7, 31, 63, 90)))).encode())
    )
    return body[: one.start()] + said + body[one.end() :]


def _line(body: bytes, draw: Random, others: Sequence[bytes]) -> bytes:
    """A line of another example among its lines."""
    lines, more = body.split(b"\n"), draw.choice(others).split(b"\n")
    lines.insert(draw.randint(0, len(lines)), draw.choice(more))
    return b"\n".join(lines)


CHANGES: tuple[Change, ...] = (
    _insert,
    _insert,
    _replace,
    _drop,
    _double,
    _flip,
    _splice,
    _end,
    _pieces,
    _number,
    _line,
)


def _stretched(body: bytes, draw: Random, longest: int) -> bytes:
    """A short piece repeated until the body is long: what makes slow patterns show."""
    first, last = _cut(body, draw)
    piece = body[first:last] or draw.choice(NASTY) or b"a"
    more = piece * (draw.randint(1, longest) // len(piece))
    return body[:first] + more + body[first:]
