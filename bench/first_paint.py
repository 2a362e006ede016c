"""What a browser sees: first paint, layout shift and bytes of each page, cold and warm, in headless Chromium.

`python bench/first_paint.py`: a demo of 10,000 messages is filled first. Each page is opened five times in a browser
that knows nothing yet, and once more; the medians are saved. Needs playwright and Chromium.
"""

import os
import statistics
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from heedful.cli.showing import fill, workspace
from intake import serving
from machine import save

CHROMIUM = os.environ.get("HEEDFUL_CHROMIUM", "/usr/bin/chromium")
ROUNDS = 5
PAGES = {"overview": "/", "messages": "/messages", "metric": "/figures?metric=net_sentiment&by=day", "help": "/help"}
WATCH = """
window.shifts = 0;
const add = (entry) => { if (!entry.hadRecentInput) window.shifts += entry.value; };
new PerformanceObserver((list) => list.getEntries().forEach(add)).observe({type: 'layout-shift', buffered: true});
"""
PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"


def opened(browser: Browser, url: str) -> dict[str, float]:
    """One page, cold and then warm: milliseconds, the sum of layout shifts, kilobytes over the wire."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_init_script(WATCH)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    received = {"bytes": 0.0}

    def add(event: dict[str, Any]) -> None:
        received["bytes"] += event["encodedDataLength"]

    session.on("Network.loadingFinished", add)
    found: dict[str, float] = {}
    for state in ("cold", "warm"):
        received["bytes"] = 0.0
        page.goto(url)
        page.wait_for_timeout(1_500)
        found[f"{state}_first_paint_ms"] = page.evaluate(PAINT)
        found[f"{state}_layout_shift"] = page.evaluate("window.shifts")
        found[f"{state}_kb"] = received["bytes"] / 1000
    context.close()
    return found


def main() -> None:
    """Measure, and save."""
    with tempfile.TemporaryDirectory() as folder:
        place = workspace(Path(folder) / "demo", 10_000)
        fill(place)
        with serving(place) as server, sync_playwright() as play:
            browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
            url = f"http://127.0.0.1:{server.port}"
            opened(browser, url)  # which makes the drawing library and the kept answers
            figures = {}
            for name, path in PAGES.items():
                rounds = [opened(browser, url + path) for _ in range(ROUNDS)]
                figures[name] = {k: round(statistics.median(one[k] for one in rounds), 3) for k in rounds[0]}
            browser.close()
    save("first_paint", figures)


if __name__ == "__main__":
    main()
