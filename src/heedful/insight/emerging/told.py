"""Telling each thing once: names that grow only together with a stronger one are told with it; and when it began."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from heedful.insight.emerging.chance import discoveries, evidence, tail
from heedful.insight.emerging.compared import Compared
from heedful.insight.emerging.counted import Counted
from heedful.insight.emerging.expected import A_DAY
from heedful.insight.emerging.stream import Flags, Name, Numbers

EXPLAINED = 0.01
"""What is left of a name outside of stronger ones is growth of its own where chance makes it less often than this."""
OWN = 0.001
"""The same within a stronger one that does not explain so much growth: stricter, for it is the same messages."""
SAME, SAME_BACK = 0.5, 0.3
"""Two names are one thing where so much of one's messages are the other's, and so much of the other's are its."""
CHART = 28
"""Days whose counts are told beside each finding."""
MOSTLY_NEW = 3.0
"""Of a name that grows so many times, most messages are the news, and so is what is new among them."""
PARTLY, LIFT = 0.25, 2.0
"""Or where so much of one's messages are the other's, and half of them or so many times as much as of all messages."""
MOST = 200
"""Things that are told at most."""


class Finding(NamedTuple):
    """A name that grows: over the last `steps`, how much, how sure, and since when.

    `units` are messages with copies and further messages of the same people left out; `rows` are all messages of the
    window with the name, by place in the stream; `began` is in seconds, `first` the message it began with. `also` are
    names that grow with it and say nothing else. `days` has the units of each of the last 28 days, the latest last.
    """

    name: Name
    steps: int
    units: int
    expected: float
    growth: float
    low: float
    high: float
    p: float
    q: float
    began: int
    first: int
    rows: Numbers
    days: list[int]
    also: tuple[Name, ...] = ()


@dataclass(eq=False)
class Leader:
    """A name that is told, the messages that bear it and those that count, and what grows with it.

    Messages of its window that bear what grows with it are among them: they tell the same in other words.
    """

    place: int
    there: Flags
    units: Numbers
    also: list[int]


@dataclass(frozen=True, eq=False)
class Pairs:
    """Messages of each name, one after the other."""

    starts: Numbers
    messages: Numbers

    @staticmethod
    def of(name: Numbers, message: Numbers, size: int) -> "Pairs":
        """From pairs in any order."""
        order = np.lexsort((message, name))
        starts = np.concatenate(([0], np.cumsum(np.bincount(name, minlength=size))))
        return Pairs(starts, message[order])

    def __getitem__(self, name: int) -> Numbers:
        """The messages of one name."""
        return self.messages[self.starts[name] : self.starts[name + 1]]


def told_once(
    counted: Counted, found: Compared, names: Numbers, level: float, days: int, smallest: int
) -> list[Finding]:
    """The findings among some names, strongest first, each with the names that it explains.

    Each thing counts as one discovery, in however many names it shows (`discoveries`).
    """
    size = len(counted.live)
    units, raw = Pairs.of(*counted.units, size), Pairs.of(*counted.raw, size)
    leaders = _leaders(counted, found, names, units, raw, smallest)
    p = np.array([found.p[[leader.place, *leader.also]].min() for leader in leaders])
    q = discoveries(p, counted.looked)
    pairs = zip(leaders, p.tolist(), q.tolist(), strict=True)
    return [_finding(counted, found, one, own, of, raw, days) for one, own, of in pairs if of <= level][:MOST]


def _leaders(counted: Counted, found: Compared, told: Numbers, units: Pairs, raw: Pairs, smallest: int) -> list[Leader]:
    leaders: list[Leader] = []
    explained = np.zeros(len(counted.step), np.bool_)
    for place in told[np.argsort(-found.strength[told], kind="stable")].tolist():
        near = _explaining(counted, found, place, units, leaders, explained, smallest)
        if near is not None:
            near.also.append(place)
            lately = raw[place][counted.step[raw[place]] < found.window[near.place]]
            near.there[lately] = explained[lately] = True
            continue
        there = np.zeros(len(counted.step), np.bool_)
        there[raw[place]] = True
        explained |= there
        leaders.append(Leader(place, there, units[place], []))
    return leaders


