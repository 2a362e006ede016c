"""Words in files for the words of the contract: channels, directions, languages, purposes."""

from heedful.records import BASES, CHANNELS, KINDS, PURPOSES

CHANNEL = {name: name for name in CHANNELS} | {
    "twitter": "social", "x": "social", "facebook": "social", "instagram": "social", "tiktok": "social",
    "linkedin": "social", "youtube": "social", "mastodon": "social", "reviews": "review", "app store": "review",
    "google play": "review", "trustpilot": "review", "live chat": "chat", "livechat": "chat", "messenger": "chat",
    "whatsapp": "chat", "sms": "chat", "messaging": "chat", "mail": "email", "e-mail": "email", "phone": "call",
    "voice": "call", "telephone": "call", "reddit": "forum", "community": "forum", "web": "form",
    "contact form": "form",
    "web form": "form", "press": "news", "blog": "news",
}  # fmt: skip
KIND = {name: name for name in KINDS} | {"retweet": "repost", "tweet": "post", "reply": "comment", "dm": "direct"}
KIND_OF = {
    "review": "review", "survey": "answer", "chat": "turn", "call": "turn", "email": "direct", "form": "direct",
}  # fmt: skip
"""The usual kind on a channel; post elsewhere."""
DIRECTION = {"in": "in", "out": "out"} | dict.fromkeys(
    "true t yes y 1 inbound incoming received customer user consumer visitor client guest end-user contact".split(),
    "in",
)
DIRECTION |= dict.fromkeys(
    "false f no n 0 outbound outgoing sent agent brand company admin operator bot support staff teammate".split(), "out"
)
LANGUAGE = {
    "english": "en", "german": "de", "deutsch": "de", "french": "fr", "français": "fr",
    "spanish": "es", "español": "es",
    "italian": "it", "italiano": "it", "portuguese": "pt", "português": "pt", "dutch": "nl", "nederlands": "nl",
    "polish": "pl", "russian": "ru", "japanese": "ja", "chinese": "zh", "korean": "ko", "arabic": "ar", "turkish": "tr",
    "swedish": "sv", "danish": "da", "norwegian": "no", "finnish": "fi", "greek": "el", "czech": "cs", "hindi": "hi",
}  # fmt: skip
PURPOSE = {name: name for name in PURPOSES} | {"personalization": "personalisation"}
BASIS = {name: name for name in BASES} | {
    "legitimate interests": "legitimate interest", "legal obligation": "legal duty", "opt-in": "consent",
}  # fmt: skip


def spelled(text: str) -> str:
    """A text in small letters with single blanks for _ and -."""
    return " ".join(text.lower().replace("_", " ").replace("-", " ").split())


def channel_of(text: str) -> str | None:
    """The channel that a word means."""
    return CHANNEL.get(spelled(text)) or CHANNEL.get(text.lower())


def kind_of(text: str) -> str | None:
    """The kind of message that a word means."""
    return KIND.get(spelled(text))


def direction_of(text: str) -> str | None:
    """`in` or `out`."""
    return DIRECTION.get(text.lower())


def language_of(text: str) -> str | None:
    """The two or three letters of a language, from `en`, `en-US` or `English`; None where unknown (`und`)."""
    low = text.lower()
    if low in LANGUAGE:
        return LANGUAGE[low]
    first = low.replace("_", "-").split("-")[0]
    return first if first.isascii() and first.isalpha() and 2 <= len(first) <= 3 and first != "und" else None


def purpose_of(text: str) -> str | None:
    """The purpose that a word names; other words than the purposes' own are not interpreted."""
    return PURPOSE.get(spelled(text))


def basis_of(text: str) -> str | None:
    """The lawful basis that a word names."""
    return BASIS.get(spelled(text))
