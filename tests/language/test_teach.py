"""A user's own categories: learnt from examples, told apart, kept in a folder, read the same whatever stands beside."""

import csv
import json
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from heedful.errors import BadSettings, NotFound
from heedful.language import encoder
from heedful.language import teach as learning
from heedful.language.annotate import added
from heedful.language.kernel import alike, evenly, regression
from heedful.language.table import cells, read_file
from heedful.language.taught import Exact, Taught, load, read
from heedful.language.teach import Report, interval, teach

DELIVERY = """my parcel has still not arrived
when will the package be delivered
the courier left the box at the wrong house
tracking says delivered but nothing is here
delivery took three weeks
can you ship it to another address
the shipment is stuck at the depot
nobody rang the bell and the parcel went back
how long does shipping take
where is my order right now""".splitlines()
REFUND = """i want my money back
how do i return this and get a refund
the refund has not reached my account
please reimburse me for the broken item
you charged me twice, give the money back
when will i be refunded
i sent it back and wait for the repayment
can i get a refund without a receipt
my credit for the return is missing
return it for a full refund please""".splitlines()
LOGIN = """i cannot log in to my account
the password reset mail never comes
it says my password is wrong
my account is locked
how do i change my password
the app signs me out every day
i forgot my user name
two factor code is not accepted
login page shows an error
i cannot sign in with my phone""".splitlines()
ROWS = [
    (text, label) for label, texts in (("delivery", DELIVERY), ("refund", REFUND), ("login", LOGIN)) for text in texts
]
NEW = {
    "the postman did not bring my packet": "delivery",
    "i would like to be paid back": "refund",
    "i can not get into my profile, wrong password": "login",
}
AFAR = ["what is the tallest mountain in africa", "play some jazz", "my grandmother bakes bread on sundays"]


@pytest.fixture(scope="module")
def taught() -> tuple[Taught, Report]:
    return teach(ROWS, "topic")


def column(batch: pa.RecordBatch, name: str) -> list:
    return batch.column(name).to_pylist()


# What is learnt


def test_new_texts_get_their_label_and_others_none(taught):
    found = taught[0].read([*NEW, *AFAR])
    assert found.schema.names == ["topic", "topic_best", "topic_score"]
    assert column(found, "topic")[:3] == list(NEW.values())
    assert column(found, "topic_best")[:3] == list(NEW.values())
    assert column(found, "topic")[3:] == [None] * 3
    assert all(column(found, "topic_best")[3:])
    score = column(found, "topic_score")
    assert all(0 <= one <= 1 for one in score)
    assert min(score[:3]) > max(score[3:])


def test_rows_without_text_have_nothing(taught):
    found = taught[0].read(["", None, " \n", "where is my parcel"])
    for name in found.schema.names:
        assert column(found, name)[:3] == [None] * 3
        assert column(found, name)[3] is not None


def test_nothing_at_all_is_read(taught):
    assert taught[0].read([]).num_rows == 0


