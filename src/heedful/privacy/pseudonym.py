"""Pseudonyms: keyed hashes in place of identifiers, the same for the same person everywhere in a workspace."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
PHONE = re.compile(r"\+?[\d\s()./-]{7,}")


@dataclass(frozen=True)
class Keys:
    """Keys of one workspace for different uses, each derived from its secret."""

    person: bytes = field(repr=False)
    row: bytes = field(repr=False)
    identity: bytes = field(repr=False)
    session: bytes = field(repr=False)

    @classmethod
    def of(cls, secret: bytes) -> "Keys":
        """Derive them (keyed BLAKE2b, RFC 7693)."""
        return cls(*(hashlib.blake2b(use, key=secret[:64], digest_size=32).digest() for use in USES))


USES = (b"person", b"row", b"identity", b"session")


def identify(raw: str) -> tuple[str, str]:
    """The kind of an identifier (email, phone, name) and its normal form.

    One spelling for one person: case, a leading @ of handles, and blanks and brackets of phone numbers do
    not matter. A customer number is taken as it is, so the same number from two sources is the same person.
    """
    plain = raw.strip()
    if EMAIL.fullmatch(plain):
        return "email", plain.casefold()
    if plain.startswith("+") and PHONE.fullmatch(plain):
        return "phone", "+" + re.sub(r"\D", "", plain)
    return "name", plain.removeprefix("@").casefold()


def person_number(raw: str, key: bytes) -> int:
    """The 64-bit pseudonym of an identifier."""
    return identified(raw, key)[0]


def identified(raw: str, key: bytes) -> tuple[int, str]:
    """The 64-bit pseudonym of an identifier, and the identifier's kind."""
    kind, normal = identify(raw)
    return int.from_bytes(_digest(f"{kind}:{normal}".encode("utf-8", "replace"), _keyed(key, 8)), "big"), kind


def row_hash(content: str, key: bytes) -> bytes:
    """16 bytes that stand for a piece of content without telling it."""
    return _digest(content.encode("utf-8", "replace"), _keyed(key, 16))


def row_hashes(contents: Iterable[bytes], key: bytes) -> bytes:
    """The hashes of many pieces of content (UTF-8), one after the other."""
    keyed = _keyed(key, 16)
    return b"".join([_digest(content, keyed) for content in contents])


@cache
def _keyed(key: bytes, size: int) -> "hashlib.blake2b":
    """A hash that has taken in the key: copying it takes half as long as making one."""
    return hashlib.blake2b(key=key, digest_size=size)


def _digest(content: bytes, keyed: "hashlib.blake2b") -> bytes:
    made = keyed.copy()
    made.update(content)
    return made.digest()
