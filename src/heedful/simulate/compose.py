"""A scene as the text that somebody would write on each channel."""

from collections.abc import Callable

from heedful.simulate.company import HANDLES
from heedful.simulate.grammar import parts
from heedful.simulate.scene import Scene
from heedful.simulate.voice import NEAT, emoji, join, roughen, sentence, tidy

PERSONAL = 0.14
"""How often a text to the company holds personal data."""


def body(scene: Scene, *, most: int) -> list[str]:
    """The phrases of a text in order, `most` at most: what happened, more of it, what it did to me, how I feel."""
    story = scene.story
    if story.irony:
        return [scene.say("situation")]
    if story.intent == "question":
        asked = scene.say("ask")
        phrases = [scene.say("situation"), asked] if most > 1 and scene.chance(0.75) else [asked]
        return [*phrases, scene.manner("polite")] if scene.chance(0.4) else phrases
    phrases = [scene.say("situation")]
    for part, share in (("detail", 0.7), ("effect", 0.55)):
        if len(phrases) < most and scene.chance(share) and (said := scene.say(part)):
            phrases.append(said)
    if len(phrases) < most and scene.chance(0.55) and (felt := scene.feeling()):
        phrases.insert(0 if scene.chance(0.3) else len(phrases), felt)
    if scene.direct and len(phrases) < most and scene.chance(0.5) and (asked := scene.say("ask")):
        phrases.append(asked)
    return phrases


def written(scene: Scene, phrases: list[str], channel: str) -> str:
    """The phrases in this person's hand."""
    voice, sentiment = scene.person.voice, scene.story.sentiment
    text = join(phrases, voice, scene.random, sentiment=sentiment)
    return roughen(text, voice, channel, scene.random, sentiment=sentiment)


def social(scene: Scene) -> tuple[str | None, str]:
    """A post: short, with a handle or a tag, perhaps emoji."""
    story, random = scene.story, scene.random
    text = written(scene, body(scene, most=random.choice((1, 2, 2, 2, 3, 3, 3, 4))), "social")
    text += emoji(scene.person.voice, story.sentiment, random, irony=story.irony)
    if scene.direct:
        handle = random.choice(HANDLES[scene.brand])
        text = f"{handle} {text}" if scene.chance(0.72) else f"{text} {handle}"
    elif scene.brand.lower() not in text.lower():
        name = scene.brand
        text = random.choice((f"{text} #{name}", f"{name}: {text}", f"{text} ({name})", f"#{name} {text}"))
    if scene.chance(0.13):
        asked = story.intent == "question"
        mood = "question" if asked else story.sentiment
        own = scene.chance(0.4) or (mood == "neutral")
        tag = f"#{story.topic}" if own else "#" + scene.manner(f"hashtags_{mood}")
        text += " " + tag.replace(" ", "")
    return None, text


def review(scene: Scene) -> tuple[str | None, str]:
    """A review: a title, some sentences, often a verdict."""
    phrases = body(scene, most=scene.random.choice((1, 2, 3, 3, 4)))
    if scene.chance(0.5) and not scene.story.irony:
        phrases.append(scene.one(parts("feelings", "verdicts")[scene.story.sentiment]))
    title = scene.say("title") if scene.chance(0.8) else ""
    heading = sentence(title, scene.person.voice, stop="").rstrip(".") if title else None
    return heading, written(scene, phrases, "review")


def survey(scene: Scene) -> tuple[str | None, str]:
    """A remark at the end of a questionnaire: often only a few words."""
    form = scene.draw()
    short = scene.say("short")
    if short and form < 0.6:
        second = tidy(scene.say("short")) if scene.chance(0.6) else ""
        if second and not {word for word in second.split() if len(word) > 3} & set(tidy(short).split()):
            short = scene.random.choice((f"{short}. {sentence(second, NEAT, stop='')}", f"{short}, {second}"))
        phrases = [short] if scene.chance(0.5) else [short, scene.feeling() or scene.say("situation")]
    else:
        phrases = body(scene, most=scene.random.choice((1, 2, 2, 3)))
    return None, written(scene, phrases, "survey")


def form(scene: Scene) -> tuple[str | None, str]:
    """A feedback form on the website."""
    phrases = body(scene, most=scene.random.choice((2, 3, 4)))
    title = scene.say("title") if scene.chance(0.4) else ""
    return sentence(title, NEAT, stop="") or None, written(scene, phrases + personal(scene), "form")


def chat(scene: Scene) -> tuple[str | None, str]:
    """The first thing said in a chat."""
    phrases = body(scene, most=scene.random.choice((1, 2, 2, 3)))
    if scene.chance(0.75):
        hello = "hello_kind" if scene.story.sentiment == "positive" else "hello_chat"
        phrases[0] = f"{scene.manner(hello)}, {phrases[0]}" if scene.chance(0.6) else phrases[0]
    return None, written(scene, phrases + personal(scene), "chat")


