"""What the company answers, and what people say next in a chat or on the phone."""

from heedful.simulate.grammar import Line, parts, stories
from heedful.simulate.scene import Scene
from heedful.simulate.voice import NEAT, join, sentence, tidy

TECHNICAL = frozenset({"outage", "speed", "setup", "device", "television", "coverage", "app", "login"})
PARCELS = frozenset({"delivery", "returns"})
MONEY = frozenset({"billing", "refund", "price", "roaming", "offers"})


def social_reply(scene: Scene) -> str:
    """An answer under a post."""
    said = _agents()
    if scene.story.sentiment == "positive":
        phrases = [scene.one(said["thanks"]), scene.one(said["thanks_more"]) if scene.chance(0.6) else ""]
    elif scene.story.intent == "question":
        phrases = [scene.one(said["answer"]), scene.one(said["inform"])]
    else:
        phrases = [scene.one(said["sorry"]), scene.one(_topic(scene, "first"))]
        if scene.chance(0.5):
            phrases.append(scene.one(said["more_social"]))
    text = join(phrases, NEAT, scene.random, sentiment="neutral")
    if scene.chance(0.6):
        low = text if text.startswith(("I ", "I'")) else text[0].lower() + text[1:]
        text = f"{tidy(scene.one(said['hello_social']))}, {low}"
    return f"{text} ^{_agent(scene)[:2].upper()}" if scene.chance(0.5) else text


def letter(scene: Scene) -> tuple[str, str]:
    """Subject and text of an answer to an e-mail or a form."""
    said = _agents()
    if scene.story.sentiment == "positive":
        phrases = [scene.one(said["thanks"]), scene.one(said["thanks_more"])]
    elif scene.story.intent == "question":
        phrases = [scene.one(said["answer"]), scene.one(said["inform"]), scene.one(said["more_email"])]
    else:
        outcome = "solved" if scene.chance(0.5) else "pending"
        phrases = [scene.one(said["sorry"]), scene.one(_topic(scene, "first")), scene.one(_topic(scene, outcome))]
        if scene.chance(0.7):
            phrases.append(scene.one(said["more_email"]))
    text = join(phrases, NEAT, scene.random, sentiment="neutral")
    hello, sign = tidy(scene.one(said["hello_email"])), tidy(scene.one(said["sign_email"]))
    return tidy(scene.one(said["title"])), f"{hello},\n\n{text}\n\n{sign}"


def greeting(scene: Scene, channel: str) -> tuple[str, tuple[Line, ...]]:
    """The agent's first turn, and the ways in which the customer may answer its question."""
    said = _agents()
    _agent(scene)
    if scene.story.sentiment == "positive":
        return _turn([scene.one(said["thanks"]), scene.one(said["thanks_more"])]), ()
    about = _question(scene)
    mood = scene.one(said["answer" if scene.story.intent == "question" else "sorry"])
    phrases = [scene.one(said[f"hello_{channel}"]), mood, scene.one(about["ask"])]
    return _turn(phrases[scene.random.choice((0, 0, 1)) :]), about["answer"]


def told(scene: Scene, answers: tuple[Line, ...]) -> tuple[str, bool]:
    """The customer's answer to that question, and whether it goes on complaining."""
    phrases = [scene.one(answers)]
    more = scene.say("detail") if scene.story.sentiment == "negative" and scene.chance(0.5) else ""
    if more:
        phrases.append(more)
    elif scene.chance(0.8):
        phrases.append(scene.one(_agents()["aside"]))
    return join(phrases, scene.person.voice, scene.random, sentiment="neutral"), bool(more)


def outcome(scene: Scene) -> tuple[str, str]:
    """The agent's last turn and how it ends: solved, pending, refused or informed."""
    said = _agents()
    if scene.story.intent == "question":
        end = "informed"
        phrases = [scene.one(said["inform"])]
    else:
        end = scene.random.choice(("solved", "solved", "pending", "pending", "refused"))
        phrases = [scene.one(said["refusal"]) if end == "refused" else scene.one(_topic(scene, end))]
        if scene.chance(0.4) and end != "refused":
            phrases.insert(0, scene.one(_topic(scene, "first")))
    if scene.chance(0.5):
        phrases.append(scene.one(said["end_chat"]))
    return _turn(phrases), end


def closing(scene: Scene, end: str) -> tuple[str, str]:
    """The customer's last words and their sentiment."""
    part = {"solved": "after_solved", "refused": "after_refused"}.get(end, "after_pending")
    sentiment = {"solved": "positive", "refused": "negative"}.get(end, "neutral")
    if end == "informed":
        part = "after_informed"
    phrases = [scene.one(_agents()[part])]
    if scene.chance(0.6):
        phrases.append(scene.one(_agents()["refused_more" if end == "refused" else "goodbye"]))
    return join(phrases, scene.person.voice, scene.random, sentiment=sentiment), sentiment


def _turn(phrases: list[str]) -> str:
    return " ".join(sentence(phrase, NEAT) for phrase in phrases if phrase)


def _agent(scene: Scene) -> str:
    lines = parts("fillers", "fillers")["agent"]
    return scene.known.setdefault("agent", scene.one(lines))


def _agents() -> dict[str, tuple[Line, ...]]:
    return parts("agents", "agents")


def _topic(scene: Scene, part: str) -> tuple[Line, ...]:
    found = [story for story in stories(scene.story.topic) if story.sentiment == "reply"]
    return found[0].parts[part]


def _question(scene: Scene) -> dict[str, tuple[Line, ...]]:
    topic = scene.story.topic
    names = ["account", "account", "postcode"]
    if scene.story.sentiment == "negative":
        names += ["when"]
        if topic in TECHNICAL:
            names += ["tried", "tried", "when"]
    if topic in PARCELS:
        names += ["order"] * 3
    if topic in MONEY and scene.story.sentiment == "negative":
        names += ["bill"]
    return parts("follow", scene.random.choice(names))
