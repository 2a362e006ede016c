"""A browser, and a shop served to it on this machine."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn

import shop
from heedful.server import assets

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = Path(os.environ.get("HEEDFUL_CHROMIUM", "/usr/bin/chromium"))


@dataclass
class Window:
    """One page of the browser and everything it complained about."""

    page: "Page"
    complaints: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """Chromium, without a window; skips where it or its driver is missing.

    It ends with its module, for while it runs no other test can start an event loop of its own.
    """
    driver = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.is_file():
        pytest.skip(f"no browser at {CHROMIUM}; HEEDFUL_CHROMIUM can name one")
    with driver.sync_playwright() as play:
        options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        started = play.chromium.launch(executable_path=str(CHROMIUM), args=options)
        yield started
        started.close()


@dataclass(frozen=True)
class Served:
    """The shop, and where it is served."""

    shop: shop.Shop
    address: str


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A shop with messages of 40 days, on a free port."""
    opened = shop.open_shop(tmp_path_factory.mktemp("served"))
    opened.take("message", shop.messages(600))
    opened.take("event", shop.events(60))
    assets.make_bundle(opened.place.data / "cache")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = uvicorn.Config(
        opened.app(), port=port, log_level="warning", lifespan="off", timeout_graceful_shutdown=1, ws="none"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 30
    while not server.started and time.monotonic() < until:
        time.sleep(0.02)
    yield Served(opened, f"http://127.0.0.1:{port}")
    server.should_exit = True
    thread.join(10)
    _close(opened, until=time.monotonic() + 30)


def _close(opened: shop.Shop, *, until: float) -> None:
    """Close the shop when the last look of a listener is over."""
    import duckdb

    while True:
        try:
            return opened.close()
        except duckdb.Error:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


@pytest.fixture
def window(browser: "Browser", request: pytest.FixtureRequest) -> Iterator[Window]:
    """A fresh page; the test's parameter, where there is one, holds what the context is made with."""
    options: dict[str, Any] = getattr(request, "param", {"viewport": {"width": 1440, "height": 900}})
    context = browser.new_context(**options)
    context.set_default_timeout(30_000)
    opened = Window(context.new_page())
    opened.page.on("console", lambda said: opened.complaints.append(said.text) if said.type == "error" else None)
    opened.page.on("pageerror", lambda error: opened.complaints.append(str(error)))
    yield opened
    context.close()
