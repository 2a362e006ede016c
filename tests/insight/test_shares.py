"""Shares of a whole add up, hide what is small so that it cannot be worked out, and take readings for what they are."""

import itertools
from collections import Counter
from datetime import UTC, datetime

import pyarrow as pa
import pytest

import random_rows
from heedful.errors import BadSettings
from heedful.insight.ask import Question, ask, evidence, evidence_where
from heedful.insight.certainty import Confusion
from heedful.insight.studies import Asked, of_view
from heedful.records import SENTIMENTS

NOW = datetime(2026, 4, 12, 9, tzinfo=UTC)
MEASURED = Confusion(SENTIMENTS, ((880, 90, 30), (80, 840, 80), (30, 90, 880)))


def answer(view, *by, metric="share", accuracy=lambda *_: None, **more):
    return ask(view, Question(metric, by, **more), now=NOW, accuracy=accuracy)


def incoming(tables, **where):
    rows = (row for row in tables["message"].to_pylist() if row["direction"] == "in")
    return [row for row in rows if all(row[name] == value for name, value in where.items())]


def test_a_share_is_what_counting_gives(view, tables):
    rows = incoming(tables)
    found = answer(view, "channel")
    sizes = Counter(row["channel"] for row in rows)
    assert {f.group["channel"]: (f.value, f.rows) for f in found.figures} == {
        name: (pytest.approx(100 * size / len(rows)), size) for name, size in sizes.items()
    }
    assert (found.checked, found.unread, found.unit) == ("full count", None, "%")
    assert {(f.low, f.high) for f in found.figures} == {(None, None)}
    (whole,) = answer(view).figures
    assert (whole.value, whole.rows) == (100.0, len(rows))


@pytest.mark.parametrize("within", ["channel", "brand", "day", "language", "weekday"])
def test_the_last_dimension_is_shared_out_within_the_others(view, within):
    found = answer(view, within, "country", zone="Australia/Lord_Howe")
    assert len(found.figures) > 5
    for keys, figures in itertools.groupby(found.figures, key=lambda f: f.group[within]):
        figures = list(figures)
        assert sum(f.value for f in figures) == pytest.approx(100)
        alone = answer(view, "country", where=((within, keys),), zone="Australia/Lord_Howe").figures
        assert [(f.group["country"], f.value, f.rows) for f in alone] == [
            (f.group["country"], f.value, f.rows) for f in figures
        ]


def test_messages_that_were_not_read_are_left_out_and_told_of(view, tables):
    read = {row["n"]: row["categories"] for row in tables["reading"].to_pylist()}
    held = [read[row["n"]] for row in incoming(tables) if read.get(row["n"]) is not None]
    found = answer(view, "category")
    sizes = Counter(category for categories in held for category in categories or [None])
    assert {f.group["category"]: f.value for f in found.figures} == {
        name: pytest.approx(100 * size / len(held)) for name, size in sizes.items()
    }
    assert found.unread == len(incoming(tables)) - len(held) > 0
    assert found.checked == "not checked"
    for figure in found.figures:
        rows = evidence(view, evidence_where(found, figure), as_of=found.as_of, limit=10_000, now=NOW)
        assert rows.num_rows == figure.rows


def test_by_sentiment_it_is_the_shares_of_the_classes(view):
    for where in ((), (("channel", "chat"),)):
        found = answer(view, "sentiment", where=where, accuracy=lambda *_: MEASURED)
        assert found.checked == "measured"
        for figure in found.figures:
            name = f"{figure.group['sentiment']}_share"
            (one,) = answer(view, metric=name, where=where, accuracy=lambda *_: MEASURED).figures
            assert (figure.value, figure.low, figure.high) == (one.value, one.low, one.high)
            assert figure.low < figure.value < figure.high
    by_language = {f.group["language"]: f for f in answer(view, "language", "sentiment", accuracy=rough).figures}
    assert by_language["de"].high - by_language["de"].low > by_language["en"].high - by_language["en"].low


def rough(_reading, language):
    return MEASURED if language == "en" else Confusion(SENTIMENTS, ((60, 25, 15), (20, 60, 20), (15, 25, 60)))


def test_a_label_s_card_corrects_nothing(view):
    irony = Confusion(("no", "yes"), ((900, 100), (300, 700)))
    found = answer(view, "label", accuracy=lambda *_: irony)
    assert {figure.low for figure in found.figures} == {None}
    assert found.checked == "not checked"


