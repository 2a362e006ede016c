"""The people of the simulation: who they are, how they write, what they agreed to."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from heedful.simulate.company import ABROAD, TOWNS
from heedful.simulate.names import FIRST, LAST, NICKS
from heedful.simulate.voice import Voice, draw_voice

AGES = ("18-29", "30-44", "45-59", "60-74", "75+")
PLANS = ("Swift 150", "Swift 300", "Swift 500", "Swift 900", "Roam 10", "Roam 50", "Roam Max")
PURPOSES = ("insight", "marketing", "personalisation", "research")
CHOOSERS = 0.125
"""The share of people who made choices about their data."""


@dataclass(frozen=True, slots=True)
class Person:
    """One customer; `mail`, `handle` and `number` are the raw identifiers that records bear."""

    first: str
    last: str
    mail: str
    handle: str
    number: str
    cookie: str
    town: str
    country: str
    language: str
    plan: str
    age: str
    followers: int
    voice: Voice


def populate(random: Random, count: int) -> tuple[Person, ...]:
    """`count` people, each identifier theirs alone."""
    return tuple(_person(random, number) for number in range(count))


def _person(random: Random, number: int) -> Person:
    first, last = random.choice(FIRST), random.choice(LAST)
    country, language = "GB", "en"
    town = random.choices(list(TOWNS), list(TOWNS.values()))[0]
    drawn = random.random()
    if drawn < 0.075:
        country = random.choice(list(ABROAD))
        language, town = ABROAD[country]
    elif drawn < 0.15:
        country = "IE"
    nick = random.choice(NICKS)
    low_first, low_last = first.lower(), last.lower()
    handle = random.choice(
        (
            f"@{low_first}{low_last[:3]}{number}",
            f"@{nick}_{number}",
            f"@{low_first}_{number}",
            f"@the{low_last}{number}",
        )
    )
    return Person(
        first=first,
        last=last,
        mail=f"{low_first}.{low_last}{number}@example.{random.choice(('com', 'org', 'net'))}",
        handle=handle,
        number=f"WR{10_000_000 + number * 37 % 90_000_000}",
        cookie=f"c{random.getrandbits(48):012x}{number:x}",
        town=town,
        country=country,
        language=language,
        plan=random.choice(PLANS),
        age=random.choices(AGES, (20, 30, 26, 17, 7))[0],
        followers=int(random.lognormvariate(5.0, 1.3)) + 3,
        voice=draw_voice(random),
    )


def pick(people: tuple[Person, ...], random: Random) -> Person:
    """Somebody; a few people speak often, most seldom."""
    return people[int(len(people) * random.random() ** 1.7)]


def profile_records(people: tuple[Person, ...], at: datetime) -> Iterator[dict[str, Any]]:
    """What the company knows of its people: region, plan, age band, each as one profile record."""
    for number, person in enumerate(people):
        for trait, value in (("region", person.town), ("plan", person.plan), ("age_band", person.age)):
            yield {
                "id": f"t{number:06d}-{trait}",
                "person": person.mail,
                "trait": trait,
                "value": value,
                "source": "crm",
                "occurred_at": at,
            }


def consent_records(random: Random, people: tuple[Person, ...], start: datetime, days: int) -> list[dict[str, Any]]:
    """Grants, refusals and withdrawals of about one person in eight, in order of time.

    A choice counts for the person, so it is recorded under each identifier that the person's records bear.
    """
    found: list[dict[str, Any]] = []
    for number, person in enumerate(people):
        if random.random() >= CHOOSERS:
            continue
        early = start - timedelta(days=random.random() * 400)
        at = early if random.random() < 0.6 else start + timedelta(days=random.random() * days * 0.98)
        for purpose in random.sample(PURPOSES, random.choice((1, 2, 2, 3))):
            granted = random.random() < (0.8 if purpose in ("insight", "personalisation") else 0.5)
            found += _choice(random, person, f"{number:06d}-{purpose}-1", purpose, granted, at)
            if granted and random.random() < 0.2:
                later = at + timedelta(days=1 + random.random() * 60)
                if later < start + timedelta(days=days):
                    found += _choice(random, person, f"{number:06d}-{purpose}-2", purpose, False, later)
    found.sort(key=lambda record: record["occurred_at"])
    return found


def _choice(
    random: Random, person: Person, label: str, purpose: str, granted: bool, at: datetime
) -> list[dict[str, Any]]:
    proof = random.choice(("web form", "app settings", "shop tablet", "phone call", "reply by email"))
    return [
        {
            "id": f"g{label}-{kind}",
            "person": who,
            "purpose": purpose,
            "granted": granted,
            "basis": "consent",
            "proof": proof,
            "source": "preferences",
            "occurred_at": at,
        }
        for kind, who in (("m", person.mail), ("h", person.handle), ("n", person.number), ("c", person.cookie))
    ]
