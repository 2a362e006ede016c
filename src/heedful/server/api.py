"""Questions over HTTP: metrics, evidence, messages, and how intake is doing."""

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from heedful import folder
from heedful.errors import HeedfulError
from heedful.insight import metrics
from heedful.insight.ask import Question
from heedful.server import export, openapi, problem
from heedful.server.desk import Desk
from heedful.server.keeping import Keeping

MOST_ROWS = 1_000


def routes(desk: Desk, keeping: Keeping, *, wait: bool) -> list[Route]:
    """The worker's part of /v1, and readiness; with `wait`, ready only once the demo says so."""
    filled = desk.place.data / "demo.ready"
    zone = desk.place.settings.time_zone

    def ready(_request: Request) -> Response:
        if not keeping.drained.is_set() or (wait and not filled.exists()):
            return problem.problem(503, "Filling", "records are still coming in", after=1)
        return PlainTextResponse("ready\n")

    def status(request: Request) -> Response:
        desk.viewer(request)
        waiting = keeping.drain.journal.backlog()
        return JSONResponse(
            {
                "waiting": waiting.records,
                "waiting_bytes": waiting.bytes,
                "unread": keeping.unread,
                "quarantined": keeping.drain.journal.quarantine_size(),
                "as_of": keeping.store.clock(),
                "position": keeping.store.position(),
            }
        )

    def imported(request: Request) -> Response:
        desk.viewer(request)
        tallies = keeping.store.tallies(request.path_params["id"])
        return Response(msgspec.json.encode(tallies), media_type="application/json")

    def metric(request: Request) -> Response:
        with desk.asker(request) as asker:
            return export.answer(asker.answer(question(request, zone)), request.query_params.get("format", "json"))

    def behind(request: Request) -> Response:
        offset, limit = _number(request, "offset", 0), min(_number(request, "limit", 100), MOST_ROWS)
        as_of = request.query_params.get("as_of")
        with desk.asker(request) as asker:
            rows = asker.evidence(question(request, zone), as_of=as_of, offset=offset, limit=limit)
            return export.rows(rows, request.query_params.get("format", "json"), asker.view.as_of)

    def messages(request: Request) -> Response:
        asked = question(request, zone, "volume")
        with desk.asker(request) as asker:
            below = request.query_params.get("next", "")
            found = asker.find(
                request.query_params.get("q", ""),
                where=asked.where,
                since=asked.since,
                until=asked.until,
                below=int(below) if below.lstrip("-").isdigit() else None,
                limit=min(_number(request, "limit", 50), MOST_ROWS),
            )
            return export.found(found, asker.view.as_of)

    def all_metrics(request: Request) -> Response:
        desk.viewer(request)
        return JSONResponse([describe(name) for name in folder.names(metrics)])

    gets = {
        "/readyz": ready,
        "/v1/status": status,
        "/v1/imports/{id}": imported,
        "/v1/metrics": all_metrics,
        "/v1/metrics/{name}": metric,
        "/v1/metrics/{name}/evidence": behind,
        "/v1/messages": messages,
        "/sign-in": desk.sign_in,
        "/openapi.json": openapi.answer,
    }
    return [Route(path, _guarded(endpoint), methods=["GET"]) for path, endpoint in gets.items()]


def _guarded(endpoint: "export.Endpoint") -> "export.AsyncEndpoint":
    """Run in a thread; our own errors become problem+json."""

    async def answer(request: Request) -> Response:
        try:
            return await run_in_threadpool(endpoint, request)
        except HeedfulError as error:
            return problem.of(error)

    return answer


def question(request: Request, zone: str, metric: str = "") -> Question:
    """The question that an address asks."""
    asked = request.query_params
    by = tuple(name for part in asked.getlist("by") for name in part.split(",") if name)
    where = tuple((name, value) for name, _, value in (part.partition("=") for part in asked.getlist("where")))
    return Question(
        request.path_params.get("name", metric),
        by,
        where,
        asked.get("since"),
        asked.get("until"),
        asked.get("tz") or zone,
        asked.get("compare") == "before",
    )


def describe(name: str) -> dict[str, str]:
    """A metric's name, meaning, unit and what is better."""
    metric = folder.load(metrics, name)
    of, unit, better = metric.OF, metric.UNIT, metric.BETTER
    return {"metric": name, "help": folder.first_line(metric), "of": of, "unit": unit, "better": better}


def _number(request: Request, name: str, default: int) -> int:
    given = request.query_params.get(name, "")
    return int(given) if given.isdigit() and len(given) < 10 else default