def test_a_change_is_told_and_a_group_that_was_not_there_had_no_share(engine):
    def many(country, count, start, day):
        first = random_rows.made(1)["message"].to_pylist()[0] | {"direction": "in"}
        at = datetime(2026, 4, day, 12)
        rows = range(start, start + count)
        return [first | {"n": i, "person": i, "country": country, "occurred_at": at} for i in rows]

    rows = [*many("DE", 30, 0, 2), *many("US", 10, 100, 2), *many("DE", 30, 200, 1), *many("NP", 20, 300, 1)]
    table = {"message": pa.Table.from_pylist(rows, random_rows.shape("message"))}
    view = engine(table, random_rows.viewer(5))
    found = answer(view, "country", since="2026-04-02", until="2026-04-03", compare=True)
    told = {f.group["country"]: (f.value, f.before.value, f.change) for f in found.figures}
    assert told == {"DE": (75, 60, 15), "US": (25, 0, 25), "NP": (0, 40, -40)}
    alone = answer(view, "country", since="2026-04-01", until="2026-04-02", compare=True)
    assert {f.before.value for f in alone.figures} == {None}  # nothing of which they could have been a share


def known_from(found, by):
    """What anybody can work out of an answer: each whole's rows, and how many of them are in no shown group."""
    left = {}
    for figure in found.figures:
        whole = tuple(figure.group[name] for name in by[:-1])
        if not figure.hidden:
            size = round(100 * figure.rows / figure.value)
            left[whole] = left.get(whole, size) - figure.rows
    return left


@pytest.mark.parametrize("smallest", [5, 12, 40])
def test_what_is_hidden_cannot_be_worked_out(engine, tables, smallest):
    view = engine(tables, random_rows.viewer(smallest))
    rows = incoming(tables)
    for by in (("country",), ("channel", "country"), ("kind", "channel"), ("item", "source")):
        found = answer(view, *by)
        hidden = {tuple(f.group[name] for name in by[:-1]) for f in found.figures if f.hidden}
        for whole, left in known_from(found, by).items():
            assert (left > 0) == (whole in hidden)
            if left:
                inside = [row for row in rows if all(row[n] == v for n, v in zip(by, whole, strict=False))]
                shown = {
                    f.group[by[-1]]
                    for f in found.figures
                    if not f.hidden and tuple(f.group[name] for name in by[:-1]) == whole
                }
                rest = [row for row in inside if row[by[-1]] not in shown]
                groups = Counter(row[by[-1]] for row in rest)
                assert len(groups) > 1 or people(rest) >= smallest
                assert sum(people([row for row in rest if row[by[-1]] == name]) for name in groups) >= smallest


def people(rows):
    named = {row["person"] for row in rows} - {None}
    return len(named) + sum(row["person"] is None for row in rows)


@pytest.mark.parametrize(("outside", "hidden"), [(0, False), (3, True), (5, False)])
def test_a_group_of_nearly_all_is_hidden_with_the_few_that_are_not_in_it(engine, outside, hidden):
    first = random_rows.made(1)["message"].to_pylist()[0] | {"direction": "in"}
    rows = [first | {"n": i, "person": i, "brand": ["Acme", "Bolt"] if i < 30 else ["Acme"]} for i in range(60)]
    rows += [first | {"n": 100 + i, "person": 100 + i % max(outside, 1), "brand": ["Bolt"]} for i in range(4 * outside)]
    view = engine({"message": pa.Table.from_pylist(rows, random_rows.shape("message"))}, random_rows.viewer(5))
    shown = {f.group["brand"]: f.hidden for f in answer(view, "brand").figures}
    assert shown == {"Acme": hidden, "Bolt": False}


def test_somebody_who_is_in_and_out_of_a_group_counts_as_out_of_it(engine):
    first = random_rows.made(1)["message"].to_pylist()[0] | {"direction": "in"}
    rows = [first | {"n": 2 * i, "person": i, "brand": ["Acme"]} for i in range(20)]
    rows += [first | {"n": 2 * i + 1, "person": i, "brand": ["Bolt"]} for i in range(20)]
    view = engine({"message": pa.Table.from_pylist(rows, random_rows.shape("message"))}, random_rows.viewer(5))
    assert {f.group["brand"]: f.value for f in answer(view, "brand").figures} == {"Acme": 50, "Bolt": 50}


def test_a_change_of_shares_is_not_taken_apart(view):
    question = Question("share", ("channel",), since="5d")
    with pytest.raises(BadSettings, match="ask for another metric"):
        of_view("changed").of_view(Asked(view, question, NOW, lambda *_: None))
