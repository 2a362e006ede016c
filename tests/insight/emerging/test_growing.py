"""What grows beyond its history: planted steps are found with their beginning, and what is no news is not told."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from heedful.insight.emerging import Name, growing, joined, said
from heedful.insight.emerging.chance import discoveries, tail
from heedful.insight.emerging.expected import history

DAY = 86_400
NOW = 1_800_000_000 // DAY * DAY
WEEKS = 98
NOBODY = -1


def stream(*messages, seed=1):
    """A stream of (seconds before NOW, names) or (.., names, person, copied text), in an order drawn by lot."""
    order = np.random.default_rng(seed).permutation(len(messages))
    names = {}
    at, person, text, name, message = [], [], [], [], []
    for row, place in enumerate(order.tolist()):
        back, borne, *more = messages[place]
        at.append(NOW - int(back))
        person.append(more[0] if more else NOBODY)
        text.append(more[1] if len(more) > 1 else NOBODY)
        for one in borne:
            name.append(names.setdefault(one, len(names)))
            message.append(row)
    columns = [np.array(column, np.int64) for column in (at, person, text, name, message)]
    known = [Name("word", "text", one) for one in names]
    return joined(*columns[:3], [(known, *columns[3:])])


def quiet(random, rate, names=lambda _: ("usual",), days=WEEKS):
    """Messages at random, so many a day."""
    backs = random.uniform(1, days * DAY, int(rate * days))
    return [(back, names(back)) for back in backs.tolist()]


def found(messages, **more):
    return {one.name.name: one for one in growing(stream(*messages), NOW, **more).findings}


def test_a_planted_step_is_found_with_its_beginning_and_its_size():
    random = np.random.default_rng(3)
    base = quiet(random, 60, lambda _: ("refund", "usual") if random.random() < 0.02 else ("usual",))
    began = 2.5 * DAY
    burst = [(back, ("refund",)) for back in random.uniform(1, began, 30).tolist()]
    told = found(base + burst)
    assert list(told) == ["refund"]
    one = told["refund"]
    assert abs(one.began - (NOW - began)) < DAY / 2
    assert one.low < one.growth < one.high
    assert one.low > 1.5
    assert one.expected == pytest.approx(1.2 * one.steps / 4, rel=0.6)
    assert one.q <= 0.05
    assert one.first in one.rows.tolist()


def test_quiet_names_give_at_most_the_nominal_false_discoveries():
    """200 quiet slices of many sizes: of 40 looks at most one in twenty may tell anything."""
    told = 0
    for seed in range(40):
        random = np.random.default_rng([seed, 9])
        shares = random.uniform(0.0005, 0.1, 200)
        base = quiet(random, 60, lambda _, r=random, s=shares: tuple(map(str, np.flatnonzero(r.random(200) < s))))
        told += bool(found(base))
    assert told <= 4


@pytest.mark.parametrize("weekly", ["sunday", "weekend"])
def test_a_weekly_rhythm_is_no_news(weekly):
    random = np.random.default_rng(5)
    days = (6,) if weekly == "sunday" else (5, 6)

    def names(back):
        weekday = (NOW - int(back)) // DAY % 7
        return ("rest", "usual") if weekday in days and random.random() < 0.5 else ("usual",)

    base = quiet(random, 60, names)
    for shift in range(8):
        assert not growing(stream(*base), NOW - shift * DAY).findings


def test_weekdays_and_hours_are_expected_as_they_were():
    """A name of Sundays' evenings: a quarter of a day's exposure lies where its history has it."""
    random = np.random.default_rng(15)
    total = np.full(392, 10.0)
    step = np.arange(392)
    evening = (step % 28) == 3
    counts = np.where(evening, 8.0, 0.2)[None]
    known = history(random.poisson(counts).astype(float), total, 56, (4, 56))
    latest = known.before[0] * known.exposure[0] / known.exposure[0, 56:].sum()
    assert latest[3] > 4 * latest[4 * 3 + 1]
    assert latest[3] > 2 * latest[2]
    assert latest[3] > 2 * latest[4 + 3]


def test_windows_that_were_looked_through_are_paid_for():
    told = found([*quiet(np.random.default_rng(16), 60), *((60 * n + 1, ("new",)) for n in range(6))])["new"]
    assert told.steps == 1
    days = np.random.default_rng(16).uniform(1, WEEKS * DAY, 60 * WEEKS) // (6 * 3600)
    ratio = np.array([((days < 1).sum() + 6) / (days >= 56).sum()])
    (alone,) = tail(np.array([6.0]), np.array([0.0]), ratio, np.array([0.005]))
    assert told.p == pytest.approx(7 * alone, rel=0.2, abs=0)


def test_growth_of_everything_at_once_is_no_news_of_each_thing():
    random = np.random.default_rng(6)
    names = lambda _: tuple(one for one in "abcdefgh" if random.random() < 0.2)  # noqa: E731
    base = quiet(random, 40, names)
    more = [(back, names(back)) for back in random.uniform(1, 3 * DAY, 1_000).tolist()]
    assert not found(base + more)


def test_copies_count_once_unless_they_are_a_few_words():
    random = np.random.default_rng(7)
    base = quiet(random, 60)
    copied = [(back, ("giveaway",), NOBODY, 1) for back in random.uniform(1, DAY, 200).tolist()]
    assert not found(base + copied)
    own = [(back, ("giveaway",)) for back in random.uniform(1, DAY, 20).tolist()]
    one = found(base + copied + own)["giveaway"]
    assert one.units == 21
    assert len(one.rows) == 220


def test_several_messages_of_one_person_count_once():
    random = np.random.default_rng(8)
    base = quiet(random, 60)
    flood = [(back, ("angry",), 5) for back in random.uniform(1, DAY, 80).tolist()]
    assert not found(base + flood)
    crowd = [(back, ("angry",), number % 12) for number, back in enumerate(random.uniform(1, DAY, 80).tolist())]
    assert found(base + crowd)["angry"].units == 12


@pytest.mark.parametrize("people", [4, 9, 10, 20])
def test_names_of_fewer_people_than_may_be_shown_are_never_told(people):
    base = quiet(np.random.default_rng(9), 60)
    burst = [(1000 * back + 1, ("secret",), back) for back in range(people)]
    assert bool(found(base + burst, smallest=10)) is (people >= 10)


def test_one_event_in_many_words_makes_chance_no_likelier_to_be_told():
    """Fifty words of one event count as one discovery, and let no more of what is chance through."""
    told = 0
    for seed in range(8):
        random = np.random.default_rng([seed, 17])
        shares = random.uniform(0.002, 0.05, 300)
        base = quiet(random, 40, lambda _, r=random, s=shares: tuple(map(str, np.flatnonzero(r.random(300) < s))))
        event = tuple(f"event {n}" for n in range(50))
        burst = [(back, event) for back in random.uniform(1, DAY, 30).tolist()]
        names = list(found(base + burst))
        told += len(names) > 1
        assert "event" in names[0]
    assert told <= 1


def test_what_comes_later_changes_nothing():
    random = np.random.default_rng(10)
    base = quiet(random, 60, lambda _: ("usual", "rare") if random.random() < 0.02 else ("usual",))
    burst = [(3 * DAY + back, ("news",)) for back in random.uniform(1, DAY, 12).tolist()]
    later = [(back, ("news", "later")) for back in random.uniform(1, 3 * DAY, 300).tolist()]
    told = [growing(stream(*rows), NOW - 3 * DAY).findings for rows in (base + burst, base + burst + later)]
    plain = [[(one.name, one.units, one.p, one.q, one.began) for one in findings] for findings in told]
    assert plain[0]
    whole = [row for row in base + burst if row[0] > 3 * DAY]
    alone = growing(stream(*whole), NOW - 3 * DAY).findings
    for findings in (*told, alone):
        assert [one.name.name for one in findings] == ["news"]
        assert (findings[0].units, findings[0].began) == (told[0][0].units, told[0][0].began)


def test_a_pair_and_its_words_are_told_once_and_two_things_are_two():
    random = np.random.default_rng(11)
    base = quiet(random, 60, lambda _: ("usual", "parking") if random.random() < 0.01 else ("usual",))
    one = [(back, ("parking", "garage", "parking garage")) for back in random.uniform(1, 2 * DAY, 25).tolist()]
    other = [(back, ("lost", "usual")) for back in random.uniform(1, DAY, 25).tolist()]
    told = found(base + one + other)
    assert len(told) == 2
    first = next(each for name, each in told.items() if name != "lost")
    assert {first.name.name, *(name.name for name in first.also)} == {"parking", "garage", "parking garage"}


def test_a_word_within_a_growing_channel_is_told_beside_it_only_if_it_grows_within():
    random = np.random.default_rng(12)
    words = lambda: ("chat", *(one for one in ("delivery", "price") if random.random() < 0.3))  # noqa: E731
    base = quiet(random, 200, lambda _: words() if random.random() < 0.2 else ("mail",))
    more = [(back, words()) for back in random.uniform(1, 2 * DAY, 170).tolist()]
    assert list(found(base + more)) == ["chat"]
    news = [(back, (*words(), "strike")) for back in random.uniform(1, 2 * DAY, 10).tolist()]
    assert set(found(base + more + news)) == {"chat", "strike"}


def test_nothing_before_means_nothing_is_new():
    base = quiet(np.random.default_rng(13), 60, lambda _: ("everything",), days=10)
    assert not found(base)
    assert not growing(joined(*(np.empty(0, np.int64),) * 3, []), NOW).findings


@given(st.integers(1, 60), st.integers(0, 200), st.floats(0.001, 2))
def test_the_tail_is_the_exact_test_of_two_counts(recent, before, ratio):
    arrays = (np.array([float(one)]) for one in (recent, before, ratio))
    exact = binomtest(recent, recent + before, ratio / (1 + ratio), alternative="greater").pvalue
    assert tail(*arrays, np.zeros(1))[0] == pytest.approx(exact, rel=1e-6, abs=1e-12)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60))
def test_discoveries_are_those_of_benjamini_and_hochberg(given):
    p = np.array(given)
    q = discoveries(p, len(p))
    ordered = np.sort(p)
    fits = np.flatnonzero(ordered <= 0.05 * np.arange(1, len(p) + 1) / len(p))
    told = 0 if not len(fits) else int((p <= ordered[fits[-1]]).sum())
    assert (q <= 0.05 + 1e-12).sum() == pytest.approx(told, abs=int(np.isclose(q, 0.05).sum()))
    assert (discoveries(p, 2 * len(p)) >= q).all()


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**31), st.integers(0, 30))
def test_the_order_of_messages_and_nothing_else_is_drawn(seed, size):
    random = np.random.default_rng(seed)
    base = quiet(random, 20) + [(back, ("new",)) for back in random.uniform(1, DAY, size).tolist()]
    told = [growing(stream(*base, seed=each), NOW).findings for each in (1, 2)]
    plain = [[(one.name, one.units, one.p, one.began) for one in findings] for findings in told]
    assert plain[0] == plain[1]


def test_texts_are_named_by_words_pairs_and_questions_and_copies_are_known():
    texts = (
        "My router is broken since Monday",
        "RT @somebody: my ROUTER is broken, since monday! https://t.co/x",
        "Where is my parcel? The router works.",
        "thanks!",
        "Thanks",
        None,
        "",
    )
    (names, name, message), copy = said(texts)
    assert copy[0] == copy[1] >= 0
    assert copy.tolist()[3:] == [-1] * 4
    of = lambda row: {(names[one].kind, names[one].name) for one in name[message == row].tolist()}  # noqa: E731
    assert ("word", "router") in of(0)
    assert of(0) == of(1)
    assert ("question", "parcel") in of(2)
    assert ("question", "router") not in of(2)
    assert ("pair", "router works") in of(2)
    assert not of(5) | of(6)
