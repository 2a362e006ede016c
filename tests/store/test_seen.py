"""Keys in memory: none that is there is ever called new."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from heedful.store.seen import Seen

KEYS = st.lists(st.integers(0, 40).map(lambda key: key * 2**58), max_size=12)


def array(keys: list[int]) -> np.ndarray:
    return np.array(keys, np.uint64)


@given(KEYS, st.lists(KEYS, max_size=8), KEYS)
def test_only_keys_that_were_never_added_are_new(first, later, asked):
    seen = Seen(array(first))
    known = list(first)
    for keys in later:
        seen.add(array(keys))
        known += keys
    assert len(seen) == len(known)
    fresh = seen.fresh(array(asked)).tolist()
    assert fresh == sorted(set(asked) - set(known))
    assert (len(fresh) == len(asked)) == (not set(asked) & set(known) and len(set(asked)) == len(asked))


def test_runs_stay_few():
    seen = Seen(array([]))
    for start in range(0, 5000, 5):
        seen.add(np.arange(start, start + 5, dtype=np.uint64))
    assert len(seen._runs) < 14
    assert seen.fresh(array([5000])).tolist() == [5000]
    assert not seen.fresh(array([4999])).size
