"""Figures of the listening process: requests, what was taken in, what waits."""

import hmac
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response

from heedful.errors import NotAllowed
from heedful.records import PLURAL
from heedful.server import problem
from heedful.server.proxy import Proxy
from heedful.store.journal import Journal

SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60)


class Figures:
    """Counted by this process, from its start on."""

    def __init__(self, journal: Journal) -> None:
        """Nothing is counted yet; what waits is looked up in the journal when somebody asks."""
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._registry = registry = CollectorRegistry()
        self._requests = Histogram(
            "heedful_request_seconds",
            "Requests by method, route and status, and how long they took.",
            ("method", "route", "status"),
            buckets=SECONDS,
            registry=registry,
        )
        self._records = Counter(
            "heedful_intake_records",
            "Records that came over HTTP, by table and fate: accepted or quarantined.",
            ("table", "fate"),
            registry=registry,
        )
        self._refused = Counter(
            "heedful_intake_refused",
            "Batches that were answered with 429: send them again later.",
            ("table",),
            registry=registry,
        )
        self._restarts = Counter(
            "heedful_worker_restarts", "How often the worker was started again.", registry=registry
        )
        self._up = Gauge("heedful_worker_up", "Whether the worker answers: 1 or 0.", registry=registry)
        for table in PLURAL.values():  # a figure that is not there yet cannot be watched
            self.taken(table, 0, 0)
            self._refused.labels(table)
        ProcessCollector(namespace="heedful_front", registry=registry)
        registry.register(Waiting(journal))

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(method, route, str(status)).observe(seconds)

    def taken(self, table: str, accepted: int, quarantined: int) -> None:
        """Count a batch whose records are in the journal or in quarantine."""
        self._records.labels(table, "accepted").inc(accepted)
        self._records.labels(table, "quarantined").inc(quarantined)

    def refused(self, table: str) -> None:
        """Count a batch for which there was no room."""
        self._refused.labels(table).inc()

    def restarted(self) -> None:
        """Count a worker that ended by itself."""
        self._restarts.inc()

    def text(self, *, worker_up: bool) -> bytes:
        """Everything in Prometheus's text format."""
        self._up.set(worker_up)
        return generate_latest(self._registry)


@dataclass(frozen=True, eq=False)
class Waiting(Collector):
    """What is journaled and not yet stored."""

    journal: Journal

    def describe(self) -> Iterator[Metric]:
        """Nothing before somebody asks."""
        yield from ()

    def collect(self) -> Iterator[Metric]:
        """Records, bytes, and the age of the oldest."""
        waiting, oldest = self.journal.backlog(), self.journal.oldest()
        age = 0.0 if oldest is None else max(0.0, time.time() - oldest)
        yield GaugeMetricFamily("heedful_backlog_records", "Records that wait to be stored.", waiting.records)
        yield GaugeMetricFamily("heedful_backlog_bytes", "Their bytes in the journal.", waiting.bytes)
        yield GaugeMetricFamily("heedful_backlog_age_seconds", "How long the oldest of them has waited.", age)


@dataclass(frozen=True)
class Scrape:
    """GET /metrics: one address for both processes; `reads` raises NotAllowed for a header without a read key."""

    figures: Figures
    proxy: Proxy
    token: str
    open: bool
    reads: Callable[[str], object]

    async def respond(self, request: Request) -> Response:
        """The figures of both, or of the front alone while there is no worker."""
        header = request.headers.get("authorization", "")
        own = hmac.compare_digest(header.encode("utf-8", "replace"), f"Bearer {self.token}".encode())
        if not self.open and not own:
            try:
                self.reads(header)
            except NotAllowed as error:
                return problem.of(error, status=403 if header else 401)
        theirs = await self.proxy.fetch("/metrics", self.token)
        body = self.figures.text(worker_up=theirs is not None) + (theirs or b"")
        return Response(body, media_type=CONTENT_TYPE_PLAIN_0_0_4)
