"""A text's readings depend on that text alone, to the last bit, and no part of it is lost."""

import sys
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heedful.errors import Bug
from heedful.language import encoder
from heedful.language.cards import place
from heedful.language.encoder import WINDOW, WINDOWS, load, shipped

TEXTS = [
    "Thank you, that was quick!",
    "My parcel is three weeks late and nobody answers.",
    "ok",
    "😡😡",
    "Where do I find the invoice of March? I need it for my accountant by Friday.",
    "x" * 300,
    "word " * 500,
    "",
]


def same(one: encoder.Read, other: encoder.Read) -> bool:
    return all(np.array_equal(one.probabilities[n], other.probabilities[n]) for n in one.probabilities) and (
        np.array_equal(one.embeddings, other.embeddings)
    )


def test_each_text_alone_is_read_as_among_others():
    whole = shipped().read(TEXTS)
    for at, text in enumerate(TEXTS):
        assert same(shipped().read([text]), whole.take([at])), text


@settings(max_examples=25, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(TEXTS), st.text(max_size=120)), min_size=1, max_size=40), st.randoms())
def test_neither_order_nor_company_matters(texts, order):
    whole = shipped().read(texts)
    places = list(range(len(texts)))
    order.shuffle(places)
    assert same(shipped().read([texts[at] for at in places]), whole.take(places))
    assert same(shipped().read(texts[:1]), whole.take([0]))


def test_many_of_one_length_are_read_as_each_alone():
    texts = [f"My order {number} is late again" for number in range(10, 90)]
    whole = shipped().read(texts)
    assert all(same(shipped().read([text]), whole.take([at])) for at, text in enumerate(texts[:20]))


def test_several_threads_read_the_same():
    whole, found = shipped().read(TEXTS), []
    threads = [threading.Thread(target=lambda: found.append(shipped().read(TEXTS))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert all(same(whole, other) for other in found)


def test_probabilities_are_probabilities():
    made = shipped().read(TEXTS)
    for name, head in shipped().heads.items():
        values = made.probabilities[name]
        assert values.shape == (len(TEXTS), len(head.labels))
        assert ((values >= 0) & (values <= 1)).all()
        assert head.many or np.allclose(values.sum(axis=1), 1, atol=1e-5)
    assert np.allclose(np.linalg.norm(made.embeddings, axis=1), 1, atol=1e-5)


def test_the_end_of_a_long_text_counts():
    calm = "The form is on the second page and the office is open from nine to five. " * 20
    plain, angry = shipped().read([calm, calm + "This is the worst service ever, I am furious! " * 6]).embeddings
    assert not np.allclose(plain, angry)


@pytest.mark.parametrize("count", [0, 1, WINDOW, WINDOW + 1, 3 * WINDOW, 5 * WINDOW + 7])
def test_windows_hold_every_token_once_and_are_about_equal(count):
    parts = list(shipped()._parts(list(range(1000, 1000 + count))))
    assert [token for part in parts for token in part] == list(range(1000, 1000 + count))
    assert len(parts) == max(1, -(-count // WINDOW))
    assert all(len(part) <= WINDOW + WINDOW // 4 for part in parts)


def test_of_an_endless_text_both_ends_are_read():
    start, end = shipped().read(["late " * 9 + "fine " * 50_000, "fine " * 50_000 + "late " * 9]).embeddings
    middle = shipped().read(["fine " * 50_009]).embeddings[0]
    assert not np.array_equal(start, middle)
    assert not np.array_equal(end, middle)
    windows, _, _ = shipped()._windows(["fine " * 50_000])
    assert len(windows) == WINDOWS


def test_it_needs_neither_torch_nor_a_hub():
    shipped().read(["hello"])
    assert not {"torch", "transformers", "sklearn", "huggingface_hub"} & set(sys.modules)


def test_the_files_are_small():
    folder = place("encoder")
    assert sum(path.stat().st_size for path in folder.iterdir()) < 30_000_000


def test_heads_that_do_not_fit_their_file_are_a_bug(tmp_path):
    for path in place("encoder").iterdir():
        (tmp_path / path.name).symlink_to(path)
    (tmp_path / "heads.json").unlink()
    (tmp_path / "heads.json").write_text("[]")
    with pytest.raises(Bug, match="export them again"):
        load(tmp_path)