def test_the_order_of_the_examples_does_not_matter(taught, tmp_path):
    mixed = ROWS.copy()
    random.Random(4).shuffle(mixed)
    again, _ = teach(mixed, "topic")
    taught[0].save(tmp_path / "a", {})
    again.save(tmp_path / "b", {})
    for name in ("taught.json", "taught.npz"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_a_text_is_read_alone_as_among_others(taught):
    texts = [*NEW, *AFAR, *DELIVERY, "😡", "parcel " * 300, "half \ud83d of a sign", *REFUND]
    whole = taught[0].read(texts)
    for at, text in enumerate(texts):
        encoder.forget()
        assert taught[0].read([text]).to_pylist() == whole.slice(at, 1).to_pylist(), text


@given(
    rows=st.integers(2, 40),
    inner=st.integers(1, 70),
    columns=st.integers(1, 9),
    scale=st.sampled_from([1e-6, 1.0, 1e7]),
    seed=st.integers(0, 99),
)
def test_products_are_exact_in_any_company(rows, inner, columns, scale, seed):
    chance = np.random.default_rng(seed)
    left = np.rint(chance.normal(size=(rows, inner)) * 2**14).clip(-(2**16), 2**16)
    values = chance.normal(size=(inner, columns)) * scale
    exact = Exact.of(values, 2.0**16)
    whole = exact.after(left)
    assert np.allclose(whole, left @ values, rtol=1e-9, atol=inner * 2.0**16 * exact.unit)
    for at in range(rows):
        assert np.array_equal(exact.after(left[at : at + 1])[0], whole[at])
        sums = [
            sum(int(a) * int(b) for a, b in zip(left[at], exact.numbers[:, c], strict=True)) for c in range(columns)
        ]
        assert [float(one) * exact.unit for one in sums] == whole[at].tolist()


def test_left_out_scores_are_those_of_learning_without_the_example():
    chance = np.random.default_rng(3)
    x = chance.normal(size=(24, 384))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    y = np.arange(24) % 3
    _, left_out = regression(x, y, x, 0.3)
    wanted = np.eye(3)[y] - 1 / 3
    for at in range(24):
        rest = np.delete(np.arange(24), at)
        near = alike(x[rest], x[rest])
        alone = alike(x[[at]], x[rest]) @ np.linalg.solve(near + 0.3 * np.eye(23), wanted[rest])
        assert np.allclose(alone[0], left_out[at], atol=1e-3)


def test_landmarks_are_taken_evenly():
    y = np.repeat([0, 1, 2], [100, 10, 3])
    assert np.bincount(y[evenly(y, 12)]).tolist() == [5, 4, 3]
    assert np.bincount(y[evenly(y, 9)]).tolist() == [3, 3, 3]
    assert evenly(y, 500).tolist() == list(range(113))


def test_more_examples_than_landmarks(monkeypatch):
    monkeypatch.setattr(learning, "LANDMARKS", 12)
    found, report = teach(ROWS, "topic")
    assert found.landmarks.numbers.shape == (384, 12)
    assert column(found.read(list(NEW)), "topic_best") == list(NEW.values())
    assert report.examples == 30


# What is told


def test_the_report_counts(taught):
    report = taught[1]
    assert report.labels == {"delivery": 10, "login": 10, "refund": 10}
    assert report.accuracy >= 0.8
    assert report.low < report.accuracy < report.high
    assert report.commonest == pytest.approx(1 / 3, abs=1e-4)
    assert (report.left_out, report.repeated, report.clashes, report.overlapping) == (0, 0, (), ())


def test_a_wrong_label_is_found():
    rows = ROWS * 1
    rows[4] = (rows[4][0], "login")
    more = [(f"{text} please help", label) for text, label in rows]
    suggested = teach(rows + more[:4] + more[5:], "topic")[1].corrections
    assert [(one.row, one.label, one.suggested) for one in suggested] == [(5, "login", "delivery")]
    assert suggested[0].text == ROWS[4][0]


def test_two_labels_of_the_same_texts_are_told():
    split = [(text, f"delivery {at % 2}") for at, text in enumerate(DELIVERY)]
    (pair,) = teach(split + ROWS[10:], "topic")[1].overlapping
    assert (pair.first, pair.second) == ("delivery 0", "delivery 1")
    assert pair.share >= 0.25


def test_one_text_under_two_labels_is_told_and_not_corrected():
    report = teach([*ROWS, ("My  parcel has still NOT arrived", "login")], "topic")[1]
    (clash,) = report.clashes
    assert (clash.labels, clash.rows) == (("delivery", "login"), (1, 31))
    assert not {one.row for one in report.corrections} & {1, 31}


def test_what_lacks_a_text_or_a_label_is_left_out():
    report = teach(
        [(None, "login"), ("x", None), (" ", "refund"), *ROWS, ROWS[0], (f" {ROWS[0][0]} ", "delivery")], "topic"
    )[1]
    assert (report.examples, report.left_out, report.repeated) == (30, 3, 2)


def test_a_label_over_two_lines_is_one_of_one_line():
    found = learning.examples([(text, f"{label}\n soon") for text, label in ROWS])
    assert set(found.labels) == {"delivery soon", "login soon", "refund soon"}


def test_eight_examples_are_enough():
    found, report = teach(ROWS[:4] + ROWS[10:14], "topic")
    assert report.examples == 8
    assert column(found.read(["where is the parcel", "refund my money"]), "topic_best") == ["delivery", "refund"]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (ROWS[:4] + ROWS[10:13], "7 different examples; teaching needs at least 8"),
        ([ROWS[0]] * 20 + [("", "refund")], r"1 different examples \(1 row\(s\) lack a text or a label\)"),
        ([], "0 different examples"),
        (ROWS[:10], "all examples have the label 'delivery'"),
        (ROWS[:11], "labels with a single example: 'refund'; give each at least two"),
        ([(f"text {at}", f"label {at}") for at in range(9)], "and 4 more"),
        ([(f"text {at}", f"label {at % 2}") for at in range(20_001)], "more than 20,000 examples"),
        ([(f"text {at}", f"label {at % 1_001}") for at in range(2_002)], "there are 1,001 labels"),
    ],
)
def test_what_examples_lack_is_said(rows, says):
    with pytest.raises(BadSettings, match=says):
        teach(rows, "topic")


def test_wilsons_interval():
    assert interval(8, 10) == (0.4902, 0.9433)
    assert interval(10, 10) == (0.7225, 1.0)


# The folder


def test_a_folder_reads_as_what_was_taught(taught, tmp_path):
    taught[0].save(tmp_path / "topic", {"accuracy": 1})
    found = load(tmp_path / "topic")
    texts = [*NEW, *AFAR]
    assert found.read(texts).equals(taught[0].read(texts))
    assert json.loads((tmp_path / "topic" / "taught.json").read_text())["found"] == {"accuracy": 1}


