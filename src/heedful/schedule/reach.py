"""Where a source may ask: what its settings name, and public addresses; nothing private that only an answer names."""

import socket
from collections.abc import Iterable
from dataclasses import dataclass, fields
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

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
        texts = [one for value in values for one in (value if isinstance(value, tuple) else (value,))]
        found = [urlsplit(one).hostname for one in texts if isinstance(one, str) and "://" in one]
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


def _addresses(host: str) -> Iterable[str]:
    try:
        return {str(found[4][0]) for found in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError):
        raise TryLater(f"{host} has no address: is its name right, and the network there?", after=60) from None


def _private(address: str) -> bool:
    found = ip_address(address.partition("%")[0])
    mapped = getattr(found, "ipv4_mapped", None)
    return not (mapped or found).is_global
