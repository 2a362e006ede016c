"""What changed: the parts add up to the whole's change, and say what moved."""

import math
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import random_rows
from heedful.errors import BadSettings, NotFound
from heedful.insight.answer import Question
from heedful.insight.ask import ask
from heedful.insight.dimensions import applicable
from heedful.insight.metrics import metric, names
from heedful.insight.studies import Asked, of_file, of_view
from heedful.language.cards import Confusion
from heedful.records import SENTIMENTS
from in_turn import in_turn

NOW = datetime.fromisoformat("2026-04-12T09:00:00+00:00")
MEASURED = Confusion(SENTIMENTS, ((88, 9, 3), (8, 84, 8), (3, 9, 88)))
WELL = Confusion(SENTIMENTS, ((8800, 900, 300), (800, 8400, 800), (300, 900, 8800)))
ADDED = [name for name in names() if metric(name).parts and metric(name).of != "answer"]


def changed(view, name, by="channel", since="2026-04-01", accuracy=None, **more):
    given = accuracy or (lambda *_: None)
    return of_view("changed").of_view(Asked(view, Question(name, (by,), since=since, **more), NOW, given)).to_pylist()


@pytest.mark.parametrize("name", ADDED)
def test_the_parts_add_up(view, name):
    by = "name" if metric(name).of == "event" else "channel"
    rows = changed(view, name, by)
    answer = ask(view, Question(name, since="2026-04-01", compare=True), now=NOW).figures[0]
    assert rows[0]["part"] == "total"
    assert rows[0]["change"] == pytest.approx(answer.change)
    assert rows[-1]["part"] == "rest"
    assert sum(row["change"] for row in rows[1:]) == pytest.approx(answer.change)
    assert rows[-1]["change"] == pytest.approx(0, abs=1e-9)
    sizes = [(row["clear"] is False, -abs(row["change"])) for row in rows[1:-1]]
    assert sizes == sorted(sizes)


def test_estimates_carry_intervals_and_what_does_not_add_up_is_told(view):
    rows = changed(view, "net_sentiment", accuracy=lambda *_: MEASURED)
    for row in rows[:-1]:
        assert row["low"] <= row["change"] <= row["high"]
        assert row["clear"] is (row["low"] > 0 or row["high"] < 0)
    assert rows[-1]["clear"] is None
    assert sum(row["change"] for row in rows[1:]) == pytest.approx(rows[0]["change"])


def messages(made, rows):
    return [
        {**made._message(made.random.Random(1), n), "n": n, "channel": channel, "direction": "in", "brand": brand}
        | {"rating": said if isinstance(said, float) else None, "occurred_at": at, "person": n}
        for n, (channel, said, at, brand) in enumerate(rows)
    ]


def readings(made, rows):
    return [
        made._reading(made.random.Random(1), {"n": n, "id": f"{n:032x}"}) | {"sentiment": said, "language": "en"}
        for n, (_, said, *_) in enumerate(rows)
        if isinstance(said, str)
    ]


@pytest.fixture
def built(engine):
    """A view of messages given as (channel, rating or sentiment, days ago, how many, brands)."""

    def build(*rows, smallest=1):
        at = NOW.replace(tzinfo=None)
        flat = [
            (channel, said, at - timedelta(days=days), brand[0] if brand else None)
            for channel, said, days, count, *brand in rows
            for _ in range(count)
        ]
        told = {"message": messages(random_rows, flat), "reading": readings(random_rows, flat)}
        shaped = {name: pa.Table.from_pylist(rows, random_rows.shape(name)) for name, rows in told.items()}
        return engine({**random_rows.made(5), **shaped}, random_rows.viewer(smallest))

    return build


def read(channel, days, size, truth, *brand):
    """As many messages as the classifier of WELL would call each class, were their true shares these."""
    rates = [[count / 10_000 for count in row] for row in WELL.counts]
    called = [round(size * sum(share * row[at] for share, row in zip(truth, rates, strict=True))) for at in range(3)]
    return [(channel, said, days, count, *brand) for said, count in zip(SENTIMENTS, called, strict=True)]


def by_part(rows):
    return {(row["part"], row["channel"]): row["change"] for row in rows}


