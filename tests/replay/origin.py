"""A real server on this machine that answers as another platform would: pages, limits, errors, ETags, streams."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Asked:
    """A request: its path, its parameters, its headers in lower case, and its body."""

    path: str
    params: dict[str, str]
    headers: dict[str, str]
    body: bytes = b""
    method: str = "GET"


@dataclass(frozen=True)
class Reply:
    """An answer; what is not bytes or text is sent as JSON. `lines` go out one by one, and then the answer ends."""

    body: Any = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    lines: Iterator[str] | None = None


Answering = Callable[[Asked], Reply]


@dataclass
class Origin:
    """A running server; `answering` may be changed, `asked` holds every request there was."""

    answering: Answering
    url: str = ""
    asked: list[Asked] = field(default_factory=list)

    def paths(self) -> list[str]:
        """The path of each request."""
        return [one.path for one in self.asked]


@contextmanager
def origin(answering: Answering) -> Iterator[Origin]:
    """Serve until the block ends."""
    made = Origin(answering)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): text for name, text in self.headers.items()}
            asked = Asked(parts.path, dict(parse_qsl(parts.query, keep_blank_values=True)), headers, body, self.command)
            made.asked.append(asked)
            reply = made.answering(asked)
            self._send(reply)

        def do_POST(self) -> None:
            self.do_GET()

        def _send(self, reply: Reply) -> None:
            plain = reply.body.encode() if isinstance(reply.body, str) else reply.body
            body = plain if isinstance(plain, bytes) else json.dumps(plain).encode()
            kind = {"content-type": "text/plain" if isinstance(reply.body, bytes | str) else "application/json"}
            self.send_response(reply.status)
            for name, text in {**kind, **reply.headers}.items():
                self.send_header(name, text)
            if reply.lines is None:
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
                return
            self.close_connection = True
            self.send_header("connection", "close")
            self.end_headers()
            try:
                for line in reply.lines:
                    self.wfile.write(f"{line}\n".encode())
                    self.wfile.flush()
            except OSError:
                pass  # nobody listens any more

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    made.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
