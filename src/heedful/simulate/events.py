"""What people do on the website and in the app: sessions of page views, searches, purchases and the like."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from heedful.simulate.calendar import moment
from heedful.simulate.choice import Spread
from heedful.simulate.company import ITEMS, OUTAGE_TOWN, Item
from heedful.simulate.people import Person, pick
from heedful.simulate.world import World

VISITS = Spread(
    ["shop", "account", "support", "browse", "app"],
    [30.0, 22.0, 16.0, 20.0, 12.0],
)
REFERRERS = ("https://search.example/", "https://chirper.example/", "https://compare.example/", None, None, None)
CAMPAIGNS = ("autumn-bundle", "refer-a-friend", "newsletter-09", "search-brand", "search-fibre")
DEVICES = ("mobile", "mobile", "mobile", "desktop", "desktop", "tablet")
SEARCHES = ("router", "cancel", "roaming", "wifi slow", "bill", "kite 3", "mesh", "sim only", "moving house")
ARTICLES = ("no-internet", "slow-wifi", "read-your-bill", "moving-house", "roaming", "reset-password", "tv-box")
PAGES = ("/", "/broadband", "/mobile", "/tv", "/shop", "/coverage", "/offers")

Step = tuple[str, str | None, Item | None, float | None]
LOOKS: tuple[Step, ...] = (("bill_view", "/account/bills", None, None), ("usage_view", "/account/usage", None, None))
LEAVES: Step = ("cancel_page", "/account/cancel", None, None)


def sessions(world: World, day: datetime, until: datetime, count: int) -> list[dict[str, Any]]:
    """About `count` events between two moments of one day, in order of time."""
    made: list[dict[str, Any]] = []
    upset = _upset(world, day)
    while len(made) < count:
        at = moment(world.random, "event", day, until)
        made += _session(world, at, pick(world.people, world.random), upset)
    made += _outage(world, day, until, count)
    kept = [event for event in made if event["occurred_at"] < until]
    kept.sort(key=lambda event: event["occurred_at"])
    return kept


def _upset(world: World, day: datetime) -> float:
    """How much more often people look at how to cancel: highest after the price rise was told."""
    since = (day - world.plan.incident("price").start).total_seconds() / 86400
    return 0.0 if since < -1 else 0.35 * 0.5 ** (max(0.0, since) / 12)


def _session(world: World, at: datetime, person: Person, upset: float) -> Iterator[dict[str, Any]]:
    random = world.random
    kind = VISITS.draw(random)
    known = kind in ("account", "app") or random.random() < 0.35
    device = "mobile" if kind == "app" else random.choice(DEVICES)
    shared: dict[str, Any] = {
        "source": "app" if kind == "app" else "web",
        "anonymous": person.cookie,
        "device": device,
        "country": person.country,
    }
    campaign = random.choice(CAMPAIGNS) if random.random() < 0.2 else None
    first = {"referrer": random.choice(REFERRERS), "campaign": campaign}
    steps = [*_STEPS[kind](random)]
    if kind == "account" and random.random() < 0.03 + upset * 0.5:
        steps.append(LEAVES)
    for name, path, item, value in steps:
        event = {"id": world.next_id("e"), "name": name, "occurred_at": at, **shared}
        if path:
            event["path"] = path
        if item:
            event["item"] = item.id
        if value is not None:
            event["value"] = value
            event["currency"] = "GBP"
        if first:
            event |= {key: found for key, found in first.items() if found}
            first = {}
        if known:
            event["person"] = person.mail
        if name == "search":
            event["attributes"] = {"query": random.choice(SEARCHES)}
        if name in ("login", "checkout"):
            known = True
        yield event
        at += timedelta(seconds=2 + int(random.expovariate(1 / 45)))


def _shop(random: Random) -> Iterator[Step]:
    yield "page_view", "/", None, None
    if random.random() < 0.35:
        yield "search", "/search", None, None
    item = random.choice(ITEMS)
    for _ in range(random.choice((1, 1, 2, 3))):
        item = random.choice(ITEMS)
        yield "page_view", f"/shop/{item.id}", item, None
    if random.random() < 0.3:
        yield "add_to_basket", f"/shop/{item.id}", item, item.price
        if random.random() < 0.6:
            yield "checkout", "/checkout", item, item.price
            if random.random() < 0.68:
                yield "purchase", "/thank-you", item, item.price


def _account(random: Random) -> Iterator[Step]:
    yield "login", "/account/login", None, None
    yield "page_view", "/account", None, None
    for _ in range(random.choice((1, 1, 2))):
        yield random.choice(LOOKS)


def _support(random: Random) -> Iterator[Step]:
    yield "page_view", "/help", None, None
    if random.random() < 0.5:
        yield "search", "/help/search", None, None
    for _ in range(random.choice((1, 2, 2, 3))):
        yield "support_article", f"/help/{random.choice(ARTICLES)}", None, None
    if random.random() < 0.12:
        yield "outage_page", "/status", None, None
    if random.random() < 0.2:
        yield "contact_page", "/contact", None, None


def _browse(random: Random) -> Iterator[Step]:
    for _ in range(random.choice((1, 1, 2, 3, 4))):
        yield "page_view", random.choice(PAGES), None, None


def _app(random: Random) -> Iterator[Step]:
    yield "app_open", None, None, None
    yield random.choice(("usage_view", "bill_view", "speed_test")), None, None, None
    if random.random() < 0.25:
        yield "speed_test", None, None, None


_STEPS = {"shop": _shop, "account": _account, "support": _support, "browse": _browse, "app": _app}


def _outage(world: World, day: datetime, until: datetime, count: int) -> Iterator[dict[str, Any]]:
    """The rush to the status page while the line is down."""
    random, incident = world.random, world.plan.incident("outage")
    if not (incident.start < until and incident.end > day):
        return
    length = (incident.end - incident.start).total_seconds()
    locals_ = [person for person in world.people if person.town == OUTAGE_TOWN]
    for _ in range(int(count * 1.1) if incident.start >= day else int(count * 0.1)):
        at = incident.start + timedelta(seconds=int(60 + length * min(1.0, random.gammavariate(1.6, 0.25))))
        if not day <= at < until:
            continue
        person = random.choice(locals_) if random.random() < 0.92 else pick(world.people, random)
        yield {
            "id": world.next_id("e"),
            "source": "web",
            "name": "outage_page",
            "anonymous": person.cookie,
            "path": "/status",
            "device": "mobile",
            "country": person.country,
            "occurred_at": at,
            "attributes": {"region": OUTAGE_TOWN},
        }
