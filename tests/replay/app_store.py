"""Apple's list of customer reviews as JSON, as the stores serve it: 50 a page there, two here."""

from typing import Any

from replay.origin import Asked, Reply


def review(n: int) -> dict[str, Any]:
    """One review."""
    return {
        "author": {"uri": {"label": ""}, "name": {"label": f"Nora {n}"}, "label": ""},
        "updated": {"label": f"2026-11-20T{3 + n // 60:02}:{n % 60:02}:00-07:00"},
        "im:rating": {"label": str(1 + n % 5)},
        "im:version": {"label": "4.2"},
        "id": {"label": str(11_000 + n)},
        "title": {"label": f"Lamp app {n}"},
        "content": {"label": f"It switches lamp {n} off by itself.", "attributes": {"type": "text"}},
        "im:voteSum": {"label": "2"},
        "im:voteCount": {"label": "3"},
    }


class Platform:
    """A store with so many reviews."""

    def __init__(self) -> None:
        self.count, self.odd, self.page = 3, False, 2

    def table(self, url: str) -> dict[str, Any]:
        """Settings that lead here."""
        return {"name": "ios", "kind": "app_store", "url": url, "app": "42", "countries": ["gb"]}

    def __call__(self, asked: Asked) -> Reply:
        page = int(asked.path.partition("page=")[2].partition("/")[0])
        found: list[Any] = [review(n) for n in reversed(range(self.count))]
        found = [*found[:1], {"im:rating": {"label": "many"}}, *found[1:]] if self.odd else found
        shown = found[(page - 1) * self.page : page * self.page]
        entry = {"entry": shown[0] if len(shown) == 1 else shown} if shown else {}
        return Reply({"feed": {"title": {"label": "iTunes Store: Customer Reviews"}, **entry}})
