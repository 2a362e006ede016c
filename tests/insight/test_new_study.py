"""The study of what is new on a workspace: what is told of whom, to whom, and as of when."""

import json
import random
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

import random_rows
from heedful.errors import BadSettings, NotFound
from heedful.insight.answer import Question
from heedful.insight.export import as_csv, as_parquet
from heedful.insight.studies import Asked, of_view
from heedful.privacy.viewer import Viewer

NOW = datetime.fromisoformat("2026-04-12T09:00:00+00:00")
USUAL = (
    "the parcel came late again",
    "lovely staff at the counter",
    "my invoice shows the wrong amount",
    "the app closes by itself all the time",
    "how do I change my address?",
    "cancelled the order and got no answer",
)


def row(draw, n, at, text, **more):
    known = {"n": n, "channel": "chat", "kind": "post", "direction": "in", "person": n, "text": text, "key": draw}
    plain = {"title": None, "brand": None, "hashtags": None, "item": None, "country": None, "rating": None}
    return {
        **random_rows._message(random.Random(n), n),
        **plain,
        "occurred_at": at.replace(tzinfo=None),
        **known,
        **more,
    }


def tables(*news, count=3_000, days=100, now=NOW):
    """Quiet messages of `days` before now and the others, given as (minutes ago, text, more), in an order by lot."""
    draw = random.Random(4)
    rows = [(draw.uniform(0, days * 1440), draw.choice(USUAL), {}) for _ in range(count)]
    rows += [(back, text, more) for back, text, *rest in news for more in (rest[0] if rest else {},)]
    keys = draw.sample(range(2**60), len(rows))
    made = [
        row(keys[n], n, now - timedelta(minutes=back), f"{text} {n % 90}", **more)
        for n, (back, text, more) in enumerate(rows)
    ]
    message = pa.Table.from_pylist(made, random_rows.shape("message"))
    return {"message": message, "reading": random_rows.shape("reading").empty_table()}


def news(view, question=None, now=NOW):
    asked = question or Question("", (), (), None, None, "UTC")
    return of_view("new").of_view(Asked(view, asked, now))


def named(found):
    return {name for one in found.to_pylist() for name in (one["name"], *one["also"])}


BURST = [
    (60 * n + 1, f"the escalator is broken, level {n}", {"channel": "social", "source": "tower"}) for n in range(20)
]


def test_a_burst_is_told_with_its_beginning_its_place_and_its_evidence(engine):
    view = engine(tables(*BURST), random_rows.viewer(5))
    found = news(view)
    one = next(line for line in found.to_pylist() if "escalator" in (line["name"], *line["also"]))
    assert one["rows"] == one["people"] == 20
    assert one["expected"] < 1
    assert one["growth"] > one["low"] > 5
    assert 0 <= one["p"] <= one["q"] <= 0.05
    assert one["began"] == (NOW - timedelta(minutes=60 * 19 + 1)).replace(second=0, microsecond=0)
    assert (one["channel"], one["source"]) == ("social", "tower")
    assert one["first"] == f"{3_000 + 19:032x}"
    assert one["person"] == f"p_{3_000 + 19:016x}"
    assert sum(count or 0 for count in one["days"]) == 20
    assert len(one["days"]) == 28
    assert found.column("score").to_pylist() == sorted(found.column("score").to_pylist(), reverse=True)
    metadata = {name.decode(): value.decode() for name, value in found.schema.metadata.items()}
    assert metadata["until"] == NOW.replace(tzinfo=None).isoformat()
    assert int(metadata["recent"]) + int(metadata["earlier"]) <= 3_020


def test_both_engines_tell_the_same(views_of_burst):
    told = [found.to_pylist() for found in views_of_burst]
    assert told[0] == told[1] != []


@pytest.fixture
def views_of_burst():
    made = tables(*BURST)
    return [news(open_view(made, random_rows.viewer(5))) for open_view in random_rows.ENGINES.values()]


def test_it_leaves_as_csv_and_parquet(engine):
    found = news(engine(tables(*BURST), random_rows.viewer(5)))
    lines = as_csv(found).decode().splitlines()
    assert lines[0].startswith("kind,what,name,rows,copies,people,expected,growth,low,high,p,q,hours,began,first")
    assert len(lines) == found.num_rows + 1
    assert as_parquet(found)[:4] == b"PAR1"


def test_slices_are_told_as_words_are_and_filters_narrow(engine):
    returns = [(60 * n + 1, USUAL[n % 6], {"brand": ["Larkfield"], "channel": "form"}) for n in range(25)]
    view = engine(tables(*returns), random_rows.viewer(5))
    assert "Larkfield" in named(news(view))
    asked = Question("", ("channel",), (), None, None, "UTC")
    assert [(one["what"], one["name"]) for one in news(view, asked).to_pylist()] == [("channel", "form")]
    only = Question("", (), (("channel", "form"),), None, None, "UTC")
    assert not news(view, only).num_rows


