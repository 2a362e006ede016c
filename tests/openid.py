"""A small OpenID provider over real HTTP, with real signatures, that can be told to misbehave."""

import base64
import hashlib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT, SECRET = "heedful", "the client's secret"


@dataclass
class OpenId:
    """`person` is who is signed in there; `lie` changes the claims of a token, `other_key` signs with a strange key."""

    url: str
    person: dict[str, Any] = field(
        default_factory=lambda: {"sub": "1", "email": "ben@example.org", "email_verified": True}
    )
    lie: dict[str, Any] = field(default_factory=dict)
    other_key: bool = False
    refuse: str | None = None
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "1"}))

    def routes(self) -> list[Route]:
        """Its endpoints."""
        return [
            Route("/.well-known/openid-configuration", self.discover),
            Route("/keys", self.keys),
            Route("/authorize", self.authorize),
            Route("/token", self.token, methods=["POST"]),
        ]

    async def discover(self, _request: Request) -> Response:
        """What it says of itself."""
        ends = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/keys"}
        return JSONResponse({"issuer": self.url, **{name: self.url + path for name, path in ends.items()}})

    async def keys(self, _request: Request) -> Response:
        """Its public keys."""
        return JSONResponse(KeySet([self.key]).as_dict(private=False))

    async def authorize(self, request: Request) -> Response:
        """Whoever comes is `person`, and agrees."""
        asked = dict(request.query_params)
        if self.refuse:
            answer = {"error": "access_denied", "error_description": self.refuse}
        else:
            code = f"code {len(self.codes)}"
            self.codes[code] = asked
            answer = {"code": code}
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode({**answer, 'state': asked['state']})}", 302)

    async def token(self, request: Request) -> Response:
        """An ID token for a code, to the client that knows its secret and the code's verifier."""
        form = await request.form()
        asked = self.codes.pop(str(form["code"]), None)
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        digest = hashlib.sha256(str(form.get("code_verifier", "")).encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        fits = asked and asked["code_challenge"] == challenge and asked["redirect_uri"] == form["redirect_uri"]
        if not asked or not fits or request.headers["authorization"] != f"Basic {basic}":
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT, "exp": now + 60, "iat": now, "nonce": asked["nonce"], **self.person}
        claims = {name: value for name, value in {**claims, **self.lie}.items() if value is not None}
        key = RSAKey.generate_key(2048, {"kid": "1"}) if self.other_key else self.key
        token = jwt.encode({"alg": "RS256", "kid": "1"}, claims, key)
        return JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": token})


@contextmanager
def running() -> Iterator[OpenId]:
    """The provider on a port of this machine."""
    listening = socket.create_server(("127.0.0.1", 0))
    provider = OpenId(f"http://127.0.0.1:{listening.getsockname()[1]}")
    config = uvicorn.Config(Starlette(routes=provider.routes()), log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    try:
        yield provider
    finally:
        server.should_exit = True
        thread.join()
        listening.close()
