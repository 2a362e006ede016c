"""What changed: the parts add up to the whole's change, and say what moved."""

from datetime import datetime, timedelta

import pytest

import random_rows
from heedful.errors import BadSettings, NotFound
from heedful.insight.answer import Question
from heedful.insight.ask import ask
from heedful.insight.metrics import metric, names
from heedful.insight.studies import Asked, of_file, of_view
from heedful.language.cards import Confusion
from heedful.records import SENTIMENTS

NOW = datetime.fromisoformat("2026-04-12T09:00:00+00:00")
MEASURED = Confusion(SENTIMENTS, ((88, 9, 3), (8, 84, 8), (3, 9, 88)))
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
    sizes = [abs(row["change"]) for row in rows[1:-1]]
    assert sizes == sorted(sizes, reverse=True)


def test_estimates_carry_intervals_and_what_does_not_add_up_is_told(view):
    rows = changed(view, "net_sentiment", accuracy=lambda *_: MEASURED)
    for row in rows[:-1]:
        assert row["low"] <= row["change"] <= row["high"]
        assert row["clear"] is (row["low"] > 0 or row["high"] < 0)
    assert rows[-1]["clear"] is None
    assert sum(row["change"] for row in rows[1:]) == pytest.approx(rows[0]["change"])


def messages(made, rows):
    return [
        {**made._message(made.random.Random(1), n), "n": n, "channel": channel, "direction": "in", "rating": rating}
        | {"occurred_at": at, "person": n, "brand": None}
        for n, (channel, rating, at) in enumerate(rows)
    ]


@pytest.fixture
def built(engine):
    """A view of messages given as (channel, rating, days ago), as many times as wanted."""

    def build(*rows):
        import pyarrow as pa

        at = NOW.replace(tzinfo=None)
        flat = [
            (channel, rating, at - timedelta(days=days)) for channel, rating, days, count in rows for _ in range(count)
        ]
        made = messages(random_rows, flat)
        tables = random_rows.made(5)
        message = pa.Table.from_pylist(made, random_rows.shape("message"))
        return engine({**tables, "message": message, "reading": tables["reading"].slice(0, 0)}, random_rows.viewer())

    return build


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


@pytest.mark.parametrize(
    ("name", "by", "more", "said"),
    [
        ("people", "channel", {}, "is not made of people of its groups"),
        ("reply_time", "channel", {}, "is not made of reply_time"),
        ("volume", "brand", {}, "can be in several of its groups"),
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
