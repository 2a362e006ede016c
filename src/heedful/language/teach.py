"""Learning a user's own categories from labelled examples, and saying how well that went.

The encoder stays as it is: learnt are a kernel regression on its embeddings for the label, and three weights for
belonging to any label. Left-out predictions come exact from one fit, so every figure is of examples that were not
learnt from. The same examples in any order give the same classifier.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from heedful.errors import BadSettings
from heedful.language import membership
from heedful.language.kernel import chosen_ridge, evenly, regression
from heedful.language.taught import ALIKE, FINE, PROBE, Exact, Floats, Taught, embed, whole

FEWEST, MOST, MOST_LABELS = 8, 20_000, 1_000
LANDMARKS = 3_000
"""Examples that texts are compared with; of more, so many are taken evenly over the labels."""
ROWS = 2_000
MUDDLED = 0.25
"""From this share of two labels' examples that are taken for the other, the two are hardly told apart."""
SURE, UNSURE = 0.8, 0.1
"""A label may be wrong where the prediction is at least SURE and the label itself at most UNSURE."""

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Examples:
    """Texts with a label and the row of the file they come from, sorted; no text comes twice under one label."""

    texts: tuple[str, ...]
    labels: tuple[str, ...]
    rows: tuple[int, ...]
    left_out: int
    repeated: int


@dataclass(frozen=True)
class Pair:
    """Two labels: how many examples of each are taken for the other, and which share of all of theirs that is."""

    first: str
    second: str
    first_as_second: int
    second_as_first: int
    share: float


@dataclass(frozen=True)
class Correction:
    """An example whose left-out prediction is surely another label."""

    row: int
    text: str
    label: str
    suggested: str
    sure: float


@dataclass(frozen=True)
class Clash:
    """One text under several labels, and the rows it stands in."""

    text: str
    labels: tuple[str, ...]
    rows: tuple[int, ...]


@dataclass(frozen=True)
class Report:
    """How well teaching went; every figure is of left-out predictions.

    `low` and `high` are the accuracy's 95% interval (Wilson); `commonest` is the accuracy of always saying the
    commonest label; `right` is the share of each label's examples that is predicted right.
    """

    name: str
    examples: int
    left_out: int
    repeated: int
    accuracy: float
    low: float
    high: float
    commonest: float
    labels: dict[str, int]
    right: dict[str, float]
    confused: tuple[Pair, ...]
    overlapping: tuple[Pair, ...]
    clashes: tuple[Clash, ...]
    corrections: tuple[Correction, ...]


def teach(rows: Iterable[tuple[str | None, str | None]], name: str) -> tuple[Taught, Report]:
    """Learn from texts and labels; BadSettings says what the examples lack."""
    found = examples(rows)
    labels = tuple(sorted(set(found.labels)))
    numbers = {label: at for at, label in enumerate(labels)}
    y = np.array([numbers[label] for label in found.labels], np.int64)
    x = whole(np.concatenate([embed(found.texts[at : at + ROWS]) for at in range(0, len(y), ROWS)])) / FINE
    marks = evenly(y, LANDMARKS)
    weights, left_out = regression(x, y, x[marks], chosen_ridge(x, y))
    places = membership.places(x, y, len(labels))
    learnt = Taught(
        name=name,
        labels=labels,
        landmarks=Exact(whole(x[marks]).T.astype(np.int32), 1 / FINE),
        weights=Exact.of(weights, ALIKE),
        centres=Exact.of(places.centres, FINE),
        curve=Exact.of(places.curve, FINE),
        slopes=Exact.of(places.slopes, FINE),
        offsets=places.offsets,
        belongs=membership.learn(x, y, marks),
        probe=embed([PROBE])[0].astype(np.float64),
    )
    return learnt, report(name, found, labels, y, left_out)


def examples(rows: Iterable[tuple[str | None, str | None]]) -> Examples:
    """The rows that have text and label, in an order of their own; BadSettings where they are too few or too many."""
    first: dict[tuple[str, str], int] = {}
    taken = left_out = 0
    for row, (text, label) in enumerate(rows, 1):
        text, label = (text or "").strip(), " ".join((label or "").split())
        if not text or not label:
            left_out += 1
            continue
        taken += 1
        if taken > MOST:
            raise BadSettings(f"there are more than {MOST:,} examples; teach with at most so many, such as a sample")
        first.setdefault((label, text), row)
    _check(first, left_out)
    held = sorted(first)
    texts, labels = tuple(text for _, text in held), tuple(label for label, _ in held)
    return Examples(texts, labels, tuple(first[key] for key in held), left_out, taken - len(held))


