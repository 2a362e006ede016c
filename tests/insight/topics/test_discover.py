"""Topics are found, named and quoted; the set of messages decides, not their order."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from heedful.errors import BadSettings, Bug
from heedful.insight.topics import NONE, Topics, discover
from heedful.insight.topics.points import agreement
from heedful.insight.topics.words import COMMON

sys.path.insert(0, str(Path(__file__).parent))
from planted import WORDS, Planted, planted


@pytest.fixture(scope="module")
def some() -> Planted:
    return planted(120)


@pytest.fixture(scope="module")
def found(some: Planted) -> Topics:
    return discover(some.texts, some.embeddings, keys=some.keys)


def agreed(one: np.ndarray, other: np.ndarray) -> float:
    return agreement(one + 1, other + 1, np.ones(len(one)))


def same(one: Topics, other: Topics, rows: np.ndarray) -> None:
    """One topic set is the other to the last bit, whose messages are those rows of the first's."""
    assert np.array_equal(one.leaf[rows], other.leaf)
    assert [leaf.name for leaf in one.leaves] == [leaf.name for leaf in other.leaves]
    assert [leaf.words for leaf in one.leaves] == [leaf.words for leaf in other.leaves]
    assert [theme.name for theme in one.themes] == [theme.name for theme in other.themes]
    assert [leaf.quotes for leaf in one.leaves] == [tuple(rows[list(leaf.quotes)]) for leaf in other.leaves]
    assert one.centroids.tobytes() == other.centroids.tobytes()
    assert one.anchors.tobytes() == other.anchors.tobytes()
    assert one.floor.tobytes() == other.floor.tobytes()


def test_planted_topics_and_their_number_are_found(some: Planted, found: Topics) -> None:
    assert len(found.leaves) == len(WORDS)
    assert agreed(some.truth, found.leaf) > 0.95
    assert (found.leaf == NONE).mean() < 0.05


def test_order_of_rows_changes_nothing(some: Planted, found: Topics) -> None:
    rows = np.random.default_rng(3).permutation(len(some.keys))
    texts, keys = [some.texts[row] for row in rows], [some.keys[row] for row in rows]
    same(found, discover(texts, some.embeddings[rows], keys=keys), rows)


