"""Every page in pages/ as HTML and, with .json added, as data; with the files and the stream that pages need."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from types import ModuleType

import msgspec
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from heedful import folder
from heedful.errors import HeedfulError
from heedful.server import assets, pages, problem, render
from heedful.server.asker import Asker
from heedful.server.blocks import Empty, Link, Page
from heedful.server.headers import SecurityHeaders
from heedful.server.kept import Kept
from heedful.server.stream import Position, Stream
from heedful.settings import Settings

OpenAsker = Callable[[Request], AbstractContextManager[Asker]]
TITLE = {
    400: "This address does not fit",
    401: "Sign in first",
    403: "This is not open to you",
    404: "There is nothing here",
    405: "This cannot be done here",
    429: "Not just now",
}
HOME = Link("Go to the overview", "/")


def routes(
    open_asker: OpenAsker, *, settings: Settings, cache_folder: Path, position: Position, clients: int = 50
) -> list[BaseRoute]:
    """All routes of the site.

    `open_asker` is called in a thread for each request and closed after the page is made; NotAllowed from it means
    that the request has no viewer. `position` says cheaply whether anything has changed since the last time.
    """
    kept = Kept()

    @contextmanager
    def opened(request: Request) -> Iterator[Asker]:
        with open_asker(request) as asker:
            yield replace(asker, kept=kept, again=partial(open_asker, request))

    found: list[BaseRoute] = []
    for module in components():
        for path, shape in ((twin(module.PATH), _json), (module.PATH, _html)):
            found.append(Route(path, partial(_answer, module, shape, opened, settings)))
    found.sort(key=lambda route: "{" in getattr(route, "path", ""))
    live = Stream(open_asker, position, clients=clients)
    return [
        *found,
        Route("/v1/stream", live.respond),
        Route(f"/static/{assets.bundle_name()}", partial(_bundle, cache_folder)),
        Route("/static/{file}", _static),
    ]


@cache
def components() -> tuple[ModuleType, ...]:
    """The modules of pages/, in the order of the menu; those without a place in it last."""
    found = [folder.load(pages, name) for name in folder.names(pages)]
    return tuple(sorted(found, key=lambda module: (module.MENU is None, module.MENU or (0, ""), module.PATH)))


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
    app.add_middleware(GZipMiddleware, minimum_size=2_000, compresslevel=5)
    app.add_middleware(SecurityHeaders)


async def _answer(
    module: ModuleType,
    shape: Callable[[Page, ModuleType, Asker, Request], Response],
    open_asker: OpenAsker,
    settings: Settings,
    request: Request,
) -> Response:
    def made() -> Response:
        try:
            with open_asker(request) as asker:
                return shape(module.page(asker, request), module, asker, request)
        except HeedfulError as error:
            return _failed(request, error, settings=settings)

    return await run_in_threadpool(made)


def _html(page: Page, module: ModuleType, asker: Asker, request: Request) -> Response:
    data = f"{twin(request.url.path)}{'?' if request.url.query else ''}{request.url.query}"
    shell = _shell(asker.settings, module.PATH, "" if asker.settings.demo else asker.view.viewer.name)
    return render.html(page, shell, twin=data)


def _json(page: Page, _module: ModuleType, _asker: Asker, _request: Request) -> Response:
    return render.json(page)


def _shell(settings: Settings, current: str, viewer: str = "") -> render.Shell:
    menu = [module for module in components() if module.MENU]
    here = max((m.PATH for m in menu if current == m.PATH or current.startswith(f"{m.PATH}/")), key=len, default="")
    links = tuple(Link(module.MENU[1], module.PATH, here == module.PATH) for module in menu)
    return render.Shell(settings.name, links, viewer)


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
    detail = msgspec.json.decode(plainly.body)["detail"]
    sentence = f"{detail[:1].upper()}{detail[1:]}{'' if detail.endswith(('.', '!', '?')) else '.'}"
    page = Page(title, (Empty(str(plainly.status_code), sentence, links=(HOME,)),), status=plainly.status_code)
    kept = {name: value for name, value in plainly.headers.items() if name in ("retry-after", "www-authenticate")}
    return render.html(page, _shell(settings, ""), headers={**render.PRIVATE, **kept})


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