def test_more_of_a_bad_channel_is_mix_and_a_worse_channel_is_within(built):
    more_of_it = built(("review", 0.8, 15, 50), ("chat", 0.2, 15, 50), ("review", 0.8, 3, 25), ("chat", 0.2, 3, 75))
    found = by_part(changed(more_of_it, "mean_rating", since="10d"))
    assert found["total", None] == pytest.approx(-0.15)
    assert found["mix", "chat"] + found["mix", "review"] == pytest.approx(-0.15)
    assert [found["within", "chat"], found["within", "review"]] == pytest.approx([0, 0], abs=1e-9)
    worse = built(("review", 0.8, 15, 50), ("chat", 0.4, 15, 50), ("review", 0.8, 3, 50), ("chat", 0.2, 3, 50))
    found = by_part(changed(worse, "mean_rating", since="10d"))
    assert [found["total", None], found["within", "chat"]] == pytest.approx([-0.1, -0.1])
    others = [found["mix", "chat"], found["mix", "review"], found["within", "review"]]
    assert others == pytest.approx([0, 0, 0], abs=1e-9)


def test_a_channel_that_begins_or_ends_is_mix(built):
    view = built(("review", 0.8, 15, 40), ("email", 0.5, 15, 10), ("review", 0.8, 3, 40), ("chat", 0.2, 3, 10))
    found = by_part(changed(view, "mean_rating", since="10d"))
    assert found["total", None] == pytest.approx(-0.06)
    assert ("within", "chat") not in found
    assert found["mix", "chat"] < 0
    assert found["mix", "chat"] + found["mix", "email"] + found["mix", "review"] == pytest.approx(-0.06)


CALM, UPSET = (0.2, 0.4, 0.4), (0.6, 0.3, 0.1)
"""True shares of negative, neutral and positive: net sentiment +20 and -50."""


CHAT_AND_ALL = ((("channel", "chat"),), ())


def clear_parts(rows):
    return {(row["part"], row["channel"]): row["change"] for row in rows if row["clear"]}


def test_one_channel_that_got_worse_is_found_and_all_else_is_noise(built):
    before = [read(channel, 15, 1000, CALM) for channel in ("review", "chat", "email")]
    now = [read(channel, 3, 1000, UPSET if channel == "chat" else CALM) for channel in ("review", "chat", "email")]
    rows = changed(built(*chain.from_iterable(before + now)), "net_sentiment", since="10d", accuracy=lambda *_: WELL)
    found = clear_parts(rows)
    assert found.keys() == {("total", None), ("within", "chat")}
    assert found["within", "chat"] == pytest.approx(-70 / 3, abs=0.5)
    assert found["total", None] == pytest.approx(-70 / 3, abs=0.5)
    assert [row["clear"] for row in rows[2:-1]] == [False] * 5


def test_more_of_an_upset_channel_is_found_as_mix(built):
    calm, upset = ("review", CALM), ("chat", UPSET)
    before = [read(channel, 15, size, truth) for (channel, truth), size in ((calm, 1500), (upset, 500))]
    now = [read(channel, 3, size, truth) for (channel, truth), size in ((calm, 500), (upset, 1500))]
    rows = changed(built(*chain.from_iterable(before + now)), "net_sentiment", since="10d", accuracy=lambda *_: WELL)
    found = clear_parts(rows)
    assert found.keys() == {("total", None), ("mix", "chat"), ("mix", "review")}
    assert [found["mix", "chat"], found["mix", "review"]] == pytest.approx([-17.5, -17.5], abs=0.5)
    assert found["total", None] == pytest.approx(-35, abs=0.5)


def test_where_nothing_changed_all_is_noise(built):
    told = [read(channel, days, 400, CALM) for channel in ("review", "chat", "email") for days in (15, 3)]
    rows = changed(built(*chain.from_iterable(told)), "net_sentiment", since="10d", accuracy=lambda *_: WELL)
    assert clear_parts(rows) == {}
    assert [row["change"] for row in rows] == pytest.approx([0] * len(rows), abs=1e-9)


def test_without_measured_errors_nobody_says_what_is_noise(view):
    rows = changed(view, "net_sentiment")
    assert {row["clear"] for row in rows} == {None}
    assert {row["low"] for row in rows} == {None}


def test_a_share_is_counted_in_full_and_adds_no_error(built):
    """A mix is as unsure as how far the group's value lies from the whole's, times how far the share moved."""
    rows = [row for days, size in ((15, 400), (3, 800)) for row in read("chat", days, size, UPSET)]
    view = built(*rows, *(row for days in (15, 3) for row in read("review", days, 400, CALM)))
    (mix,) = [
        row
        for row in changed(view, "net_sentiment", since="10d", accuracy=lambda *_: WELL)
        if row["part"] == "mix" and row["channel"] == "chat"
    ]
    question = Question("net_sentiment", since="10d", compare=True)
    answers = [ask(view, replace(question, where=where), now=NOW, accuracy=lambda *_: WELL) for where in CHAT_AND_ALL]
    (chat, then), (whole, before) = ((answer.figures[0], answer.figures[0].before) for answer in answers)
    moved = 800 / 1200 - 400 / 800
    below = [one.value - one.low for one in (chat, then)] + [one.high - one.value for one in (whole, before)]
    assert mix["change"] == pytest.approx(moved * (chat.value + then.value - whole.value - before.value) / 2)
    assert mix["change"] - mix["low"] == pytest.approx(moved * math.hypot(*below) / 2)


