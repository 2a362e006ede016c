"""What changed: the page says in words, draws and lists what the study finds, and opens what is behind each part."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

import shop
from heedful.insight.accuracy import measured
from heedful.insight.ask import Question, ask
from heedful.insight.studies import Asked, of_view
from heedful.privacy.viewer import Viewer
from heedful.server import changes
from shop import blocks, data_of

SAID = {"lovely": "Lovely, thank you.", "awful": "This was awful.", "plain": "The shop closes at six."}


def written(channel: str, brand: str, days: float, **said: int) -> list[dict[str, Any]]:
    """Messages of one channel about one brand, over a day so many days ago, each by somebody else."""
    texts = [SAID[mood] for mood, count in said.items() for _ in range(count)]
    at = shop.NOW - timedelta(days=days)
    return [
        {
            "id": f"{channel}-{brand}-{days}-{n}",
            "channel": channel,
            "brand": [brand],
            "text": text,
            "person": f"{channel}{brand}{days}{n}@example.org",
            "rating": 1.0 if text == SAID["lovely"] else 0.25,
            "occurred_at": (at + timedelta(minutes=577 * n % 1440)).isoformat(),
        }
        for n, text in enumerate(texts)
    ]


@pytest.fixture(scope="module")
def fell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[shop.Shop]:
    """Oakmere got worse on every channel, between the month before and this one; nothing else did."""
    opened = shop.open_shop(tmp_path_factory.mktemp("fell"))
    for channel in ("social", "review"):
        for days in (36, 8):
            opened.take("message", written(channel, "Larkfield", days, lovely=200, awful=100, plain=100))
        opened.take("message", written(channel, "Oakmere", 36, lovely=200, awful=100, plain=100))
        opened.take("message", written(channel, "Oakmere", 8, lovely=60, awful=240, plain=100))
    yield opened
    opened.close()


def studied(opened: shop.Shop, name: str, *by: str, metric: str = "net_sentiment") -> list[dict[str, Any]]:
    question = Question(metric, by, since="2026-10-22", zone="Europe/Berlin")
    with opened.store.view(shop.DEMO) as view:
        return of_view(name).of_view(Asked(view, question, shop.NOW, measured)).to_pylist()


def test_the_sentence_says_how_much_why_and_what_is_noise(fell: shop.Shop) -> None:
    total, part, *_ = studied(fell, "changed", "brand")
    assert (part["part"], part["brand"], part["clear"]) == ("within", "Oakmere", True)
    low, high = sorted((abs(total["low"]), abs(total["high"])))
    said = f"Net sentiment fell by {-total['change']:.1f} points (95% sure: {low:.1f} to {high:.1f}): "
    page = data_of(fell, "/changed.json?by=brand")
    assert page["lead"].startswith(said + f"{-part['change']:.1f} from Oakmere being worse")
    (chart,) = blocks(page, "Chart")
    assert chart["about"].startswith("22 Oct \u2013 20 Nov 2026 against 22 Sep \u2013 21 Oct 2026, Berlin time.")
    assert part["change"] == pytest.approx(total["change"], rel=0.05)


def test_bars_and_table_hold_what_the_study_finds(fell: shop.Shop) -> None:
    (chart,) = blocks(data_of(fell, "/changed.json?by=brand"), "Chart")
    rows = studied(fell, "changed", "brand")
    drawn = chart["spec"]["data"]["values"]
    assert sum(bar["change"] for bar in drawn) == pytest.approx(rows[0]["change"], abs=0.1)
    assert (drawn[0]["name"], drawn[0]["colour"]) == ("Oakmere: worse", "#c4532d")
    assert [(bar["low"], bar["change"], bar["high"]) for bar in drawn] == [
        pytest.approx((row["low"], row["change"], row["high"])) for row in rows[1:-1] if abs(row["change"]) >= 0.05
    ]
    first, second, *_ = chart["table"]["rows"]
    assert first[0]["shown"] == "The whole change"
    assert [cell["shown"] for cell in second[:1]] == ["Oakmere: worse"]
    assert second[1]["value"] == pytest.approx(rows[1]["change"])
    assert second[3]["shown"] == "clear"
    assert {row[3]["shown"] for row in chart["table"]["rows"][2:]} <= {"clear", "within noise", "\u2013"}
    assert [second[6]["value"], second[7]["value"]] == [800, 800]


def test_every_part_opens_its_rows_in_both_periods(fell: shop.Shop) -> None:
    (chart,) = blocks(data_of(fell, "/changed.json?by=channel"), "Chart")
    opened = 0
    for row in chart["table"]["rows"]:
        for figure, counted in ((row[4], row[6]), (row[5], row[7])):
            if figure["href"]:
                behind = data_of(fell, figure["href"].replace("/messages?", "/messages.json?"))
                (listed,) = blocks(behind, "MessageList")
                assert listed["count"] == f"{counted['value']:,} messages"
                opened += 1
    assert opened >= 6


def test_all_dimensions_show_the_best_one_first(fell: shop.Shop) -> None:
    page = data_of(fell, "/changed.json")
    (chart,), (table,) = blocks(page, "Chart"), blocks(page, "Table")
    found = studied(fell, "where_changed")
    assert chart["title"] == "The change of net sentiment by brand"
    assert "from Oakmere being worse" in page["lead"]
    assert [row[0]["value"] for row in table["rows"]] == [row["dimension"] for row in found]
    first = table["rows"][0]
    assert [first[1]["shown"], first[3]["shown"]] == ["Oakmere: worse", f"{100 * found[0]['share']:.0f}%"]
    even = next(row for row in table["rows"] if row[0]["value"] == "channel")
    assert (even[1]["shown"], even[2]["shown"]) == ("\u2013", "0.0"), "both channels fell alike"
    again = data_of(fell, even[0]["href"].replace("/changed?", "/changed.json?"))
    assert blocks(again, "Chart")[0]["title"] == "The change of net sentiment by channel"


@pytest.mark.parametrize("form", ["csv", "parquet", None])
def test_what_is_shown_can_be_taken_along(fell: shop.Shop, form: str | None) -> None:
    page = data_of(fell, "/changed.json?by=brand&channel=social")
    links = {link["label"]: link["href"] for link in blocks(page, "Chart")[0]["links"]}
    wanted = {"csv": "CSV", "parquet": "Parquet", None: "JSON"}[form]
    address, _, query = links[wanted].partition("?")
    assert address == "/v1/studies/changed"
    assert "metric=net_sentiment&by=brand&where=channel%3Dsocial&since=2026-10-22" in query
    assert ("format=" in query) is bool(form)


def test_a_mix_is_told_as_more_and_less(tmp_path: Any) -> None:
    opened = shop.open_shop(tmp_path)
    for days, reviews, chats in ((36, 300, 60), (8, 60, 300)):
        opened.take("message", written("review", "Larkfield", days, lovely=reviews))
        opened.take("message", written("chat", "Larkfield", days, awful=chats))
    page = data_of(opened, "/changed.json?metric=mean_rating&by=channel")
    assert page["lead"] == "Mean rating fell by 0.500 of 1: 0.250 from more of Chat, 0.250 from less of Reviews."
    (chart,) = blocks(page, "Chart")
    assert [bar["low"] for bar in chart["spec"]["data"]["values"]] == [None] * len(chart["spec"]["data"]["values"])
    opened.close()


def test_sums_are_told_by_group(tmp_path: Any) -> None:
    opened = shop.open_shop(tmp_path)
    for days, reviews, chats in ((36, 20, 30), (8, 51, 10)):
        opened.take("message", written("review", "Larkfield", days, plain=reviews), read=False)
        opened.take("message", written("chat", "Larkfield", days, plain=chats), read=False)
    page = data_of(opened, "/changed.json?metric=volume&by=channel")
    assert page["lead"] == "Messages rose by 11: 31 from Reviews, 20 the other way from Chat."
    same = data_of(opened, "/changed.json?metric=volume&by=brand&since=2026-11-12&until=2026-11-15&channel=chat")
    assert "nothing to measure in the period before" in str(same["blocks"])
    assert data_of(opened, "/changed.json?metric=volume&by=kind&channel=chat")["lead"].startswith(
        "Messages fell by 20. "
    )
    opened.close()


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("?metric=people", "This metric cannot be taken apart"),
        ("?metric=reply_time&by=channel", "This metric cannot be taken apart"),
        ("?by=day", "Time cannot be taken apart"),
        ("?period=all", "There is no earlier period"),
        ("?until=2026-11-01", "There is no earlier period"),
        ("?since=2026-09-01", "There is nothing to compare"),
        ("?period=7d", "There is nothing to compare"),
    ],
)
def test_what_cannot_be_said_is_said_in_words(fell: shop.Shop, query: str, title: str) -> None:
    page = data_of(fell, f"/changed.json{query}")
    (empty,) = blocks(page, "Empty")
    assert empty["title"] == title
    assert blocks(page, "Form")
    assert not blocks(page, "Chart")


def test_too_few_people_are_not_compared(fell: shop.Shop) -> None:
    before, fell.viewer = fell.viewer, Viewer("demo", frozenset({"demo"}), smallest=100_000)
    try:
        page = data_of(fell, "/changed.json")
    finally:
        fell.viewer = before
    assert [block["title"] for block in blocks(page, "Empty")] == ["Too few people"]


def test_where_nothing_changed_nothing_is_blamed(tmp_path: Any) -> None:
    opened = shop.open_shop(tmp_path)
    for channel in ("social", "review"):
        for days in (36, 8):
            opened.take("message", written(channel, "Larkfield", days, lovely=40, awful=50, plain=60))
    page = data_of(opened, "/changed.json")
    assert re.match(
        r"Net sentiment did not clearly change \(0\.0; 95% sure: \u2212[\d.]+ to \+[\d.]+\); there is nothing to",
        page["lead"],
    )
    one = data_of(opened, "/changed.json?by=channel")
    assert one["lead"].partition("; 95%")[0] == "Net sentiment did not clearly change (0.0"
    assert " from " not in one["lead"]
    single = data_of(opened, "/changed.json?by=brand")
    assert [block["title"] for block in blocks(single, "Empty")] == ["Nothing to take apart"]
    opened.close()


def test_the_form_keeps_what_the_address_asks(fell: shop.Shop) -> None:
    page = data_of(fell, "/changed.json?metric=mean_rating&by=brand&channel=social&since=2026-10-20&until=2026-11-20")
    (form,) = blocks(page, "Form")
    fields = {field["name"]: field for field in form["fields"]}
    chosen = {n: [c["value"] for c in f["choices"] if c["chosen"]] for n, f in fields.items() if f["choices"]}
    assert (chosen["metric"], chosen["by"], chosen["channel"]) == (["mean_rating"], ["brand"], ["social"])
    assert (fields["since"]["value"], fields["until"]["value"]) == ("2026-10-20", "2026-11-20")
    assert chosen["period"] == [""]
    with fell.store.view(shop.DEMO) as view:
        question = Question("mean_rating", (), (("channel", "social"),), "2026-10-20", "2026-11-20", "Europe/Berlin")
        expected = ask(view, question, now=shop.NOW).figures[0].value
    (chart,) = blocks(page, "Chart")
    assert chart["table"]["rows"][0][4]["value"] == pytest.approx(expected)


def test_amounts_are_written_without_their_unit() -> None:
    assert [
        changes.amount(value, unit) for value, unit in ((-6.08, "points"), (0.1236, "of 1"), (1204, "messages"))
    ] == [
        "6.1",
        "0.124",
        "1,204",
    ]
    assert [changes.signed(value, "%") for value in (-6.08, 0.04, 3)] == ["\u22126.1", "0.0", "+3.0"]
