"""Which story is told: sentiment by channel, topic by channel, story by weight."""

from bisect import bisect
from functools import cache
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

from heedful.simulate.grammar import Story, stories

T = TypeVar("T")

TOPICS = {
    "outage": 6.0,
    "speed": 8.0,
    "billing": 8.0,
    "price": 6.0,
    "delivery": 7.0,
    "app": 5.0,
    "staff": 7.5,
    "waiting": 5.0,
    "cancellation": 3.5,
    "refund": 3.5,
    "device": 7.0,
    "setup": 5.0,
    "returns": 3.0,
    "website": 3.5,
    "login": 3.0,
    "offers": 3.5,
    "coverage": 5.0,
    "roaming": 3.0,
    "television": 4.5,
    "engineer": 4.5,
    "security": 2.0,
    "competitor": 4.0,
}
"""How much people talk about each topic."""

LEANINGS: dict[str, dict[str, float]] = {
    "review": {"device": 4.5, "television": 1.6, "competitor": 0.4, "login": 0.2, "security": 0.1, "refund": 0.5}
    | {"roaming": 0.4, "cancellation": 0.5, "website": 0.3, "offers": 0.4, "waiting": 0.6},
    "survey": {"staff": 1.8, "waiting": 1.6, "price": 1.5, "security": 0.3, "competitor": 0.6},
    "chat": {"login": 1.8, "billing": 1.5, "delivery": 1.5, "setup": 1.5, "competitor": 0.0, "staff": 0.4},
    "email": {"billing": 1.5, "cancellation": 1.8, "refund": 1.8, "competitor": 0.0, "staff": 1.2},
    "call": {"billing": 1.6, "cancellation": 1.8, "setup": 1.3, "competitor": 0.0, "app": 0.5, "waiting": 0.5},
    "social": {"competitor": 2.0, "outage": 1.4, "device": 0.6, "returns": 0.6},
    "forum": {"competitor": 2.5, "speed": 1.6, "device": 1.4, "setup": 1.5, "staff": 0.4},
    "form": {"website": 1.6, "app": 1.6, "staff": 1.4, "competitor": 0.0},
}
SENTIMENTS: dict[str, dict[str, float]] = {
    "social": {"negative": 40, "neutral": 32, "positive": 28},
    "review": {"negative": 33, "neutral": 14, "positive": 53},
    "survey": {"negative": 28, "neutral": 20, "positive": 52},
    "chat": {"negative": 42, "neutral": 50, "positive": 8},
    "email": {"negative": 48, "neutral": 38, "positive": 14},
    "call": {"negative": 48, "neutral": 44, "positive": 8},
    "forum": {"negative": 38, "neutral": 46, "positive": 16},
    "form": {"negative": 40, "neutral": 30, "positive": 30},
}
MADE_HERE = frozenset({"phone", "router", "gadget", "any", "tv"})
"""Kinds of item that only the company itself sells: stories about them are not told of competitors."""


class Spread(Generic[T]):
    """Draws from weighted things, fast: built once, drawn from often."""

    def __init__(self, things: list[T], weights: list[float]) -> None:
        """Keep the running sums of `weights`."""
        self.things = things
        self.sums = list(accumulate(weights))

    def draw(self, random: Random) -> T:
        """One thing, by weight."""
        return self.things[bisect(self.sums, random.random() * self.sums[-1])]


@cache
def sentiment_spread(channel: str) -> Spread[str]:
    """How sentiment falls on a channel."""
    shares = SENTIMENTS[channel]
    return Spread(list(shares), list(shares.values()))


@cache
def story_spread(channel: str, sentiment: str, rival: bool) -> Spread[Story]:
    """The stories that can be told on a channel with a sentiment; of a competitor where `rival`."""
    found: list[Story] = []
    weights: list[float] = []
    for topic, weight in TOPICS.items():
        leaning = LEANINGS.get(channel, {}).get(topic, 1.0)
        told = [story for story in stories(topic) if story.weight]
        whole = sum(story.weight for story in told)
        for story in told:
            if story.sentiment != sentiment or (story.channels and channel not in story.channels):
                continue
            if (rival and story.item in MADE_HERE) or not {"ask", "situation"} & set(story.parts):
                continue
            found.append(story)
            weights.append(weight * leaning * story.weight / whole)
    return Spread(found, weights)


def draw_story(random: Random, channel: str, *, rival: bool = False) -> Story:
    """A story for a channel, by all the weights."""
    sentiment = sentiment_spread(channel).draw(random)
    return story_spread(channel, sentiment, rival).draw(random)