def test_rows_of_two_brands_are_in_both_and_what_is_counted_twice_is_told(built):
    both = ("chat", 0.2, 3, 20, ["Acme", "Bolt"])
    view = built(("chat", 0.8, 15, 40, ["Acme"]), ("chat", 0.8, 15, 60, ["Bolt"]), both, ("chat", 0.8, 3, 80, ["Bolt"]))
    rows = changed(view, "mean_rating", "brand", since="10d")
    found = {(row["part"], row["brand"]): row["change"] for row in rows}
    assert found["total", None] == pytest.approx(-0.12)
    assert found["within", "Acme"] == pytest.approx((0.2 - 0.8) * (0.4 + 0.2) / 2)
    assert found["rest", None] != pytest.approx(0, abs=0.01)
    assert sum(row["change"] for row in rows[1:]) == pytest.approx(-0.12)


def test_hidden_groups_are_left_to_the_rest(built):
    view = built(
        *[("review", 0.8, days, 60) for days in (15, 3)],
        ("chat", 0.9, 15, 30),
        ("chat", 0.1, 3, 30),
        *[("email", 0.5, days, 4) for days in (15, 3)],
        smallest=10,
    )
    rows = changed(view, "mean_rating", since="10d")
    assert {row["channel"] for row in rows} == {None, "review"}
    assert sum(row["change"] for row in rows[1:]) == pytest.approx(rows[0]["change"])
    assert rows[-1]["change"] != pytest.approx(0, abs=0.01)


@given(
    name=st.sampled_from(ADDED),
    since=st.sampled_from(("2026-03-28", "2026-04-01", "2026-04-07", "5d")),
    smallest=st.sampled_from((1, 5, 40)),
    errors=st.sampled_from((None, MEASURED)),
    data=st.data(),
)
def test_parts_add_up_whatever_is_asked(tables, name, since, smallest, errors, data):
    known = metric(name)
    dimensions = [d.name for d in applicable(known.of, reading=known.reading) if not d.step]
    by = data.draw(st.sampled_from(dimensions))
    view = random_rows.ENGINES["duckdb"](tables, random_rows.viewer(smallest))
    rows = changed(view, name, by, since=since, accuracy=lambda *_: errors)
    assert sum(row["change"] for row in rows[1:]) == pytest.approx(rows[0]["change"])
    for row in rows:
        assert row["low"] is None or row["low"] <= row["change"] <= row["high"]
        assert row["clear"] is not True or row["change"] != 0
    if smallest == 1 and not next(d for d in applicable(known.of) if d.name == by).many and not known.reading:
        assert rows[-1]["change"] == pytest.approx(0, abs=1e-6)


def where(view, name="mean_rating", accuracy=None, **more):
    question = Question(name, **({"since": "10d"} | more))
    rows = of_view("where_changed").of_view(Asked(view, question, NOW, accuracy or (lambda *_: None))).to_pylist()
    return {row["dimension"]: row for row in rows}


def test_the_dimension_that_explains_most_comes_first(built):
    """Chat got worse whatever the brand, and nothing else did: the channel explains it all, the brand nothing."""
    brands = [(["Acme"], 60), (["Bolt"], 40)]
    before = [(channel, 0.8, 15, count, brand) for channel in ("review", "chat") for brand, count in brands]
    now = [(channel, value, 3, n, brand) for channel, value in (("review", 0.8), ("chat", 0.4)) for brand, n in brands]
    found = where(built(*before, *now))
    assert next(iter(found)) == "channel"
    assert found["channel"]["explained"] == pytest.approx(-0.2)
    assert found["channel"]["share"] == pytest.approx(1)
    assert (found["channel"]["part"], found["channel"]["group"]) == ("within", "chat")
    assert [found["brand"][name] for name in ("explained", "mix", "rest")] == pytest.approx([0, 0, 0], abs=1e-9)
    assert (found["brand"]["part"], found["brand"]["groups"]) == (None, 2)
    for row in found.values():
        assert row["mix"] + row["within"] + row["rest"] == pytest.approx(-0.2)
    assert not {"day", "hour_of_day"} & found.keys(), "time is no reason"
    assert "rating" not in found, "ratings explain a mean rating to nobody"