def test_reading_needs_numpy_alone(taught, tmp_path):
    taught[0].save(tmp_path / "topic", {})
    code = (
        "import sys; from pathlib import Path; from heedful.language.taught import load\n"
        f"print(load(Path({str(tmp_path / 'topic')!r})).read(['where is my parcel'])['topic'][0])\n"
        "assert not {'sklearn', 'scipy', 'pickle5'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("delivery", "")


def break_json(folder: Path) -> None:
    (folder / "taught.json").write_text("{")


def break_numbers(folder: Path) -> None:
    (folder / "taught.npz").write_bytes((folder / "taught.npz").read_bytes()[:500])


def lose_a_label(folder: Path) -> None:
    head = json.loads((folder / "taught.json").read_text())
    (folder / "taught.json").write_text(json.dumps({**head, "labels": head["labels"][1:]}))


def use_another_format(folder: Path) -> None:
    head = json.loads((folder / "taught.json").read_text())
    (folder / "taught.json").write_text(json.dumps({**head, "format": 99}))


def use_another_encoder(folder: Path) -> None:
    with np.load(folder / "taught.npz") as held:
        arrays = dict(held)
    np.savez(folder / "taught.npz", **{**arrays, "probe": -arrays["probe"]})


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (break_json, "is damaged"),
        (break_numbers, "is damaged"),
        (lose_a_label, "is damaged .*weights has the shape"),
        (use_another_format, "is of format 99"),
        (use_another_encoder, "with another encoder"),
    ],
)
def test_what_is_wrong_with_a_folder_is_said(taught, tmp_path, change, says):
    taught[0].save(tmp_path, {})
    change(tmp_path)
    with pytest.raises(BadSettings, match=says):
        load(tmp_path)


def test_a_folder_that_holds_none(tmp_path):
    with pytest.raises(NotFound, match=r"holds no taught classifier .*heedful teach"):
        load(tmp_path)


# In files


def test_a_file_is_read_with_several(taught, tmp_path):
    other, _ = teach([(text, "account" if label == "login" else "goods") for text, label in ROWS], "area")
    texts = [*NEW, "", *AFAR]
    with (tmp_path / "in.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["text", "topic", "topic_score"], *([text, "a", "b"] for text in texts)])
    own = [*taught[0].columns, *other.columns]
    for kind in ("csv", "jsonl", "parquet"):
        out = tmp_path / f"out.{kind}"
        assert read_file(tmp_path / "in.csv", text="text", out=out, taught=[taught[0], other]) == len(texts)
    rows = list(csv.DictReader((tmp_path / "out.csv").read_text().splitlines()))
    assert list(rows[0]) == ["text", "input_topic", "input_topic_score", *added(), *own]
    assert [row["topic"] for row in rows] == [*NEW.values(), "", "", "", ""]
    assert [row["area_best"] for row in rows[:3]] == ["goods", "goods", "account"]
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    table = parquet.read_table(tmp_path / "out.parquet").to_pylist()
    assert [[row[name] for name in own] for row in lines] == [[row[name] for name in own] for row in table]
    assert [line["topic"] for line in lines[3:]] == [None] * 4
    assert lines[3]["topic_best"] is None
    assert read(texts, [taught[0], other]).column("topic_score").to_pylist() == [line["topic_score"] for line in lines]


def test_cells_of_any_format(tmp_path):
    (tmp_path / "a.tsv").write_text("t\tl\nhello\t1\n\t2\n")
    (tmp_path / "a.jsonl").write_text('{"t": "hello", "l": 1}\n{"l": 2}\n')
    parquet.write_table(pa.table({"l": [1, 2], "t": ["hello", None]}), tmp_path / "a.parquet")
    assert list(cells(tmp_path / "a.tsv", ("t", "l"))) == [("hello", "1"), ("", "2")]
    for name in ("a.jsonl", "a.parquet"):
        assert list(cells(tmp_path / name, ("t", "l"))) == [("hello", "1"), (None, "2")]
    with pytest.raises(BadSettings, match="no column 'label'; there are: t, l"):
        list(cells(tmp_path / "a.tsv", ("t", "label")))


# On real texts


@pytest.mark.soak
def test_ten_examples_of_each_of_77_labels(shared_data):
    table = parquet.read_table(shared_data / "banking77" / "train.parquet").to_pylist()
    random.Random(7).shuffle(table)
    by_label: dict[str, list[str]] = {}
    for row in table:
        by_label.setdefault(row["intent"], []).append(row["text"])
    found, report = teach([(text, label) for label, texts in by_label.items() for text in texts[:10]], "intent")
    tested = [(text, label) for label, texts in sorted(by_label.items()) for text in texts[10:20]]
    called = column(found.read([text for text, _ in tested]), "intent_best")
    right = sum(one == label for one, (_, label) in zip(called, tested, strict=True)) / len(tested)
    assert right > 0.8
    assert report.low - 0.03 < right < report.high + 0.06
