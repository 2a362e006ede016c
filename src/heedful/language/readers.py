"""What makes a reading of a text, to be asked about other texts: our models, the user's own, or what was taught."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heedful.errors import NotFound
from heedful.language import own_readings
from heedful.language.annotators import meaning
from heedful.language.cards import card
from heedful.language.encoder import shipped
from heedful.language.own_folders import Plan
from heedful.language.own_models import Model, load
from heedful.language.taught import embed
from heedful.records import SENTIMENTS
from heedful.settings import READINGS, OwnModel

Likely = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Reader:
    """One reading: its labels, and what gives their probabilities for texts, (texts, labels).

    `words` are how many may be read again for an explanation; `measured` is the language in which it was measured how
    often the model is right, where it was.
    """

    reading: str
    labels: tuple[str, ...]
    likely: Callable[[Sequence[str]], Likely]
    model: str
    version: str
    measured: str | None = None
    words: int = 6_000


def reader(reading: str, language: str = "en", own: Sequence[OwnModel] = (), *, version: str | None = None) -> Reader:
    """What reads `reading` (or `categories NAME`) in a language; NotFound where nothing does.

    With the version that a message was read by, models of the user's own that are not in it do not count.
    """
    plan = own_readings.reader(own, reading, language)
    if plan and (version is None or str(plan) in version.split()):
        return _taught(plan) if plan.categories else _own(plan)
    heads = shipped().heads
    told = card("encoder")
    if language == meaning.ENGLISH and reading in heads:
        likely = lambda texts: shipped().read(texts).probabilities[reading]  # noqa: E731
        return Reader(reading, heads[reading].labels, likely, told["name"], told["version"], language)
    if reading == "sentiment" and language in meaning.others()["languages"]:
        likely = lambda texts: meaning.elsewhere(texts, shipped().read(texts))  # noqa: E731
        return Reader(reading, SENTIMENTS, likely, told["name"], told["version"], language)
    raise NotFound(
        f"there is no reading {reading!r} of texts in {language!r}; in English there are: {', '.join(heads)}"
    )


def _taught(plan: Plan) -> Reader:
    held = own_readings.taught(plan)
    likely = lambda texts: held.likely(embed(texts))  # noqa: E731
    return Reader(own_readings.what(plan), held.labels, likely, plan.name, plan.mark)


OWN_WORDS = 1_000
"""Models of the user's own may be large; five times DistilBERT's size takes seconds for so many words."""


def _own(plan: Plan) -> Reader:
    labels = READINGS[plan.own.reading]
    labels = ("no", "yes") if labels == (plan.own.reading,) else labels
    return Reader(plan.own.reading, labels, partial(_shares, load(plan)), plan.name, plan.mark, words=OWN_WORDS)


def _shares(model: Model, texts: Sequence[str]) -> Likely:
    """Probabilities by a model of the user's own; 0 where a text has no words. NotFound where the model breaks."""
    reading = model.plan.own.reading
    try:
        found = [(model.shares(text) if text.strip() else None) or {} for text in texts]
    except Exception as problem:  # noqa: BLE001  a model that breaks on one text is no fault of the page
        raise NotFound(f"{model.plan.name} broke ({type(problem).__name__})") from None
    if READINGS[reading] == (reading,):
        yes = np.array([one.get(reading, 0.0) for one in found])
        return np.stack([1 - yes, yes], axis=1)
    return np.array([[one.get(label, 0.0) for label in READINGS[reading]] for one in found])
