"""The way to the network for sources: polite, patient and within bounds."""

import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from heedful import __version__
from heedful.errors import NotAllowed, NotFound, TryLater
from heedful.schedule.gates import Gates
from heedful.schedule.reach import Reach
from heedful.sources import Answer

if TYPE_CHECKING:
    import httpx2

AGENT = f"Heedful/{__version__} (open-source customer listening, run by its operator)"
BODY_BYTES = 20_000_000
LINE_BYTES = 2_000_000
ANSWER_SECONDS = 120.0
"""A whole answer comes within so many seconds."""
READ_SECONDS = 30.0
CONNECT_SECONDS = 10.0
REDIRECTS = 5
MOVED = (301, 302, 303, 307, 308)
SILENT_SECONDS = 120.0
"""A stream that says nothing for so long, not even that it lives, is opened anew."""
WAITED = 5.0
"""A gate that opens within so many seconds is waited for."""
ANYBODYS = ("user-agent", "accept", "accept-encoding")
"""Headers that another host may see as well; any other may be a secret, whatever its name."""


@dataclass(frozen=True)
class Politely:
    """A source's `fetch`. With `quiet`, a stream ends when nothing came for so many seconds."""

    reach: Reach
    gates: Gates
    stop: threading.Event = field(default_factory=threading.Event)
    quiet: float | None = None
    clock: Callable[[], float] = time.time

    def now(self) -> datetime:
        """What time it is, in UTC."""
        return datetime.fromtimestamp(self.clock(), UTC)

    def __call__(
        self,
        url: str,
        *,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        json: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Ask once; with `form` or `json`, post it. 304 is an answer too."""
        until = time.monotonic() + ANSWER_SECONDS
        sent = {"json": json} if json is not None else {"data": form} if form is not None else {}
        with self._asked(url, params, headers, sent) as (asked, answer):
            body = bytearray()
            for part in answer.iter_bytes():
                body += part
                if len(body) > BODY_BYTES:
                    raise TryLater(f"{_told(url)} answers with more than {BODY_BYTES:,} bytes", after=3600)
                if time.monotonic() > until:
                    raise TryLater(f"{_told(url)} did not answer whole within {ANSWER_SECONDS:.0f} s", after=60)
            return Answer(answer.status_code, _lower(answer.headers), bytes(body), asked)

    def lines(
        self, url: str, *, params: Mapping[str, str | int] | None = None, headers: Mapping[str, str] | None = None
    ) -> Iterator[str]:
        """Lines of an answer that does not end; TryLater where it does, or says nothing for long."""
        import httpx2

        held = ""
        with self._asked(url, params, headers, {}, patience=self.quiet or SILENT_SECONDS) as (_, answer):
            try:
                for part in answer.iter_text():
                    *whole, held = (held + part).split("\n")
                    yield from (line.rstrip("\r") for line in whole)
                    if len(held) > LINE_BYTES:
                        raise TryLater(f"{_told(url)} sends a line of more than {LINE_BYTES:,} bytes", after=60)
                    if self.stop.is_set():
                        return
            except httpx2.ReadTimeout:
                if self.quiet is not None:
                    return
                raise
        if self.quiet is None:
            raise TryLater(f"{_told(url)} ended the stream")

    def socket(self, url: str) -> Iterator[str]:
        """Messages of a websocket; TryLater where it is closed."""
        from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
        from websockets.sync.client import connect

        host = self.reach.check(url)
        self._await(host)
        try:
            with connect(url, user_agent_header=AGENT, open_timeout=CONNECT_SECONDS, max_size=LINE_BYTES) as opened:
                while not self.stop.is_set():
                    try:
                        said = opened.recv(timeout=self.quiet or SILENT_SECONDS)
                    except TimeoutError:
                        if self.quiet is not None:
                            return
                        raise TryLater(f"{_told(url)} has said nothing for {SILENT_SECONDS:.0f} s") from None
                    yield said if isinstance(said, str) else said.decode("utf-8", "replace")
        except InvalidStatus as error:
            answer = error.response
            self._judge(url, answer.status_code, {name.lower(): text for name, text in answer.headers.raw_items()})
            raise TryLater(f"{_told(url)} answers {answer.status_code} and opens no websocket", after=60) from None
        except (OSError, ConnectionClosed, InvalidHandshake) as error:
            raise TryLater(f"{_told(url)} closed the websocket: {type(error).__name__}", after=1) from None

    @contextmanager
    def _asked(
        self,
        url: str,
        params: Mapping[str, str | int] | None,
        headers: Mapping[str, str] | None,
        body: Mapping[str, Any],
        *,
        patience: float = READ_SECONDS,
    ) -> "Iterator[tuple[str, httpx2.Response]]":
        """An answer whose body is still to come, and from where it comes in the end."""
        import httpx2

        sent = {"user-agent": AGENT, "accept-encoding": "gzip, deflate", **(headers or {})}
        limits = httpx2.Timeout(patience, connect=CONNECT_SECONDS)
        url = with_params(url, params)
        try:
            with httpx2.Client(timeout=limits, verify=_trust()) as client:
                for _ in range(REDIRECTS + 1):
                    self._await(self.reach.check(url))
                    way = _way(url, self.reach.address(url), sent)
                    with client.stream("POST" if body else "GET", **way, **body) as answer:
                        where = answer.headers.get("location")
                        if answer.status_code not in MOVED or not where:
                            self._judge(url, answer.status_code, _lower(answer.headers))
                            yield url, answer
                            return
                        body = {} if answer.status_code in (301, 302, 303) else body
                        url, sent = _led(url, where, sent, posted=bool(body))
        except (httpx2.TransportError, httpx2.InvalidURL, httpx2.DecodingError) as error:
            hint = "; is the address right, and is something there?" if isinstance(error, httpx2.ConnectError) else ""
            raise TryLater(f"{_told(url)} cannot be asked: {type(error).__name__}{hint}", after=5) from None
        raise TryLater(f"{_told(url)} leads on more than {REDIRECTS} times", after=3600)

    def _await(self, host: str) -> None:
        """Wait for a host's gate where that is short; TryLater where it is long."""
        while seconds := self.gates.closed(host):
            if seconds > WAITED:
                raise TryLater(f"{host} has asked to be left alone for {seconds:.0f} s", after=seconds)
            if self.stop.wait(seconds):
                raise TryLater("listening ends")

    def _judge(self, url: str, status: int, headers: Mapping[str, str]) -> None:
        """Heed what the answer says of its limits, and raise where it is none."""
        waits = self.gates.heed(urlsplit(url).hostname or "", headers)
        if status in (404, 410):
            raise NotFound(f"{_told(url)} is not there ({status})")
        if status < 400:
            return
        if status in (401, 403) and not waits:
            raise NotAllowed(f"{_told(url)} refuses ({status}): look at the source's secret, its rights and its quota")
        if waits or status in (408, 425, 429) or status >= 500:
            raise TryLater(f"{_told(url)} answers {status}", after=waits or (60.0 if status == 429 else 1.0))
        raise NotAllowed(f"{_told(url)} takes the question as wrong ({status}): look at the source's settings")


@cache
def _trust() -> ssl.SSLContext:
    """The certificates of this machine: reading them takes longer than most questions, so it is done once."""
    return ssl.create_default_context()


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): text for name, text in headers.items()}


