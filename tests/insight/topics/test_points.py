"""The sums behind topics: agreement, Ward's tree, cells that are never empty, words."""

import numpy as np
import pytest
from scipy.cluster.hierarchy import fcluster, linkage

from heedful.insight.topics.number import candidates, choose
from heedful.insight.topics.points import agreement, settle
from heedful.insight.topics.tree import cells, ward
from heedful.insight.topics.words import words


def test_agreement_of_known_groupings() -> None:
    one, other = np.array([0, 0, 1, 1, 2, 2]), np.array([2, 2, 0, 0, 1, 1])
    assert agreement(one, other, np.ones(6)) == pytest.approx(1)
    assert agreement(one, np.zeros(6, np.int64), np.ones(6)) == pytest.approx(0)
    random = np.random.default_rng(1)
    by_chance = agreement(random.integers(0, 5, 20_000), random.integers(0, 7, 20_000), np.ones(20_000))
    assert abs(by_chance) < 0.01
    weighed = agreement(np.array([0, 0, 1]), np.array([0, 1, 1]), np.array([1.0, 0.0, 1.0]))
    assert weighed == pytest.approx(1)


@pytest.mark.parametrize("count", [2, 5, 20])
def test_the_tree_is_wards(count: int) -> None:
    points = np.random.default_rng(3).normal(size=(120, 4)).astype(np.float32)
    expected = fcluster(linkage(points.astype(np.float64), "ward"), count, "maxclust")
    found = ward(points, np.ones(120, np.float32)).cut(count)
    assert len(np.unique(found)) == count
    assert agreement(found, expected.astype(np.int64) - 1, np.ones(120)) == pytest.approx(1)


def test_a_point_that_counts_twice_is_two_points() -> None:
    points = np.random.default_rng(4).normal(size=(40, 3)).astype(np.float32)
    twice = ward(np.concatenate([points, points]), np.ones(80, np.float32))
    weighed = ward(points, np.full(40, 2, np.float32))
    assert np.allclose(weighed.costs, twice.costs[40:], rtol=1e-4)


def test_no_group_is_ever_emptied() -> None:
    points = np.ones((50, 2), np.float32)
    group, _ = settle(points, np.arange(50) % 7, 7, np.ones(50, np.float32), steps=5)
    assert len(np.unique(group)) == 7
    assert len(cells(points, np.arange(50, dtype=np.uint64), 9, least=9)) == 9


def test_numbers_that_are_tried_and_taken() -> None:
    assert candidates(10) == (2,)
    assert candidates(5_000)[0] == 5
    assert candidates(100_000)[-1] == 160
    assert choose((2, 5, 9, 30), np.array([0.95, 0.93, 0.92, 0.8])) == 9
    assert choose((2, 5, 9, 30), np.array([0.9, 1.0, 0.97, 0.8])) == 5


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Don't wait 3 hours &amp; 2nd bag!", ["Don't", "wait", "hours", "2nd", "bag"]),
        ("Call [phone] or @p_0123456789abcdef, see https://a.b/c <br/> me@x.org", ["Call", "or", "see"]),
        ("配送太慢 WiFi很好", ["配送", "送太", "太慢", "WiFi", "很好"]),
        ("[email] [NAME] [card_number] ok", ["ok"]),
        ("", []),
    ],
)
def test_words_as_people_write_them(text: str, expected: list[str]) -> None:
    assert words(text) == expected
