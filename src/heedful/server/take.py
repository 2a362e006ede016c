"""POST /v1/messages|events|answers|items|profiles|consents: batches in, each record's fate out."""

import base64
import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from heedful.errors import NotAllowed, TryLater
from heedful.intake.door import Looked, look, look_whole
from heedful.records import PLURAL
from heedful.server import problem
from heedful.server.appender import Appender
from heedful.server.bodies import REFUSED, Bodies, refusal
from heedful.server.scrape.front import Figures
from heedful.store.keys import Key, scoped

ACCEPTED = "accepted"
MOST_KEYS = 10_000
"""So many keys, known and refused, are remembered."""


@dataclass
class KeyCheck:
    """Finds keys by their secrets; a good one is remembered for some seconds, a refused one for a second.

    A key works at once when it is made: only a secret that was tried in the second before is still refused.
    """

    find: Callable[[str], Key]
    seconds: float = 5.0
    refused_seconds: float = 1.0
    clock: Callable[[], float] = time.monotonic
    _known: dict[str, tuple[Key, float]] = field(default_factory=dict)
    _refused: dict[bytes, tuple[str, float]] = field(default_factory=dict)
    """By a hash, so that long secrets take no more room."""

    def source(self, request: Request) -> str:
        """The name of the request's write key: the default source of its records."""
        return scoped(self._key(request.headers.get("authorization", "")), "write").name

    def reads(self, header: str) -> Key:
        """The read key of an authorization header; NotAllowed where it holds none."""
        return scoped(self._key(header), "read")

    def known(self, header: str) -> bool:
        """Whether an authorization header holds a key at all."""
        try:
            return bool(self._key(header))
        except NotAllowed:
            return False

    def _key(self, header: str) -> Key:
        secret = _secret(header)
        found = self._known.get(secret)
        now = self.clock()
        if found and found[1] > now:
            return found[0]
        key = self._found(secret, now)
        if len(self._known) > MOST_KEYS:
            self._known.clear()
        self._known[secret] = (key, now + self.seconds)
        return key

    def _found(self, secret: str, now: float) -> Key:
        """The key from the file; a secret that was refused a moment ago is refused without a look."""
        hashed = hashlib.blake2b(secret.encode("utf-8", "replace"), digest_size=16).digest()
        why, until = self._refused.get(hashed, ("", 0.0))
        if until > now:
            raise NotAllowed(why)
        try:
            return self.find(secret)
        except NotAllowed as error:
            if len(self._refused) >= MOST_KEYS:
                self._refused.clear()
            self._refused[hashed] = (str(error), now + self.refused_seconds)
            raise


def _secret(header: str) -> str:
    """The key of `Bearer KEY`, or the user name of `Basic` (as Segment's clients send it)."""
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value, validate=True).decode().partition(":")[0]
        except ValueError:  # not base64, or not text
            return ""
    return ""


def routes(appender: Appender, keys: KeyCheck, figures: Figures, *, body_bytes: int, batch_records: int) -> list[Route]:
    """One route for each fact table."""
    bodies = Bodies(body_bytes)

    def taker(table: str) -> Callable[[Request], object]:
        async def take(request: Request) -> Response:
            return await _take(request, table, appender, keys, bodies, batch_records, figures)

        return take

    return [Route(f"/v1/{many}", taker(one), methods=["POST"], name=f"take {many}") for many, one in PLURAL.items()]


async def _take(
    request: Request, table: str, appender: Appender, keys: KeyCheck, bodies: Bodies, most: int, figures: Figures
) -> Response:
    try:
        source = keys.source(request)
    except NotAllowed as error:
        return problem.of(error, status=401 if "authorization" not in request.headers else 403)
    try:
        body = await bodies.read(request)
        looked = look_whole(table, body, source=source, most=most)
        if looked is None:  # slower by far, and a hostile body must not hold up others
            looked = await run_in_threadpool(look, table, body, source=source, most=most)
        await appender.append(looked.entry)
        figures.taken(table, looked.entry.records, len(looked.entry.bad))
    except REFUSED as error:
        if isinstance(error, TryLater):
            figures.refused(table)
        return refusal(error, bodies.largest)
    return _answer(looked)


def _answer(looked: Looked) -> Response:
    """202 where at least one record was accepted; what was not is in quarantine, with its reason."""
    bad = sum(reason is not None for reason in looked.reasons)
    results = [ACCEPTED if reason is None else {"error": reason} for reason in looked.reasons]
    body = {"accepted": looked.entry.records, "quarantined": bad, "results": results}
    if looked.reasons and bad == len(looked.reasons):
        detail = f"none of the {bad} record(s) can be taken; they wait in quarantine with these reasons"
        return problem.problem(422, "Bad records", detail, **body)
    return Response(msgspec.json.encode(body), 202, media_type="application/json")
