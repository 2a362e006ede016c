"""POST /v1/messages|events|answers|items|profiles|consents: batches in, each record's fate out."""

import asyncio
import base64
import binascii
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from heedful.errors import BadRecord, HeedfulError, NotAllowed, TryLater
from heedful.intake.door import Looked, look, look_whole
from heedful.records import PLURAL
from heedful.server import problem
from heedful.server.appender import Appender
from heedful.server.scrape.front import Figures
from heedful.store.keys import Key, scoped

IN_FLIGHT_BYTES = 256_000_000
BODY_SECONDS = 30.0
ACCEPTED = "accepted"


class TooLarge(Exception):
    """The body is larger than allowed."""


@dataclass
class Bodies:
    """Reads request bodies; how many bytes are being read or unpacked at one time is bounded."""

    largest: int
    in_flight: int = 0

    async def read(self, request: Request) -> bytes:
        """The body, unpacked; TooLarge, TryLater, or TimeoutError where the client is too slow."""
        announced = int(request.headers.get("content-length", "0") or 0)
        if announced > self.largest:
            raise TooLarge
        if self.in_flight + max(announced, 1) > IN_FLIGHT_BYTES:
            raise TryLater("too many bodies are being read: send this one again later", after=1)
        held = announced
        self.in_flight += held
        try:
            async with asyncio.timeout(BODY_SECONDS):
                return self._unpacked(request, await self._chunks(request))
        finally:
            self.in_flight -= held

    async def _chunks(self, request: Request) -> bytes:
        parts: list[bytes] = []
        size = 0
        async for chunk in request.stream():
            size += len(chunk)
            if size > self.largest:
                raise TooLarge
            parts.append(chunk)
        return b"".join(parts)

    def _unpacked(self, request: Request, body: bytes) -> bytes:
        coding = request.headers.get("content-encoding", "identity").lower()
        if coding in ("", "identity"):
            return body
        if coding != "gzip":
            raise BadRecord(f"content-encoding {coding!r} is not known: send gzip or none")
        try:
            unpacker = zlib.decompressobj(wbits=31)
            plain = unpacker.decompress(body, self.largest + 1)
        except zlib.error as error:
            raise BadRecord(f"the body says it is gzip and is not: {error}") from None
        if len(plain) > self.largest:
            raise TooLarge
        if not unpacker.eof:
            raise BadRecord("the gzip body ends too early")
        return plain


@dataclass
class KeyCheck:
    """Finds keys by their secrets; a good one is remembered for some seconds."""

    find: Callable[[str], Key]
    seconds: float = 5.0
    _known: dict[str, tuple[Key, float]] = field(default_factory=dict)

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
        if found and found[1] > time.monotonic():
            return found[0]
        key = self.find(secret)
        if len(self._known) > 10_000:
            self._known.clear()
        self._known[secret] = (key, time.monotonic() + self.seconds)
        return key


def _secret(header: str) -> str:
    """The key of `Bearer KEY`, or the user name of `Basic` (as Segment's clients send it)."""
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
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
    except TooLarge:
        return problem.problem(413, "Too large", f"a body may hold {bodies.largest:,} bytes: send it in parts")
    except TimeoutError:
        return problem.problem(408, "Too slow", f"the body did not arrive within {BODY_SECONDS:.0f} seconds")
    except ClientDisconnect:
        return Response(status_code=400)
    except BadRecord as error:
        return problem.problem(400, "Not a batch", str(error))
    except HeedfulError as error:
        if isinstance(error, TryLater):
            figures.refused(table)
        return problem.of(error)
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
