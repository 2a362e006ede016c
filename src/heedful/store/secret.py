"""What files of accounts and keys share: names that people give, hashes of secrets, and times as text."""

import hashlib
from datetime import datetime

from heedful.errors import BadSettings

NAME_LENGTH = 100


def named(name: str, *, what: str, such: str) -> str:
    """A name with single blanks; BadSettings says `what` needs one, and `such` as."""
    plain = " ".join(name.split())
    if not plain or len(plain) > NAME_LENGTH or not plain.isprintable():
        raise BadSettings(f"{what} needs a name of 1 to {NAME_LENGTH} characters, such as {such}")
    return plain


def digest(secret: str) -> str:
    """SHA-256 is enough: the secret has 192 random bits or more and cannot be guessed."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def text(moment: datetime) -> str:
    """A time to the second, as it is stored and compared."""
    return moment.isoformat(timespec="seconds")