def _check(found: Iterable[tuple[str, str]], left_out: int) -> None:
    sizes = Counter(label for label, _ in found)
    without = f" ({left_out:,} row(s) lack a text or a label)" if left_out else ""
    if sizes.total() < FEWEST:
        raise BadSettings(f"there are {sizes.total()} different examples{without}; teaching needs at least {FEWEST}")
    if len(sizes) == 1:
        raise BadSettings(
            f"all examples have the label {next(iter(sizes))!r}; add examples of at least one other label"
        )
    if len(sizes) > MOST_LABELS:
        raise BadSettings(f"there are {len(sizes):,} labels, at most {MOST_LABELS:,} can be taught; is it that column?")
    if single := sorted(label for label, count in sizes.items() if count == 1):
        more = f" and {len(single) - 5} more" if len(single) > 5 else ""
        raise BadSettings(
            f"labels with a single example: {', '.join(map(repr, single[:5]))}{more}; "
            "give each at least two different texts, or take it out"
        )


def report(name: str, found: Examples, labels: Sequence[str], y: Rows, scores: Floats) -> Report:
    """What the left-out scores (examples, labels) say of the examples and their labels."""
    called = scores.argmax(axis=1)
    sizes = np.bincount(y, minlength=len(labels))
    right = np.bincount(y[called == y], minlength=len(labels))
    low, high = interval(int(right.sum()), len(y))
    pairs = _pairs(labels, y, called, sizes)
    clashes = _clashes(found)
    return Report(
        name=name,
        examples=len(y),
        left_out=found.left_out,
        repeated=found.repeated,
        accuracy=round(float(right.sum() / len(y)), 4),
        low=low,
        high=high,
        commonest=round(float(sizes.max() / len(y)), 4),
        labels=dict(zip(labels, sizes.tolist(), strict=True)),
        right=dict(zip(labels, np.round(right / sizes, 4).tolist(), strict=True)),
        confused=tuple(pairs[:10]),
        overlapping=tuple(pair for pair in pairs if pair.share >= MUDDLED),
        clashes=clashes,
        corrections=_corrections(found, labels, y, scores, {row for clash in clashes for row in clash.rows}),
    )


def interval(right: int, of: int) -> tuple[float, float]:
    """Wilson's 95% interval of a share."""
    z, share = 1.959964, right / of
    middle, width = share + z * z / (2 * of), z * float(np.sqrt(share * (1 - share) / of + z * z / (4 * of * of)))
    whole_part = 1 + z * z / of
    return round((middle - width) / whole_part, 4), round((middle + width) / whole_part, 4)


def _pairs(labels: Sequence[str], y: Rows, called: Rows, sizes: Rows) -> list[Pair]:
    """Labels of which examples are taken for each other, most first."""
    taken = Counter(zip(y.tolist(), called.tolist(), strict=True))
    mixed = sorted({(min(pair), max(pair)) for pair in taken if pair[0] != pair[1]})
    found = [
        Pair(labels[a], labels[b], taken[a, b], taken[b, a], round(float(both / (sizes[a] + sizes[b])), 4))
        for a, b in mixed
        for both in [taken[a, b] + taken[b, a]]
    ]
    return sorted(found, key=lambda pair: (-(pair.first_as_second + pair.second_as_first), pair.first, pair.second))


def _clashes(found: Examples) -> tuple[Clash, ...]:
    """Texts, whatever their capitals and spaces, under more than one label."""
    places: dict[str, list[int]] = defaultdict(list)
    for at, text in enumerate(found.texts):
        places[" ".join(text.casefold().split())].append(at)
    several = [held for held in places.values() if len({found.labels[at] for at in held}) > 1]
    clashes = [
        Clash(
            found.texts[held[0]],
            tuple(sorted({found.labels[at] for at in held})),
            tuple(sorted(found.rows[at] for at in held)),
        )
        for held in several
    ]
    return tuple(sorted(clashes, key=lambda clash: clash.rows))


def _corrections(
    found: Examples, labels: Sequence[str], y: Rows, scores: Floats, but: set[int]
) -> tuple[Correction, ...]:
    """Examples that are surely predicted to be another label, surest first; rows in `but` are told of elsewhere."""
    likely = _probabilities(scores, y)
    best = likely.argmax(axis=1)
    rows = np.arange(len(y))
    wrong = np.flatnonzero((best != y) & (likely[rows, best] >= SURE) & (likely[rows, y] <= UNSURE))
    made = [
        Correction(found.rows[at], found.texts[at], found.labels[at], labels[best[at]], round(likely[at, best[at]], 4))
        for at in wrong.tolist()
        if found.rows[at] not in but
    ]
    return tuple(sorted(made, key=lambda one: (-one.sure, one.row)))


def _probabilities(scores: Floats, y: Rows) -> Floats:
    """Scores as probabilities, at the temperature under which the labels are likeliest."""

    def at(temperature: float) -> Floats:
        powers = np.exp((scores - scores.max(axis=1, keepdims=True)) / temperature)
        made: Floats = powers / powers.sum(axis=1, keepdims=True)
        return made

    def surprise(temperature: float) -> float:
        return -float(np.log(np.maximum(at(temperature)[np.arange(len(y)), y], 1e-12)).mean())

    return at(min((float(value) for value in np.geomspace(0.02, 1.0, 24)), key=surprise))
