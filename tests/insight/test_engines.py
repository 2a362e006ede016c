"""Every metric gives the same figures on DuckDB and on Polars, by every dimension and under filters."""

import itertools
import random
from datetime import UTC, datetime

import pytest

from heedful.insight.ask import Question, ask
from heedful.insight.certainty import Confusion
from heedful.insight.dimensions import applicable
from heedful.insight.metrics import metric, names

NOW = datetime(2026, 4, 12, 9, tzinfo=UTC)
MEASURED = Confusion(("negative", "neutral", "positive"), ((880, 90, 30), (80, 840, 80), (30, 90, 880)))
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")


def rows(view, question):
    return ask(view, question, now=NOW, accuracy=lambda *_: MEASURED).to_json()["rows"]


def same(first, second):
    assert len(first) == len(second)
    for one, other in zip(first, second, strict=True):
        numbers = {"value", "low", "high", "change"}
        assert {k: v for k, v in one.items() if k not in numbers and k != "before"} == {
            k: v for k, v in other.items() if k not in numbers and k != "before"
        }
        for name in numbers & one.keys():
            expected = other[name]
            assert one[name] == (None if expected is None else pytest.approx(expected, rel=1e-9, abs=1e-9))
        if one.get("before"):
            same([one["before"]], [other["before"]])


@pytest.mark.parametrize("more", [2, pytest.param(12, marks=pytest.mark.soak)])
@pytest.mark.parametrize("name", names())
def test_both_engines_agree(name, more, views):
    known = metric(name)
    dimensions = [d.name for d in applicable(known.of, reading=known.reading)]
    draw = random.Random(name)
    pairs = draw.sample(list(itertools.permutations(dimensions, 2)), more)
    alone = dimensions if more > 2 else draw.sample(dimensions, len(dimensions) // 2)
    for by in [(), *((d,) for d in alone), *pairs]:
        since, until = draw.choice(
            ((None, None), ("2026-03-27", "2026-04-07"), ("12d", None), (None, "2026-04-01T10:20"))
        )
        question = Question(name, by, since=since, until=until, zone=draw.choice(ZONES), compare=since is not None)
        first, second = (rows(view, question) for view in views.values())
        assert first
        same(first, second)


def test_both_engines_agree_under_random_filters(views):
    draw = random.Random(3)
    for _ in range(60):
        known = metric(draw.choice(names()))
        dimensions = [d.name for d in applicable(known.of, reading=known.reading)]
        by = tuple(draw.sample(dimensions, 2))
        zone = draw.choice(ZONES)
        groups = rows(views["duckdb"], Question(known.name, by, zone=zone))
        where = tuple((d, draw.choice(groups)[d]) for d in by if groups and draw.random() < 0.8)
        question = Question(known.name, (draw.choice(dimensions),), where, zone=zone)
        same(rows(views["duckdb"], question), rows(views["polars"], question))
