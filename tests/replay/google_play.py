"""The Google Play Developer API's reviews.list, and the token that a service account is given."""

import json
from functools import cache
from typing import Any

from replay.origin import Asked, Reply


@cache
def key() -> str:
    """A service account's key file."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return json.dumps({"client_email": "reader@acme.example.org", "private_key": made.private_bytes(*form).decode()})


def review(n: int, *, answered: bool = False) -> dict[str, Any]:
    """One review, and perhaps its answer."""
    said = {
        "text": f"Lamp app\tIt switches lamp {n} off by itself.",
        "lastModified": {"seconds": str(1_763_600_000 + n), "nanos": 0},
        "starRating": 2,
        "reviewerLanguage": "en_GB",
        "device": "oriole",
        "appVersionName": "4.2",
        "thumbsUpCount": 1,
    }
    answer = {"developerComment": {"text": "Mended in 4.3.", "lastModified": {"seconds": "1763700000"}}}
    comments = [{"userComment": said}, *([answer] if answered else [])]
    return {"reviewId": f"gp:{n}", "authorName": f"Nora {n}", "comments": comments}


class Platform:
    """A store with so many reviews."""

    def __init__(self) -> None:
        self.count, self.odd, self.page, self.answered = 3, False, 2, False

    def table(self, url: str) -> dict[str, Any]:
        """Settings that lead here."""
        leads = {"url": url, "login": f"{url}/token", "key": "file:key.json"}
        return {"name": "android", "kind": "google_play", "package": "org.example.lamp", **leads}

    def __call__(self, asked: Asked) -> Reply:
        if asked.path == "/token":
            assert b"jwt-bearer" in asked.body
            return Reply({"access_token": "ya29.lamp", "expires_in": 3599})
        assert asked.headers["authorization"] == "Bearer ya29.lamp"
        found: list[Any] = [review(n, answered=self.answered) for n in reversed(range(self.count))]
        found = [*found[:1], {"reviewId": 7}, *found[1:]] if self.odd else found
        at = int(asked.params.get("token", 0))
        more = {"tokenPagination": {"nextPageToken": str(at + self.page)}} if at + self.page < len(found) else {}
        return Reply({"reviews": found[at : at + self.page], **more})
