"""Who matters: reach is exact where it can be, near simulated cascades elsewhere, and circles are found."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from cascades import cascades
from heedful.errors import BadSettings
from heedful.insight.influence import communities, graph, reach


def made(*edges):
    """A graph of (source, target) or (source, target, weight)."""
    columns = zip(*((*one, None)[:3] for one in edges), strict=True)
    source, target, weight = (list(column) for column in columns)
    return graph(source, target, [None if one is None else str(one) for one in weight])


def reached(*edges, **more):
    found = made(*edges)
    return dict(zip(found.names, reach(found, **more).tolist(), strict=True))


def test_news_goes_from_the_target_to_those_who_point_at_it():
    assert reached(("bob", "ann"), ("cid", "bob")) == {"ann": 2.0, "bob": 1.0, "cid": 0.0}


def test_chances_multiply_along_a_way_and_add_over_ways():
    told = reached(("b", "a", 0.5), ("c", "b", 0.5), ("d", "a", 0.25))
    assert told["a"] == pytest.approx(0.5 + 0.25 + 0.25)


def test_counts_are_shares_of_each_ones_attention():
    told = reached(("fan", "star", 9), ("fan", "friend", 3))
    assert told == {"fan": 0.0, "friend": 0.25, "star": 0.75}
    assert reached(("fan", "star", 90), ("fan", "friend", 30)) == told


def test_two_who_answer_each_other_reach_one_other():
    assert reached(("a", "b", 4), ("b", "a", 2), ("c", "d")) == {"a": 1.0, "b": 1.0, "c": 0.0, "d": 1.0}


def test_nobody_reaches_more_than_all_others():
    people = "abcdef"
    told = reached(*((one, other, 0.9) for one in people for other in people if one != other))
    assert set(told.values()) == {5.0}


def test_news_ends_after_the_steps():
    chain = [(f"n{at + 1}", f"n{at}") for at in range(8)]
    assert reached(*chain)["n0"] == 4
    assert reached(*chain, steps=2)["n0"] == 2


def test_whom_one_points_at_oneself_is_no_news():
    assert reached(("a", "a"), ("b", "a"), ("b", "b")) == {"a": 1.0, "b": 0.0}
    assert reached(("a", "a")) == {"a": 0.0}


def test_edges_that_come_twice_add_up_and_of_chances_either_may_do_it():
    twice = made(("a", "b"), ("a", "b", 2), ("a", "c"))
    assert twice.weight.tolist() == [3.0, 1.0]
    assert made(("a", "b", 0.5), ("a", "b", 0.5)).weight.tolist() == [0.75]


def test_an_edge_of_weight_nothing_is_none_but_its_ends_are_there():
    assert reached(("a", "b", 0), ("a", "c", 2)) == {"a": 0.0, "b": 0.0, "c": 1.0}


@pytest.mark.parametrize("weights", [("1", "0.5"), ("0.1", "0")])
def test_weights_up_to_one_of_which_some_are_parts_are_chances(weights):
    assert graph(["a", "b"], ["b", "c"], weights).chances


@pytest.mark.parametrize("weights", [(None, None), ("1", "1"), ("1", "0"), ("0.5", "2"), ("3", None)])
def test_other_weights_count(weights):
    assert not graph(["a", "b"], ["b", "c"], weights).chances


@pytest.mark.parametrize("wrong", ["-1", "nan", "inf", "many", "1,5", "-inf"])
def test_a_weight_that_is_none_is_named_with_its_row(wrong):
    with pytest.raises(BadSettings, match=f"row 2 is '{wrong}'"):
        graph(["a", "b", "c"], ["b", "c", "a"], ["1", wrong, None])


def test_edges_without_an_end_are_left_out_and_some_edge_there_must_be():
    assert graph(["a", None, "b"], ["b", "b", None], [None] * 3).names == ("a", "b")
    with pytest.raises(BadSettings, match="no row has both"):
        graph([None], ["b"], [None])


@given(st.integers(0, 10_000))
def test_on_a_tree_reach_is_exact(seed):
    """The expectation is the sum over others of the product of the chances on the only way to them."""
    random = np.random.default_rng(seed)
    size = int(random.integers(2, 25))
    parent = [int(random.integers(at)) for at in range(1, size)]
    chance = random.uniform(0.01, 0.99, size - 1).round(3)
    told = reached(*((f"{at + 1}", f"{above}", chance[at]) for at, above in enumerate(parent)))
    expected = np.zeros(size)
    for node in range(1, size):
        at, product, steps = node, 1.0, 0
        while at and steps < 4:
            product *= chance[at - 1]
            at, steps = parent[at - 1], steps + 1
            expected[at] += product
    assert [told[str(at)] for at in range(size)] == pytest.approx(expected.tolist())


def test_reach_is_that_of_simulated_cascades_and_nearer_than_what_one_counts_of_each():
    random = np.random.default_rng(4)
    keen = random.uniform(0.02, 0.25, 80)
    edges = {(f"{a:02}", f"{b:02}"): keen[b] * random.random() for a, b in random.integers(0, 80, (500, 2)) if a != b}
    found = made(*((*ends, round(weight, 4)) for ends, weight in edges.items()))
    simulated, told = (
        cascades(found.target, found.source, found.weight, size=len(found.names), runs=4_000, seed=1),
        reach(found),
    )
    counted = np.bincount(found.target, found.weight, len(found.names))
    assert spearmanr(told, simulated)[0] > 0.99 > spearmanr(counted, simulated)[0]
    assert told.sum() == pytest.approx(simulated.sum(), rel=0.1)


@given(
    st.lists(st.tuples(*[st.sampled_from("abcdef")] * 2, st.sampled_from([None, 1, 3, 0.1, 0.7])), min_size=1),
    st.randoms(),
)
def test_the_order_of_edges_changes_no_digit(edges, random):
    one = made(*edges)
    random.shuffle(edges)
    other = made(*edges)
    assert (one.names, reach(one).tolist()) == (other.names, reach(other).tolist())
    assert communities(one).tolist() == communities(other).tolist()


def test_circles_are_those_who_point_at_each_other():
    groups = [[f"{group}{at}" for at in range(size)] for group, size in (("x", 5), ("a", 4), ("b", 4))]
    inner = [pair for group in groups for pair in combinations(group, 2)]
    found = made(*inner, ("x0", "a0"), ("a1", "b1"), ("lonely", "lonely"))
    of = dict(zip(found.names, communities(found).tolist(), strict=True))
    assert [{of[one] for one in group} for group in groups] == [{1}, {2}, {3}]
    assert of["lonely"] == 4
    for seed in range(5):
        assert communities(found, seed=seed).tolist() == [of[name] for name in found.names]


def test_many_edges_are_ranked_and_parted():
    random = np.random.default_rng(2)
    ends = (30_000 * random.random((2, 200_000)) ** 2).astype(int).astype(str).tolist()
    found = graph(*ends, [None] * 200_000)
    told = reach(found)
    assert 0 <= told.min() < told.max() < len(found.names)
    assert len(communities(found)) == len(found.names)
