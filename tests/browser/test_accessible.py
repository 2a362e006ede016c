"""Every page by axe-core: nothing serious, light and dark, wide and narrow; and by keyboard alone."""

from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from heedful.privacy.viewer import Viewer
from heedful.server.menu import components

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from conftest import Served

PATHS = tuple(module.PATH for module in components() if "{" not in module.PATH and module.PATH != "/evidence")
MORE = (
    "/figures?metric=net_sentiment&by=channel&period=90d",
    "/figures?metric=volume&by=day&then=brand",
    "/messages?q=lamp",
)
WIDE, NARROW = (1280, 900), (390, 844)
SOME = ("/", "/messages", "/check", "/topics", "/accounts")
LOOKS = {
    "wide and light": (*WIDE, "light"),
    "narrow and dark": (*NARROW, "dark"),
    "wide and dark": (*WIDE, "dark"),
    "narrow and light": (*NARROW, "light"),
}
SERIOUS = ("serious", "critical")


@pytest.fixture(scope="module")
def axe() -> str:
    package = pytest.importorskip("axe_playwright_python", reason="axe-core is not installed")
    found = next(Path(str(resources.files(package))).rglob("axe.min.js"))
    return found.read_text()


@pytest.fixture
def admin(served: "Served") -> "Served":
    before, served.shop.viewer = served.shop.viewer, Viewer("user:ada", frozenset({"admin"}))
    yield served  # type: ignore[misc]
    served.shop.viewer = before


def opened(browser: "Browser", look: tuple[int, int, str]) -> "Page":
    width, height, colours = look
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=colours,  # type: ignore[arg-type]
        reduced_motion="reduce",
        bypass_csp=True,
    )
    return context.new_page()


def serious(page: "Page", axe: str) -> list[str]:
    page.evaluate(axe)
    found: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    bad = [rule for rule in found["violations"] if rule["impact"] in SERIOUS]
    return [f"{rule['id']}: {rule['nodes'][0]['html'][:200]}" for rule in bad]


def test_axe_finds_nothing_serious_on_some_pages(browser: "Browser", admin: "Served", axe: str) -> None:
    assert found_by(axe, browser, admin, LOOKS["narrow and dark"], SOME) == {}


@pytest.mark.soak
@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing_serious(browser: "Browser", admin: "Served", axe: str, look: str) -> None:
    paths = (*PATHS, *MORE, f"/messages/{admin.shop.ids()[0]}")
    assert found_by(axe, browser, admin, LOOKS[look], paths) == {}


def found_by(
    axe: str, browser: "Browser", admin: "Served", look: tuple[int, int, str], paths: tuple[str, ...]
) -> dict[str, list[str]]:
    page = opened(browser, look)
    found = {}
    for path in paths:
        page.goto(admin.address + path)
        page.wait_for_timeout(600)
        assert page.evaluate("document.documentElement.scrollWidth") <= look[0], path
        if wrong := serious(page, axe):
            found[path] = wrong
    page.context.close()
    return found


def test_a_key_is_made_by_keyboard_alone(browser: "Browser", admin: "Served") -> None:
    page = opened(browser, LOOKS["wide and light"])
    page.goto(f"{admin.address}/accounts")
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('form:has([value=key]) [name=name]')"):
            break
    page.keyboard.type("made by keys")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=The key made by keys")
    assert page.locator("code").inner_text().startswith("hk_write_")
    page.context.close()


def test_nothing_is_read_twice_by_a_screen_reader(browser: "Browser", admin: "Served") -> None:
    page = opened(browser, LOOKS["wide and light"])
    page.goto(f"{admin.address}/accounts")
    names = page.locator("button[aria-label]").evaluate_all("all => all.map(one => one.getAttribute('aria-label'))")
    assert len(names) == len(set(names))
    page.context.close()
