"""One message: all of its text, its conversation, and every reading that was made of it."""

from collections.abc import Iterator, Mapping
from typing import Any

from starlette.requests import Request

from heedful.errors import NotFound
from heedful.records import EMOTIONS, SENTIMENTS, YES_NO
from heedful.server import words
from heedful.server.asker import Asker
from heedful.server.blocks import Facts, Link, MessageList, Page
from heedful.server.explained import explained
from heedful.server.messages import WHOLE, message, messages
from heedful.server.pages.overview import notices

PATH = "/messages/{id}"
MENU = None

AROUND = 20


def page(asker: Asker, request: Request) -> Page:
    """The message as it stands in the store, beside what is known about it."""
    id = request.path_params["id"]
    row = asker.message(id)
    if row is None:
        raise NotFound(f"no message {id[:64]!r} is here, or none that you may see")
    shown = message(row, zone=asker.zone, now=asker.now, cut=WHOLE)
    rest = [m for m in messages(_conversation(asker, id), zone=asker.zone, now=asker.now) if m.id != id]
    talk = (MessageList("The rest of the conversation", tuple(rest), "oldest first"),) if rest else ()
    read = (*_topic(row, asker), *_readings(row))
    facts = (Facts("Readings", read, side=True),) if read else ()
    reason = explained(row, request.query_params.get("why"), asker.settings.models)
    why = () if reason is None else (reason,)
    known = Facts("About this message", tuple(_known(row, asker)), side=True)
    title = f"{shown.channel_label}{' from us' if shown.direction == 'out' else ''}"
    whole = MessageList("", (shown,))
    lead = ", ".join(shown.brands)
    return Page(title, (*notices(asker), whole, *why, *talk, *facts, known), lead, back=Link("Messages", "/messages"))


def _conversation(asker: Asker, id: str) -> Any:
    return asker.conversation(id, limit=AROUND)


def _topic(row: Mapping[str, Any], asker: Asker) -> Iterator[tuple[str, str]]:
    if id := row.get("topic"):
        yield "Topic", asker.names().get(id, id)
    if emotion := row.get("emotion"):
        yield "Emotion", words.member("emotion", emotion)


def _readings(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Names and values of the readings that were made; probabilities under one in a hundred are left out."""
    if language := row.get("language"):
        yield "Language", words.language(language) or language
    for name in SENTIMENTS:
        if (probability := row.get(f"sentiment_{name}")) is not None:
            yield words.SENTIMENT[name], words.probability(probability)
    for name in EMOTIONS:
        if (probability := row.get(f"emotion_{name}")) is not None:
            yield name.capitalize(), words.probability(probability)
    if labels := [label for label in row.get("labels") or () if label not in YES_NO]:
        yield words.reading("emotions"), ", ".join(labels)
    held = row.get("categories") or ()
    for near in row.get("nearest") or ():
        known = f"{near['name']}: {near['best']}" in held
        score = words.probability(near["score"])
        yield (
            near["name"].capitalize(),
            f"{near['best']} ({score})" if known else f"none (nearest: {near['best']}, {score})",
        )
    for name in YES_NO:
        if (probability := row.get(name)) is not None:
            called = " \u2013 yes" if name in (row.get("labels") or ()) else ""
            yield words.reading(name), f"{words.probability(probability)}{called}"
    if removed := row.get("personal_data"):
        kinds = dict.fromkeys(span["kind"] for span in removed)
        yield "Removed from the text", ", ".join(words.REMOVED.get(kind, kind) for kind in kinds)
    if row.get("unread"):
        yield "Not read", str(row["unread"])
    if version := row.get("version"):
        yield "Read by", ", ".join(part.replace("_", " ").replace("=", " ") for part in version.split())


def _known(row: Mapping[str, Any], asker: Asker) -> Iterator[tuple[str, str]]:
    """What the source told, and when it came in; what it did not tell is left out."""
    for name in ("occurred_at", "ingested_at"):
        if at := row.get(name):
            here = words.local(at, asker.zone)
            yield (
                {"occurred_at": "Written", "ingested_at": "Came in"}[name],
                f"{words.day(here.date())}, {here:%H:%M:%S}",
            )
    for name in ("source", "kind", "item", "country", "url"):
        if row.get(name):
            yield words.dimension(name) if name != "url" else "Address", str(row[name])[:300]
    if (rating := row.get("rating")) is not None:
        yield "Rating", f"{words.number(rating, 2)} of 1"
    for name in ("likes", "shares", "replies", "reach"):
        if row.get(name) is not None:
            yield name.capitalize(), words.number(row[name])
    if row.get("hashtags"):
        yield "Hashtags", ", ".join(row["hashtags"][:20])
    if person := row.get("person"):
        yield "Person", person
    for name, value in (row.get("attributes") or [])[:20]:
        yield name[:60], str(value)[:200]
    yield "Number", row["id"]