def _explaining(
    counted: Counted, found: Compared, place: int, units: Pairs, leaders: list[Leader], explained: Flags, smallest: int
) -> Leader | None:
    """The stronger name that this one's growth goes with; None where it has its own."""
    mine = units[place]
    step, window = counted.step[mine], int(found.window[place])
    recent = mine[step < window]
    if not leaders or not explained[recent].any():
        return None
    shares = [leader.there[recent].mean() for leader in leaders]
    near = leaders[int(np.argmax(shares))]
    theirs, _ = _counts(counted.step[near.units], window, found.history.since)
    back = len(recent) * max(shares) / max(theirs, 1)
    if max(shares) >= SAME and back >= SAME_BACK:
        return near
    if _grows_within(counted, found, place, mine, near):
        return None
    usual = near.there[counted.kept & (counted.step >= 0) & (counted.step < window)].mean()
    if max(shares) >= max(PARTLY, min(SAME, LIFT * usual)):
        return near
    left = ~explained[mine]
    rest, before = _counts(step[left], window, found.history.since)
    grows = _chance(found, place, rest, before) <= EXPLAINED and rest >= smallest
    return None if grows else near


def _grows_within(counted: Counted, found: Compared, place: int, mine: Numbers, near: Leader) -> bool:
    """Whether a name takes more of a stronger one's messages than before, where many of those are as usual."""
    if found.growth.growth[near.place] >= MOSTLY_NEW:
        return False
    window, since = int(found.window[place]), found.history.since
    part, before = _counts(counted.step[mine[near.there[mine]]], window, since)
    theirs, theirs_before = _counts(counted.step[near.units], window, since)
    ratio = np.array([theirs / (theirs_before + 1)])
    p = tail(np.array([part]), np.array([before]), ratio, found.excess[place : place + 1])
    return bool(p[0] <= OWN) and theirs_before > 0


def _chance(found: Compared, place: int, recent: float, before: float) -> float:
    window = int(found.window[place])
    exposure = found.history.exposure[place]
    ratio = exposure[:window].sum() / max(exposure[found.history.since :].sum(), 1e-9)
    p = tail(np.array([recent]), np.array([before]), np.array([ratio]), found.excess[place : place + 1])
    return float(p[0])


def _counts(step: Numbers, window: int, since: int) -> tuple[float, float]:
    """How many steps lie in the window, and how many in the history."""
    return float(((step >= 0) & (step < window)).sum()), float((step >= since).sum())


def _finding(counted: Counted, found: Compared, leader: Leader, p: float, q: float, raw: Pairs, days: int) -> Finding:
    place, names = leader.place, counted.stream.names
    window = int(found.window[place])
    mine = raw[place]
    rows = mine[counted.step[mine] < window]
    began, first = _began(counted, found, place, mine, days)
    grown = found.growth
    return Finding(
        names[counted.live[place]],
        window,
        int(found.units[place]),
        float(grown.expected[place]),
        float(grown.growth[place]),
        float(grown.low[place]),
        float(grown.high[place]),
        p,
        q,
        began,
        first,
        rows,
        _days(counted.step[leader.units]),
        tuple(names[counted.live[one]] for one in leader.also),
    )


def _days(step: Numbers) -> list[int]:
    """How many of them lie in each of the last days, the latest last."""
    found: list[int] = np.bincount(step // A_DAY, minlength=CHART)[:CHART].tolist()
    return found[::-1]


def _began(counted: Counted, found: Compared, place: int, mine: Numbers, days: int) -> tuple[int, int]:
    """The message from which on there is most evidence of growth: its time, and which it is."""
    at = counted.stream.at
    lately = mine[counted.step[mine] < days * A_DAY]
    lately = lately[np.argsort(at[lately], kind="stable")]
    everyone = counted.kept & (counted.step >= 0)
    times = np.sort(at[everyone & (counted.step < days * A_DAY)])
    earlier = float((everyone & (counted.step >= found.history.since)).sum())
    since = len(times) - np.searchsorted(times, at[lately])
    so_many = np.arange(len(lately), 0, -1, dtype=np.float64)
    expected = (found.history.before[place] + 1) * since / max(earlier, 1.0)
    first = int(lately[int(np.argmax(evidence(so_many, expected)))])
    return int(at[first]), first
