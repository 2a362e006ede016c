"""What only a browser shows: nothing is refused or sticks out, and keys and clicks lead where they should."""

import re
from typing import Any

import pytest

import shop
from heedful.privacy.viewer import Viewer

PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "has_touch": True}
DESK = {"viewport": {"width": 1440, "height": 900}}
LOOKS = [
    pytest.param(size | {"color_scheme": scheme}, id=f"{name}-{scheme}")
    for name, size in (("phone", PHONE), ("desk", DESK))
    for scheme in ("light", "dark")
]
PAGES = (
    "/",
    "/?period=all",
    "/messages",
    "/messages?q=lovely&channel=chat",
    "/messages?q=zebra",
    "/evidence?metric=events",
    "/changed?metric=mean_rating&period=7d",
)
DRAWN = "() => [...document.querySelectorAll('.drawing')].every(d => d.querySelector('svg') || d.matches('.failed'))"
WIDER = """() => [...document.querySelectorAll('body *')].filter(e => {
  const box = e.getBoundingClientRect();
  return box.width && box.right > innerWidth + 1 && !e.closest('.scroll, .unseen, .menu nav, svg');
}).map(e => e.outerHTML.slice(0, 120))"""


def open_page(window: Any, served: Any, path: str) -> Any:
    page = window.page
    page.goto(served.address + path)
    page.wait_for_function(DRAWN)
    return page


def check(window: Any) -> None:
    page = window.page
    assert window.complaints == []
    assert page.evaluate("document.documentElement.scrollWidth") <= page.evaluate("innerWidth")
    assert page.evaluate(WIDER) == []
    assert page.locator(".drawing.failed").count() == 0


@pytest.mark.parametrize("window", [PHONE], indirect=True)
def test_the_overview_draws_on_a_phone(window: Any, served: Any) -> None:
    page = open_page(window, served, "/")
    assert page.locator(".drawing svg").count() == 4
    page.wait_for_selector(".live.on")
    check(window)


@pytest.mark.soak
@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("window", LOOKS, indirect=True)
def test_every_page_fits_and_nothing_is_refused(window: Any, served: Any, path: str) -> None:
    open_page(window, served, path)
    check(window)


@pytest.mark.soak
@pytest.mark.parametrize("window", LOOKS, indirect=True)
def test_words_stand_out_from_what_is_behind_them(window: Any, served: Any) -> None:
    page = open_page(window, served, "/")
    for selector in (
        "h1",
        ".lead",
        ".tile dt",
        ".value",
        ".change",
        ".small",
        ".top",
        ".mood",
        ".menu li a",
        ".notice",
    ):
        for at in range(min(3, page.locator(selector).count())):
            ink, paper = page.locator(selector).nth(at).evaluate(COLOURS)
            assert contrast(ink, paper) >= 4.5, (selector, ink, paper)


COLOURS = """e => {
  const paint = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgb = c => { paint.clearRect(0, 0, 1, 1); paint.fillStyle = c; paint.fillRect(0, 0, 1, 1);
    return [...paint.getImageData(0, 0, 1, 1).data]; };
  let behind = e;
  while (behind && rgb(getComputedStyle(behind).backgroundColor)[3] < 255) behind = behind.parentElement;
  return [rgb(getComputedStyle(e).color), rgb(getComputedStyle(behind).backgroundColor)];
}"""


def contrast(one: list[int], other: list[int]) -> float:
    """The contrast of two colours as WCAG 2.2 defines it."""

    def light(colour: list[int]) -> float:
        parts = [part / 255 for part in colour[:3]]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("kind", ["SVG", "PNG"])
def test_a_chart_can_be_saved_as_a_picture(window: Any, served: Any, kind: str, tmp_path: Any) -> None:
    page = open_page(window, served, "/changed?metric=volume&by=channel&period=7d")
    page.locator("#chart-parts summary").click()
    with page.expect_download() as waited:
        page.locator(f"#chart-parts .forms button:text-is('{kind}')").click()
    assert waited.value.suggested_filename == f"parts.{kind.lower()}"
    waited.value.save_as(tmp_path / "saved")
    saved = (tmp_path / "saved").read_bytes()
    if kind == "PNG":
        assert saved.startswith(b"\x89PNG")
    else:
        assert b"The change of messages by channel" in saved
        assert b"var(--" not in saved
        assert b"href" not in saved
    check(window)


