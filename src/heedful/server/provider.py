"""Single sign-on: an OpenID provider vouches for people (OpenID Connect Core 1.0, authorization code with PKCE)."""

import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from heedful.errors import BadSettings, NotAllowed, NotFound, TryLater
from heedful.server.desk import Desk, same
from heedful.server.proxy import SCHEME
from heedful.settings import Provider, secret_bytes
from heedful.store.accounts import Account

if TYPE_CHECKING:
    from authlib.integrations.httpx_client import OAuth2Client

BACK = "/sign-in/provider/back"
UNDER_WAY = "heedful_signing_in"
SECONDS = 600
PATIENCE = 10.0
MOST_UNDER_WAY = 10_000
SIGNED_WITH = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
LEEWAY = 60
SHORTEST_SECRET = 1
AT_ONCE = 4
KNOWN_SECONDS = 300.0
LONGEST_ONWARD = 2_000
NAMED = ("authorization_endpoint", "token_endpoint", "jwks_uri")


@dataclass(frozen=True)
class UnderWay:
    """A sign-in that somebody began and the provider has not answered."""

    nonce: str
    verifier: str
    onward: str
    at: float


@dataclass(frozen=True)
class Vouched:
    """Whom the provider vouches for, and where they wanted to go."""

    issuer: str
    subject: str
    name: str
    verified: bool
    onward: str


@dataclass
class SingleSignOn:
    """Sends browsers to the provider of heedful.toml and reads what they bring back."""

    desk: Desk
    _under_way: dict[str, UnderWay] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _asking: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(AT_ONCE))
    _known: tuple[float, Mapping[str, Any]] | None = None

    def begin(self, request: Request, onward: str) -> Response:
        """Send a browser to the provider; a cookie binds the answer to this browser."""
        provider = self._provider()
        found = self._metadata(provider)
        nonce, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
        begun = UnderWay(nonce, verifier, onward[:LONGEST_ONWARD], time.monotonic())
        state = secrets.token_urlsafe(24)
        with self._client(provider, request) as client:
            url, _ = client.create_authorization_url(
                found["authorization_endpoint"], state=state, nonce=begun.nonce, code_verifier=begun.verifier
            )
        with self._lock:
            for old in [old for old, one in self._under_way.items() if one.at < begun.at - SECONDS]:
                del self._under_way[old]
            if len(self._under_way) >= MOST_UNDER_WAY:
                raise TryLater("too many sign-ins are under way: try again in some minutes", after=60)
            self._under_way[state] = begun
        answer, secure = RedirectResponse(url, 303), request.headers.get(SCHEME) == "https"
        answer.set_cookie(UNDER_WAY, state, SECONDS, path=BACK, httponly=True, secure=secure, samesite="lax")
        return answer

    def back(self, request: Request) -> Vouched:
        """Whom the provider vouches for; NotAllowed where it does not, or this browser did not ask."""
        provider, state = self._provider(), request.query_params.get("state", "")
        with self._lock:
            begun = self._under_way.pop(state, None)
        if (
            begun is None
            or begun.at < time.monotonic() - SECONDS
            or not same(request.cookies.get(UNDER_WAY, ""), state)
        ):
            raise NotAllowed("this sign-in was not begun in this browser, or too long ago: begin again at /sign-in")
        if "code" not in request.query_params:
            why = request.query_params.get("error_description") or request.query_params.get("error", "no reason")
            raise NotAllowed(f"{provider.label} did not let you in: {why[:200]}")
        found = self._metadata(provider)
        claims = _claims(self._token(provider, request, found, begun), provider, found, begun.nonce)
        return Vouched(provider.issuer, str(claims["sub"]), *_name(claims), begun.onward)

    def _metadata(self, provider: Provider) -> Mapping[str, Any]:
        """What the provider says of itself, kept for some minutes; few ask it at once: a slow one holds up nobody."""
        if self._known and self._known[0] > time.monotonic():
            return self._known[1]
        if not self._asking.acquire(blocking=False):
            raise TryLater(f"{provider.label} is being asked: try again in a few seconds", after=5)
        try:
            found = _metadata(provider)
        finally:
            self._asking.release()
        self._known = (time.monotonic() + KNOWN_SECONDS, found)
        return found

    def _token(self, provider: Provider, request: Request, found: Mapping[str, Any], begun: UnderWay) -> str:
        import httpx2
        from authlib.common.errors import AuthlibBaseError

        try:
            with self._client(provider, request) as client:
                token = client.fetch_token(
                    found["token_endpoint"], code=request.query_params["code"], code_verifier=begun.verifier
                )
        except AuthlibBaseError as error:
            raise NotAllowed(f"{provider.label} refused the sign-in: {error}") from None
        except httpx2.HTTPError as error:
            raise TryLater(f"{provider.label} does not answer: {error}", after=10) from None
        if "id_token" not in token:
            raise NotAllowed(f"{provider.label} sent no ID token: give this client the scope openid there")
        return str(token["id_token"])

    def _client(self, provider: Provider, request: Request) -> "OAuth2Client":
        from authlib.integrations.httpx_client import OAuth2Client

        place = self.desk.place
        here = place.settings.public_url or f"{request.headers.get(SCHEME, 'http')}://{request.headers.get('host', '')}"
        return OAuth2Client(
            provider.client_id,
            secret_bytes(provider.client_secret, place.folder, least=SHORTEST_SECRET).decode(),
            redirect_uri=f"{here}{BACK}",
            scope="openid profile email",
            code_challenge_method="S256",
            timeout=PATIENCE,
        )

    def _provider(self) -> Provider:
        provider = self.desk.place.settings.provider
        if provider is None:
            raise NotFound("there is no single sign-on here: heedful.toml has no section [sign_in]")
        return provider


