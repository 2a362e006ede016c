"""The history of the demo company and its endless present."""

import heapq
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from heedful.simulate.calendar import days_of, incident_moments, moment, plan
from heedful.simulate.choice import Spread
from heedful.simulate.company import COMPANY, ITEMS
from heedful.simulate.events import sessions
from heedful.simulate.people import consent_records, populate, profile_records
from heedful.simulate.planted import conversation, news, notices, viral_post
from heedful.simulate.surveys import PER_RESPONSE, response
from heedful.simulate.threads import start
from heedful.simulate.truth import Ledger
from heedful.simulate.world import Said, World

ORIGINS = {"social": 45.0, "review": 14.0, "chat": 5.0, "email": 6.0, "call": 2.8, "forum": 3.6, "form": 5.0}
CHUNK = 2000
PERSON_PER_MESSAGE = 0.2

Chunk = tuple[str, list[dict[str, Any]]]


def history(
    *,
    seed: int,
    end: datetime,
    days: int = 90,
    messages: int = 100_000,
    events: int | None = None,
    ledger: Ledger | None = None,
) -> Iterator[Chunk]:
    """The company's `days` before `end` as (table, records in incoming shape), day by day in order of time.

    At least `messages` messages, three times as many events (or `events`), and answers, items, profiles and consents
    in proportion. The same arguments give the same records. `ledger` learns the truth about each message.
    """
    calendar = plan(end, days)
    world = _world(seed, calendar, int(messages * PERSON_PER_MESSAGE))
    yield from _known_before(world)
    choices = consent_records(Random(f"consent {seed}"), world.people, calendar.start, days)
    told = _days(world, messages)
    acted = _world(seed, calendar, len(world.people), kind="events")
    wanted = messages * 3 if events is None else events
    for (day, until, weight), said in zip(days_of(calendar), told, strict=True):
        due = [choice for choice in choices if choice["occurred_at"] < until]
        choices = choices[len(due) :]
        yield from _chunks("consent", due)
        if wanted:
            yield from _chunks("event", sessions(acted, day, until, int(wanted * weight) + 1))
        for table in ("message", "answer"):
            yield from _chunks(table, [one.record for one in said if one.table == table])
        if ledger is not None:
            ledger.learn(said)
    if ledger is not None:
        ledger.close(seed, calendar)


def write_truth(folder: Path, *, seed: int, end: datetime, days: int = 90, messages: int = 100_000) -> None:
    """Write what a history planted: `truth.json` (incidents, totals) and `truth.parquet` (each message's truth).

    It tells the history again without its events. Where the history is told anyway, pass it a Ledger instead.
    """
    ledger = Ledger()
    for _ in history(seed=seed, end=end, days=days, messages=messages, events=0, ledger=ledger):
        pass
    ledger.write(folder)


def live(
    *,
    seed: int,
    start: datetime,
    clock: Callable[[], datetime] | None = None,
    messages_per_second: float = 0.8,
    events_per_second: float = 3.0,
) -> Iterator[tuple[datetime, str, dict[str, Any]]]:
    """What goes on after `start`, without end: (when it is due, table, record), in order of time; it never sleeps.

    Where `clock` is given and has run ahead by more than a minute, the stream goes on from there.
    """
    begin = start.astimezone(UTC).replace(microsecond=0)
    world = _world(seed, plan(begin, 90), 20_000, prefix=f"l{begin:%y%m%d%H%M%S}-")
    waiting: list[tuple[datetime, int, str, dict[str, Any]]] = []
    channels = _channels()
    number = 0
    while True:
        until = begin + timedelta(seconds=60)
        found: list[tuple[datetime, str, dict[str, Any]]] = []
        for _ in range(_about(world.random, messages_per_second * 60 / 1.6)):
            at = begin + timedelta(seconds=world.random.random() * 60)
            said = start_one(world, channels.draw(world.random), at)
            found += [(one.at, one.table, one.record) for one in said]
        for event in sessions(world, begin, until, _about(world.random, events_per_second * 60)):
            found.append((event["occurred_at"], "event", event))
        for at, table, record in found:
            number += 1
            heapq.heappush(waiting, (at, number, table, record))
        while waiting and waiting[0][0] < until:
            at, _, table, record = heapq.heappop(waiting)
            yield at, table, record
        begin = until if clock is None or clock() < until + timedelta(seconds=60) else clock()


