"""What the planted incidents make people and the company say."""

from datetime import datetime, timedelta
from functools import cache
from typing import Any

from heedful.simulate.choice import Spread
from heedful.simulate.company import COMPANY, COMPETITORS, HANDLES, OUTAGE_TOWN, TOWNS
from heedful.simulate.compose import body, written
from heedful.simulate.grammar import Story, expand, stories
from heedful.simulate.people import pick
from heedful.simulate.scene import Scene, scene
from heedful.simulate.threads import message, start
from heedful.simulate.voice import emoji
from heedful.simulate.world import SOURCES, Fact, Said, World

CHANNELS = {
    "outage": {"social": 55, "chat": 11, "call": 6, "forum": 5, "form": 5, "email": 4},
    "price": {"social": 36, "email": 17, "chat": 7, "call": 6, "review": 10, "forum": 8, "form": 9},
}
UPDATES = {
    "outage": ("alerts", (1.25, 2.2, 3.25, 4.3, 5.3, 6.7, 8.75)),
    "price": ("price", (0.1, 72.1, 216.1, 480.1)),
    "viral": ("viral", (25, 28, 33)),
}
"""Which notices the company posts in an incident, and how many hours after its start."""
VIRAL = (
    "Our house burned down three weeks ago. Today we got a £95 bill from @Wrenlo for not returning the router. "
    "The router is ash. Everything is ash."
)


@cache
def told() -> dict[str, Story]:
    """The stories of the incidents, by name; the price rise has its own in the topic price."""
    found = {story.name: story for story in stories("incidents")}
    found["rise"] = next(story for story in stories("price") if story.name == "rise")
    return found


@cache
def _channels(name: str) -> Spread[str]:
    shares = CHANNELS[name]
    return Spread(list(shares), [float(share) for share in shares.values()])


def conversation(world: World, name: str, at: datetime) -> list[Said]:
    """A conversation caused by the incident `name`, begun at `at`."""
    if name == "viral":
        return [_around_post(world, at)]
    random, known = world.random, told()
    channel = _channels(name).draw(random)
    if name == "price":
        leaving = random.random() < 0.28
        return start(world, channel, at, incident=name, told=known["rise_leaving" if leaving else "rise"])
    over = at > world.plan.incident("outage").end
    drawn = random.random()
    if over and drawn < 0.45:
        story = known["outage_back"]
    else:
        story = known["outage_ask" if drawn > 0.84 and channel != "review" else "outage"]
    return start(world, channel, at, incident=name, told=story)


def viral_post(world: World) -> Said:
    """The one post that everything starts from; its id is fixed by the world's prefix."""
    incident = world.plan.incident("viral")
    at = incident.start
    author = next(person for person in world.people[40:] if person.language == "en")
    record: dict[str, Any] = {
        "id": f"m{world.prefix}viral",
        "source": SOURCES["social"],
        "channel": "social",
        "kind": "mention",
        "direction": "in",
        "person": author.handle,
        "mentions": ["@Wrenlo"],
        "text": VIRAL,
        "language": "en",
        "brand": [COMPANY],
        "country": author.country,
        "likes": 48_213,
        "shares": 21_907,
        "replies": 3_114,
        "reach": 1_940_000,
        "url": "https://chirper.example/p/viral",
        "occurred_at": at,
    }
    about = ("negative", "billing", "sadness", "complaint", "en", "viral")
    fact = Fact(record["id"], record["source"], "social", at, *about, family="viral/post")
    return Said(at, "message", record, fact)


def _around_post(world: World, at: datetime) -> Said:
    """A repost, a quote, a comment or a forum post about the viral complaint."""
    random, known = world.random, told()
    person = pick(world.people, random)
    drawn = random.random()
    post = f"m{world.prefix}viral"
    late = at > world.plan.incident("viral").start + timedelta(hours=26)
    name = "viral_after" if late and random.random() < 0.3 else "viral_ask" if random.random() < 0.12 else "viral_quote"
    setting = scene(random, person, known[name], world.plan, brand=COMPANY, direct=False)
    reach = int(person.followers * random.lognormvariate(2.4, 1.0)) + 50
    more: dict[str, Any] = {"about": post, "reach": reach, "likes": int(reach * 0.01), "shares": int(reach * 0.004)}
    more |= {"brand": [COMPANY], "kind": "quote", "mentions": ["@Wrenlo"]}
    if drawn < 0.4:
        author = viral_post(world).record["person"]
        setting.story = known["viral_quote"]
        more |= {"kind": "repost", "mentions": [author, "@Wrenlo"]}
        said = message(world, setting, "social", at, f"RT {author}: {VIRAL}", incident="viral", **more)
        fact = said.fact and said.fact._replace(repost=True, emotion="sadness", intent="complaint")
        return Said(at, "message", said.record, fact)
    if drawn < 0.62 and name == "viral_quote":
        more |= {"kind": "comment", "parent": post, "thread": post}
    text = _remark(setting, comment_like=drawn < 0.62)
    return message(world, setting, "social", at, text, incident="viral", **more)


