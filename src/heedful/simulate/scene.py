"""One message before it is written: who speaks, about what, to whom, and what is known."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from heedful.simulate.calendar import Plan
from heedful.simulate.company import COMPANY, COMPETITORS, ITEMS, SPEEDS, Item
from heedful.simulate.grammar import Line, Story, expand, parts
from heedful.simulate.names import ELDERS
from heedful.simulate.people import Person

OF_KIND: dict[str, tuple[Item, ...]] = {
    kind: tuple(item for item in ITEMS if item.kind == kind) for kind in {item.kind for item in ITEMS}
}
OF_KIND["any"] = OF_KIND["phone"] + OF_KIND["router"] + OF_KIND["gadget"]
OF_KIND["device"] = OF_KIND["any"] + tuple(item for item in ITEMS if item.id == "tv-heron-box")
THINGS = {"phone": "phone", "router": "router", "meshpod-duo": "mesh pod", "tv-heron-box": "tv box"} | {
    "tern-buds": "set of earphones",
    "plover-watch": "watch",
    "finch-camera": "camera",
    "dipper-speaker": "speaker",
}
WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(slots=True)
class Scene:
    """What one message is made from. `direct` says that it speaks to the company itself."""

    random: Random
    person: Person
    story: Story
    brand: str
    direct: bool
    known: dict[str, str]
    item: Item | None = None
    emotion: str = "neutral"
    draw: Callable[[], float] = field(init=False)

    def __post_init__(self) -> None:
        """Keep the drawing function at hand and feel what the story lets one feel."""
        self.draw = self.random.random
        emotions = self.story.emotions
        self.emotion = emotions[int(self.draw() * len(emotions))]

    def say(self, part: str) -> str:
        """One line of a part of the story, or nothing where the story has no such part."""
        return self.one(self.story.parts.get(part))

    def one(self, lines: tuple[Line, ...] | None) -> str:
        """One of these lines, expanded with what this scene knows."""
        if not lines:
            return ""
        return expand(lines[int(self.draw() * len(lines))], self.draw, self.known)

    def feeling(self) -> str:
        """A remark that shows the emotion; nothing for neutral stories."""
        if self.story.sentiment == "neutral":
            return ""
        return self.one(parts("feelings", self.emotion)["line"]) if self.emotion in FEELINGS else ""

    def manner(self, part: str) -> str:
        """One line of the customs of a channel: greetings, ways to close."""
        return self.one(parts("manners", "manners").get(part))

    def chance(self, share: float) -> bool:
        """True that often."""
        return self.draw() < share


FEELINGS = frozenset(
    {"anger", "annoyance", "disappointment", "confusion", "gratitude", "joy", "admiration", "relief", "approval"}
)


def scene(random: Random, person: Person, story: Story, plan: Plan, *, brand: str = COMPANY, direct: bool) -> Scene:
    """A scene with everything the story's slots need to know."""
    draw = random.random
    item = _item(random, story) if brand == COMPANY else None
    elder = ELDERS[int(draw() * len(ELDERS))]
    rivals = [name for name in (COMPANY, *COMPETITORS) if name != brand]
    rival = rivals.pop(0 if brand != COMPANY and draw() < 0.5 else int(draw() * len(rivals)))
    day = int(draw() * 7)
    known = {
        "brand": brand,
        "place": person.town,
        "first": person.first,
        "last": person.last,
        "name": f"{person.first} {person.last}",
        "who": elder[0],
        "she": elder[1],
        "her": elder[2],
        "rival": rival,
        "rival2": rivals[int(draw() * len(rivals))],
        "day": WEEK[day],
        "day2": WEEK[(day + 1 + int(draw() * 3)) % 7],
        "again": ("again", "yet again", "once more", "this morning")[int(draw() * 4)],
        "today": "today",
        "risepct": plan.rise,
        "risemonth": plan.effective.strftime("%B"),
    }
    known |= _address(direct) | _products(random, story, item)
    return Scene(random, person, story, brand, direct, known, item)


def _address(direct: bool) -> dict[str, str]:
    if direct:
        return {"they": "you", "their": "your", "them": "you"}
    return {"they": "they", "their": "their", "them": "them"}


def _item(random: Random, story: Story) -> Item | None:
    fitting = OF_KIND.get(story.item)
    return fitting[int(random.random() * len(fitting))] if fitting else None


def _products(random: Random, story: Story, item: Item | None) -> dict[str, str]:
    """How plan, router, box, app and item are called in this message."""
    draw = random.random
    known = {"app": "app", "router": "router", "box": "TV box", "item": "phone", "plan": "the 500 plan", "fast": "500"}
    if item is None and story.item:
        return known | ({"plan": "the 50GB plan"} if story.item == "mobile" else {})
    plan = item if item and item.category in ("broadband", "mobile") else _any(random, "broadband")
    known["plan"] = plan.spoken
    known["fast"] = SPEEDS.get(plan.spoken, ("150", "200", "300")[int(draw() * 3)])
    known["router"] = ("router", "router", "hub", "Hub 6")[int(draw() * 4)]
    known["box"] = ("TV box", "box", "Heron box")[int(draw() * 3)]
    known["app"] = ("app", "app", f"{COMPANY} app")[int(draw() * 3)]
    if item:
        known["item"] = item.spoken
        known["thing"] = THINGS.get(item.id) or THINGS.get(item.kind, "router")
    return known


def _any(random: Random, kind: str) -> Item:
    return OF_KIND[kind][int(random.random() * len(OF_KIND[kind]))]