def test_a_shift_of_the_mix_explains_all_of_a_change(built):
    rows = ("review", 0.8, 15, 50), ("chat", 0.2, 15, 50), ("review", 0.8, 3, 25), ("chat", 0.2, 3, 75)
    found = where(built(*rows))
    assert found["channel"]["share"] == pytest.approx(1)
    assert found["channel"]["mix"] == pytest.approx(-0.15)
    assert "channel" not in where(built(*rows), where=(("channel", "chat"),)), "what a filter fixes has no parts"


def test_groups_that_go_every_way_explain_little(built):
    """One of six channels fell as the whole did, but so much goes on in the others that it tells nothing."""
    channels = ("social", "review", "survey", "chat", "email", "call")
    now = (0.2, 0.9, 0.3, 0.8, 0.1, 0.6)
    before = [(channel, 0.6, 15, 30) for channel in channels]
    found = where(built(*before, *((channel, value, 3, 30) for channel, value in zip(channels, now, strict=True))))
    assert found["channel"]["share"] < 0.7
    one = [(channel, 0.1 if channel == "chat" else 0.6, 3, 30) for channel in channels]
    found = where(built(*before, *one))
    assert found["channel"]["share"] == pytest.approx(1)


def test_what_the_other_groups_differ_is_not_explained(built):
    """Chat makes the whole change, but four others moved 0.1 up and down: half of what they did is taken off."""
    before = [(channel, 0.6, 15, 100) for channel in ("social", "review", "survey", "chat", "email", "call")]
    now = {"social": 0.7, "review": 0.7, "survey": 0.5, "chat": 0.1, "email": 0.5, "call": 0.6}
    alone = where(built(*before, *((name, 0.1 if name == "chat" else 0.6, 3, 100) for name in now)))
    found = where(built(*before, *((name, value, 3, 100) for name, value in now.items())))
    assert alone["channel"]["share"] == pytest.approx(1)
    assert (found["channel"]["part"], found["channel"]["group"]) == ("within", "chat")
    assert found["channel"]["share"] == pytest.approx(1 - 0.4 / 2 / (0.5 - 0.5 / 6))


def test_groups_that_come_and_go_explain_nothing(built):
    """Each file is a source of its own: that all is from another one says nothing but when it was."""
    found = where(built(("review", 0.8, 15, 50), ("forum", 0.7, 15, 9), ("chat", 0.4, 3, 50), ("forum", 0.7, 3, 9)))
    assert found["channel"]["mix"] < -0.3
    assert (found["channel"]["share"], found["channel"]["part"]) == (0, None)


def test_noise_explains_nothing(built):
    told = [read(channel, days, 400, CALM) for channel in ("review", "chat", "email") for days in (15, 3)]
    found = where(built(*chain.from_iterable(told)), "net_sentiment", accuracy=lambda *_: WELL)
    assert found["channel"]["explained"] == 0
    assert {row["share"] for row in found.values()} == {None}


@pytest.mark.parametrize("name", in_turn(ADDED, 3))
def test_every_metric_is_asked_by_every_dimension(view, name):
    found = where(view, name, since="2026-04-01")
    answer = ask(view, Question(name, since="2026-04-01", compare=True), now=NOW).figures[0]
    assert len(found) > 3
    for row in found.values():
        assert row["mix"] + row["within"] + row["rest"] == pytest.approx(answer.change)
        assert abs(row["explained"]) <= abs(answer.change) + 1e-9


@pytest.mark.parametrize(
    ("name", "by", "more", "said"),
    [
        ("people", "channel", {}, "is not made of people of its groups"),
        ("reply_time", "channel", {}, "is not made of reply_time"),
        ("volume", "day", {}, "its groups are of one period only"),
        ("volume", "channel", {"since": None}, "give since"),
    ],
)
def test_what_cannot_be_taken_apart_is_refused_in_words(view, name, by, more, said):
    with pytest.raises(BadSettings, match=said):
        changed(view, name, by, **more)


def test_a_study_of_files_is_none_of_workspaces():
    with pytest.raises(BadSettings, match="a file: name it with --input"):
        of_view("prevalence")
    with pytest.raises(BadSettings, match="a workspace: leave --input out"):
        of_file("changed")
    with pytest.raises(NotFound, match="no study named 'funnel'"):
        of_view("funnel")
