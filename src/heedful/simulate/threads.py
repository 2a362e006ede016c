"""Conversations: a first message, what the company answers or does not, and what follows, each as a record."""

from datetime import datetime, timedelta
from typing import Any

from heedful.simulate import abroad, reply
from heedful.simulate.choice import draw_story
from heedful.simulate.company import COMPANY, COMPETITORS
from heedful.simulate.compose import WRITE, comment, postcode
from heedful.simulate.grammar import Story
from heedful.simulate.people import Person, pick
from heedful.simulate.scene import Scene, scene
from heedful.simulate.world import SOURCES, Fact, Said, World

KIND = {"review": "review", "survey": "answer", "chat": "turn", "call": "turn", "email": "direct", "form": "direct"}
RATINGS = {"negative": (1, 1, 1, 2, 2), "neutral": (3, 3, 3, 4, 2), "positive": (4, 5, 5, 5)}
DIRECT = {"social": 0.5, "review": 0.0, "survey": 0.0, "forum": 0.0}
RIVALS = {"social": 0.15, "forum": 0.12}
UNANSWERED = {"social": 0.35, "email": 0.08, "form": 0.4, "chat": 0.04, "call": 0.0, "review": 0.85}
DELAY = {"social": (4.0, 1.0), "email": (6.6, 0.8), "form": (7.0, 0.8), "review": (7.6, 0.7)}
"""The company's delay in minutes, as the two parameters of a log-normal distribution."""


def start(
    world: World, channel: str, at: datetime, *, incident: str | None = None, told: Story | None = None
) -> list[Said]:
    """A conversation that begins on `channel` at `at`: its records, in order of time.

    `told` fixes the story (for incidents); otherwise it is drawn by the weights of the channel.
    """
    random = world.random
    person = _speaker(world, told, incident, channel)
    brand = COMPANY
    if not told and random.random() < RIVALS.get(channel, 0.0):
        brand = COMPETITORS[int(random.random() * 3)]
    foreign = person.language != "en" and channel in abroad.CHANNELS and not told
    story = told or (
        abroad.spread(person.language, channel).draw(random)
        if foreign
        else draw_story(random, channel, rival=brand != COMPANY)
    )
    direct = random.random() < DIRECT.get(channel, 1.0) and not story.both and brand == COMPANY
    setting = scene(random, person, story, world.plan, brand=brand, direct=direct)
    title, text = abroad.write(setting, channel) if foreign else WRITE[channel](setting)
    first = message(world, setting, channel, at, text, title=title, incident=incident)
    if channel in ("chat", "call"):
        return [first, *_talk(world, setting, first)]
    if channel == "forum":
        return [first, *_comments(world, setting, first)]
    return [first, *_answer(world, setting, first)]


def _speaker(world: World, told: Story | None, incident: str | None, channel: str) -> Person:
    """Somebody for the story: of the town for the outage, an English speaker where the story is fixed."""
    place = world.plan.incident("outage").place if incident == "outage" else None
    english = told is not None or channel not in abroad.CHANNELS
    for _ in range(400):
        person = pick(world.people, world.random)
        if (not english or person.country in ("GB", "IE")) and (place is None or person.town == place):
            return person
    return person


def message(
    world: World,
    setting: Scene,
    channel: str,
    at: datetime,
    text: str,
    *,
    title: str | None = None,
    incident: str | None = None,
    **more: Any,
) -> Said:
    """A message of a customer as a record, with its truth; `more` overrides fields."""
    story, random, person = setting.story, world.random, setting.person
    language = person.language if id(story) in abroad.foreign_stories() else "en"
    record: dict[str, Any] = {
        "id": world.next_id("m"),
        "source": SOURCES[channel],
        "channel": channel,
        "kind": KIND.get(channel, "mention" if setting.direct else "post"),
        "direction": "in",
        "person": {"social": person.handle, "call": person.number}.get(channel, person.mail),
        "text": text,
        "brand": [setting.brand, *([setting.known["rival"]] if story.both else [])],
        "occurred_at": at,
    }
    if title:
        record["title"] = title
    if setting.item and channel in ("review", "form", "email", "chat"):
        record["item"] = setting.item.id
    if random.random() < 0.7:
        record["country"] = person.country
    if channel == "review" or (language != "en" and random.random() < 0.5):
        record["language"] = language
    if channel == "social":
        _public(record, setting, world)
    elif channel == "review":
        stars = random.choice(RATINGS[story.sentiment])
        record |= {"rating": (stars - 1) / 4, "attributes": {"rating": str(stars), "scale": "1-5"}}
    elif channel in ("chat", "call", "email"):
        record["thread"] = record["id"]
    record |= more
    said = more.get("direction", "in") == "in"
    fact = Fact(
        record["id"],
        record["source"],
        channel,
        at,
        story.sentiment if said else "neutral",
        story.topic,
        setting.emotion if said else "neutral",
        story.intent if said else "reply",
        language,
        incident,
        story.irony and said,
        False,
        False,
        "personal" in setting.known and said,
        f"{story.topic}/{story.name}/{channel}",
    )
    setting.known.pop("personal", None)
    return Said(at, "message", record, fact)


def _public(record: dict[str, Any], setting: Scene, world: World) -> None:
    """Numbers that a public post has: reach, likes, shares, replies; its tags and the handles in it."""
    random = world.random
    reach = int(setting.person.followers * (0.3 + random.random() * 1.5)) + 1
    loud = 1.6 if setting.story.sentiment == "negative" else 1.0
    likes = int(reach * random.random() ** 3 * 0.05 * loud)
    record |= {"reach": reach, "likes": likes, "shares": int(likes * random.random() * 0.3)}
    record["replies"] = int(likes * random.random() * 0.2)
    words = record["text"].split()
    tags = [word[1:] for word in words if word[0] == "#" and len(word) > 1]
    handles = [word for word in words if word[0] == "@" and len(word) > 1]
    if tags:
        record["hashtags"] = tags
    if handles:
        record["mentions"] = handles
    record["url"] = f"https://chirper.example/p/{record['id']}"


