"""Searches over HTTP: GET /v1/searches/try tries one on history, GET, POST and DELETE /v1/searches keep them."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from heedful.errors import BadSettings, NotAllowed
from heedful.insight.trying import Counted, Tried
from heedful.privacy.viewer import Viewer
from heedful.query.handles import Handles
from heedful.query.mistake import Mistake
from heedful.query.parse import parse
from heedful.query.tree import Tree, written
from heedful.server import export, problem
from heedful.server.api import question
from heedful.server.desk import Desk


class Asked(msgspec.Struct, forbid_unknown_fields=True):
    """A search to keep under a name."""

    name: str
    query: str


def routes(desk: Desk) -> list[Route]:
    """The addresses."""
    api = Api(desk, Handles(desk.place.keys.person, desk.place.brands))
    return [
        Route("/v1/searches/try", partial(_pointed, api.tried), methods=["GET"]),
        Route("/v1/searches", partial(_pointed, api.all), methods=["GET"]),
        Route("/v1/searches", api.save, methods=["POST"]),
        Route("/v1/searches/{name}", partial(_pointed, api.remove), methods=["DELETE"]),
    ]


async def _pointed(endpoint: Callable[..., Response], *given: object) -> Response:
    """As any question; a mistake in a search also says at which characters of it, what is wrong, and a hint."""

    def answered(*given: object) -> Response:
        try:
            return endpoint(*given)
        except Mistake as mistake:
            told = {"start": mistake.start, "end": mistake.end, "said": mistake.said, "hint": mistake.hint}
            return problem.problem(400, "Wrong search", str(mistake), **told)

    return await problem.guarded(answered, *given)


@dataclass(frozen=True)
class Api:
    """The endpoints."""

    desk: Desk
    handles: Handles

    def tried(self, request: Request) -> Response:
        """What a search finds, and what each of its clauses does."""
        typed, asked = request.query_params.get("q", ""), question(request, self.desk.place.settings.time_zone)
        with self.desk.asker(request) as asker:
            tree = self._read(typed, asker.view.viewer)
            found = asker.try_search(tree, where=asked.where, since=asked.since, until=asked.until)
            return export.as_json({"as_of": asker.view.as_of, **to_json(found)})

    def all(self, request: Request) -> Response:
        """Every saved search, by name."""
        self.desk.viewer(request).must("text")
        return export.as_json({"searches": [asdict(one) for one in self.desk.searches.all()]})

    async def save(self, request: Request) -> Response:
        """Keep a search under a name."""
        return await _pointed(self._save, request, await request.body())

    def _save(self, request: Request, body: bytes) -> Response:
        viewer = self._keeper(request)
        try:
            asked = msgspec.json.decode(body, type=Asked)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BadSettings(f'send {{"name": ..., "query": ...}}: {error}') from None
        tree = parse(asked.query)
        known = self._read(asked.query, viewer)
        kept = asked.query.strip() if known == tree else written(known)
        self._theirs(asked.name, viewer)
        now = datetime.now(UTC)
        saved = self.desk.searches.save(asked.name, kept, viewer.name, now)
        self.desk.audit.write(viewer, [("save search", {"search": saved.name, "words": saved.query})], now)
        return export.as_json(asdict(saved))

    def remove(self, request: Request) -> Response:
        """Remove a saved search."""
        viewer, name = self._keeper(request), request.path_params["name"]
        self._theirs(name, viewer)
        self.desk.searches.remove(name)
        self.desk.audit.write(viewer, [("remove search", {"search": name})], datetime.now(UTC))
        return export.as_json({"removed": name})

    def _read(self, typed: str, viewer: Viewer) -> Tree:
        viewer.must("text")
        return self.handles.resolved(parse(typed), viewer)

    def _keeper(self, request: Request) -> Viewer:
        """Whoever may keep searches: those who read messages, but for visitors of the demo."""
        viewer = self.desk.viewer(request)
        viewer.must("check")
        return viewer

    def _theirs(self, name: str, viewer: Viewer) -> None:
        """Refuse to touch somebody else's search, but for those who look after the workspace."""
        other = next(
            (one for one in self.desk.searches.all() if one.name == name and one.saved_by != viewer.name), None
        )
        if other is not None and not viewer.may("operate"):
            raise NotAllowed(f"the search {name[:60]!r} is {other.saved_by}'s: save yours under another name")


def to_json(tried: Tried) -> dict[str, Any]:
    """The contract's shape."""
    clauses = [
        {"text": one.text, "without": one.without and _counted(one.without), "alone": _counted(one.alone)}
        for one in tried.clauses
    ]
    shown = {"query": tried.query, **_counted(tried.found), "joined": tried.joined, "clauses": clauses}
    return {**shown, "sample": tried.sample.to_pylist(maps_as_pydicts="lossy")}


def _counted(counted: Counted) -> dict[str, Any]:
    return {"rows": counted.rows, "people": counted.people, **({"hidden": True} if counted.hidden else {})}
