"""Topics over HTTP: POST /v1/topics/changes changes one, GET /v1/topics/changes lists what was changed."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from heedful.catalogue.doing import NEEDS, do
from heedful.errors import BadSettings
from heedful.server import problem
from heedful.server.desk import Desk


class Asked(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What to do, and the fields that it needs."""

    action: str
    topic: str = ""
    into: str = ""
    name: str = ""
    theme: str = ""
    message: str = ""
    like: str = ""
    version: int = 0


def routes(desk: Desk) -> list[Route]:
    """The one address."""
    api = Api(desk)
    return [
        Route("/v1/topics/changes", partial(problem.guarded, api.past), methods=["GET"]),
        Route("/v1/topics/changes", api.change, methods=["POST"]),
    ]


@dataclass(frozen=True)
class Api:
    """The endpoints."""

    desk: Desk

    def past(self, request: Request) -> Response:
        """What was changed, the latest first."""
        viewer = self.desk.viewer(request)
        viewer.must("figures")
        hidden = {} if viewer.may(NEEDS) else {"who": "somebody"}
        return _json([asdict(one) | hidden for one in self.desk.store.topics.changes()])

    async def change(self, request: Request) -> Response:
        """Change a topic."""
        return await problem.guarded(self._change, request, await request.body())

    def _change(self, request: Request, body: bytes) -> Response:
        viewer, now = self.desk.viewer(request), datetime.now(UTC)
        viewer.must(NEEDS)
        try:
            asked = msgspec.json.decode(body, type=Asked)
        except msgspec.DecodeError as error:
            raise BadSettings(
                f'send such as {{"action": "rename", "topic": "topic-1", "name": "Delays"}}: {error}'
            ) from None
        fields: dict[str, Any] = {name: str(value) for name, value in _given(asked).items()}
        version = do(self.desk.store, asked.action, fields, viewer, now)
        self.desk.audit.write(viewer, [("change topics", {"action": asked.action, "version": version})], now)
        return _json({"version": version})


def _given(asked: Asked) -> dict[str, Any]:
    """The fields that were given, less the action."""
    given: dict[str, Any] = msgspec.to_builtins(asked)
    return {name: value for name, value in given.items() if name != "action"}


def _json(value: Any) -> Response:
    return Response(msgspec.json.encode(value), media_type="application/json")
