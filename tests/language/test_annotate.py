"""The order of the annotators, and one reading per message whatever its neighbours are."""

import sys
import types
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.errors import Bug
from heedful.language import annotate
from heedful.records import READING

HEAD = "import pyarrow as pa\nfrom heedful.records import READING\nVERSION = '1'\n"


def texts(*rows: str | None) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.array(rows, pa.string())], ["text"])


@pytest.fixture
def made_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Make a package of annotators from their sources."""

    def build(**sources: str) -> types.ModuleType:
        home = tmp_path / "made_up"
        home.mkdir()
        for name, source in sources.items():
            (home / f"{name}.py").write_text(f'"""{name}."""\n{HEAD}{source}')
        package = types.ModuleType(f"made_up_{id(home)}")
        package.__path__ = [str(home)]
        monkeypatch.setitem(sys.modules, package.__name__, package)
        return package

    yield build
    for name in [name for name in sys.modules if name.startswith("made_up_")]:
        del sys.modules[name]


def part(
    needs: str,
    adds: str,
    body: str = "return pa.RecordBatch.from_arrays([pa.nulls(batch.num_rows, ADDS.field(0).type)], schema=ADDS)",
) -> str:
    return f"NEEDS = {needs!r},\nADDS = pa.schema([READING.field({adds!r})])\ndef annotate(batch):\n    {body}\n"


def test_each_comes_after_what_it_needs(made_up):
    package = made_up(a=part("irony", "spam"), b=part("sentiment", "irony"), c=part("text", "sentiment"))
    assert annotate.order(package) == ("c", "b", "a")
    assert annotate.version(package) == "a=1 b=1 c=1"


@pytest.mark.parametrize(
    ("sources", "says"),
    [
        ({"a": part("irony", "spam"), "b": part("spam", "irony")}, "circle: a, b"),
        ({"a": part("weather", "spam")}, "needs 'weather'"),
        ({"a": part("text", "spam"), "b": part("text", "spam")}, "annotator 'a' adds it too"),
        ({"a": part("text", "unread")}, "no column of a reading"),
        ({"a": part("text", "message")}, "no column of a reading"),
    ],
)
def test_an_order_that_cannot_be_is_a_bug(made_up, sources, says):
    with pytest.raises(Bug, match=says):
        annotate.order(made_up(**sources))


def test_a_text_that_breaks_an_annotator_costs_no_other_text_its_reading(made_up, caplog):
    good = "return pa.RecordBatch.from_arrays([pa.array(['fr'] * batch.num_rows, pa.string())], schema=ADDS)"
    bad = "if 'boom' in batch.column(0).to_pylist(): raise ValueError('about boom')\n    " + good
    package = made_up(careless=part("text", "language", bad))
    made = annotate.read(texts("one", "boom", "three"), package=package)
    assert made.column("language").to_pylist() == ["fr", None, "fr"]
    assert made.column("unread").to_pylist() == [None, "careless broke (ValueError)", None]
    assert "careless broke on one message: ValueError" in caplog.text
    assert "boom" not in caplog.text


def test_an_annotator_that_loses_rows_is_found_out(made_up):
    package = made_up(
        short=part("text", "language", "return pa.RecordBatch.from_arrays([pa.array(['fr'])], schema=ADDS)")
    )
    made = annotate.read(texts("one", "two"), package=package)
    assert made.column("language").to_pylist() == ["fr", "fr"]


def test_the_shape_is_that_of_a_reading():
    made = annotate.read(texts("All fine.", None))
    assert made.schema.names == [n for n in READING.names if n not in ("message", "version", "read_at")]
    assert all(READING.field(field.name) == field for field in made.schema)
    assert made.column("emotions").null_count == 1
    assert made.column("labels").to_pylist()[1] is None
    assert made.column("complaint").null_count == 2


def test_why_something_was_not_read():
    made = annotate.read(
        texts(None, "", "  ", "I love it", "Hace mucho que espero mi paquete y nadie contesta", "👍👍")
    )
    why = made.column("unread").to_pylist()
    assert why[:4] == ["no text"] * 3 + [None]
    assert why[4] == "language es is not read"
    assert why[5] == "no words to read language from"
    assert made.column("sentiment").to_pylist()[3:] == ["positive", None, "positive"]


def test_a_stated_language_is_taken():
    made = annotate.read(texts("Hello there, my friend", "", None), language="de")
    assert made.column("language").to_pylist() == ["de", None, None]


def test_a_short_text_is_taken_to_be_in_the_default_language():
    assert annotate.read(texts("ok super")).column("language").to_pylist() == ["en"]
    assert annotate.read(texts("ok super"), default="de").column("language").to_pylist() == ["de"]
    assert (
        annotate.read(texts("Where is the nearest station, please?"), default="de").column("language")[0].as_py()
        == "en"
    )


def test_columns_that_no_annotator_needs_do_not_matter():
    rows = pa.RecordBatch.from_arrays(
        [pa.array([7]), pa.array(["I hate waiting"]), pa.array(["xx"])], ["n", "text", "language"]
    )
    assert annotate.read(rows).equals(annotate.read(texts("I hate waiting")))


def test_added_are_the_columns_made_today():
    assert annotate.added() == [
        *("language", "sentiment", "sentiment_negative", "sentiment_neutral", "sentiment_positive"),
        *("emotion", "emotion_anger", "emotion_joy", "emotion_optimism", "emotion_sadness", "emotions"),
        *("irony", "offensive", "hateful", "spam", "labels", "personal_data", "unread"),
    ]


@given(st.lists(st.one_of(st.none(), st.text(max_size=80), st.sampled_from(["I love it!", "Ça va bien", "no", "😡"]))))
def test_reading_a_batch_is_reading_its_rows(rows):
    whole = annotate.read(texts(*rows))
    singly = [annotate.read(texts(row)).to_pylist()[0] for row in rows]
    assert whole.to_pylist() == singly
    backwards = annotate.read(texts(*rows[::-1])).to_pylist()
    assert backwards == singly[::-1]
