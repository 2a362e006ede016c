"""Taking an import back over HTTP: GET /v1/imports, POST /v1/imports/{id}/undo, and from the page."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from heedful.errors import BadSettings
from heedful.intake import undo
from heedful.privacy.viewer import Viewer
from heedful.server import problem
from heedful.server.desk import Desk
from heedful.server.imports import Imports
from heedful.server.keeping import Keeping
from heedful.store.undo import Brought


class Asked(msgspec.Struct, forbid_unknown_fields=True):
    """With `dry`: only say what would go."""

    dry: bool = False


def take_back(imports: Imports, keeping: Keeping, import_id: str, viewer: Viewer, now: datetime) -> Brought:
    """Take an import back while nothing is stored, indexed or read; TryLater while a file is being brought in."""
    viewer.must(undo.NEEDS)
    with imports.held(), keeping.held():
        return undo.take_back(keeping.place, keeping.drain, import_id, viewer, now)


def routes(desk: Desk, keeping: Keeping) -> list[Route]:
    """The two addresses."""
    api = Api(desk, keeping)
    return [
        Route("/v1/imports", partial(problem.guarded, api.past), methods=["GET"]),
        Route("/v1/imports/{id}/undo", api.undo, methods=["POST"]),
    ]


@dataclass(frozen=True)
class Api:
    """The endpoints."""

    desk: Desk
    keeping: Keeping

    def past(self, request: Request) -> Response:
        """Every import, the latest first."""
        return _json([asdict(one) for one in undo.past(self.keeping.store, self.desk.viewer(request))])

    async def undo(self, request: Request) -> Response:
        """Say what an import brought, or take it back."""
        return await problem.guarded(self._undo, request, await request.body())

    def _undo(self, request: Request, body: bytes) -> Response:
        viewer, id = self.desk.viewer(request), request.path_params["id"]
        viewer.must(undo.NEEDS)
        try:
            asked = msgspec.json.decode(body or b"{}", type=Asked)
        except msgspec.DecodeError as error:
            raise BadSettings(f'send {{}}, or {{"dry": true}} to see what would go: {error}') from None
        if asked.dry:
            return _json(asdict(undo.preview(self.keeping.drain, id, viewer)))
        return _json(asdict(take_back(self.desk.imports, self.keeping, id, viewer, datetime.now(UTC))))


def _json(value: Any) -> Response:
    return Response(msgspec.json.encode(value), media_type="application/json")
