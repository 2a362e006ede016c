"""What every annotator promises, whichever there are."""

import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful import folder
from heedful.language import annotate, annotators, encoder
from heedful.records import MESSAGE, READING

NAMES = folder.names(annotators)
ODD = [
    None,
    "",
    " \n\t ",
    "Thank you, that was quick!",
    "👍🏽👍🏽 👩‍👩‍👧‍👦 🇺🇳",
    "الخدمة جيدة جدا \u202e evil \u202d שלום",
    "=cmd|' /C calc'!A0",
    "<script>alert('x')</script>",
    "a\u0000b\u0001c\ufeff\u200b",
    "12345",
    "[email] [phone] @p_0123456789abcdef",
    "e\u0301\u0323\u0308 ﷽ ｆｕｌｌ",
    "not not not never no no",
    "write to jane.roe@private-mail.example or call +44 20 7946 0958",
]
TEXTS = st.lists(st.one_of(st.sampled_from(ODD), st.text(max_size=200)), max_size=12)


def batch(name: str, texts: list[str | None]) -> pa.RecordBatch:
    """The columns an annotator needs, made as `annotate.read` makes them."""
    part = folder.load(annotators, name)
    made = annotate.read(pa.RecordBatch.from_arrays([pa.array(texts, pa.string())], ["text"]))
    columns = {"text": pa.array(texts, pa.string())} | {field: made.column(field) for field in made.schema.names}
    kinds = [READING.field(n) if n in READING.names else MESSAGE.field(n) for n in part.NEEDS]
    arrays = [columns.get(field.name, pa.nulls(len(texts), field.type)) for field in kinds]
    return pa.RecordBatch.from_arrays(arrays, schema=pa.schema([field.with_nullable(True) for field in kinds]))


@pytest.mark.parametrize("name", NAMES)
def test_it_says_what_it_is(name):
    part = folder.load(annotators, name)
    assert folder.first_line(part).endswith(".")
    assert part.VERSION
    assert part.ADDS.names
    assert all(READING.field(field.name) == field for field in part.ADDS)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "texts", [[], [None], [""], ODD, ["so slow " * 120_000], ["a" * 999_999]], ids=lambda t: str(t)[:9]
)
def test_it_keeps_its_schema_and_its_rows(name, texts):
    part = folder.load(annotators, name)
    made = part.annotate(batch(name, texts))
    assert made.schema == part.ADDS
    assert made.num_rows == len(texts)
    made.validate(full=True)
    assert all(column[at].as_py() is None for column in made.columns for at, text in enumerate(texts) if not text)


@pytest.mark.parametrize("name", NAMES)
@given(texts=TEXTS, order=st.randoms(use_true_random=False))
def test_no_row_depends_on_its_neighbours(name, texts, order):
    part = folder.load(annotators, name)
    whole = batch(name, texts)
    places = list(range(len(texts)))
    order.shuffle(places)
    made = part.annotate(whole).to_pylist()
    encoder.forget()
    assert part.annotate(whole.take(pa.array(places, pa.int64()))).to_pylist() == [made[at] for at in places]
    for at in places[:3]:
        encoder.forget()
        assert part.annotate(whole.slice(at, 1)).to_pylist() == [made[at]]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("sign", ["a", "@", "1", "é", "a.", "ha", " :(", "😡", "no ", "\\u0041"])
def test_a_million_signs_cost_less_than_two_seconds(name, sign):
    part = folder.load(annotators, name)
    given_batch = batch(name, [sign * (1_000_000 // len(sign))])
    began = time.process_time()
    part.annotate(given_batch)
    assert time.process_time() - began < 2


def test_listing_them_imports_none():
    code = (
        "import sys; from heedful import folder; from heedful.language import annotators; folder.names(annotators); "
        "print([n for n in sys.modules if n.startswith('heedful.language.annotators.')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_importing_them_loads_no_model():
    loads = "; ".join(f"import heedful.language.annotators.{name}" for name in NAMES)
    code = f"{loads}; import sys; print([n for n in ('py3langid', 'sklearn', 'pandas', 'torch') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_each_module_is_an_annotator(tmp_path: Path):
    """As mypy sees it, with the settings and the cache of the project: a wrong signature fails here."""
    package = annotators.__name__
    lines = [f"from {package} import Annotator, {name}\n{name}_: Annotator = {name}" for name in NAMES]
    (tmp_path / "check.py").write_text("\n".join(lines))
    command = [
        sys.executable,
        "-m",
        "mypy",
        str(tmp_path / "check.py"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2], check=False)
    assert done.returncode == 0, done.stdout
