"""Where a source may ask: what its settings name, and public addresses; nothing private that only an answer names."""

import socket
from dataclasses import dataclass, fields
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

from heedful.errors import NotAllowed, TryLater

SCHEMES = ("http", "https", "ws", "wss")


@dataclass(frozen=True)
class Reach:
    """The hosts that settings name; they may be asked wherever they are."""

    named: frozenset[str]

    @classmethod
    def of(cls, settings: Any) -> "Reach":
        """Of every address in a source's settings."""
        values = [getattr(settings, field.name) for field in fields(settings)]
        found = [urlsplit(one).hostname for one in _texts(values) if "://" in one]
        return cls(frozenset(host.lower() for host in found if host))

    def check(self, url: str) -> str:
        """The host of an address that may be asked; NotAllowed where it may not."""
        try:
            parts = urlsplit(url)
            host = (parts.hostname or "").lower()
        except ValueError:
            parts, host = urlsplit(""), ""
        if parts.scheme not in SCHEMES or not host:
            raise NotAllowed("an answer led to an address that is none: the source is left as it is")
        if host not in self.named and any(_private(one) for one in _addresses(host)):
            raise NotAllowed(
                f"an answer led to {host}, which is a private address that the settings do not name: it is not asked"
            )
        return host

    def address(self, url: str) -> str | None:
        """The IP address to ask, which is public; None for a name in the settings, which may lead anywhere.

        Behind a proxy it is the proxy that looks names up, and there is none either.
        """
        host = (urlsplit(url).hostname or "").lower()
        if host in self.named or getproxies():
            return None
        found = _addresses(host)
        if any(_private(one) for one in found):
            raise NotAllowed(f"an answer led to {host}, whose address turned into a private one: it is not asked")
        return found[0]


def _texts(value: Any) -> list[str]:
    """Every text in a value, however deep in tuples."""
    if isinstance(value, tuple | list):
        return [text for one in value for text in _texts(one)]
    return [value] if isinstance(value, str) else []


def _addresses(host: str) -> list[str]:
    """Every IP address of a name, those of IPv4 first: it works in more places."""
    try:
        found = {str(one[4][0]) for one in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
        return sorted(found, key=lambda one: (":" in one, one))
    except (OSError, UnicodeError):
        raise TryLater(f"{host} has no address: is its name right, and the network there?", after=60) from None


def _private(address: str) -> bool:
    found = ip_address(address.partition("%")[0])
    mapped = getattr(found, "ipv4_mapped", None)
    return not (mapped or found).is_global
