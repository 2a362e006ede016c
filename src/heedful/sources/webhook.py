"""A signed webhook: whatever another system posts to /v1/hooks/NAME, by Standard Webhooks or a `sha256=` header.

Without `map` the body is `{"messages": [...], "gone": [ids]}` with messages as in POST /v1/messages; with it, items of
any JSON are read as `json_api` reads them.
"""

import json
from dataclasses import dataclass

from heedful.errors import BadRecord
from heedful.records import CHANNELS, KINDS
from heedful.sources import Batch, Sent
from heedful.sources._declared import Secret, one_of, pair, secret, setting, table, word
from heedful.sources._mapped import FIELDS, at, batch
from heedful.sources._signed import of_body, standard

EXAMPLE = """
name = "shop"
kind = "webhook"
secret = "env:SHOP_WEBHOOK_SECRET"
"""
EVERY = "1d"


@dataclass(frozen=True)
class Settings:
    """The shared secret, and how to read what comes."""

    secret: Secret = setting("the secret that requests are signed with", secret)
    header: str = setting("the header of a sha256= signature", word, "x-hub-signature-256")
    items: str = setting("the path to the list of items; the whole body if not given", word, "")
    gone: str | None = setting("the path to ids of what was deleted", word, None)
    map: tuple[tuple[str, str], ...] = setting("field = path, as in json_api", table, ())
    channel: str = setting("what its items are", one_of(*CHANNELS), "social")
    kind_of: str = setting("of which kind they are", one_of(*KINDS), "post")
    scale: tuple[float, float] | None = setting("the lowest and highest rating", pair, None)

    def mistakes(self) -> list[str]:
        """What does not fit together."""
        mapped = dict(self.map)
        if mapped and not {"id", "text"} <= mapped.keys():
            return ['needs map with id and text: map = { id = "id", text = "body" }']
        odd = sorted(name for name in mapped if name not in FIELDS and not name.startswith("attributes."))
        return [f"map has {', '.join(odd)}: there are {', '.join(FIELDS)}"] if odd else []


def take(settings: Settings, sent: Sent) -> Batch:
    """What a request says, once its signature is proved; BadRecord where it is no JSON of that shape."""
    if "webhook-signature" in sent.headers:
        standard(sent, settings.secret.reveal())
    else:
        of_body(sent, settings.secret.reveal(), settings.header)
    try:
        body = json.loads(sent.body)
    except (ValueError, RecursionError):
        raise BadRecord("the body is no JSON") from None
    gone = at(body, settings.gone or "gone") if isinstance(body, dict) else None
    ids = [str(one) for one in gone] if isinstance(gone, list) else [str(gone)] if gone else []
    if not settings.map:
        messages = body.get("messages", []) if isinstance(body, dict) else body
        if not isinstance(messages, list) or not all(isinstance(one, dict) for one in messages):
            raise BadRecord("the body must be { messages: [...], gone: [...] }, or the source needs a map")
        return Batch(messages, ids)
    found = at(body, settings.items) if settings.items else body
    listed = found if isinstance(found, list) else [] if found is None else [found]
    if ids and not settings.items:
        listed = []
    made = batch(listed, dict(settings.map), channel=settings.channel, kind=settings.kind_of, scale=settings.scale)
    return Batch(made.messages, ids, made.bad)