def start_one(world: World, channel: str, at: datetime) -> list[Said]:
    """A conversation or a filled-in form, begun at `at`."""
    return response(world, at) if channel == "survey" else start(world, channel, at)


def _about(random: Random, mean: float) -> int:
    return int(mean) + (random.random() < mean % 1)


def _channels() -> Spread[str]:
    return Spread([*ORIGINS, "survey"], [*ORIGINS.values(), 4.0])


def _world(seed: int, calendar: Any, count: int, *, prefix: str = "", kind: str = "messages") -> World:
    """A world whose people are the same for every seed, so that the present goes on with those of the history."""
    people = populate(Random("the people of the demo"), max(400, count))
    ages = {person.mail: person.age for person in people}
    return World(Random(f"{kind} {seed}"), people, calendar, prefix, ages)


def _known_before(world: World) -> Iterator[Chunk]:
    before = world.plan.start - timedelta(days=30)
    items = [
        {
            "id": item.id,
            "title": item.title,
            "category": item.category,
            "price": item.price,
            "url": f"https://shop.example.com/{item.id}",
            "available": True,
            "attributes": {"brand": COMPANY},
            "occurred_at": before,
        }
        for item in ITEMS
    ]
    yield from _chunks("item", items)
    yield from _chunks("profile", list(profile_records(world.people, before)))


def _chunks(table: str, records: list[dict[str, Any]]) -> Iterator[Chunk]:
    for at in range(0, len(records), CHUNK):
        yield table, records[at : at + CHUNK]


def _days(world: World, messages: int) -> Iterator[list[Said]]:
    """What is said on each day, in order of time; together at least `messages` messages."""
    random, calendar = world.random, world.plan
    causes = incident_moments(random, calendar, messages)
    waiting: list[tuple[datetime, int, Said]] = []
    channels = Spread(list(ORIGINS), list(ORIGINS.values()))
    days = days_of(calendar)
    left = sum(weight for _, _, weight in days)
    made, pushed, cause = 0, 0, 0
    for number, (day, until, weight) in enumerate(days):
        said = _unasked(world, day, until, messages)
        while cause < len(causes) and causes[cause][0] < until:
            said += conversation(world, causes[cause][1], causes[cause][0])
            cause += 1
        for _ in range(_about(random, messages * 0.15 / PER_RESPONSE * weight)):
            said += response(world, moment(random, "survey", day, until))
        made += _within(said, calendar.end)
        last = number + 1 == len(days)
        rest = messages - made - 1.55 * (len(causes) - cause)
        wanted = rest if last else made + rest * weight / left
        left -= weight
        target = messages if last else wanted
        while made < target:
            channel = channels.draw(random)
            more = start(world, channel, moment(random, channel, day, until))
            made += _within(more, calendar.end)
            said += more
        for one in said:
            pushed += 1
            heapq.heappush(waiting, (one.at, pushed, one))
        today = []
        while waiting and waiting[0][0] < until:
            today.append(heapq.heappop(waiting)[2])
        yield today


def _unasked(world: World, day: datetime, until: datetime, messages: int) -> list[Said]:
    """What is there without a customer's reason: notices, articles, and the one post that goes round."""
    said = notices(world, day, until, max(1, messages // 14_000))
    said += news(world, day, until, max(1, messages // 9_000))
    if day <= world.plan.incident("viral").start < until:
        said.append(viral_post(world))
    return said


def _within(said: list[Said], end: datetime) -> int:
    return sum(1 for one in said if one.table == "message" and one.at < end)