def _remark(setting: Scene, *, comment_like: bool) -> str:
    phrases = body(setting, most=setting.random.choice((1, 2, 2, 3)))
    text = written(setting, phrases, "social")
    text += emoji(setting.person.voice, setting.story.sentiment, setting.random, irony=False)
    handle = HANDLES[COMPANY][0]
    return text if comment_like or COMPANY.lower() in text.lower() else f"{text} {handle}"


def notices(world: World, day: datetime, until: datetime, count: int) -> list[Said]:
    """What the company posts by itself on a day: `count` notices of work, hours, offers; more during the incidents."""
    random, plan = world.random, world.plan
    drawn = [story for story in stories("notices") for _ in range(4 if story.name == "planned" else 1)]
    made = []
    for _ in range(count):
        story = random.choice(drawn)
        at = day + timedelta(seconds=int(random.random() * max(1.0, (until - day).total_seconds() - 1)))
        made.append(_notice(world, story, "text", at, None, random.choice(list(TOWNS))))
    for name, (part, hours) in UPDATES.items():
        moments = [plan.incident(name).start + timedelta(hours=after) for after in hours]
        planned = stories("notices")[0]
        made += [_notice(world, planned, part, at, name, OUTAGE_TOWN) for at in moments if day <= at < until]
    return made


def _notice(world: World, story: Story, part: str, at: datetime, incident: str | None, place: str) -> Said:
    random = world.random
    setting = scene(random, world.people[0], story, world.plan, brand=COMPANY, direct=False)
    setting.known |= {"place": place, "link": f"https://status.example.com/{1000 + int(random.random() * 9000)}"}
    lines = story.parts[part]
    if part == "alerts":
        order = int((at - world.plan.incident("outage").start).total_seconds() // 60)
        line = lines[0 if order < 100 else 3 if order > 500 else 1 if order < 200 else 2]
    else:
        line = lines[int(random.random() * len(lines))]
    topic = {"price": "price", "viral": "billing"}.get(part, story.topic)
    record: dict[str, Any] = {
        "id": world.next_id("m"),
        "source": SOURCES["social"],
        "channel": "social",
        "kind": "post",
        "direction": "out",
        "text": expand(line, random.random, setting.known),
        "links": [setting.known["link"]],
        "language": "en",
        "brand": [COMPANY],
        "reach": 9_000 + int(random.random() * 15_000),
        "likes": int(random.random() * 40),
        "shares": int(random.random() * 15),
        "replies": 0,
        "occurred_at": at,
    }
    family = f"notice/{part}"
    fact = Fact(record["id"], record["source"], "social", at, "neutral", topic, "neutral", "notice", "en", incident)
    return Said(at, "message", record, fact._replace(notice=True, family=family))


def news(world: World, day: datetime, until: datetime, count: int) -> list[Said]:
    """Articles of the day; a few of them about the incidents, on the day after."""
    random = world.random
    made = []
    usual = [story for story in stories("news") if story.weight]
    planted = {story.name: story for story in stories("news") if not story.weight}
    for number in range(count):
        at = day + timedelta(seconds=int(random.random() * max(1.0, (until - day).total_seconds() - 1)))
        story, incident = random.choice(usual + [usual[0]] * 3), None
        for name, key in (("outage", "outage"), ("price", "rise"), ("viral", "viral")):
            begun = world.plan.incident(name).start
            if timedelta(hours=6) < at - begun < timedelta(hours=60) and number % 2:
                story, incident = planted[key], name
        made.append(_article(world, story, at, incident))
    return made


def _article(world: World, story: Story, at: datetime, incident: str | None) -> Said:
    random = world.random
    person = random.choice([person for person in world.people[:400] if person.language == "en"])
    brand = COMPANY if incident or random.random() < 0.6 else random.choice(COMPETITORS)
    setting = scene(random, person, story, world.plan, brand=brand, direct=False)
    if incident == "outage":
        setting.known |= {"place": OUTAGE_TOWN, "lastday": f"{world.plan.incident('outage').start:%A}"}
    text = f"{setting.say('text')} {setting.say('more')}" if random.random() < 0.85 else setting.say("text")
    more: dict[str, Any] = {"person": None, "kind": "post", "url": f"https://news.example.org/{world.next_id('a')}"}
    more |= {"reach": int(random.lognormvariate(9.5, 0.8)), "language": "en"}
    said = message(world, setting, "news", at, text, title=setting.say("title"), incident=incident, **more)
    return Said(at, "message", {k: v for k, v in said.record.items() if v is not None}, said.fact)