def _told(url: str) -> str:
    """An address as it may be told: without its query, which may hold a secret, or a name."""
    parts = urlsplit(url)
    return f"{parts.hostname or 'an address'}{parts.path[:100]}"


def with_params(url: str, params: Mapping[str, str | int] | None) -> str:
    """An address with these parameters besides its own."""
    import httpx2

    return str(httpx2.URL(url).copy_merge_params(params)) if params else url


def _way(url: str, address: str | None, sent: Mapping[str, str]) -> dict[str, Any]:
    """How an address is asked: at the very IP address that was looked at, where it was, so that no other is asked."""
    import httpx2

    whole = httpx2.URL(url)
    if address is None:
        return {"url": whole, "headers": sent}
    headers = {"host": whole.netloc.decode("ascii"), **sent}
    return {"url": whole.copy_with(host=address), "headers": headers, "extensions": {"sni_hostname": whole.host}}


def _led(url: str, where: str, sent: Mapping[str, str], *, posted: bool) -> tuple[str, dict[str, str]]:
    """Where a redirect leads; what is for one host only stays with it, and nothing goes on unencrypted."""
    there = urljoin(url, where)
    before, after = urlsplit(url), urlsplit(there)
    if before.scheme == "https" and after.scheme == "http":
        raise NotAllowed(f"{_told(url)} leads from https to http: it is not followed")
    same = (before.scheme, before.netloc) == (after.scheme, after.netloc)
    if posted and not same:
        raise NotAllowed(f"{_told(url)} leads what is posted to another host: it is not followed")
    return there, {name: text for name, text in sent.items() if same or name.lower() in ANYBODYS}
