"""Hooks: what is signed is taken, durable before it is answered; nothing else is, and nobody is told why."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from heedful.intake.drain import Drain
from heedful.server import hooks
from heedful.server.appender import Appender
from heedful.settings import Listened
from heedful.sources import checked
from heedful.sources._declared import Secret
from heedful.store.facts import Store
from heedful.store.journal import Journal
from heedful.store.place import Place

KEY = base64.b64encode(b"a key of the shop's own").decode()
MAP = {"id": "review.id", "text": "review.body", "rating": "review.stars", "person": "review.by"}


def source(folder: Path, **keys: Any) -> Listened:
    (folder / "word").write_text(f"whsec_{KEY}")
    found, mistakes = checked({"kind": "webhook", "secret": "file:word", **keys}, folder)
    assert mistakes == []
    assert found is not None
    return found


@pytest.fixture
def client(place: Place, journal: Journal, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    (place.folder / "app").write_text("the app's secret")
    meta = {"kind": "facebook", "name": "page", "page": "42", "token": "file:word"}
    page, mistakes = checked({**meta, "app_secret": "file:app", "verify": "file:app"}, place.folder)
    assert mistakes == []
    assert page is not None
    (place.folder / "empty").write_text("whsec_")
    monkeypatch.setenv("HEEDFUL_TEST_BLANK", "  ")
    unset = Secret("env:HEEDFUL_TEST_NO_SUCH_SECRET")
    sources = (
        source(place.folder, name="shop"),
        source(place.folder, name="mapped", map=MAP, items="items", channel="review", kind_of="review", scale=[1, 5]),
        source(place.folder, name="unset", secret="env:HEEDFUL_TEST_NO_SUCH_SECRET"),
        source(place.folder, name="empty", secret="file:empty"),
        source(place.folder, name="blank", secret="env:HEEDFUL_TEST_BLANK"),
        page,
        replace(page, name="half", settings=replace(page.settings, verify=unset)),
    )
    appender = Appender(journal, 10**9)
    appender.start()
    app = Starlette(routes=hooks.routes(appender, sources, body_bytes=100_000))
    with TestClient(app) as made:
        yield made
    appender.stop()


def signed(body: bytes, *, at: float | None = None, key: str = KEY, id: str = "msg_1") -> dict[str, str]:
    """Headers of a Standard Webhook."""
    stamp = str(int(time.time() if at is None else at))
    made = hmac.digest(base64.b64decode(key), f"{id}.{stamp}.".encode() + body, hashlib.sha256)
    signature = f"v1,{base64.b64encode(made).decode()}"
    return {"webhook-id": id, "webhook-timestamp": stamp, "webhook-signature": f"v1,AAAA {signature}"}


def of_body(body: bytes, secret: str, header: str = "x-hub-signature-256") -> dict[str, str]:
    return {header: f"sha256={hmac.digest(secret.encode(), body, hashlib.sha256).hex()}"}


def texts(store: Store) -> list[str]:
    with store.still() as con:
        return [text for (text,) in con.execute("select text from facts.message order by text").fetchall()]


def test_signed_messages_are_taken_and_sent_again_change_nothing(
    client: TestClient, drain: Drain, store: Store
) -> None:
    body = json.dumps(
        {"messages": [{"id": "1", "text": "A dim lamp"}, {"id": "2"}, {"id": "3", "text": "Fine"}]}
    ).encode()
    for _ in range(2):
        answer = client.post("/v1/hooks/shop", content=body, headers=signed(body))
        assert (answer.status_code, answer.json()) == (202, {"accepted": 2, "gone": 0, "quarantined": 1})
    assert drain.journal.backlog().records == 4  # durable before it was answered
    drain.all()
    assert texts(store) == ["A dim lamp", "Fine"]
    body = b'{"gone": ["1"]}'
    assert client.post("/v1/hooks/shop", content=body, headers=signed(body)).json()["gone"] == 1
    drain.all()
    assert texts(store) == ["Fine"]


def test_any_json_is_read_by_a_map(client: TestClient, drain: Drain, store: Store) -> None:
    review = {"review": {"id": 7, "body": "<p>Bright!</p>", "stars": 5, "by": "nora@example.org"}}
    body = json.dumps({"items": [review, {"review": {}}]}).encode()
    answer = client.post("/v1/hooks/mapped", content=body, headers=signed(body))
    assert answer.json() == {"accepted": 1, "gone": 0, "quarantined": 1}
    drain.all()
    with store.still() as con:
        assert con.execute("select text, rating, channel, source from facts.message").fetchall() == [
            ("Bright!", 1.0, "review", "mapped")
        ]


BODY = b'{"messages": [{"id": "1", "text": "x"}]}'


@pytest.mark.parametrize(
    "headers",
    [
        {},
        signed(BODY + b" "),
        signed(BODY, key=base64.b64encode(b"another").decode()),
        signed(BODY, at=time.time() - 3_600),
        signed(BODY, at=time.time() + 3_600),
        {**signed(BODY), "webhook-id": "msg_2"},
        {**signed(BODY), "webhook-timestamp": "now"},
        {**signed(BODY), "webhook-signature": "v1,"},
        {"x-hub-signature-256": "sha256="},
        {"x-hub-signature-256": "sha256=" + "0" * 64},
        {"x-hub-signature-256": "sha256=\xff"},
    ],
    ids=range(11),
)
def test_what_is_not_signed_is_refused(client: TestClient, journal: Journal, headers: dict[str, str]) -> None:
    raw = {name: text.encode("latin-1") for name, text in headers.items()}
    answer = client.post("/v1/hooks/shop", content=BODY, headers=raw)
    assert answer.status_code == 401
    assert journal.backlog().records == 0


def test_a_name_that_takes_nothing_is_not_there(client: TestClient) -> None:
    assert client.post("/v1/hooks/nobody", content=BODY, headers=signed(BODY)).status_code == 404
    assert client.get("/v1/hooks/shop").status_code == 404


@pytest.mark.parametrize("name", ["unset", "empty", "blank"])
def test_a_source_whose_secret_is_missing_takes_nothing_and_names_none(client: TestClient, name: str) -> None:
    for headers in (signed(BODY), signed(BODY, key=""), of_body(BODY, "")):
        answer = client.post(f"/v1/hooks/{name}", content=BODY, headers=headers)
        assert answer.status_code in (401, 503)
        assert "HEEDFUL_TEST" not in answer.text
        assert "whsec" not in answer.text


def test_a_greeting_whose_word_is_missing_is_not_answered(client: TestClient) -> None:
    asked = {"hub.mode": "subscribe", "hub.verify_token": "", "hub.challenge": "1158201444"}
    answer = client.get("/v1/hooks/half", params=asked)
    assert answer.status_code == 503
    assert "HEEDFUL_TEST" not in answer.text


@pytest.mark.parametrize(
    ("body", "status"), [(b"{", 400), (b'"text"', 400), (b"[" * 50_000, 400), (b"x" * 100_001, 413)]
)
def test_what_is_signed_and_no_records_is_said(client: TestClient, body: bytes, status: int) -> None:
    assert client.post("/v1/hooks/shop", content=body, headers=signed(body)).status_code == status


def test_meta_greets_first_and_then_sends_what_changes(client: TestClient, drain: Drain, store: Store) -> None:
    asked = {"hub.mode": "subscribe", "hub.verify_token": "the app's secret", "hub.challenge": "1158201444"}
    assert client.get("/v1/hooks/page", params=asked).text == "1158201444"
    assert client.get("/v1/hooks/page", params={**asked, "hub.verify_token": "guess"}).status_code == 403

    def send(**value: Any) -> int:
        change = {
            "field": "feed",
            "value": {"item": "comment", "post_id": "42_1", "created_time": 1_763_600_000, **value},
        }
        body = json.dumps({"object": "page", "entry": [{"id": "42", "time": 1, "changes": [change]}]}).encode()
        return client.post("/v1/hooks/page", content=body, headers=of_body(body, "the app's secret")).status_code

    nora = {"id": "777", "name": "Nora"}
    assert send(verb="add", comment_id="1_1", message="No bulb!", **{"from": nora}) == 202
    assert send(verb="add", comment_id="1_2", message="Sent today.", **{"from": {"id": "42", "name": "Acme"}}) == 202
    assert send(verb="edited", comment_id="1_1", message="No bulb, again!", **{"from": nora}) == 202
    drain.all()
    assert texts(store) == ["No bulb, again!", "Sent today."]
    assert send(verb="remove", comment_id="1_1") == 202
    drain.all()
    assert texts(store) == ["Sent today."]
    forged = b'{"entry": []}'
    assert client.post("/v1/hooks/page", content=forged, headers=of_body(forged, "guess")).status_code == 401