@pytest.mark.soak
def test_a_click_on_a_chart_opens_the_rows_behind_it(window: Any, served: Any) -> None:
    page = open_page(window, served, "/")
    page.locator("#chart-channel svg .mark-rect path[fill]").first.click()
    page.wait_for_url(re.compile(r"/messages\?metric=volume&channel="))
    assert page.locator(".message").count() > 0
    check(window)


@pytest.mark.soak
def test_a_day_shows_its_figures_and_opens(window: Any, served: Any) -> None:
    page = open_page(window, served, "/")
    day = page.locator("#chart-volume svg .mark-rect").last.locator("path").nth(20)
    day.hover(force=True)
    page.wait_for_selector("#vg-tooltip-element.visible")
    said = page.locator("#vg-tooltip-element").inner_text()
    assert "Nov 2026" in said
    assert "People" in said
    day.click(force=True)
    page.wait_for_url(re.compile(r"/messages\?metric=volume&day=2026-"))
    assert page.locator(".message").count() > 0


@pytest.mark.soak
def test_keys_reach_everything_in_order(window: Any, served: Any) -> None:
    page = open_page(window, served, "/")
    reached = []
    for _ in range(13):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.textContent.trim().split('\\n')[0]"))
        assert page.evaluate("document.activeElement.matches(':focus-visible')")
    menu = ["Overview", "What is new", "Messages", "Metrics", "Saved views", "Help"]
    assert reached[:9] == ["Skip to the content", "Heedful", *menu, "System colours"]
    assert reached[9:] == ["7 days", "30 days", "90 days", "All"]


@pytest.mark.soak
def test_the_skip_link_leads_to_the_content(window: Any, served: Any) -> None:
    page = open_page(window, served, "/messages")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "words"


@pytest.mark.soak
def test_the_chosen_colours_stay(window: Any, served: Any) -> None:
    page = open_page(window, served, "/")
    paper = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(paper)
    page.locator(".theme").click()
    page.locator(".theme").click()
    assert page.locator(".theme .word").inner_text() == "Dark colours"
    dark = page.evaluate(paper)
    assert dark != light
    open_page(window, served, "/messages")
    assert page.evaluate(paper) == dark
    page.locator(".theme").click()
    assert page.evaluate(paper) == light


@pytest.mark.soak
def test_a_filter_applies_itself_and_stands_in_the_address(window: Any, served: Any) -> None:
    page = open_page(window, served, "/messages")
    page.get_by_label("Sentiment").select_option("negative")
    page.wait_for_url(re.compile(r"/messages\?sentiment=negative$"))
    assert {" ".join(said.split()) for said in page.locator(".message .mood").all_inner_texts()} == {"Negative 90%"}
    page.get_by_role("link", name="Take away: Sentiment: Negative").click()
    page.wait_for_url(re.compile(r"/messages$"))


@pytest.mark.soak
def test_messages_arrive_by_themselves_and_wait_while_paused(window: Any, served: Any) -> None:
    page = open_page(window, served, "/")
    page.wait_for_selector(".live.on")
    said = {"channel": "chat", "occurred_at": shop.NOW.isoformat()}
    served.shop.take("message", [{"id": "arrival 1", "text": "First arrival, lovely.", **said}], read=False)
    page.wait_for_selector(".message.new:has-text('First arrival')")
    served.shop.take("message", [])
    page.wait_for_selector(".message:has-text('First arrival') .mood.positive")
    page.locator(".live").click()
    served.shop.take("message", [{"id": "arrival 2", "text": "Second arrival.", **said}])
    page.wait_for_selector(".live:has-text('Paused, 1 waiting')")
    assert page.locator(".message:has-text('Second arrival')").count() == 0
    page.locator(".live").click()
    page.wait_for_selector(".message:has-text('Second arrival')")
    check(window)


@pytest.mark.soak
@pytest.mark.parametrize("window", [DESK | {"java_script_enabled": False}], indirect=True)
def test_without_scripts_the_figures_are_still_there(window: Any, served: Any) -> None:
    page = window.page
    page.goto(served.address + "/")
    assert page.locator(".tile").count() == 8
    assert not page.locator(".drawing").first.is_visible()
    page.locator("#chart-channel summary").click()
    assert page.locator("#chart-channel table").is_visible()
    page.goto(served.address + "/messages")
    page.get_by_label("Channel").select_option("chat")
    page.get_by_role("button", name="Search").click()
    assert "channel=chat" in page.url


