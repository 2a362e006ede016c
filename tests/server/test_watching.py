"""Searches over HTTP: tried on history clause by clause, kept by whoever may, and what is not told."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from starlette.testclient import TestClient

import shop
from heedful.server.desk import COOKIE
from heedful.server.worker import Stores, application
from shop import Shop

SAME = {"sec-fetch-site": "same-origin"}
TRY = "/v1/searches/try"


@dataclass(frozen=True)
class House:
    """A shop with an application over it."""

    shop: Shop
    app: Any

    def client(self, role: str, name: str) -> TestClient:
        accounts = self.shop.place.accounts()
        if name not in [account.name for account in accounts.all()]:
            accounts.create(name, role, datetime.now(UTC))
        secret = accounts.sign_in(accounts.get(name), "a test", datetime.now(UTC))
        accounts.close()
        return TestClient(self.app, headers=SAME, cookies={COOKIE: secret})


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    opened = shop.open_shop(tmp_path_factory.mktemp("house"), demo=False)
    opened.take("message", shop.messages(200))
    rare = [{"id": f"x{i}", "text": f"Lovely zither {i}", "person": f"x{i}@mail.example"} for i in range(3)]
    opened.take("message", [*rare, {"id": "b", "text": "hello @jane and @larkfield"}])
    yield House(opened, application(Stores(opened.place, opened.store, opened.search), "the-token", wait=False))
    opened.close()


def tried(client: TestClient, query: str, **more: str) -> dict[str, Any]:
    answer = client.get(TRY, params={"q": query, **more})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def said(house: House, *words: str) -> int:
    """Messages that have all of some stretches of text."""
    return len(set.intersection(*(set(house.shop.ids_with(word)) for word in words)))


def test_a_search_is_tried_clause_by_clause(house: House) -> None:
    found = tried(house.client("agent", "ann"), "lamp NEAR/2 lovely Order* -channel:chat")
    assert [clause["text"] for clause in found["clauses"]] == ["lamp NEAR/2 lovely", "order*", "NOT channel:chat"]
    assert found["joined"] == "AND"
    near, order, rest = found["clauses"]
    assert near["alone"]["rows"] == said(house, "lamp is lovely")
    assert order["alone"]["rows"] == said(house, "Order ")
    assert rest["without"]["rows"] == said(house, "lamp is lovely", "Order ") > found["rows"] > 0
    assert found["people"] > 0
    assert len(found["sample"]) == min(10, found["rows"])
    assert all("lamp is lovely" in row["text"] and row["channel"] != "chat" for row in found["sample"])
    assert [row["occurred_at"] for row in found["sample"]] == sorted(
        (r["occurred_at"] for r in found["sample"]), reverse=True
    )


def test_alternatives_are_told_apart(house: House) -> None:
    found = tried(house.client("agent", "ann"), "lamp OR parcel")
    assert found["joined"] == "OR"
    lamp, parcel = found["clauses"]
    assert lamp["without"] == parcel["alone"] == {"rows": said(house, "parcel"), "people": parcel["alone"]["people"]}
    assert found["rows"] == lamp["alone"]["rows"] + parcel["alone"]["rows"]


def test_filters_and_period_narrow_it(house: House) -> None:
    client = house.client("agent", "ann")
    whole = tried(client, "lamp")["rows"]
    assert 0 < tried(client, "lamp", where="channel=chat")["rows"] < whole
    assert tried(client, "lamp", since="2026-10-25", until="2026-11-15")["rows"] < whole
    assert tried(client, "nothinglikethis")["rows"] == 0


def test_few_people_are_not_counted_nor_told_by_a_difference(house: House) -> None:
    client = house.client("agent", "ann")
    assert tried(client, "zither")["rows"] is None
    assert tried(client, "zither")["hidden"] is True
    found = tried(client, "lovely -zither")
    assert found["rows"] > 5
    assert found["clauses"][1]["without"] == {"rows": None, "people": None, "hidden": True}


def test_a_mistake_is_pointed_at(house: House) -> None:
    answer = house.client("agent", "ann").get(TRY, params={"q": "late autor:jane"})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert (told["start"], told["end"]) == (5, 15)
    assert "did you mean author:?" in told["hint"]
    assert told["detail"].endswith("  late autor:jane\n       ^^^^^^^^^^")


def test_people_are_looked_for_only_by_those_who_may(house: House) -> None:
    refused = house.client("analyst", "amy").get(TRY, params={"q": "@jane hello"})
    assert refused.status_code == 403
    assert tried(house.client("privacy officer", "pia"), "@jane hello")["sample"][0]["text"].startswith("hello @p_")
    kept = house.client("privacy officer", "pia").post("/v1/searches", json={"name": "j", "query": "late author:@jane"})
    assert kept.json()["query"].startswith("late AND author:p_")
    house.client("privacy officer", "pia").delete("/v1/searches/j")


def test_searches_are_kept_seen_by_readers_and_removed_by_their_own(house: House) -> None:
    ann, ben, amy = house.client("agent", "ann"), house.client("agent", "ben"), house.client("analyst", "amy")
    saved = ann.post("/v1/searches", json={"name": "Late parcels", "query": "late NEAR/3 parcel wi-fi"})
    assert saved.status_code == 200, saved.text
    assert saved.json() | {"saved_at": ""} == {
        "name": "Late parcels", "query": "late NEAR/3 parcel wi-fi", "version": saved.json()["version"],
        "saved_by": "user:ann", "saved_at": "",
    }  # fmt: skip
    assert [one["name"] for one in ben.get("/v1/searches").json()["searches"]] == ["Late parcels"]
    assert ben.post("/v1/searches", json={"name": "Late parcels", "query": "late"}).status_code == 403
    assert ben.delete("/v1/searches/Late parcels").status_code == 403
    assert amy.delete("/v1/searches/Late parcels").status_code == 200
    assert amy.delete("/v1/searches/Late parcels").status_code == 404
    assert ann.get("/v1/searches").json() == {"searches": []}


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"name": "a"}', b'{"name": "a", "query": "("}', b'{"name": "", "query": "a"}', b"\xff"]
)
def test_what_cannot_be_kept(house: House, body: bytes) -> None:
    answer = house.client("agent", "ann").post("/v1/searches", content=body)
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_what_was_done_stands_in_the_audit(house: House) -> None:
    tried(house.client("agent", "ann"), "lamp")
    house.client("agent", "ann").post("/v1/searches", json={"name": "n", "query": "lamp"})
    house.client("agent", "ann").delete("/v1/searches/n")
    audit = house.shop.place.audit()
    done = [row.action for row in audit.rows(limit=10)]
    audit.close()
    assert {"try search", "save search", "remove search"} <= set(done)
