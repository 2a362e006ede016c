"""Weighted figures are those of the population named, on every engine, and tell what the weights cost."""

from collections import Counter, defaultdict
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest

import random_rows
from heedful.errors import BadSettings, NotFound
from heedful.insight.ask import Question, ask
from heedful.insight.certainty import Confusion, estimate
from heedful.insight.prevalence import by_errors_of
from heedful.records import SENTIMENTS

NOW = datetime(2026, 4, 12, 9, tzinfo=UTC)
MEASURED = Confusion(SENTIMENTS, ((880, 90, 30), (80, 840, 80), (30, 90, 880)))
CHANNEL = {"social": 0.1, "review": 0.5, "survey": 0.2, "chat": 0.1, "email": 0.1}
COUNTRY = {"DE": 0.3, "US": 0.6, "*": 0.1}
SAID = {"market": {"channel": CHANNEL}, "both": {"channel": CHANNEL, "country": COUNTRY}}


def answer(view, metric, *by, weights="market", weightings=SAID, accuracy=lambda *_: None, **more):
    asked = Question(metric, by, weights=weights, **more)
    return ask(view, asked, now=NOW, accuracy=accuracy, weightings=weightings)


def value(found, **group):
    (figure,) = (f for f in found.figures if f.group == group)
    return figure.value


def of_channels(rows):
    """Each row's weight by hand."""
    sizes = Counter(row["channel"] for row in rows)
    return np.array([CHANNEL[row["channel"]] * len(rows) / sizes[row["channel"]] for row in rows])


def rated(tables):
    return [row for row in tables["message"].to_pylist() if row["rating"] is not None]


def test_a_mean_is_that_of_the_channels_in_the_mix_that_was_named(view, tables):
    rows = rated(tables)
    weight, rating = of_channels(rows), np.array([row["rating"] for row in rows])
    found = answer(view, "mean_rating")
    assert value(found) == pytest.approx(np.average(rating, weights=weight))
    plain = answer(view, "mean_rating", weights=None)
    assert abs(value(plain) - value(found)) > 1e-3
    assert plain.weighted is None
    assert found.weighted.effect == pytest.approx(len(rows) * (weight**2).sum() / weight.sum() ** 2)
    assert found.weighted.effective == pytest.approx(len(rows) / found.weighted.effect)
    assert (found.figures[0].rows, found.figures[0].people) == (plain.figures[0].rows, plain.figures[0].people)
    assert found.figures[0].effective == pytest.approx(found.weighted.effective)


def test_groups_have_the_weights_of_the_whole_question(view, tables):
    rows = rated(tables)
    weights = of_channels(rows)
    sums = defaultdict(lambda: np.zeros(3))
    for row, weight in zip(rows, weights, strict=True):
        for brand in row["brand"] or [None]:
            sums[brand] += [weight * row["rating"], weight, weight**2]
    found = answer(view, "mean_rating", "brand")
    assert {f.group["brand"]: (f.value, f.effective) for f in found.figures} == {
        brand: (pytest.approx(total / mass), pytest.approx(mass**2 / squares))
        for brand, (total, mass, squares) in sums.items()
    }


def test_a_share_by_what_the_weights_go_by_is_the_margin(view):
    assert {f.group["channel"]: f.value for f in answer(view, "share", "channel").figures} == {
        name: pytest.approx(100 * part) for name, part in CHANNEL.items()
    }
    both = answer(view, "share", "country", weights="both")
    named = 1 - value(both, country=None) / 100
    for name in ("DE", "US"):
        assert value(both, country=name) == pytest.approx(100 * named * COUNTRY[name])


def test_counts_are_shared_out_anew_and_add_up_to_what_they_were(view):
    found, plain = answer(view, "volume", "channel"), answer(view, "volume", weights=None)
    assert sum(f.value for f in found.figures) == pytest.approx(value(plain))
    assert value(found, channel="review") == pytest.approx(0.5 * value(plain))


def test_an_estimate_is_that_of_the_weighted_classes_at_their_effective_number(view, tables):
    read = {row["n"]: row["sentiment"] for row in tables["reading"].to_pylist()}
    rows = [r for r in tables["message"].to_pylist() if r["direction"] == "in" and read.get(r["n"])]
    weight = of_channels(rows)
    shares = np.array([[weight[[read[r["n"]] == c for r in rows]].sum() for c in SENTIMENTS]]) / weight.sum()
    alike = weight.sum() ** 2 / (weight**2).sum()
    score = {"negative": -100.0, "neutral": 0.0, "positive": 100.0}
    wanted = estimate(shares * alike, score, MEASURED, sampled=True)
    (figure,) = answer(view, "net_sentiment", accuracy=lambda *_: MEASURED).figures
    assert figure.value == pytest.approx(wanted.value[0])
    assert (figure.low, figure.high) == (
        pytest.approx(wanted.low[0], abs=0.01),
        pytest.approx(wanted.high[0], abs=0.01),
    )
    (plain,) = answer(view, "net_sentiment", weights=None, accuracy=lambda *_: MEASURED).figures
    assert figure.high - figure.low > plain.high - plain.low


def test_shares_by_sentiment_are_the_metrics_of_the_classes(view):
    found = answer(view, "share", "sentiment", accuracy=lambda *_: MEASURED)
    for label in SENTIMENTS:
        (one,) = answer(view, f"{label}_share", accuracy=lambda *_: MEASURED).figures
        assert value(found, sentiment=label) == one.value


