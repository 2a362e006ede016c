"""Figures of the process that owns the facts: what is stored, what is read, what takes room on disk."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from heedful.errors import NotAllowed
from heedful.server import problem
from heedful.server.desk import same
from heedful.server.keeping import Keeping
from heedful.store.backup.archive import last


@dataclass(frozen=True, eq=False)
class Stored(Collector):
    """What the worker keeps up to date."""

    keeping: Keeping

    def describe(self) -> Iterator[Metric]:
        """Nothing before somebody asks."""
        yield from ()

    def collect(self) -> Iterator[Metric]:
        """Everything, looked up now."""
        keeping = self.keeping
        rows = GaugeMetricFamily("heedful_rows", "Rows of each table, latest versions only.", labels=["table"])
        for table, count in keeping.store.rows().items():
            rows.add_metric([table], count)
        disk = GaugeMetricFamily("heedful_disk_bytes", "Bytes of each file in the data folder.", labels=["file"])
        for name, size in sizes(keeping.place.data).items():
            disk.add_metric([name], size)
        made = last(keeping.place.data)
        quarantined = keeping.drain.journal.quarantine_size()
        yield rows
        yield disk
        yield GaugeMetricFamily("heedful_unread_messages", "Messages that wait to be read.", keeping.unread)
        yield CounterMetricFamily("heedful_readings", "Messages read since the worker started.", keeping.read)
        yield GaugeMetricFamily("heedful_quarantined_records", "Records in quarantine.", quarantined)
        yield GaugeMetricFamily(
            "heedful_last_backup_timestamp_seconds",
            "When the last backup was made; 0 if there is none.",
            made.timestamp() if made else 0.0,
        )


def sizes(data: Path) -> dict[str, int]:
    """Bytes of the databases of a data folder, each with its log."""
    found: dict[str, int] = {}
    for path in data.iterdir():
        name = path.name.removesuffix(".wal").removesuffix("-wal")
        if path.is_file() and name.endswith((".db", ".duckdb")):
            found[name] = found.get(name, 0) + path.stat().st_size
    return found


def routes(keeping: Keeping, token: str) -> list[Route]:
    """GET /metrics, for the front."""
    registry = CollectorRegistry()
    registry.register(Stored(keeping))
    ProcessCollector(namespace="heedful_worker", registry=registry)

    def respond(request: Request) -> Response:
        if not same(request.headers.get("authorization", ""), f"Bearer {token}"):
            return problem.of(NotAllowed("only the front asks here"), status=401)
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_PLAIN_0_0_4)

    return [Route("/metrics", respond, methods=["GET"])]
