"""Reviews of an app in Google Play, with the developer's answers, by the Google Play Developer API.

Google tells reviews that were written or changed within the last week. It needs a service account that may read them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from heedful.sources import Batch, Cursor, Fetch
from heedful.sources._declared import Secret, address, number, secret, setting, word
from heedful.sources._each import Made, count, each, moment, share, told
from heedful.sources._google import access_token
from heedful.sources._paging import Page, newest_first

EXAMPLE = """
name = "acme-android"
kind = "google_play"
package = "org.example.acme"
key = "file:service-account.json"
"""
EVERY = "30m"
SCOPE = "https://www.googleapis.com/auth/androidpublisher"


@dataclass(frozen=True)
class Settings:
    """Which app, and who may read its reviews."""

    package: str = setting("the app's package name", word)
    key: Secret = setting("the JSON key of a service account", secret)
    url: str = setting("the API's address", address, "https://androidpublisher.googleapis.com")
    login: str = setting("where tokens come from", address, "https://oauth2.googleapis.com/token")
    pages: int = setting("the most pages at a look, of 100 reviews each", number(1, 1_000), 20)


def read(settings: Settings, since: Cursor, fetch: Fetch) -> Iterator[tuple[Batch, Cursor]]:
    """Reviews, the last changed first, each with its answer."""
    headers = {"authorization": f"Bearer {access_token(settings.key.reveal(), SCOPE, settings.login, fetch)}"}
    path = f"/androidpublisher/v3/applications/{quote(settings.package, safe='')}/reviews"

    def ask(token: Any) -> Page:
        params: dict[str, str | int] = {"maxResults": 100, **({"token": str(token)} if token else {})}
        body = fetch(settings.url.rstrip("/") + path, params=params, headers=headers).json()
        reviews = body.get("reviews", [])
        made = [each(reviews, lambda one: _review(one, settings.package)), each(_answered(reviews), _answer)]
        marks = [str(message["occurred_at"]) for message in made[0].messages]
        batch = Batch([*made[0].messages, *made[1].messages], bad=made[0].bad)
        return batch, marks, (body.get("tokenPagination") or {}).get("nextPageToken")

    yield from newest_first(since, ask, most=settings.pages)


def _comment(review: Mapping[str, Any], who: str) -> Mapping[str, Any]:
    return next((one[who] for one in review["comments"] if who in one), {})


def _review(review: Mapping[str, Any], package: str) -> Made:
    said = _comment(review, "userComment")
    title, _, text = str(said["text"]).strip("\t").rpartition("\t")
    return {
        "id": review["reviewId"],
        "channel": "review",
        "kind": "review",
        "item": package,
        "person": review.get("authorName") or None,
        "title": title.strip() or None,
        "text": text.strip(),
        "language": str(said.get("reviewerLanguage") or "")[:2] or None,
        "rating": share(said["starRating"], 1, 5),
        "likes": count(said.get("thumbsUpCount")),
        "occurred_at": moment(said["lastModified"]["seconds"]),
        "attributes": told(
            rating=said["starRating"], scale="1..5", app_version=said.get("appVersionName"), device=said.get("device")
        ),
    }


def _answered(reviews: Sequence[Any]) -> list[Mapping[str, Any]]:
    return [one for one in reviews if isinstance(one, dict) and isinstance(one.get("comments"), list) and _told(one)]


def _told(review: Mapping[str, Any]) -> bool:
    return any(isinstance(one, dict) and "developerComment" in one for one in review["comments"])


def _answer(review: Mapping[str, Any]) -> Made:
    said = _comment(review, "developerComment")
    return {
        "id": f"{review['reviewId']}/answer",
        "channel": "review",
        "kind": "comment",
        "direction": "out",
        "parent": review["reviewId"],
        "text": str(said["text"]).strip(),
        "occurred_at": moment(said["lastModified"]["seconds"]),
    }
