"""Wrong passwords: how many in a row from where, so that guessing is slow and nobody can lock out somebody else.

Failures count for an account together with the place they come from: a browser that signed in with this account before
(it holds a device cookie), or else an address. A place that failed too often waits; so do unknown places together when
very many of them fail at one account; browsers that are known go on signing in (OWASP, "device cookies").
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address
from threading import Lock

from heedful.errors import TryLater

WINDOW = 15 * 60.0
AT_PLACE, AT_ADDRESS, AT_ACCOUNT = 5, 30, 200
"""Failures within a window: at one account from one place, from one address at all, at one account from unknown places.
"""
REMEMBERED = 100_000
NAME_LENGTH = 100


@dataclass
class Guesses:
    """Failures of the last quarter of an hour; times in seconds of a clock that does not go back."""

    _failures: "OrderedDict[tuple[str, ...], list[float]]" = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def attempt(self, name: str, address: str, device: str | None, now: float) -> None:
        """Count an attempt before it is looked at, so that many at once are no more; TryLater where it has to wait."""
        with self._lock:
            counted = _counted(name, address, device)
            for key, most in counted:
                recent = [at for at in self._failures.get(key, ()) if at > now - WINDOW]
                if len(recent) >= most:
                    wait = recent[-most] + WINDOW - now
                    raise TryLater(
                        f"too many wrong passwords: try again in {max(1, round(wait / 60))} minute(s), or ask an admin "
                        "for a link that sets a new password",
                        after=wait,
                    )
            for key, most in counted:
                self._failures[key] = [*self._failures.pop(key, ()), now][-most:]
            while len(self._failures) > REMEMBERED:
                self._failures.popitem(last=False)

    def fitted(self, name: str, address: str, device: str | None, at: float) -> None:
        """Take back an attempt that was right, and forget the failures of a place that knew the password in the end."""
        with self._lock:
            first, *others = (key for key, _ in _counted(name, address, device))
            self._failures.pop(first, None)
            for key in others:
                if at in self._failures.get(key, ()):
                    self._failures[key].remove(at)


def _counted(name: str, address: str, device: str | None) -> list[tuple[tuple[str, ...], int]]:
    name = name[:NAME_LENGTH]
    if device:
        return [(("device", name, device), AT_PLACE)]
    network = network_of(address)
    return [(("place", name, network), AT_PLACE), (("address", network), AT_ADDRESS), (("account", name), AT_ACCOUNT)]


def network_of(address: str) -> str:
    """The address, or the /64 of an IPv6 address: who has one has them all."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(IPv6Address(int(found) >> 64 << 64)) if isinstance(found, IPv6Address) else str(found)
