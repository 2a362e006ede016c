import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from heedful.intake.files.identity import Seen, row_ids


@given(st.lists(st.lists(st.integers(0, 6))))
def test_seen_counts_like_a_dictionary(batches):
    seen, counts = Seen(), {}
    for batch in batches:
        expected = []
        for key in batch:
            expected.append(counts.get(key, 0))
            counts[key] = expected[-1] + 1
        assert seen.before(np.array(batch, np.uint64)).tolist() == expected


def test_equal_rows_get_ordinals_and_other_rows_other_ids():
    rows = pa.RecordBatch.from_pydict({"a": ["x", "x", "y", "x"], "b": [1, 1, 1, None]})
    ids = row_ids(rows, Seen()).to_pylist()
    assert ids[1] == ids[0] + "-2"
    assert len(set(ids)) == 4


def test_ids_do_not_depend_on_blocks_types_or_the_order_of_columns():
    rows = pa.RecordBatch.from_pydict({"a": ["x", "x", "", None], "b": [1.0, 1.0, 2.5, None]})
    whole = row_ids(rows, Seen()).to_pylist()
    seen = Seen()
    parts = [row_ids(rows.slice(at, 1), seen)[0].as_py() for at in range(4)]
    texts = pa.RecordBatch.from_pydict({"b": ["1", "1", "2.5", ""], "a": ["x", "x", None, None]})
    assert parts == whole == row_ids(texts, Seen()).to_pylist()


def test_memory_is_about_eight_bytes_a_row():
    seen = Seen()
    random = np.random.default_rng(1)
    for _ in range(50):
        seen.before(random.integers(0, 2**63, 10_000).astype(np.uint64))
    assert sum(run.nbytes for run in seen._runs) == 8 * 500_000
    assert len(seen._runs) < 20
