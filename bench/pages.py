"""How fast the overview comes with 2 million messages and 20 million events, while readings keep arriving.

    python bench/pages.py [--dir DIR] [--messages N] [--events N] [--loads N]

The pages are asked for without a network between. Each period is opened once before (its first time is saved too);
then the periods come in turn while a reading is stored every second, so that figures are made anew behind the readers.
"""

import argparse
import random
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.testclient import TestClient

from ask_rows import build
from heedful.privacy.viewer import Viewer
from heedful.records import GIVEN
from heedful.server import site
from heedful.server.asker import Asker
from heedful.settings import DEFAULT_BASIS, Settings
from heedful.store.facts import Store
from heedful.store.search import Search
from machine import quantile, save

NOW = datetime(2026, 11, 20, tzinfo=UTC)
VIEWER = Viewer("bench", frozenset({"analyst"}))
PERIODS = ("7d", "30d", "30d", "90d", "all")


def application(store: Store, search: Search, cache: Path) -> Starlette:
    """The pages over a store, for one viewer."""
    settings = Settings(time_zone="Europe/Berlin")

    @contextmanager
    def asker(request: Request) -> Iterator[Asker]:
        with store.view(VIEWER, as_of=request.query_params.get("as_of") or None) as view:
            yield Asker(view, search, settings, NOW, settings.time_zone, lambda *_: None)

    app = Starlette(routes=site.routes(asker, settings=settings, cache_folder=cache, position=store.clock))
    site.protect(app, settings)
    return app


def arriving(store: Store, stop: threading.Event) -> None:
    """Store one message's reading again every second."""
    with store.view(VIEWER) as view:
        one = view.frame("reading").head(1).collect("pyarrow").to_arrow()
    shape = GIVEN["reading"]
    row = one.select(shape.names).cast(shape)
    while not stop.wait(1):
        store.append_readings(row)


def seconds(browser: TestClient, address: str) -> float:
    """One page."""
    began = time.perf_counter()
    answer = browser.get(address)
    if answer.status_code != 200:
        raise SystemExit(f"{address}: {answer.status_code} {answer.text[:300]}")
    return time.perf_counter() - began


def main() -> None:
    """Measure and save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dir", type=Path, default=Path(tempfile.gettempdir()) / "heedful-questions")
    parser.add_argument("--messages", type=int, default=2_000_000)
    parser.add_argument("--events", type=int, default=20_000_000)
    parser.add_argument("--loads", type=int, default=100)
    told = parser.parse_args()
    told.dir.mkdir(parents=True, exist_ok=True)
    path = told.dir / f"{told.messages}-{told.events}.duckdb"
    build(path, told.messages, told.events)
    store, search = Store(path, basis=DEFAULT_BASIS), Search(told.dir / "pages-search.db")
    stop = threading.Event()
    with TestClient(application(store, search, told.dir / "cache"), headers={"accept": "text/html"}) as browser:
        first = {period: round(seconds(browser, f"/?period={period}"), 3) for period in dict.fromkeys(PERIODS)}
        threading.Thread(target=arriving, args=(store, stop), daemon=True).start()
        draw = random.Random(20261120)
        times = [seconds(browser, f"/?period={draw.choice(PERIODS)}") for _ in range(told.loads)]
        listed = [seconds(browser, "/messages") for _ in range(told.loads // 2)]
        stop.set()
    figures = {
        "overview": {
            "messages": told.messages,
            "events": told.events,
            "first_seconds": first,
            "p50_seconds": round(quantile(times, 0.5), 3),
            "p95_seconds": round(quantile(times, 0.95), 3),
            "limit_seconds": 0.4,
        },
        "messages page": {
            "p50_seconds": round(quantile(listed, 0.5), 3),
            "p95_seconds": round(quantile(listed, 0.95), 3),
        },
    }
    save("pages", figures)


if __name__ == "__main__":
    main()
