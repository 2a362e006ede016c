"""Several threads read what one reads, in the same order, and hold only what they work on."""

import threading

import pyarrow as pa
import pytest

import heedful
from heedful.language import annotate, many


def test_blocks_come_out_in_their_order_whoever_is_done_first():
    gate = threading.Event()

    def work(block: int) -> int:
        if block == 0:
            assert gate.wait(20)
        elif block == 3:
            gate.set()
        return block * 10

    assert list(many.in_order(range(8), work, threads=2 + 2)) == [block * 10 for block in range(8)]


def test_only_as_many_blocks_are_taken_as_keep_the_threads_busy():
    taken: list[int] = []

    def blocks():
        for block in range(1000):
            taken.append(block)
            yield block

    found = many.in_order(blocks(), lambda block: block, threads=2)
    assert next(found) == 0
    assert len(taken) <= 6
    found.close()


def test_an_error_in_one_block_reaches_the_reader():
    def work(block: int) -> int:
        if block == 2:
            raise ValueError("block 2")
        return block

    with pytest.raises(ValueError, match="block 2"):
        list(many.in_order(range(5), work, threads=2))


def test_many_slices_are_read_as_one():
    texts = [f"Order {number} is late, I am not happy" if number % 3 else None for number in range(many.SLICE * 2 + 7)]
    batch = pa.RecordBatch.from_arrays([pa.array(texts, pa.string())], ["text"])
    assert many.read(batch, language="en").equals(annotate.read(batch, language="en"))


def test_from_python_texts_become_columns():
    made = heedful.read(["Thank you so much!", None, "cut \ud83d off"])
    assert made.schema.names == annotate.added()
    assert made.column("sentiment")[0].as_py() == "positive"
    assert made.column("unread").to_pylist() == [None, "no text", None]
    assert heedful.read([]).num_rows == 0
