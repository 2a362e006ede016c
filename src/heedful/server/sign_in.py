"""Signing in and out: passwords, the link that `heedful serve` prints, links that set a password, the first account."""

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from heedful.errors import BadSettings, HeedfulError
from heedful.privacy.password import SHORTEST
from heedful.privacy.viewer import Viewer
from heedful.server import forms, render
from heedful.server.addresses import address as address_of
from heedful.server.blocks import Empty, Field, Form, Link, Notice, Page
from heedful.server.desk import COOKIE, Desk, same
from heedful.server.guesses import Guesses
from heedful.server.problem import SignInNeeded
from heedful.server.provider import BACK, SingleSignOn, vouch
from heedful.server.proxy import ADDRESS, SCHEME
from heedful.store.accounts import LONGEST, Account

DEVICE = "heedful_device"
DEVICE_SECONDS = 400 * 24 * 3600
NEW = Field(
    "password",
    "New password",
    kind="password",
    autocomplete="new-password",
    required=True,
    about=f"At least {SHORTEST} characters; a sentence is easy to keep in mind.",
)
AGAIN = Field("again", "The same again", kind="password", autocomplete="new-password", required=True)
Fields = Mapping[str, str]


@dataclass
class SignIn:
    """The pages before anybody is signed in."""

    desk: Desk
    guesses: Guesses = field(default_factory=Guesses)

    def __post_init__(self) -> None:
        """Have somebody to send people to."""
        self._single = SingleSignOn(self.desk)

    def routes(self) -> list[Route]:
        """Their addresses."""
        pages = {"/sign-in": (self.ask, self.enter), "/welcome": (self.welcome, self.begin)}
        pages |= {"/set-password": (self.ask_password, self.set_password)}
        shown = [Route(path, self._answered(get), methods=["GET"]) for path, (get, _) in pages.items()]
        sent = [Route(path, self._answered(post), methods=["POST"]) for path, (_, post) in pages.items()]
        single = {"/sign-in/provider": self.go_to_provider, BACK: self.come_back}
        shown += [Route(path, self._answered(get), methods=["GET"]) for path, get in single.items()]
        return [*shown, *sent, Route("/sign-out", self._answered(self.leave), methods=["POST"])]

    # Pages

    def ask(self, request: Request, _form: Fields) -> Response:
        """GET /sign-in: the form; with the token of the printed link, a session, while nobody has an account."""
        if "token" in request.query_params:
            return self._by_link(request)
        return self._shown(self._form(request.query_params.get("next", "")))

    def enter(self, request: Request, form: Fields) -> Response:
        """POST /sign-in: a name and a password."""
        name, given = form.get("name", ""), form.get("password", "")
        known, at = name.strip().casefold(), time.monotonic()
        address, device = request.headers.get(ADDRESS, "unknown"), self._device(request, known)
        try:
            self.guesses.attempt(known, address, device, at)
        except HeedfulError as error:
            return self._shown(self._again(str(error), form), status=429)
        account = self.desk.accounts.fits(name, given)
        if account is None:
            self._note("wrong password", name if self.desk.accounts.has(name) else "unknown")
            return self._shown(self._again("The name or the password is wrong.", form), status=401)
        self.guesses.fitted(known, address, device, at)
        return self.let_in(request, account, "password", _inside(form.get("next", "")))

    def welcome(self, request: Request, _form: Fields) -> Response:
        """GET /welcome: the first account, for whoever came by the printed link."""
        self._must_be_first(request)
        return self._shown(_first())

    def begin(self, request: Request, form: Fields) -> Response:
        """POST /welcome: make the first account, an admin's."""
        self._must_be_first(request)
        now = datetime.now(UTC)
        try:
            account = self.desk.accounts.create(form.get("name", ""), "admin", now, password=_twice(form), first=True)
        except BadSettings as error:
            return self._shown(_first(wrong=str(error), name=form.get("name", "")), status=400)
        self._note("make account", account.name, role=account.role)
        return self.let_in(request, account, "first account", "/")

    def ask_password(self, request: Request, _form: Fields) -> Response:
        """GET /set-password: the form that a link opens."""
        secret = request.query_params.get("link", "")
        account = self.desk.accounts.linked(secret, datetime.now(UTC))
        return self._shown(_new_password(account, secret))

    def set_password(self, request: Request, form: Fields) -> Response:
        """POST /set-password: set it and sign in."""
        secret, now = form.get("link", ""), datetime.now(UTC)
        account = self.desk.accounts.linked(secret, now)
        try:
            self.desk.accounts.use_link(secret, _twice(form), now)
        except BadSettings as error:
            return self._shown(_new_password(account, secret, wrong=str(error)), status=400)
        self._note("set password", account.name)
        return self.let_in(request, account, "link", "/")

    def go_to_provider(self, request: Request, _form: Fields) -> Response:
        """GET /sign-in/provider: off to the OpenID provider."""
        return self._single.begin(request, _inside(request.query_params.get("next", "")))

    def come_back(self, request: Request, _form: Fields) -> Response:
        """GET /sign-in/provider/back: whoever the provider vouches for."""
        found = self._single.back(request)
        return self.let_in(request, vouch(self.desk, found), "single sign-on", found.onward)

    def leave(self, request: Request, _form: Fields) -> Response:
        """POST /sign-out: end this browser's session."""
        self.desk.accounts.sign_out(request.cookies.get(COOKIE, ""))
        answer = RedirectResponse("/sign-in", 303)
        answer.delete_cookie(COOKIE, path="/")
        return answer

    # Sessions

    def let_in(self, request: Request, account: Account | None, how: str, onward: str) -> Response:
        """A session for a browser, and a mark by which this account's browser is known again."""
        secret = self.desk.accounts.sign_in(account, _browser(request), datetime.now(UTC))
        answer, secure = RedirectResponse(onward, 303), request.headers.get(SCHEME) == "https"
        keep = partial(answer.set_cookie, path="/", httponly=True, secure=secure, samesite="lax")
        keep(COOKIE, secret, max_age=None if account is None else int(LONGEST.total_seconds()))
        if account:
            self._note("sign in", account.name, how=how)
            keep(DEVICE, self._mark(account.name.casefold()), max_age=DEVICE_SECONDS)
        return answer

    def _by_link(self, request: Request) -> Response:
        if self.desk.accounts.any():
            raise SignInNeeded(
                "this workspace has accounts, so its link is closed: sign in with a name, or let "
                "`heedful user link NAME` make a link that sets a new password"
            )
        if not same(request.query_params.get("token", ""), self.desk.token):
            raise SignInNeeded("this sign-in link is from an earlier start: take the one `heedful serve` printed last")
        return self.let_in(request, None, "printed link", "/welcome")

    def _must_be_first(self, request: Request) -> None:
        session = self.desk.accounts.session(request.cookies.get(COOKIE, ""), datetime.now(UTC))
        if self.desk.accounts.any() or session is None:
            raise SignInNeeded("the first account is made with the link that `heedful serve` printed")

    def _device(self, request: Request, known: str) -> str | None:
        """The mark of a browser that signed in with this account before."""
        mark = request.cookies.get(DEVICE, "")
        nonce, _, proof = mark.partition(".")
        return nonce if proof and same(proof, self._proof(nonce, known)) else None

    def _mark(self, known: str) -> str:
        nonce = secrets.token_urlsafe(12)
        return f"{nonce}.{self._proof(nonce, known)}"

    def _proof(self, nonce: str, known: str) -> str:
        return hmac.new(
            self.desk.place.keys.session, f"{nonce} {known}".encode("utf-8", "replace"), hashlib.sha256
        ).hexdigest()

    def _note(self, action: str, name: str, **more: str) -> None:
        viewer = Viewer(f"user:{name}", frozenset(), "security")
        self.desk.audit.write(viewer, [(action, more)], datetime.now(UTC))

    # Answers

    def _again(self, wrong: str, form: Fields) -> Page:
        return self._form(form.get("next", ""), wrong=wrong, name=form.get("name", ""))

    def _form(self, onward: str, *, wrong: str | None = None, name: str = "") -> Page:
        """The form; `onward` is where one wanted to go, or nothing where that is no page of this site."""
        provider, onward = self.desk.place.settings.provider, _inside(onward) if onward else ""
        if not self.desk.accounts.any() and provider is None:
            how = "Nobody has an account yet. Open the sign-in link that the server printed when it started."
            return Page("Sign in", (Empty("The first visit", how, commands=("heedful serve",)),))
        fields = (
            Field("name", "Name", value=name, autocomplete="username", required=True),
            Field("password", "Password", kind="password", autocomplete="current-password", required=True),
        )
        form = Form("", "/sign-in", fields, "Sign in", hidden=(("next", onward),), wrong=wrong)
        single = Link(provider.label, address_of("/sign-in/provider", [("next", onward)])) if provider else None
        return Page("Sign in", (form, *([Notice("Or go on with", link=single)] if single else [])))

    def _shown(self, page: Page, *, status: int = 200) -> Response:
        return render.html(replace(page, status=status), render.Shell(self.desk.place.settings.name))

    def _answered(self, made: Callable[[Request, Fields], Response]) -> Callable[[Request], object]:
        async def answer(request: Request) -> Response:
            if request.method != "POST":
                return await run_in_threadpool(made, request, {})
            async with forms.sent(request, fields=10, size=5_000) as form:
                return await run_in_threadpool(made, request, forms.fields_of(form))

        return answer