def answer(world: World, setting: Scene, to: dict[str, Any], at: datetime, text: str, incident: str | None) -> Said:
    """A message of the company that answers the record `to`."""
    thread = to.get("thread", to["id"])
    more: dict[str, Any] = {"direction": "out", "person": None, "parent": to["id"], "thread": thread}
    more |= {"brand": [COMPANY], "language": "en", "country": None, "item": None}
    channel = to["channel"]
    if channel == "social":
        more |= {"kind": "comment", "reach": 1200 + int(world.random.random() * 3000), "likes": 0, "shares": 0}
    elif channel == "review":
        more |= {"kind": "comment", "rating": None, "attributes": {"team": "care"}}
    said = message(world, setting, channel, at, text, incident=incident, **more)
    record = {name: value for name, value in said.record.items() if value is not None}
    fact = said.fact and said.fact._replace(language="en")
    return Said(at, "message", record, fact)


def _answer(world: World, setting: Scene, first: Said) -> list[Said]:
    """The company's answer under a post, a review, a form or to an e-mail; often there is none."""
    channel, random = first.record["channel"], world.random
    incident = first.fact.incident if first.fact else None
    busy = 1.6 if incident in ("outage", "viral") else 1.0
    open_to_it = setting.direct or channel == "review"
    if not open_to_it or random.random() < min(0.95, UNANSWERED.get(channel, 1.0) * busy) or setting.story.both:
        return []
    middle, spread = DELAY[channel]
    at = first.at + timedelta(seconds=int(60 * busy * busy * random.lognormvariate(middle, spread)))
    if setting.person.language != "en" and first.fact and first.fact.language != "en":
        return []
    if channel in ("social", "review"):
        text, title = reply.social_reply(setting), None
        if channel == "social":
            text = f"{setting.person.handle} {text}"
    else:
        title, text = reply.letter(setting)
    said = answer(world, setting, first.record, at, text, incident)
    if title:
        said.record["title"] = title
    if channel == "social":
        said.record["mentions"] = [setting.person.handle]
    return [said]


def _talk(world: World, setting: Scene, first: Said) -> list[Said]:
    """The rest of a chat or a call: agent, customer, agent, and often the customer's last word."""
    random, channel = world.random, first.record["channel"]
    incident = first.fact.incident if first.fact else None
    if random.random() < UNANSWERED[channel] * (3 if incident == "outage" else 1):
        return []
    pace = (20.0, 90.0) if channel == "chat" else (4.0, 15.0)
    slow = 4.0 if incident == "outage" and channel == "chat" else 1.0
    setting.known |= {"postcode": postcode(setting), "door": str(1 + int(random.random() * 90))}
    at = first.at + timedelta(seconds=int(slow * random.uniform(*pace)))
    text, ways = reply.greeting(setting, channel)
    turns = [answer(world, setting, first.record, at, text, incident)]
    if ways:
        text, complains = reply.told(setting, ways)
        turns.append(_turn(world, setting, turns[-1], text, "negative" if complains else "neutral", pace))
        at = turns[-1].at + timedelta(seconds=int(slow * random.uniform(*pace)))
        text, end = reply.outcome(setting)
        turns.append(answer(world, setting, turns[-1].record, at, text, incident))
        if random.random() < 0.62:
            text, sentiment = reply.closing(setting, end)
            turns.append(_turn(world, setting, turns[-1], text, sentiment, pace))
    return turns


def _turn(world: World, setting: Scene, after: Said, text: str, sentiment: str, pace: tuple[float, float]) -> Said:
    at = after.at + timedelta(seconds=int(world.random.uniform(*pace)))
    incident = after.fact.incident if after.fact else None
    thread = after.record["thread"]
    channel = after.record["channel"]
    said = message(world, setting, channel, at, text, incident=incident, thread=thread, parent=after.record["id"])
    emotion = {"negative": setting.emotion, "positive": "gratitude"}.get(sentiment, "neutral")
    if sentiment == "negative" and setting.story.sentiment != "negative":
        emotion = "annoyance"
    intent = {"negative": "complaint", "positive": "praise"}.get(sentiment, "inform")
    fact = said.fact and said.fact._replace(sentiment=sentiment, emotion=emotion, intent=intent, irony=False)
    return Said(at, "message", said.record, fact)


def _comments(world: World, setting: Scene, first: Said) -> list[Said]:
    """What others write under a post in the forum, in its mood."""
    random = world.random
    first.record["thread"] = first.record["id"]
    incident = first.fact.incident if first.fact else None
    added = []
    for _ in range(random.choice((0, 0, 1, 1, 2, 2, 3, 5))):
        person = pick(world.people, random)
        if person.language != "en":
            continue
        other = scene(random, person, setting.story, world.plan, brand=setting.brand, direct=False)
        other.known |= {name: setting.known[name] for name in ("plan", "rival", "rival2", "fast")}
        _, text = comment(other)
        at = first.at + timedelta(minutes=int(random.lognormvariate(4.6, 1.2)) + 1)
        more = {"kind": "comment", "parent": first.record["id"], "thread": first.record["id"]}
        said = message(world, other, "forum", at, text, incident=incident, **more)
        added.append(said._replace(fact=said.fact and said.fact._replace(irony=False)))
    return added
