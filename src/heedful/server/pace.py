"""How many requests a second one key or one address may send: a bucket each, refilled as time goes by."""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Receive, Scope, Send

from heedful.server import problem
from heedful.server.guesses import network_of

SECONDS_AHEAD = 4
"""So many seconds' worth may come at once."""
REMEMBERED = 50_000
FREE = ("/healthz", "/static/")


@dataclass
class Buckets:
    """One bucket for each name; `per_second` is how fast each fills."""

    per_second: int
    _left: "OrderedDict[str, tuple[float, float]]" = field(default_factory=OrderedDict)

    def take(self, name: str, now: float) -> float:
        """Take one; the seconds to wait where there is none."""
        most = float(self.per_second * SECONDS_AHEAD)
        left, at = self._left.pop(name, (most, now))
        left = min(most, left + (now - at) * self.per_second)
        self._left[name] = (max(left - 1, 0.0), now) if left >= 1 else (left, now)
        while len(self._left) > REMEMBERED:
            self._left.popitem(last=False)
        return 0.0 if left >= 1 else (1 - left) / self.per_second


class Pace:
    """Answers 429 to whoever is too fast: requests with a good key count for the key, all others for their address."""

    def __init__(self, app: ASGIApp, *, addresses: Buckets, keys: Buckets, known: Callable[[str], bool]) -> None:
        """Stand around an app; `known` tells whether the secret of a request's key was good a moment ago."""
        self._app, self._addresses, self._keys, self._known = app, addresses, keys, known

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or say when to come again."""
        if scope["type"] == "http" and not scope["path"].startswith(FREE):
            wait = self._wait(scope, time.monotonic())
            if wait:
                refused = problem.problem(429, "Too fast", "send fewer requests a second", after=wait)
                await refused(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _wait(self, scope: Scope, now: float) -> float:
        secret = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"authorization"), "")
        if secret and self._known(secret):
            return self._keys.take(hashlib.sha256(secret.encode()).hexdigest(), now)
        return self._addresses.take(network_of((scope.get("client") or ("unknown",))[0]), now)
