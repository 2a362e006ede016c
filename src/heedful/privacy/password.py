"""Passwords of accounts: kept as argon2id hashes (RFC 9106), refused where they are easy to guess."""

from functools import cache
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from heedful.errors import BadSettings

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST, LONGEST = 12, 256
FEWEST_CHARACTERS = 5
_few_at_once = BoundedSemaphore(2)
"""Each takes 64 MB: many who sign in at once wait for one another."""


def check(password: str, name: str) -> None:
    """Refuse, saying why, what is too short, too plain, or holds the account's own name."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise BadSettings(f"a password has {SHORTEST} to {LONGEST} characters, this one has {len(password)}")
    if len(set(password)) < FEWEST_CHARACTERS:
        raise BadSettings(f"a password has at least {FEWEST_CHARACTERS} different characters")
    if len(name) > 2 and name.casefold() in password.casefold():
        raise BadSettings("a password may not hold the account's name")


def hashed(password: str) -> str:
    """The argon2id hash, with its salt and parameters."""
    with _few_at_once:
        return _hasher().hash(password)


def fits(password: str, kept: str | None) -> bool:
    """Whether it is the password of a hash; without a hash it takes as long, and is not."""
    from argon2.exceptions import VerificationError

    with _few_at_once:
        try:
            return _hasher().verify(kept or _nobody(), password[: LONGEST + 1]) and kept is not None
        except VerificationError:
            return False


@cache
def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher

    return PasswordHasher()


@cache
def _nobody() -> str:
    return _hasher().hash("the password of nobody")
