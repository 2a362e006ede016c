"""The channel of a file of messages, from its columns and its name."""

from pathlib import Path

from heedful.intake.files.guess import BY_CONTENT, Guess
from heedful.intake.files.names import plain
from heedful.intake.files.plan import Column
from heedful.records import CHANNELS

SIGNS: tuple[tuple[str, str], ...] = (
    ("social", "tweet tweets twitter retweet retweets instagram facebook tiktok linkedin hashtag hashtags mastodon"),
    ("review", "review reviews reviewer stars star asin trustpilot rezension resena avis recensione"),
    ("survey", "survey nps csat respondent verbatim questionnaire"),
    ("call", "call calls caller transcript voicemail"),
    ("email", "ticket tickets requester zendesk email emails mail inbox cc bcc"),
    ("chat", "conversation chat chats dialog dialogue utterance turn intercom session message messages sms"),
    ("forum", "subreddit reddit forum upvotes topic newsgroup"),
    ("news", "headline article articles news publisher"),
)


def guess_channel(found: Guess, given: str | None, path: Path) -> None:
    """Set the channel: as given, from a column, or from what the names are about."""
    if given is not None:
        found.fields["channel"] = Column((), why="you said so", constant=given)
        return
    channel, sign = _by_signs(found, path)
    if "channel" in found.fields and (column := found.fields["channel"]).columns:
        found.fields["channel"] = Column(column.columns, channel, column.why)
    elif found.wants("channel"):
        found.fields["channel"] = Column((), why=BY_CONTENT, constant=channel)
        found.notes.append(f"The channel seems to be {channel} ({sign}); --channel changes it: {', '.join(CHANNELS)}.")


def _by_signs(found: Guess, path: Path) -> tuple[str, str]:
    """The first channel whose words are in a column's name, else in the file's, else in its folder's."""
    names = [look.plain for look in found.looks.values()]
    places = (
        ("a column", names),
        ("the file's name", [plain(path.stem)]),
        ("the folder's name", [plain(path.parent.name)]),
    )
    for place, texts in places:
        words = {word for text in texts for word in text.split("_")}
        for channel, signs in SIGNS:
            if hit := words & set(signs.split()):
                return channel, f"{place} speaks of {min(hit)}"
        if place == "a column" and "rating" in found.fields:
            return "review", "there are ratings"
    return "social", "nothing says another"
