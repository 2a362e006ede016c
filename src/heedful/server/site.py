"""Every page in pages/ as HTML and, with .json added, as data; with the files and the stream that pages need."""

from bisect import bisect
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import ModuleType

import msgspec
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from heedful.errors import BadRecord, BadSettings, HeedfulError, NotFound
from heedful.privacy.viewer import Viewer
from heedful.server import assets, forms, problem, render
from heedful.server.addresses import address
from heedful.server.asker import Asker
from heedful.server.blocks import Empty, Link, Notice, Page
from heedful.server.headers import SecurityHeaders
from heedful.server.kept import Kept
from heedful.server.menu import components, is_asked, may_open
from heedful.server.problem import SignInNeeded
from heedful.server.same_origin import SameOrigin
from heedful.server.stream import Position, Stream
from heedful.server.upkeep import Upkeep
from heedful.settings import Settings

OpenAsker = Callable[[Request], AbstractContextManager[Asker]]
OpenUpkeep = Callable[[Request], AbstractContextManager[Upkeep]]
TITLE = {
    400: "This address does not fit",
    401: "Sign in first",
    403: "This is not open to you",
    404: "There is nothing here",
    405: "This cannot be done here",
    429: "Not just now",
}
Shape = Callable[[Page, ModuleType, Viewer, Settings, Request], Response]
"""How a page is answered: as HTML or as data."""
NOTHING = Response()
LONGEST = 1_000_000
"""Bytes of one field of a form."""
HOME = Link("Go to the overview", "/")


def routes(
    open_asker: OpenAsker,
    open_upkeep: OpenUpkeep,
    *,
    settings: Settings,
    cache_folder: Path,
    position: Position,
    clients: int = 50,
) -> list[BaseRoute]:
    """All routes of the site but those of signing in.

    `open_asker` and `open_upkeep` are called in a thread for each request and closed after the page is made;
    NotAllowed from them means that the request has no viewer. `position` says cheaply whether anything has changed
    since the last time.
    """
    kept = Kept()

    @contextmanager
    def opened(request: Request) -> Iterator[Asker]:
        with open_asker(request) as asker:
            yield replace(asker, kept=kept, again=partial(open_asker, request))

    found: list[BaseRoute] = []
    for module in components():
        make = partial(_page, module, opened) if is_asked(module) else partial(_upkept, module, open_upkeep)
        for path, shape in ((twin(module.PATH), _json), (module.PATH, _html)):
            found.append(Route(path, partial(_answer, partial(make, shape), settings), methods=["GET"]))
        if hasattr(module, "act"):
            found.append(Route(module.PATH, partial(_act, module, open_upkeep, settings), methods=["POST"]))
    found.sort(key=lambda route: "{" in getattr(route, "path", ""))
    live = Stream(open_asker, position, clients=clients)
    return [
        *found,
        Route("/v1/stream", live.respond),
        Route(f"/static/{assets.bundle_name()}", partial(_bundle, cache_folder)),
        Route("/static/{file}", _static),
    ]


def twin(path: str) -> str:
    """The address of a page as data: `/` is `/index.json`, `/messages` is `/messages.json`."""
    return f"{path.rstrip('/') or '/index'}.json"


def protect(app: Starlette, settings: Settings) -> None:
    """Answer in words where no route does or one fails, and put the headers of `headers.py` on every answer.

    Answers are compressed, all but streams.
    """

    def failed(request: Request, error: Exception) -> Response:
        return _failed(request, error, settings=settings)

    for kind in (HeedfulError, HTTPException, Exception):
        app.add_exception_handler(kind, failed)
    app.add_middleware(SameOrigin, public_url=settings.public_url)
    app.add_middleware(GZipMiddleware, minimum_size=2_000, compresslevel=5)
    app.add_middleware(SecurityHeaders)


async def _answer(make: Callable[[Request], Response], settings: Settings, request: Request) -> Response:
    def made() -> Response:
        try:
            return make(request)
        except HeedfulError as error:
            if isinstance(error, SignInNeeded) and request.method == "GET" and _browses(request):
                return RedirectResponse(address("/sign-in", [("next", _asked_for(request))]), 303, render.PRIVATE)
            return _failed(request, error, settings=settings)

    return await run_in_threadpool(made)


def _browses(request: Request) -> bool:
    """Whether somebody looks at a page, and not a program at its data."""
    path, shown = request.url.path, request.headers.get("accept", "")
    return "text/html" in shown and not path.endswith(".json") and "authorization" not in request.headers


def _page(module: ModuleType, open_asker: OpenAsker, shape: Shape, request: Request) -> Response:
    with open_asker(request) as asker:
        return shape(module.page(asker, request), module, asker.view.viewer, asker.settings, request)


def _upkept(module: ModuleType, open_upkeep: OpenUpkeep, shape: Shape, request: Request) -> Response:
    with open_upkeep(request) as upkeep:
        upkeep.viewer.must(module.NEEDS)
        return shape(module.page(upkeep, request), module, upkeep.viewer, upkeep.place.settings, request)


