"""How somebody writes: capitals, full stops, apostrophes, typing mistakes, emoji. One voice per person."""

import re
from dataclasses import dataclass
from random import Random

SHORT = {
    "you": "u",
    "your": "ur",
    "please": "pls",
    "thanks": "thx",
    "thank you": "thank u",
    "because": "cos",
    "people": "ppl",
    "to be honest": "tbh",
    "tomorrow": "tmrw",
    "really": "rly",
    "minutes": "mins",
    "about": "abt",
    "with": "w/",
    "though": "tho",
    "anyone": "any1",
    "message": "msg",
    "weeks": "wks",
    "I don't know": "idk",
    "what": "wot",
    "are": "r",
}
_SHORT = re.compile(r"\b(" + "|".join(sorted(map(re.escape, SHORT), key=len, reverse=True)) + r")\b")
_STRETCH = re.compile(r"\b(so|really|please|way|love|ages|slow|why)\b")
_SPACES = re.compile(r"\s+([,.?!;:])|\s{2,}")
_LEAD = re.compile(r"^[^\w£]*([^\W\d_])")
_NEAR = dict(zip("abcdefghijklmnopqrstuvwxyz", "svxswdhguhjknbiowearycqztx", strict=True))
EMOJI = {
    "negative": "😡 😤 🙄 😠 💀 🤦 🤬 😩 👎 😒 🤷 😑 😞".split(),
    "positive": "😊 🙌 👏 ❤️ 😍 🎉 👍 🙏 😀 🥳 💪 🤩".split(),
    "neutral": "🤔 🙏 🙂 👀".split(),
    "irony": "🙃 👏 🙄 😂 🤡 😇".split(),
}
SLOPPY = ("social", "chat", "forum", "form", "survey", "review")


@dataclass(frozen=True, slots=True)
class Voice:
    """A person's habits, each a chance or a choice."""

    lower: bool
    stops: bool
    apostrophes: bool
    short: float
    typos: float
    emoji: float
    stretch: float
    shout: float
    dots: bool


def draw_voice(random: Random) -> Voice:
    """Somebody's habits: most people write neatly, some do not."""
    care = random.random()
    return Voice(
        lower=care < 0.22,
        stops=care > 0.12,
        apostrophes=care > 0.18 or random.random() < 0.5,
        short=0.35 if care < 0.15 else 0.0,
        typos=0.5 if care < 0.25 else 0.12 if care < 0.7 else 0.02,
        emoji=random.choice((0.0, 0.0, 0.1, 0.3, 0.6)),
        stretch=random.choice((0.0, 0.0, 0.05, 0.2)),
        shout=random.choice((0.0, 0.0, 0.03, 0.12)),
        dots=random.random() < 0.06,
    )


NEAT = Voice(False, True, True, 0.0, 0.0, 0.0, 0.0, 0.0, False)
"""How the company itself writes."""


def tidy(text: str) -> str:
    """One space between words, none before a comma or a full stop, no comma left over at either end."""
    return _SPACES.sub(lambda m: m.group(1) or " ", text).strip(" ,")


def sentence(text: str, voice: Voice, *, stop: str = ".") -> str:
    """The phrase as a sentence: first letter large, an end where the phrase has none."""
    text = tidy(text)
    if not text:
        return ""
    if not voice.lower:
        found = _LEAD.search(text)
        if found:
            at = found.start(1)
            text = text[:at] + text[at].upper() + text[at + 1 :]
    if text[-1] not in ".?!:":
        text += stop
    return text


def join(phrases: list[str], voice: Voice, random: Random, *, sentiment: str) -> str:
    """Phrases as one running text, with this voice's ends of sentences."""
    stop = "." if voice.stops else ","
    if voice.dots:
        stop = "..."
    elif sentiment != "neutral" and random.random() < 0.12:
        stop = "!"
    text = " ".join(sentence(phrase, voice, stop=stop) for phrase in phrases if phrase)
    if not voice.stops and stop == ",":
        text = text.rstrip(",")
    elif text.endswith(".") and voice.lower:
        text = text[:-1]
    return text


def roughen(text: str, voice: Voice, channel: str, random: Random, *, sentiment: str) -> str:
    """What this person's hands make of a text on this channel."""
    if channel not in SLOPPY:
        return text
    if voice.lower:
        text = text.lower() if random.random() < 0.8 else text
    if voice.short and channel != "review":
        text = _SHORT.sub(lambda m: SHORT[m.group(1)] if random.random() < 0.6 else m.group(1), text)
    if not voice.apostrophes:
        text = text.replace("'", "")
    if voice.stretch and random.random() < voice.stretch:
        text = _STRETCH.sub(lambda m: m.group(1) + m.group(1)[-1] * 2, text, count=1)
    if random.random() < voice.typos:
        text = _typo(text, random)
    if sentiment == "negative" and voice.shout and random.random() < voice.shout:
        text = _shout(text, random)
    return text


def _typo(text: str, random: Random) -> str:
    words = text.split(" ")
    for _ in range(3):
        at = int(random.random() * len(words))
        word = words[at]
        if len(word) > 3 and word.isalpha() and word.islower():
            break
    else:
        return text
    place = 1 + int(random.random() * (len(word) - 2))
    kind = random.random()
    if kind < 0.35:
        word = word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    elif kind < 0.6:
        word = word[:place] + word[place + 1 :]
    elif kind < 0.8:
        word = word[:place] + word[place] + word[place:]
    else:
        word = word[:place] + _NEAR.get(word[place], word[place]) + word[place + 1 :]
    words[at] = word
    return " ".join(words)


def _shout(text: str, random: Random) -> str:
    sentences = text.split(". ")
    at = int(random.random() * len(sentences))
    sentences[at] = sentences[at].upper()
    return ". ".join(sentences)


def emoji(voice: Voice, sentiment: str, random: Random, *, irony: bool) -> str:
    """Emoji to close a text with, or nothing."""
    if random.random() >= (0.75 if irony else voice.emoji * (0.5 if sentiment == "neutral" else 1)):
        return ""
    chosen = random.choice(EMOJI["irony" if irony else sentiment])
    return " " + chosen * random.choice((1, 1, 1, 2, 3) if sentiment != "neutral" else (1,))
