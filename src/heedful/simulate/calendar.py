"""When things happen: the curves of a day and a week, a slow trend, and the planted incidents."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from heedful.simulate.company import OUTAGE_TOWN

HOURS = {
    "social": (3, 2, 1, 1, 1, 2, 4, 7, 8, 7, 7, 7, 9, 8, 7, 7, 8, 10, 12, 14, 15, 14, 10, 6),
    "office": (0, 0, 0, 0, 0, 1, 2, 5, 10, 14, 15, 14, 11, 12, 13, 13, 12, 10, 6, 4, 2, 1, 0, 0),
    "home": (2, 1, 1, 0, 1, 2, 4, 6, 7, 8, 8, 8, 9, 8, 8, 8, 9, 10, 11, 13, 14, 12, 8, 4),
}
CURVE = {
    "social": "social",
    "call": "office",
    "email": "home",
    "chat": "home",
    "form": "home",
    "forum": "social",
    "review": "home",
    "survey": "home",
    "news": "office",
    "event": "home",
}
_TABLES = {
    name: [hour for hour, weight in enumerate(weights) for _ in range(weight * 4)] for name, weights in HOURS.items()
}
WEEKDAYS = (1.12, 1.06, 1.02, 1.0, 0.98, 0.88, 0.94)
TREND = 0.15
"""How much more there is on the last day than on the first."""


@dataclass(frozen=True, slots=True)
class Incident:
    """Something planted: what, when, where, and what should be seen because of it."""

    name: str
    start: datetime
    end: datetime
    topic: str
    place: str | None
    channels: tuple[str, ...]
    share: float
    summary: str
    expected: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The stretch of time that is told, and what was planted in it. `effective` is when the new prices begin."""

    start: datetime
    end: datetime
    incidents: tuple[Incident, ...]
    effective: datetime
    rise: str

    def incident(self, name: str) -> Incident:
        """The planted incident of that name."""
        return next(incident for incident in self.incidents if incident.name == name)


def plan(end: datetime, days: int) -> Plan:
    """The calendar of the `days` before `end`; the incidents stand at fixed shares of it."""
    end = end.astimezone(UTC)
    start = end - timedelta(days=days)

    def moment(share: float, hour: int, minute: int) -> datetime:
        day = (start + timedelta(days=days * share)).replace(hour=0, minute=0, second=0, microsecond=0)
        return day + timedelta(hours=hour, minutes=minute)

    outage, rise, viral = moment(0.65, 17, 10), moment(0.37, 9, 0), moment(0.82, 10, 24)
    return Plan(start, end, (_outage(outage), _rise(rise, end), _viral(viral)), moment(0.7, 0, 0), "9.4%")


def _outage(at: datetime) -> Incident:
    return Incident(
        name="outage",
        start=at,
        end=at + timedelta(hours=8, minutes=40),
        topic="outage",
        place=OUTAGE_TOWN,
        channels=("social", "chat", "call", "forum", "form", "email"),
        share=0.024,
        summary=f"A damaged fibre cable takes all broadband in {OUTAGE_TOWN} down for 8 hours and 40 minutes.",
        expected="negative messages about outage surge on social, chat and call, most by people of the town; "
        "outage_page events surge; replies come later and more stay unanswered",
    )


def _rise(at: datetime, end: datetime) -> Incident:
    return Incident(
        name="price",
        start=at,
        end=min(end, at + timedelta(days=45)),
        topic="price",
        place=None,
        channels=("social", "email", "chat", "call", "review", "forum", "form"),
        share=0.04,
        summary="All customers are told of a price rise of 9.4%, in the middle of their contracts.",
        expected="complaints about price and cancellations stay high for weeks, with a second bump "
        "when the new prices begin; cancel_page events rise",
    )


def _viral(at: datetime) -> Incident:
    return Incident(
        name="viral",
        start=at,
        end=at + timedelta(days=3),
        topic="billing",
        place=None,
        channels=("social", "forum", "news"),
        share=0.022,
        summary="One post about a bill for a router that burned with the house is shared by very many.",
        expected="reach and reposts explode around one post; negative quotes and comments name it; decays in 3 days",
    )


def volume(day: datetime) -> float:
    """How much happens on that weekday, around 1."""
    return WEEKDAYS[day.weekday()]


def days_of(plan: Plan) -> list[tuple[datetime, datetime, float]]:
    """Each calendar day (UTC) from start to end: first moment, last moment, and how much of everything falls on it."""
    days: list[tuple[datetime, datetime, float]] = []
    at = plan.start
    whole = (plan.end - plan.start).total_seconds()
    while at < plan.end:
        midnight = at.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        until = min(midnight, plan.end)
        trend = 1 + TREND * (at - plan.start).total_seconds() / whole
        days.append((at, until, volume(at) * trend * _covered(at, until)))
        at = until
    total = sum(day[2] for day in days)
    return [(start, until, weight / total) for start, until, weight in days]


def _covered(at: datetime, until: datetime) -> float:
    hours = HOURS["home"]
    first, last = at.hour, until.hour or 24
    return max(0.002, sum(hours[first:last]) / sum(hours))


def moment(random: Random, channel: str, start: datetime, until: datetime) -> datetime:
    """A moment between the two, at an hour usual for the channel."""
    table = _TABLES[CURVE[channel]]
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
    for _ in range(6):
        seconds = table[int(random.random() * len(table))] * 3600 + random.random() * 3600
        at = midnight + timedelta(seconds=int(seconds))
        if start <= at < until:
            return at
    return start + timedelta(seconds=int(random.random() * max(1.0, (until - start).total_seconds() - 1)))


def incident_moments(random: Random, plan: Plan, messages: int) -> list[tuple[datetime, str]]:
    """When each message that an incident causes begins, in order; `messages` is the size of the whole history."""
    moments: list[tuple[datetime, str]] = []
    for incident in plan.incidents:
        made = _times(random, incident, plan, int(messages * incident.share))
        moments += [(at, incident.name) for at in made if plan.start <= at < plan.end]
    return sorted(moments)


def _times(random: Random, incident: Incident, plan: Plan, count: int) -> Iterator[datetime]:
    if incident.name == "outage":
        length = (incident.end - incident.start).total_seconds()
        for _ in range(count):
            yield incident.start + timedelta(seconds=int(60 + length * min(1.45, random.gammavariate(1.7, 0.24))))
    elif incident.name == "viral":
        for _ in range(count):
            yield incident.start + timedelta(seconds=int(120 + random.gammavariate(1.3, 10.0) * 3600))
    else:
        for _ in range(count):
            again = random.random() < 0.25
            from_day = plan.effective if again else incident.start
            day = from_day + timedelta(days=int(random.expovariate(1 / (5.0 if again else 12.0))))
            start = max(incident.start, day.replace(hour=0, minute=0))
            yield moment(random, "social", start, day.replace(hour=0, minute=0) + timedelta(days=1))
