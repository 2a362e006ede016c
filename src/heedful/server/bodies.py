"""Bodies of requests: read within bounds of size, time and memory, and unpacked."""

import asyncio
import re
import zlib
from dataclasses import dataclass

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from heedful.errors import BadRecord, HeedfulError, TryLater
from heedful.server import problem

IN_FLIGHT_BYTES = 256_000_000
BODY_SECONDS = 30.0


class TooLarge(Exception):
    """The body is larger than allowed."""


REFUSED = (TooLarge, TimeoutError, ClientDisconnect, HeedfulError)
"""What reading a body may raise."""


@dataclass
class Bodies:
    """Reads request bodies; how many bytes have been read of all those on their way is bounded."""

    largest: int
    in_flight: int = 0

    async def read(self, request: Request) -> bytes:
        """The body, unpacked; one of REFUSED where it is too large, too slow or not what it says."""
        return self._unpacked(request, await self.raw(request))

    async def raw(self, request: Request) -> bytes:
        """The body as it came."""
        if announced(request) > self.largest:
            raise TooLarge
        parts: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(BODY_SECONDS):
                async for chunk in request.stream():
                    size += len(chunk)
                    self.in_flight += len(chunk)
                    if size > self.largest:
                        raise TooLarge
                    if self.in_flight > max(IN_FLIGHT_BYTES, self.largest):
                        raise TryLater("too many bodies are being read: send this one again later", after=1)
                    parts.append(chunk)
                return b"".join(parts)
        finally:
            self.in_flight -= size

    def _unpacked(self, request: Request, body: bytes) -> bytes:
        coding = request.headers.get("content-encoding", "identity").lower()
        if coding in ("", "identity"):
            return body
        if coding != "gzip":
            raise BadRecord(f"content-encoding {coding[:40]!r} is not known: send gzip or none")
        try:
            unpacker = zlib.decompressobj(wbits=31)
            plain = unpacker.decompress(body, self.largest + 1)
        except zlib.error as error:
            raise BadRecord(f"the body says it is gzip and is not: {error}") from None
        if len(plain) > self.largest:
            raise TooLarge
        if not unpacker.eof:
            raise BadRecord("the gzip body ends too early")
        if unpacker.unused_data:
            raise BadRecord("something follows the end of the gzip body: send one gzip stream")
        return plain


def announced(request: Request) -> int:
    """The bytes that a body says it has, 0 where it does not; BadRecord where that is no number."""
    given = request.headers.get("content-length", "0")
    if not re.fullmatch("[0-9]{1,18}", given):
        raise BadRecord(f"content-length {given[:40]!r} is not a number of bytes")
    return int(given)


def refusal(error: Exception, largest: int) -> Response:
    """The answer where a body was refused with one of REFUSED."""
    if isinstance(error, TooLarge):
        return problem.problem(413, "Too large", f"a body may hold {largest:,} bytes: send it in parts")
    if isinstance(error, TimeoutError):
        return problem.problem(408, "Too slow", f"the body did not arrive within {BODY_SECONDS:.0f} seconds")
    if isinstance(error, BadRecord):
        return problem.problem(400, "Not a batch", str(error))
    return problem.of(error) if isinstance(error, HeedfulError) else Response(status_code=400)
