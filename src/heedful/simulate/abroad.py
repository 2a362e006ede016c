"""Messages in Spanish, German, French, Italian, Portuguese and Dutch."""

from functools import cache

from heedful.simulate.choice import SENTIMENTS, Spread
from heedful.simulate.company import HANDLES
from heedful.simulate.grammar import Story, expand, parts, stories
from heedful.simulate.scene import Scene
from heedful.simulate.voice import emoji, sentence, tidy

CHANNELS = ("social", "review", "survey", "email", "form")


@cache
def spread(language: str, channel: str) -> Spread[Story]:
    """The stories of a language, weighted by the channel's sentiments."""
    asks = channel not in ("review", "survey")
    told = [one for one in stories(language) if one.sentiment != "any" and (asks or one.intent != "question")]
    return Spread(told, [SENTIMENTS[channel][story.sentiment] for story in told])


def write(scene: Scene, channel: str) -> tuple[str | None, str]:
    """Title and text of a message in the person's own language."""
    language = scene.person.language
    shared = parts(language, "feelings")
    scene.known |= {
        name: expand(lines[int(scene.draw() * len(lines))], scene.draw, scene.known)
        for name, lines in shared.items()
        if name.startswith("month_")
    }
    story = scene.story
    phrases = [scene.say("situation")] if "situation" in story.parts else []
    if story.intent == "question":
        phrases.append(scene.say("ask"))
    else:
        if channel != "survey" or scene.chance(0.4):
            phrases.append(scene.say("detail"))
        if scene.direct and scene.chance(0.4):
            phrases.append(scene.say("ask"))
    if scene.chance(0.6):
        phrases.append(scene.one(shared[story.sentiment]))
    french = language == "fr"
    text = " ".join(_sentence(phrase, scene, french=french) for phrase in phrases if phrase)
    if channel == "email":
        hello = tidy(scene.one(shared["hello"]))
        hello += "" if hello.endswith(":") else ","
        return tidy(phrases[0])[:60], f"{hello}\n\n{text}\n\n{scene.known['name']}"
    if channel == "social":
        text += emoji(scene.person.voice, story.sentiment, scene.random, irony=False)
        handle = HANDLES[scene.brand][0]
        text = f"{handle} {text}" if scene.direct else f"{text} #{scene.brand}"
    return None, text


def _sentence(phrase: str, scene: Scene, *, french: bool) -> str:
    if french and phrase.rstrip().endswith("?"):
        return sentence(phrase.rstrip(" ?"), scene.person.voice, stop=" ?")
    return sentence(phrase, scene.person.voice)


@cache
def foreign_stories() -> frozenset[int]:
    """The identities of all stories told in another language than English."""
    return frozenset(id(story) for language in ("es", "de", "fr", "it", "pt", "nl") for story in stories(language))