def email(scene: Scene) -> tuple[str | None, str]:
    """An e-mail with subject, greeting, story and name."""
    story, voice = scene.story, scene.person.voice
    lead = scene.manner(f"why_{story.sentiment}") if scene.chance(0.6) else ""
    phrases = [lead, *body(scene, most=scene.random.choice((3, 4, 5)))]
    close = scene.manner(f"bye_{story.sentiment}") if scene.chance(0.6) else ""
    text = join([*phrases, *personal(scene), close], voice if voice.lower else NEAT, scene.random, sentiment="neutral")
    name = scene.random.choice((scene.person.first, f"{scene.person.first} {scene.person.last}"))
    hello, sign = tidy(scene.manner("hello_email")), scene.manner("sign")
    title = tidy(scene.say("title")) or story.topic
    subject = sentence(title, NEAT, stop="") if scene.chance(0.8) else title
    return subject, f"{hello},\n\n{text}\n\n{sign},\n{name}"


def call(scene: Scene) -> tuple[str | None, str]:
    """What a caller says, as a machine writes it down: fillers, few full stops."""
    phrases = [tidy(phrase) for phrase in body(scene, most=scene.random.choice((2, 3, 4)))]
    said = tidy(scene.manner("hello_call"))
    for number, phrase in enumerate(phrases):
        link = f"{tidy(scene.manner('link_call'))}, " if number or scene.chance(0.5) else ""
        said += f"{' ' if said[-1] in '.?!' else ', '}{link}{phrase}"
    last = [tidy(told) for told in personal(scene)]
    if scene.chance(0.5):
        last.append(tidy(scene.manner("bye_call")))
    for told in last:
        said += f"{' ' if said[-1] in '.?!' else '. '}{told}"
    return None, said if said[-1] in ".?!" else f"{said}."


def forum(scene: Scene) -> tuple[str | None, str]:
    """The first post of a thread in a forum."""
    story = scene.story
    phrases = body(scene, most=scene.random.choice((2, 3, 4)))
    if scene.chance(0.6):
        phrases.append(scene.manner(f"crowd_{story.sentiment}"))
    title = tidy(scene.say("title")) or tidy(scene.say("short")) or f"{scene.brand} {story.topic}"
    text = written(scene, phrases, "forum")
    text += emoji(scene.person.voice, story.sentiment, scene.random, irony=story.irony)
    return sentence(title, scene.person.voice, stop=""), text


def comment(scene: Scene) -> tuple[str | None, str]:
    """What somebody else adds under a post or in a forum thread, in the mood of the first."""
    if scene.story.sentiment == "neutral" and scene.story.intent != "question":
        told = [scene.manner("echo_inform"), scene.manner("polite_more") if scene.chance(0.5) else ""]
        return None, written(scene, told, "forum")
    phrases = [scene.manner(f"echo_{scene.story.sentiment}")]
    if scene.story.intent != "question" and not scene.story.irony:
        part = "detail" if scene.chance(0.6) else "effect"
        phrases.append(scene.say(part) or scene.say("detail"))
        if scene.chance(0.35):
            phrases.append(scene.feeling())
    elif scene.chance(0.75):
        phrases.append(scene.manner("crowd_neutral") if scene.story.sentiment == "neutral" else scene.feeling())
    return None, written(scene, phrases, "forum")


def personal(scene: Scene) -> list[str]:
    """Now and then a sentence with personal data: reserved numbers, example addresses, well-known test cards."""
    if not scene.direct or not scene.chance(PERSONAL):
        return []
    tell = parts("personal", "personal")
    draw = scene.draw
    scene.known |= {
        "phone": f"07700 900{int(draw() * 1000):03d}" if draw() < 0.7 else f"+1 202 555 01{int(draw() * 100):02d}",
        "mail": scene.person.mail,
        "door": str(1 + int(draw() * 140)),
        "street": scene.one(tell["street"]),
        "postcode": postcode(scene),
        "card": scene.one(tell["card"]),
        "iban": scene.one(tell["iban"]),
        "ip": f"{('192.0.2', '198.51.100', '203.0.113')[int(draw() * 3)]}.{1 + int(draw() * 254)}",
    }
    scene.known["personal"] = "yes"
    return [scene.one(tell["direct"])]


def postcode(scene: Scene) -> str:
    """A postcode of the invented town: area letters that are not in use."""
    letters = scene.person.town[0] + "X"
    return f"{letters}{1 + int(scene.draw() * 19)} {int(scene.draw() * 10)}QQ"


WRITE: dict[str, Callable[[Scene], tuple[str | None, str]]] = {
    "social": social,
    "review": review,
    "survey": survey,
    "form": form,
    "chat": chat,
    "email": email,
    "call": call,
    "forum": forum,
}