def vouch(desk: Desk, found: Vouched) -> Account:
    """The account of somebody whom the provider vouches for."""
    provider = desk.place.settings.provider
    role = provider.role if provider else None
    return desk.accounts.vouched(
        found.issuer, found.subject, found.name, datetime.now(UTC), verified=found.verified, role=role
    )


def _metadata(provider: Provider) -> Mapping[str, Any]:
    """What the provider says of itself (OpenID Connect Discovery 1.0)."""
    found = _get(provider, f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration")
    if found.get("issuer") != provider.issuer:
        raise BadSettings(
            f"[sign_in] issuer is {provider.issuer}, but the provider there calls itself {found.get('issuer')!r}: "
            "write what it calls itself"
        )
    if missing := [name for name in NAMED if not isinstance(found.get(name), str)]:
        raise TryLater(f"{provider.label} does not say its {missing[0]}", after=60)
    return found


def _get(provider: Provider, url: str) -> Mapping[str, Any]:
    import httpx2

    try:
        answer = httpx2.get(url, timeout=PATIENCE)
        answer.raise_for_status()
        found: Mapping[str, Any] = answer.json()
    except (httpx2.HTTPError, ValueError) as error:
        raise TryLater(f"{provider.label} does not answer at {url}: {error}", after=10) from None
    return found


def _claims(token: str, provider: Provider, found: Mapping[str, Any], nonce: str) -> Mapping[str, Any]:
    """What an ID token says, once its signature, issuer, audience, time and nonce fit (Core, section 3.1.3.7)."""
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    rules = jwt.JWTClaimsRegistry(
        leeway=LEEWAY,
        iss={"essential": True, "value": provider.issuer},
        aud={"essential": True, "value": provider.client_id},
        exp={"essential": True},
        sub={"essential": True},
        nonce={"essential": True, "value": nonce},
    )
    keys = _get(provider, found["jwks_uri"]).get("keys", ())
    known = [key for key in keys if isinstance(key, dict) and key.get("kty") in ("RSA", "EC")]
    try:
        keys = KeySet.import_key_set({"keys": known})
        claims = jwt.decode(token, keys, algorithms=SIGNED_WITH).claims
        rules.validate(claims)
    except (JoseError, ValueError, KeyError) as error:
        raise NotAllowed(f"what {provider.label} sent cannot be trusted: {error}") from None
    return claims


def _name(claims: Mapping[str, Any]) -> tuple[str, bool]:
    """An e-mail address that the provider has verified, or else the name or number it knows them by; which it is."""
    if claims.get("email") and claims.get("email_verified") is True:
        return str(claims["email"]), True
    return str(claims.get("preferred_username") or claims["sub"]), False