def _first(*, wrong: str | None = None, name: str = "") -> Page:
    named = Field(
        "name", "Your name", value=name, autocomplete="username", required=True, about="Such as your e-mail address."
    )
    form = Form("Make the first account", "/welcome", (named, NEW, AGAIN), "Make it and go on", wrong=wrong)
    said = "You came by the link that the server printed. Whoever has an account signs in with it from now on."
    return Page("Welcome", (form, Notice("Only looking?", link=Link("Go on without an account", "/"))), said)


def _new_password(account: Account, secret: str, *, wrong: str | None = None) -> Page:
    form = Form("", "/set-password", (NEW, AGAIN), "Set it and sign in", hidden=(("link", secret),), wrong=wrong)
    return Page("Set your password", (form,), f"For the account {account.name}.")


def _twice(form: Fields) -> str:
    if form.get("password", "") != form.get("again", ""):
        raise BadSettings("the two passwords differ: type the same twice")
    return form.get("password", "")


def _inside(onward: str) -> str:
    """An address within this site to go on to."""
    fits = onward.startswith("/") and "\\" not in onward and not onward.startswith("//") and onward.isprintable()
    return onward if fits and not urlsplit(onward).netloc else "/"


def _browser(request: Request) -> str:
    """A browser's name and system, as its owner knows them."""
    said = request.headers.get("user-agent", "")
    named = next((name for sign, name in BROWSERS if sign in said), "A program")
    system = next((name for sign, name in SYSTEMS if sign in said), "")
    return f"{named}, {system}" if system else named


BROWSERS = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)
