"""Reviews of an app in Apple's App Store, country by country, from the public list of the latest ones.

Apple shows the latest 500 of each country, without counts of views and without deletions.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from heedful.sources import Batch, Cursor, Fetch
from heedful.sources._declared import address, number, setting, word, words
from heedful.sources._each import count, each, share, told
from heedful.sources._paging import Page, newest_first

EXAMPLE = """
name = "acme-ios"
kind = "app_store"
app = "284882215"
countries = ["us", "gb", "de"]
"""
EVERY = "1h"
LAST_PAGE = 10


@dataclass(frozen=True)
class Settings:
    """Which app, and in which countries."""

    app: str = setting("the app's number, as in its address after id", word)
    countries: tuple[str, ...] = setting("two-letter codes of the stores", words, ("us",))
    url: str = setting("where the lists are", address, "https://itunes.apple.com")
    pages: int = setting("the most pages at a look, of 50 reviews each", number(1, LAST_PAGE), LAST_PAGE)


def read(settings: Settings, since: Cursor, fetch: Fetch) -> Iterator[tuple[Batch, Cursor]]:
    """Each country's latest reviews, newest first."""
    cursors: dict[str, Any] = {country: since.get(country, {}) for country in settings.countries}
    for country in settings.countries:

        def ask(token: Any, country: str = country) -> Page:
            page = int(token or 1)
            path = f"{country}/rss/customerreviews/page={page}/id={settings.app}/sortby=mostrecent/json"
            feed = fetch(f"{settings.url.rstrip('/')}/{path}").json()["feed"]
            entries = feed.get("entry", [])
            entries = entries if isinstance(entries, list) else [entries]
            made = each(entries, lambda entry: _message(entry, country, settings.app))
            marks = [str(message["occurred_at"]) for message in made.messages]
            return made, marks, page + 1 if entries and page < LAST_PAGE else None

        for batch, cursor in newest_first(cursors[country], ask, most=settings.pages, numbered=True):
            cursors = {**cursors, country: cursor}
            yield batch, cursors


def _message(entry: Mapping[str, Any], country: str, app: str) -> dict[str, Any] | None:
    if "im:rating" not in entry:  # the app itself, which some lists begin with
        return None
    stars = _label(entry, "im:rating")
    at = datetime.fromisoformat(_label(entry, "updated")).astimezone(UTC)
    return {
        "id": _label(entry, "id"),
        "channel": "review",
        "kind": "review",
        "item": app,
        "person": (entry.get("author") or {}).get("name", {}).get("label") or None,
        "title": _label(entry, "title") or None,
        "text": _label(entry, "content"),
        "rating": share(float(stars), 1, 5),
        "likes": count(_label(entry, "im:voteSum") or None),
        "country": country.upper(),
        "occurred_at": at.isoformat(),
        "attributes": told(rating=stars, scale="1..5", app_version=_label(entry, "im:version")),
    }


def _label(entry: Mapping[str, Any], name: str) -> str:
    return str((entry.get(name) or {}).get("label", ""))
