"""Questions over HTTP: metrics, evidence, messages, and how intake is doing."""

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from heedful.insight import metrics, studies
from heedful.insight.ask import Question
from heedful.insight.checking import Task
from heedful.server import export, openapi, problem
from heedful.server.addresses import number_in
from heedful.server.desk import Desk
from heedful.server.keeping import Keeping
from heedful.store.search import HIGHEST

MOST_ROWS = 1_000
FARTHEST = 10**9


def routes(desk: Desk, keeping: Keeping, *, wait: bool) -> list[Route]:
    """The worker's part of /v1, and readiness; with `wait`, ready only once the demo says so."""
    api = Api(desk, keeping, desk.place.data / "demo.ready" if wait else None)
    gets = {
        "/readyz": api.ready,
        "/v1/status": api.status,
        "/v1/imports/{id}": api.imported,
        "/v1/metrics": api.metrics,
        "/v1/metrics/{name}": api.metric,
        "/v1/metrics/{name}/evidence": api.evidence,
        "/v1/messages": api.messages,
        "/v1/studies": api.studies,
        "/v1/studies/{name}": api.study,
        "/v1/checks/{name:path}/examples": api.examples,
        "/v1/checks/{name:path}": api.checks,
        "/openapi.json": openapi.answer,
    }
    return [Route(path, partial(problem.guarded, endpoint), methods=["GET"]) for path, endpoint in gets.items()]


@dataclass(frozen=True)
class Api:
    """The endpoints; `awaited` is a file that must be there before the server is ready."""

    desk: Desk
    keeping: Keeping
    awaited: Path | None

    def ready(self, _request: Request) -> Response:
        """Whether pages and questions can be answered with everything that was taken in before the start."""
        if not self.keeping.drained.is_set() or (self.awaited and not self.awaited.exists()):
            return problem.problem(503, "Filling", "records are still coming in", after=1)
        return PlainTextResponse("ready\n")

    def status(self, request: Request) -> Response:
        """What waits."""
        self.desk.viewer(request)
        journal, store = self.keeping.drain.journal, self.keeping.store
        waiting = journal.backlog()
        return JSONResponse(
            {
                "waiting": waiting.records,
                "waiting_bytes": waiting.bytes,
                "unread": self.keeping.unread,
                "quarantined": journal.quarantine_size(),
                "as_of": store.clock(),
                "position": store.position(),
            }
        )

    def imported(self, request: Request) -> Response:
        """What became of an import."""
        self.desk.viewer(request)
        tallies = self.keeping.store.tallies(request.path_params["id"])
        return Response(msgspec.json.encode(tallies), media_type="application/json")

    def metrics(self, request: Request) -> Response:
        """All metrics."""
        self.desk.viewer(request)
        return JSONResponse(metrics.described())

    def metric(self, request: Request) -> Response:
        """One metric's answer."""
        with self.desk.asker(request) as asker:
            return export.answer(asker.answer(self._question(request)), request.query_params.get("format", "json"))

    def evidence(self, request: Request) -> Response:
        """The rows behind a figure."""
        offset, limit = _number(request, "offset", 0), min(_number(request, "limit", 100), MOST_ROWS)
        as_of = request.query_params.get("as_of") or None
        with self.desk.asker(request) as asker:
            rows = asker.evidence(self._question(request), as_of=as_of, offset=offset, limit=limit)
            return export.rows(rows, request.query_params.get("format", "json"), asker.view.as_of)

    def messages(self, request: Request) -> Response:
        """Messages that were searched for."""
        asked, below = self._question(request, "volume"), request.query_params.get("next")
        with self.desk.asker(request) as asker:
            found = asker.find(
                request.query_params.get("q", ""),
                where=asked.where,
                since=asked.since,
                until=asked.until,
                below=number_in("next", below, most=HIGHEST) if below else None,
                limit=min(_number(request, "limit", 50), MOST_ROWS),
            )
            return export.found(found, asker.view.as_of)

    def studies(self, request: Request) -> Response:
        """All studies."""
        self.desk.viewer(request)
        return JSONResponse(studies.described())

    def study(self, request: Request) -> Response:
        """One study's answer about the workspace."""
        asked = replace(self._question(request), metric=request.query_params.get("metric", ""))
        name, form = request.path_params["name"], request.query_params.get("format", "json")
        with self.desk.asker(request) as asker:
            return export.rows(asker.study(name, asked), form, asker.view.as_of, name=name)

    def checks(self, request: Request) -> Response:
        """How often a reading is right, as far as people checked it."""
        with self.desk.asker(request) as asker:
            return JSONResponse(asker.standing_of(Task(request.path_params["name"])).to_json())

    def examples(self, request: Request) -> Response:
        """What people said of the messages they checked."""
        with self.desk.asker(request) as asker:
            rows = asker.examples(request.path_params["name"])
            return export.rows(rows, request.query_params.get("format", "json"), asker.view.as_of)

    def _question(self, request: Request, metric: str = "") -> Question:
        return question(request, self.desk.place.settings.time_zone, metric)


def question(request: Request, zone: str, metric: str = "") -> Question:
    """The question that an address asks."""
    asked = request.query_params
    by = tuple(name for part in asked.getlist("by") for name in part.split(",") if name)
    filters = (part.partition("=") for part in asked.getlist("where"))
    where = tuple(
        (name, value or None) for name, _, value in filters
    )  # as the answer's own links write a missing value
    return Question(
        request.path_params.get("name", metric),
        by,
        where,
        asked.get("since"),
        asked.get("until"),
        asked.get("tz") or zone,
        asked.get("compare") == "before",
        asked.get("weights") or None,
    )


def _number(request: Request, name: str, default: int) -> int:
    given = request.query_params.get(name)
    return number_in(name, given, most=FARTHEST) if given else default