@pytest.mark.soak
@pytest.mark.parametrize("window", [DESK | {"reduced_motion": "reduce"}], indirect=True)
def test_nothing_moves_for_those_who_want_no_motion(window: Any, served: Any) -> None:
    page = open_page(window, served, "/")
    page.wait_for_selector(".live.on")
    moving = "e => { e.classList.add('new'); return getComputedStyle(e).animationName; }"
    assert page.locator(".message").first.evaluate(moving) == "none"


@pytest.mark.soak
def test_figures_become_new_by_themselves_but_not_under_the_hand(window: Any, served: Any) -> None:
    page = open_page(window, served, "/")
    page.evaluate("document.querySelector('[data-renew]').dataset.renew = 0.2; watchAge()")
    page.evaluate("document.querySelector('.tile').classList.add('old')")
    page.wait_for_selector(".tile.old", state="detached")
    page.wait_for_function(DRAWN)
    assert page.locator(".drawing svg").count() == 4
    page.locator("#chart-channel summary").click()
    page.evaluate("document.querySelector('[data-renew]').dataset.renew = 0.2; watchAge()")
    page.evaluate("document.querySelector('.tile').classList.add('old')")
    page.wait_for_timeout(1500)
    assert page.locator(".tile.old").count() == 1
    check(window)


SIZES = [{"viewport": {"width": 1280, "height": 800}}, {"viewport": {"width": 390, "height": 844}}]


@pytest.mark.parametrize("window", SIZES, indirect=True, ids=["desk", "phone"])
def test_every_entry_of_the_menu_is_reached_by_keyboard(window: Any, served: Any) -> None:
    before = served.shop.viewer
    served.shop.viewer = Viewer("user:ada", frozenset({"admin"}))
    try:
        page = open_page(window, served, "/")
    finally:
        served.shop.viewer = before
    entries = page.locator(".menu li a").count()
    assert entries > 10
    page.locator(".logo").focus()
    seen = []
    for _ in range(entries):
        page.keyboard.press("Tab")
        seen.append(page.evaluate(WHOLLY_SEEN))
    assert [said for said in seen if said != "seen"] == []


WHOLLY_SEEN = """() => {
  const entry = document.activeElement, at = entry.getBoundingClientRect();
  const around = document.querySelector(".menu nav").getBoundingClientRect();
  const inside = at.top >= around.top - 1 && at.bottom <= around.bottom + 1 && at.left >= around.left - 1 &&
    at.right <= around.right + 1 && at.bottom <= innerHeight && at.right <= innerWidth;
  const there = document.elementFromPoint(at.left + at.width / 2, at.top + at.height / 2);
  return inside && there && entry.contains(there) ? "seen" : `${entry.textContent.trim()} ${JSON.stringify(at)}`;
}"""


def test_a_menu_that_is_longer_than_the_window_scrolls(window: Any, served: Any) -> None:
    page = open_page(window, served, "/")
    page.set_viewport_size({"width": 1280, "height": 300})
    assert page.evaluate("document.querySelector('.menu').scrollHeight") <= 300
    page.locator(".menu li a").last.focus()
    page.wait_for_timeout(100)
    assert page.evaluate(WHOLLY_SEEN) == "seen"


FEW = ("/figures?metric=volume&by=day,sentiment", "/figures?metric=net_sentiment&by=brand", "/?period=7d")


@pytest.mark.soak
def test_no_chart_is_drawn_empty(window: Any, served: Any) -> None:
    """Where everybody's groups are too small, words say so, and the drawing library has nothing to complain about."""
    said: list[str] = []
    window.page.on("console", lambda line: said.append(line.text))
    before = served.shop.viewer
    served.shop.viewer = Viewer("demo", frozenset({"demo"}), smallest=100_000)
    try:
        for path in FEW:
            page = open_page(window, served, path)
            assert "too few people" in page.content()
            assert page.locator(".drawing").count() == 0
    finally:
        served.shop.viewer = before
    assert [line for line in said if "extent" in line.lower()] == []
