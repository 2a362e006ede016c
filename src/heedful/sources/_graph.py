"""Meta's Graph API: pages of a list, who may send to a hook, and the word that Meta asks for before it sends."""

import hmac
import json
from collections.abc import Mapping
from typing import Any

from heedful.errors import BadRecord, NotAllowed
from heedful.sources import Fetch, Sent
from heedful.sources._declared import Secret
from heedful.sources._signed import of_body

VERSION = "v24.0"


def listed(url: str, fields: str, token: Any, secret: str, fetch: Fetch) -> tuple[list[Any], Any]:
    """One page of a list, and how the next is asked for."""
    params: dict[str, str | int] = {"fields": fields, "limit": 50, **({"after": str(token)} if token else {})}
    body = fetch(url, params=params, headers={"authorization": f"Bearer {secret}"}).json()
    paging = body.get("paging", {})
    return body["data"], paging.get("cursors", {}).get("after") if paging.get("next") else None


def proved(sent: Sent, secret: Secret | None) -> list[Mapping[str, Any]]:
    """What Meta says has changed, once its X-Hub-Signature-256 is proved."""
    if secret is None:
        raise NotAllowed("this source takes no hooks: it has no app_secret")
    of_body(sent, secret.reveal(), "x-hub-signature-256")
    try:
        entries = json.loads(sent.body)["entry"]
        return [{**change, "time": entry.get("time")} for entry in entries for change in entry.get("changes", [])]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BadRecord("the body is no notification of Meta's: it has no entry with changes") from None


def greeting(verify: Secret | None, params: Mapping[str, str]) -> str:
    """The challenge back, to who knows the word that the settings name."""
    given = params.get("hub.verify_token", "")
    known = verify is not None and hmac.compare_digest(given.encode(), verify.reveal().encode())
    if params.get("hub.mode") != "subscribe" or not known:
        raise NotAllowed("the verify token is not the one that the settings name")
    return params.get("hub.challenge", "")[:200]
