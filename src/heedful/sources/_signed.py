"""Whether what was sent is from whom it says: Standard Webhooks' signatures, and `sha256=` of the body."""

import base64
import hashlib
import hmac
from collections.abc import Iterable

from heedful.errors import BadSettings, NotAllowed
from heedful.sources import Sent

TOLERANCE = 300.0
"""Seconds by which a signed time may differ from ours: what is older may have been sent again by somebody else."""


def standard(sent: Sent, secret: str) -> str:
    """Prove a request by Standard Webhooks (webhook-id, -timestamp, -signature); its id, the same when sent again."""
    id, at = sent.headers.get("webhook-id", ""), sent.headers.get("webhook-timestamp", "")
    if not id or not at.isdigit() or abs(sent.at - int(at)) > TOLERANCE:
        raise NotAllowed("the signature's time is missing or too far from now: is the sender's clock right?")
    signed = f"{id}.{at}.".encode("utf-8", "replace") + sent.body
    wanted = base64.b64encode(hmac.digest(_key(secret), signed, hashlib.sha256)).decode()
    given = (one.partition(",") for one in sent.headers.get("webhook-signature", "").split())
    _prove((text for version, _, text in given if version == "v1"), wanted)
    return id


def of_body(sent: Sent, secret: str, header: str) -> None:
    """Prove a request by `sha256=` and the HMAC of its body in hexadecimal, as GitHub and Meta send it."""
    wanted = hmac.digest(secret.encode(), sent.body, hashlib.sha256).hex()
    _prove([sent.headers.get(header.lower(), "").removeprefix("sha256=").lower()], wanted)


def _prove(given: Iterable[str], wanted: str) -> None:
    if not any(hmac.compare_digest(one.encode("utf-8", "replace"), wanted.encode()) for one in given):
        raise NotAllowed("the signature is not that of this body: is the secret the same on both sides?")


def _key(secret: str) -> bytes:
    """The key of a Standard Webhooks secret, which is base64 after whsec_."""
    if not secret.startswith("whsec_"):
        return secret.encode()
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError:
        key = b""
    if not key:  # nobody may sign with nothing
        raise BadSettings("the source's secret begins with whsec_ and is no base64 after it")
    return key