def test_small_groups_are_never_told(engine):
    few = [(60 * n + 1, f"the escalator is broken, level {n}", {"person": n % 6}) for n in range(60)]
    made = tables(*few)
    assert "escalator" in named(news(engine(made, random_rows.viewer(6))))
    assert "escalator" not in named(news(engine(made, random_rows.viewer(7))))


def test_who_may_not_read_text_is_told_no_words(engine):
    view = engine(tables(*BURST), Viewer("figures only", frozenset({"viewer"}), smallest=5))
    told = news(view).to_pylist()
    assert {one["kind"] for one in told} == {"dimension"}
    assert {one["person"] for one in told} == {None}
    assert "escalator" not in json.dumps(told, default=str)


def test_nothing_after_until_matters(engine):
    cut = NOW - timedelta(days=5)
    later = [(60 * n + 1, "the escalator is broken today", {}) for n in range(60)]
    asked = Question("", (), (), None, cut.isoformat(), "UTC")
    before = [(60 * n + 5 * 1440 + 1, f"no water in room {n}", {}) for n in range(12)]
    with_later, without = (news(engine(tables(*before, *more), random_rows.viewer(5)), asked) for more in (later, ()))
    assert "water" in named(without)
    assert named(with_later) == named(without)
    told = [
        [(one["people"], one["rows"], one["began"]) for one in found.to_pylist()] for found in (with_later, without)
    ]
    assert told[0] == told[1]


def test_the_look_back_is_counted_from_its_end(engine):
    view = engine(tables(*BURST), random_rows.viewer(5))
    until = (NOW - timedelta(days=40)).isoformat()
    found = news(view, Question("", (), (), "14d", until, "UTC"))
    assert found.schema.metadata[b"since"].decode() == (NOW - timedelta(days=54)).replace(tzinfo=None).isoformat()


def test_old_messages_are_looked_at_as_of_the_newest(engine):
    then = NOW - timedelta(days=900)
    made = tables(*BURST, now=then)
    found = news(engine(made, random_rows.viewer(5)))
    assert "escalator" in named(found)
    assert found.schema.metadata[b"until"].decode().startswith(then.date().isoformat())


def test_what_the_company_says_itself_is_no_news(engine):
    notices = [(60 * n + 1, f"planned works in street {n}", {"direction": "out", "person": None}) for n in range(30)]
    view = engine(tables(*notices), random_rows.viewer(5))
    assert "works" not in named(news(view))
    more = [(draw, "we are open as usual", {"direction": "out", "person": None}) for draw in range(9, 140_000, 60)]
    view = engine(tables(*notices, *more), random_rows.viewer(5))
    assert "works" in named(news(view, Question("", (), (("direction", "out"),), None, None, "UTC")))


def test_negative_news_weighs_more(engine):
    made = tables(*BURST)
    asked = [(made, "positive"), (made, "negative")]
    scores = []
    for rows, mood in asked:
        message = rows["message"].to_pylist()
        read = [
            {"n": m["n"], "r": m["n"], "message": m["id"], "version": "1", "read_at": NOW.replace(tzinfo=None)}
            | {"language": "en", "sentiment": mood}
            for m in message
        ]
        view = engine(
            {**rows, "reading": pa.Table.from_pylist(read, random_rows.shape("reading"))}, random_rows.viewer(5)
        )
        one = next(line for line in news(view).to_pylist() if "escalator" in (line["name"], *line["also"]))
        assert one["negative"] == (1.0 if mood == "negative" else 0.0)
        scores.append(one["score"])
    assert scores[1] == pytest.approx(2 * scores[0])


def test_an_empty_workspace_has_nothing_new(engine):
    found = news(
        engine({name: random_rows.shape(name).empty_table() for name in ("message", "reading")}, random_rows.viewer())
    )
    assert not found.num_rows
    assert found.schema.metadata[b"names"] == b"0"


@pytest.mark.parametrize(
    ("question", "error", "said"),
    [
        (Question("volume", (), (), None, None, "UTC"), BadSettings, "leave the metric out"),
        (Question("", (), (), "90d", None, "UTC"), BadSettings, "in the last 1 to 60 days, not 90"),
        (Question("", (), (), None, "0001-02-01", "UTC"), BadSettings, "no history before"),
        (Question("", ("chanel",), (), None, None, "UTC"), NotFound, "did you mean 'channel'"),
        (Question("", ("day",), (), None, None, "UTC"), BadSettings, "each time is new"),
        (Question("", (), (("colour", "red"),), None, None, "UTC"), NotFound, "no dimension named 'colour'"),
        (Question("", (), (), None, "tomorrow", "UTC"), BadSettings, "is not a time"),
    ],
)
def test_what_cannot_be_asked_is_named(engine, question, error, said):
    view = engine(tables(count=50), random_rows.viewer())
    with pytest.raises(error, match=said):
        news(view, question, NOW.astimezone(UTC))
