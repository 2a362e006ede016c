"""What every metric keeps by being in the folder; no metric is named here."""

from datetime import UTC, datetime
from pathlib import Path

import narwhals.stable.v2 as nw
import polars as pl
import pyarrow as pa
import pytest

import random_rows
from heedful import folder
from heedful.errors import NotFound
from heedful.insight import metrics
from heedful.insight.ask import Question, ask, evidence
from heedful.insight.dimensions import DERIVED, DIMENSIONS, applicable
from heedful.insight.metrics import TABLES, metric, names
from heedful.privacy.visible import Choices
from heedful.records import SENTIMENTS

NOW = datetime(2026, 4, 12, 9, tzinfo=UTC)
pytestmark = pytest.mark.parametrize("name", names())


@pytest.fixture(scope="module")
def tables():
    return random_rows.made(800)


@pytest.fixture(scope="module")
def views(tables):
    return {name: open_view(tables, random_rows.viewer()) for name, open_view in random_rows.ENGINES.items()}


def asked(view, name, *by, **more):
    return ask(view, Question(name, by, **more), now=NOW)


def test_it_says_what_it_is(name):
    known = metric(name)
    assert known.help.endswith(".")
    assert len(known.help) < 120
    assert len(known.formula) > 10
    assert known.of in TABLES
    assert known.unit
    assert known.better in ("more", "less", "neither")
    assert (known.value is None) != (known.reading is None)
    if known.reading:
        assert tuple(known.score) == SENTIMENTS
        assert known.empty is None
    assert [path.stem for path in Path(metrics.__path__[0]).glob("*.py") if path.stem == name] == [name]


def test_it_fits_its_protocol(name):
    module = folder.load(metrics, name)
    protocol = metrics.Estimate if hasattr(module, "READING") else metrics.Count
    assert not [attribute for attribute in protocol.__annotations__ if not hasattr(module, attribute)]
    extra = {attribute for attribute in vars(module) if attribute.isupper()} - set(protocol.__annotations__)
    assert not extra


def test_its_value_is_one_number_per_group(name, views):
    known = metric(name)
    if known.value is None or isinstance(known.value, str):
        assert known.value in (None, "people", "share")
        return
    frame = views["duckdb"].frame(DERIVED.get(known.of, known.of)).with_columns(waited=nw.lit(1.5), all=nw.lit(1))
    assert frame.group_by("all").agg(value=known.value).collect_schema()["value"].is_numeric()
    assert isinstance(asked(views["duckdb"], name).figures[0].value, float)


def test_an_empty_table_has_an_answer(name, tables):
    empty = {table: rows.slice(0, 0) for table, rows in tables.items()}
    for open_view in random_rows.ENGINES.values():
        view = open_view(empty, random_rows.viewer(5))
        (figure,) = asked(view, name).figures
        assert (figure.value, figure.rows, figure.people, figure.hidden) == (metric(name).empty, 0, 0, False)
        assert asked(view, name, applicable(metric(name).of)[0].name).figures == ()
        assert evidence(view, Question(name), now=NOW).num_rows == 0


def test_it_answers_by_every_dimension_that_applies_and_no_other(name, views):
    known = metric(name)
    fitting = {d.name for d in applicable(known.of, reading=known.reading)}
    for dimension in DIMENSIONS:
        if dimension in fitting:
            figures = asked(views["duckdb"], name, dimension, zone="Australia/Lord_Howe").figures
            assert figures
            assert [list(f.group) for f in figures] == [[dimension]] * len(figures)
        else:
            with pytest.raises(NotFound, match="there are"):
                asked(views["duckdb"], name, dimension)


def test_rows_of_people_who_refused_are_never_counted(name, tables):
    stored = DERIVED.get(metric(name).of, metric(name).of)
    people = set(tables[stored]["person"].to_pylist()) - {None}
    refused = pa.table(
        {
            "person": pa.array(sorted(people), pa.uint64()),
            "since": pa.array([datetime(2020, 1, 1)] * len(people), pa.timestamp("us")),
            "until": pa.array([None] * len(people), pa.timestamp("us")),
        }
    )
    frame = nw.from_native(pl.DataFrame(refused).lazy())
    view = random_rows.on_polars(tables, random_rows.viewer(), Choices("legitimate interest", frame))
    rows = evidence(view, Question(name), limit=10_000, now=NOW)
    (figure,) = asked(view, name).figures
    assert figure.people == 0
    assert figure.rows == rows.num_rows < tables[stored].num_rows
    assert set(rows["person"].to_pylist()) <= {None}


def test_small_groups_are_hidden_with_their_rows(name, tables):
    for open_view in random_rows.ENGINES.values():
        view = open_view(tables, random_rows.viewer(smallest=100_000))
        (total,) = asked(view, name).figures
        assert total.hidden
        assert (total.value, total.low, total.high, total.rows, total.people) == (None,) * 5
        assert all(f.hidden for f in asked(view, name, "day").figures)
        assert evidence(view, Question(name), now=NOW).num_rows == 0


def test_a_viewer_who_reads_no_text_may_ask(name, tables):
    view = random_rows.on_duckdb(tables, random_rows.viewer(role="viewer"))
    assert asked(view, name).figures[0].rows
    assert "text" not in evidence(view, Question(name), now=NOW).column_names