async def _act(module: ModuleType, open_upkeep: OpenUpkeep, settings: Settings, request: Request) -> Response:
    """Do what a form asks for; where it cannot be done, the page says why above the rest."""

    def allow(request: Request) -> Response:
        with open_upkeep(request) as upkeep:
            upkeep.viewer.must(module.NEEDS)
            return NOTHING

    allowed = await _answer(allow, settings, request)  # before anything of what was sent is read
    if allowed is not NOTHING:
        return allowed
    try:
        async with forms.sent(request, fields=200, size=LONGEST, files=int(hasattr(module, "receive"))) as form:
            file = next((value for value in form.values() if isinstance(value, UploadFile) and value.filename), None)
            return await _answer(partial(_done, module, open_upkeep, forms.fields_of(form), file), settings, request)
    except HTTPException as error:
        return _failed(request, error, settings=settings)


def _done(
    module: ModuleType, open_upkeep: OpenUpkeep, form: dict[str, str], file: UploadFile | None, request: Request
) -> Response:
    with open_upkeep(request) as upkeep:
        upkeep.viewer.must(module.NEEDS)
        try:
            done = module.receive(upkeep, form, file.filename, file.file) if file else module.act(upkeep, form)
        except (BadSettings, BadRecord, NotFound) as error:
            again = module.page(upkeep, request)
            said = Notice(_sentence(str(error)), "warning")
            done = replace(again, blocks=(said, *again.blocks), status=_as_problem(error).status_code)
        if isinstance(done, str):
            return RedirectResponse(done, 303)
        return _html(done, module, upkeep.viewer, upkeep.place.settings, request)


def _html(page: Page, module: ModuleType, viewer: Viewer, settings: Settings, request: Request) -> Response:
    data = f"{twin(request.url.path)}{'?' if request.url.query else ''}{request.url.query}"
    return render.html(page, _shell(settings, module.PATH, viewer), twin=data)


def _json(page: Page, _module: ModuleType, _viewer: Viewer, _settings: Settings, _request: Request) -> Response:
    return render.json(page)


def _shell(settings: Settings, current: str, viewer: Viewer | None) -> render.Shell:
    """The frame with the pages that this viewer may open; with none of them for nobody."""
    if viewer is None:
        return render.Shell(settings.name)
    menu = [module for module in components() if module.MENU and may_open(module, viewer)]
    here = max((m.PATH for m in menu if current == m.PATH or current.startswith(f"{m.PATH}/")), key=len, default="")
    groups = tuple(tuple(Link(m.MENU[1], m.PATH, here == m.PATH) for m in menu if _group(m) == n) for n in range(3))
    named = "" if viewer.name == "demo" else viewer.name
    return render.Shell(
        settings.name, tuple(g for g in groups if g), named, viewer.name.startswith(("user:", "local:"))
    )


def _group(module: ModuleType) -> int:
    """Places in the menu: what one looks at, what one runs, help."""
    return bisect((19, 89), module.MENU[0])


def _static(request: Request) -> Response:
    try:
        return assets.static(request)
    except HeedfulError as error:
        return problem.of(error)


def _bundle(cache_folder: Path, _request: Request) -> Response:
    try:
        return assets.bundle(cache_folder)
    except HeedfulError as error:
        return problem.of(error)


def _failed(request: Request, error: Exception, *, settings: Settings) -> Response:
    """An error as a page for people, or as problem+json for programs."""
    plainly = _as_problem(error)
    path = request.url.path
    if path.endswith(".json") or path.startswith("/v1/") or "text/html" not in request.headers.get("accept", ""):
        return plainly
    title = TITLE.get(plainly.status_code, "Something went wrong")
    links = (HOME,)
    if isinstance(error, SignInNeeded):
        links = (Link("Sign in", address("/sign-in", [("next", _asked_for(request))])),)
    said = _sentence(msgspec.json.decode(plainly.body)["detail"])
    page = Page(title, (Empty(str(plainly.status_code), said, links=links),), status=plainly.status_code)
    kept = {name: value for name, value in plainly.headers.items() if name in ("retry-after", "www-authenticate")}
    return render.html(page, _shell(settings, "", None), headers={**render.PRIVATE, **kept})


def _asked_for(request: Request) -> str:
    query = f"?{request.url.query}" if request.url.query else ""
    return f"{request.url.path}{query}" if request.method == "GET" else "/"


def _sentence(said: str) -> str:
    first = said.partition(" ")[0]
    begun = f"{said[:1].upper()}{said[1:]}" if first.isalpha() else said  # a name or a path stays as it is
    return f"{begun}{'' if said.endswith(('.', '!', '?')) else '.'}"


def _as_problem(error: Exception) -> Response:
    """Any error as problem+json; nothing of the inside of one that was not foreseen."""
    if isinstance(error, HeedfulError):
        return problem.of(error)
    if isinstance(error, HTTPException):
        detail = "no page has this address" if error.status_code == 404 else str(error.detail)
        answer = problem.problem(error.status_code, TITLE.get(error.status_code, "This failed"), detail)
        answer.headers.update(error.headers or {})
        return answer
    said = "the server's log says what; nothing that was taken in is lost"
    return problem.problem(500, "Something went wrong", said)