def test_each_period_has_weights_of_its_own(view, tables):
    compared = answer(view, "mean_rating", since="2026-04-01", until="2026-04-08", compare=True)
    before = answer(view, "mean_rating", since="2026-03-25", until="2026-04-01")
    assert compared.figures[0].before.value == pytest.approx(value(before))


def test_intervals_of_a_sample_hold_what_it_was_drawn_from():
    random = np.random.default_rng(5)
    truth, rates = np.array([0.3, 0.5, 0.2]), np.array(MEASURED.counts) / 1000
    score = {"negative": -100.0, "neutral": 0.0, "positive": 100.0}
    held = {True: 0, False: 0}
    for _ in range(400):
        drawn = random.multinomial(150, truth @ rates)[None].astype(float)
        for sampled in held:
            found = estimate(drawn, score, MEASURED, sampled=sampled)
            held[sampled] += bool(found.low[0] <= -10 <= found.high[0])
    assert 0.93 <= held[True] / 400 <= 0.99
    assert held[False] / 400 < 0.9


def test_yes_or_no_shares_of_a_sample_hold_what_it_was_drawn_from():
    random = np.random.default_rng(6)
    size, checked = np.array([200, 800]), np.array([[160, 40], [20, 180]])
    found, false = 200 * 0.8 / (200 * 0.8 + 800 * 0.1), 200 * 0.2 / (200 * 0.2 + 800 * 0.9)
    held = 0
    for _ in range(400):
        yes = random.binomial(120, 0.25 * found + 0.75 * false)
        told = by_errors_of(np.array([[yes, 120.0 - yes]]), size, checked, sampled=True)
        held += bool(told.low[0] <= 0.25 <= told.high[0])
    assert 0.93 <= held / 400 <= 1


def test_people_s_traits_can_be_what_weights_go_by(engine, tables):
    people = {row["person"] for row in tables["message"].to_pylist()} - {None}
    age = {person: "young" if at % 3 else "old" for at, person in enumerate(sorted(people))}
    said = [("age", "young", person, at) for at, person in enumerate(sorted(people))]  # what they say later holds
    said += [("age", age[person], person, len(said) + at) for at, person in enumerate(sorted(people))]
    said += [("plan", "old", person, 2 * len(people) + at) for at, person in enumerate(sorted(people))]
    profiles = [
        {"n": 10**6 + n, "id": str(n), "key": n, "version": n, "person": person, "trait": trait, "value": held}
        | {"source": "crm", "occurred_at": random_rows.START, "ingested_at": random_rows.END}
        for trait, held, person, n in said
    ]
    view = engine(tables | {"profile": pa.Table.from_pylist(profiles, random_rows.shape("profile"))}, PEOPLE)
    rows = rated(tables)
    sizes = Counter(age.get(row["person"]) for row in rows)
    known = sizes["young"] + sizes["old"]
    weight = {None: 1.0} | {n: part * known / sizes[n] for n, part in (("young", 0.25), ("old", 0.75))}
    weighted = np.average([r["rating"] for r in rows], weights=[weight[age.get(r["person"])] for r in rows])
    said_so = {"age": {"profile:age": {"young": 0.25, "old": 0.75}}}
    assert value(answer(view, "mean_rating", weights="age", weightings=said_so)) == pytest.approx(weighted)


PEOPLE = random_rows.viewer(role="admin")


def test_a_hidden_figure_does_not_tell_its_size_by_its_weights(engine, tables):
    view = engine(tables, random_rows.viewer(smallest=10_000))
    found = answer(view, "mean_rating")
    assert (found.figures[0].hidden, found.figures[0].effective, found.weighted) == (True, None, None)
    assert "weights" not in found.to_json()


def test_no_rows_have_no_weights(view):
    found = answer(view, "mean_rating", since="2020-01-01", until="2020-02-01")
    assert (found.figures[0].value, found.figures[0].rows) == (None, 0)


@pytest.mark.parametrize(
    ("metric", "margins", "said"),
    [
        ("people", {"channel": CHANNEL}, "people cannot be weighted"),
        ("reply_time", {"channel": CHANNEL}, "reply_time cannot be weighted"),
        ("volume", {"brand": {"Acme": 1.0}}, "weights cannot go by brand"),
        ("volume", {"day": {"2026-04-01": 1.0}}, "weights cannot go by day"),
        ("volume", {"topic": {"t": 1.0}}, "weights cannot go by topic"),
        ("volume", {"channel": {"social": 0.5, "review": 0.5}}, "channel has rows of chat, email, survey"),
        ("volume", {"channel": {"forum": 0.5, "*": 0.5}}, "no row is of channel forum"),
    ],
)
def test_what_cannot_be_weighted_is_named(view, metric, margins, said):
    with pytest.raises(BadSettings, match=said):
        answer(view, metric, weights="own", weightings={"own": margins})


def test_weights_that_are_not_there_are_named_with_those_that_are(view):
    with pytest.raises(NotFound, match="no weights named 'markt'; there are: market, both"):
        answer(view, "volume", weights="markt")
    with pytest.raises(NotFound, match=r"heedful\.toml has no"):
        answer(view, "volume", weightings={})
    with pytest.raises(NotFound, match="no dimension named 'chanel' for messages; did you mean 'channel'"):
        answer(view, "volume", weights="own", weightings={"own": {"chanel": CHANNEL}})