def test_the_number_of_threads_changes_nothing(found: Topics) -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from planted import planted\nfrom heedful.insight.topics import discover\n"
        "some = planted(120)\nmade = discover(some.texts, some.embeddings, keys=some.keys)\n"
        "print(made.centroids.tobytes().hex()[:4000], made.leaf.tolist())"
    )
    for threads in ("1", "4"):
        surroundings = {**os.environ, "OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads}
        made = subprocess.run(
            [sys.executable, "-c", code, str(Path(__file__).parents[2])],
            capture_output=True,
            text=True,
            check=True,
            env=surroundings,
        ).stdout
        assert made.strip() == f"{found.centroids.tobytes().hex()[:4000]} {found.leaf.tolist()}"


def test_another_seed_finds_the_same_topics(some: Planted, found: Topics) -> None:
    other = discover(some.texts, some.embeddings, keys=some.keys, seed=1)
    assert agreed(found.leaf, other.leaf) > 0.95


def test_nine_tenths_of_the_messages_have_the_same_topics(some: Planted, found: Topics) -> None:
    rows = np.flatnonzero(np.random.default_rng(2).random(len(some.keys)) < 0.9)
    part = discover([some.texts[row] for row in rows], some.embeddings[rows], keys=[some.keys[row] for row in rows])
    assert agreed(found.leaf[rows], part.leaf) > 0.95


@pytest.mark.parametrize("count", [1, 2, 3, 7, 40, 720])
def test_as_many_topics_as_asked_for(some: Planted, count: int) -> None:
    made = discover(some.texts, some.embeddings, keys=some.keys, count=count)
    assert len(made.leaves) == count
    assert sorted(set(made.leaf.tolist()) - {NONE}) == list(range(count))
    assert len({leaf.name for leaf in made.leaves}) == count
    assert all(leaf.size > 0 for leaf in made.leaves)


@pytest.mark.parametrize(("count", "said"), [(0, "ask for 1 to"), (2_001, "ask for 1 to"), (31, "30 different texts")])
def test_a_number_that_cannot_be_is_refused(count: int, said: str) -> None:
    some = planted(5)
    with pytest.raises(BadSettings, match=said):
        discover(some.texts, some.embeddings, keys=some.keys, count=count)


def test_a_key_that_comes_twice_is_refused(some: Planted) -> None:
    with pytest.raises(Bug, match="'a' comes twice"):
        discover(["one", "two"], some.embeddings[:2], keys=["a", "a"])


@pytest.mark.parametrize("many", [0, 1, 2, 5, 30, 99])
def test_few_messages(many: int) -> None:
    some = planted(20)
    made = discover(some.texts[:many], some.embeddings[:many], keys=some.keys[:many])
    assert len(made.leaf) == len(made.theme) == many
    assert (len(made.leaves) > 0) == (many > 0)
    assert sum(leaf.size for leaf in made.leaves) == (made.leaf != NONE).sum()
    assert all(np.isfinite(values).all() for values in (made.centroids, made.anchors, made.floor))


def test_one_text_again_and_again(some: Planted) -> None:
    made = discover(["Same words here"] * 50, np.repeat(some.embeddings[:1], 50, axis=0), keys=some.keys[:50])
    assert (made.leaf == 0).all()
    assert [leaf.size for leaf in made.leaves] == [50]
    assert len(made.leaves[0].quotes) == 1


def test_blank_messages_belong_nowhere(some: Planted) -> None:
    texts = [None, "", " \n", *some.texts[3:60]]
    embeddings = some.embeddings[:60].copy()
    embeddings[3] = np.nan
    made = discover(texts, embeddings, keys=some.keys[:60])
    assert (made.leaf[:4] == NONE).all()
    assert (made.leaf[4:] != NONE).mean() > 0.9


def test_nothing_but_blanks(some: Planted) -> None:
    made = discover([None, " "], some.embeddings[:2], keys=["a", "b"])
    assert made.leaf.tolist() == [NONE, NONE]
    assert made.leaves == made.themes == ()


def test_a_text_sent_a_thousand_times_distorts_nothing(some: Planted, found: Topics) -> None:
    many = 1_000
    texts = [*some.texts, *[str(some.texts[0]).upper()] * many]
    embeddings = np.concatenate([some.embeddings, np.repeat(some.embeddings[:1], many, axis=0)])
    made = discover(texts, embeddings, keys=[*some.keys, *[f"z{at}" for at in range(many)]])
    assert agreed(found.leaf, made.leaf[: len(some.keys)]) == 1.0
    assert set(made.leaf[len(some.keys) :].tolist()) == {made.leaf[0]}


def test_names_are_words_of_the_topic(some: Planted, found: Topics) -> None:
    by_truth = [set(words.split()) for words in WORDS.values()]
    for number, leaf in enumerate(found.leaves):
        topic = np.bincount(some.truth[found.leaf == number]).argmax()
        named = set(leaf.name.replace(",", "").split())
        assert named
        assert named <= by_truth[topic]
        assert set(leaf.words) <= by_truth[topic]
        assert not named & COMMON
    assert len({leaf.name for leaf in found.leaves}) == len(found.leaves)


def test_names_are_written_as_people_write_and_hold_no_placeholder() -> None:
    some = planted(40, topics=2)
    texts = [f"[phone] @p_0123456789abcdef WiFi [email] http://x.org/a {text}" for text in some.texts]
    made = discover(texts, some.embeddings, keys=some.keys, count=1)
    assert "WiFi" in made.leaves[0].words
    named = " ".join([made.leaves[0].name, *made.leaves[0].words])
    assert not any(word in named for word in ("phone", "0123", "email", "http", "x.org", "["))


def test_quotes_are_central_and_different(some: Planted, found: Topics) -> None:
    for number, leaf in enumerate(found.leaves):
        assert len(leaf.quotes) == 3
        assert len({some.texts[row] for row in leaf.quotes}) == 3
        alike = some.embeddings @ found.centroids[number]
        middle = np.median(alike[found.leaf == number])
        assert all(found.leaf[row] == number and alike[row] >= middle - 1e-6 for row in leaf.quotes)


def test_themes_hold_every_leaf_once(found: Topics) -> None:
    assert sorted(leaf for theme in found.themes for leaf in theme.leaves) == list(range(len(found.leaves)))
    assert all(found.themes[leaf.theme].leaves.count(at) == 1 for at, leaf in enumerate(found.leaves))
    assert 1 < len(found.themes) < len(found.leaves)
    assert sum(theme.size for theme in found.themes) == (found.theme != NONE).sum()


def test_other_languages_and_no_words_at_all() -> None:
    said = [
        "配送太慢了包裹还没到",
        "密码忘记了无法登录",
        "Доставка очень медленная посылка",
        "🔥🔥",
        "!!!",
        "١٢٣",
        "عربي نص هنا",
    ]
    texts = [f"{text} {'!' * at}" for at, text in enumerate(said * 8)]
    embeddings = planted(10).embeddings[: len(texts)]
    made = discover(texts, embeddings, keys=[f"{at:03d}" for at in range(len(texts))], count=4)
    assert len({leaf.name for leaf in made.leaves}) == 4
    assert all(leaf.name for leaf in made.leaves)
