"""HTTP intake: what is acknowledged is durable, each record has its fate, and too much is refused in time."""

import gzip
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from heedful.errors import NotAllowed
from heedful.server import take
from heedful.server.appender import Appender
from heedful.server.scrape.front import Figures
from heedful.store.journal import Journal
from heedful.store.keys import Key
from heedful.store.place import Place

GOOD = {"id": "1", "text": "The lamp is lovely."}


@pytest.fixture
def journal(place: Place) -> Iterator[Journal]:
    journal = place.journal()
    yield journal
    journal.close()


def client_of(
    place: Place, journal: Journal, *, backlog: int = 10**9, body: int = 100_000
) -> tuple[TestClient, Appender]:
    keys = place.api_keys()
    appender = Appender(journal, backlog)
    checked = take.KeyCheck(lambda secret: keys.find(secret, datetime.now(UTC)))
    app = Starlette(routes=take.routes(appender, checked, Figures(journal), body_bytes=100_000, batch_records=1000))
    key = keys.create("shop", "write", datetime.now(UTC))
    client = TestClient(app, headers={"authorization": f"Bearer {key}"})
    appender.start()
    return client, appender


@pytest.fixture
def client(place: Place, journal: Journal) -> Iterator[TestClient]:
    client, appender = client_of(place, journal)
    with client:
        yield client
    appender.stop()


def waiting(journal: Journal) -> list[Any]:
    return [record for batch in journal.pending(0, records=10**6, size=10**9) for record in json.loads(batch.body)]


@pytest.mark.parametrize(
    ("many", "record"),
    [
        ("messages", GOOD),
        ("events", {"name": "click"}),
        ("answers", {"survey": "nps", "response": "r", "question": "q", "value": 9}),
        ("items", {"id": "i", "title": "Lamp"}),
        ("profiles", {"person": "a@example.com", "trait": "plan", "value": "pro"}),
        ("consents", {"person": "a@example.com", "purpose": "insight", "granted": True}),
    ],
)
def test_each_table_takes_batches_and_one_record(many: str, record: dict[str, Any], client: TestClient) -> None:
    for body in (record, [record, record]):
        answer = client.post(f"/v1/{many}", json=body)
        assert answer.status_code == 202, answer.text
        count = len(body) if isinstance(body, list) else 1
        assert answer.json() == {"accepted": count, "quarantined": 0, "results": ["accepted"] * count}


def test_what_is_acknowledged_is_journaled_with_the_keys_name_as_source(client: TestClient, journal: Journal) -> None:
    assert client.post("/v1/messages", json=[GOOD]).status_code == 202
    assert waiting(journal) == [GOOD]
    assert [batch.source for batch in journal.pending(0, records=9, size=10**6)] == ["shop"]


def test_each_record_has_its_fate_and_good_neighbours_go_through(client: TestClient, journal: Journal) -> None:
    bad = [{"text": 5}, {"text": "hi", "colour": "red"}, {"text": "hi", "occurred_at": "0001-01-01T00:00:00Z"}]
    answer = client.post("/v1/messages", json=[GOOD, *bad, {**GOOD, "id": "2"}])
    assert answer.status_code == 202
    results = answer.json()["results"]
    assert [result == "accepted" for result in results] == [True, False, False, False, True]
    assert "`$.text`" in results[1]["error"]
    assert "unknown field `colour`" in results[2]["error"]
    assert "between 1970 and 2100" in results[3]["error"]
    assert [record["id"] for record in waiting(journal)] == ["1", "2"]
    assert [json.loads(one.raw) for one in reversed(journal.quarantined())] == bad


def test_a_batch_of_bad_records_is_a_problem_and_waits_in_quarantine(client: TestClient, journal: Journal) -> None:
    answer = client.post("/v1/messages", json=[{"text": ""}])
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["results"][0]["error"].startswith("text is empty")
    assert journal.quarantine_size() == 1


@pytest.mark.parametrize("body", [b"", b"5", b'"x"', b"[1, 2", b"\xff\xfe", b"[" * 100_000, b"nul"])
def test_what_is_no_batch_is_a_problem(body: bytes, client: TestClient) -> None:
    answer = client.post("/v1/messages", content=body)
    assert answer.status_code in (400, 413)
    assert answer.json()["detail"]


def test_keys_are_needed_and_must_be_for_writing(place: Place, client: TestClient) -> None:
    reading = place.api_keys().create("reader", "read", datetime.now(UTC))
    without = client.post("/v1/messages", json=[GOOD], headers={"authorization": ""})
    assert without.status_code in (401, 403)
    wrong = client.post("/v1/messages", json=[GOOD], headers={"authorization": "Bearer hk_write_guess"})
    assert wrong.status_code == 403
    assert "not known" in wrong.json()["detail"]
    other = client.post("/v1/messages", json=[GOOD], headers={"authorization": f"Bearer {reading}"})
    assert other.status_code == 403
    assert "may read, not write" in other.json()["detail"]


def test_a_revoked_key_ends(place: Place, journal: Journal) -> None:
    keys = place.api_keys()
    key = keys.create("old", "write", datetime.now(UTC))
    check = take.KeyCheck(lambda secret: keys.find(secret, datetime.now(UTC)), seconds=0)
    app = Starlette(
        routes=take.routes(Appender(journal, 10**9), check, Figures(journal), body_bytes=1000, batch_records=10)
    )
    keys.revoke("old")
    answer = TestClient(app).post("/v1/messages", json=[GOOD], headers={"authorization": f"Bearer {key}"})
    assert answer.status_code == 403


def test_gzip_is_unpacked_and_a_bomb_is_not(client: TestClient, journal: Journal) -> None:
    packed = {"content-encoding": "gzip"}
    small = gzip.compress(json.dumps([GOOD]).encode())
    assert client.post("/v1/messages", content=small, headers=packed).status_code == 202
    assert waiting(journal) == [GOOD]
    bomb = gzip.compress(b"[" + b" " * 50_000_000 + b"]")
    assert client.post("/v1/messages", content=bomb, headers=packed).status_code == 413
    assert client.post("/v1/messages", content=b"not gzip", headers=packed).status_code == 400
    assert client.post("/v1/messages", content=small[:-9], headers=packed).status_code == 400


def test_too_large_and_too_many_are_refused(client: TestClient, journal: Journal) -> None:
    assert client.post("/v1/messages", content=b"x" * 100_001).status_code == 413
    many = client.post("/v1/events", json=[{"name": "c"}] * 1001)
    assert many.status_code == 400
    assert "send it in parts" in many.json()["detail"]
    assert waiting(journal) == []


def test_a_full_backlog_is_refused_with_retry_after_and_taken_again_later(place: Place, journal: Journal) -> None:
    client, appender = client_of(place, journal, backlog=50)
    with client:
        assert client.post("/v1/messages", json=[GOOD]).status_code == 202
        refused = client.post("/v1/messages", json=[{**GOOD, "id": "2"}])
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) >= 1
        assert len(waiting(journal)) == 1
        journal.remove(1)
        appender.full_until = 0
        assert client.post("/v1/messages", json=[{**GOOD, "id": "2"}]).status_code == 202
    appender.stop()


def test_a_disk_that_refuses_acknowledges_nothing(client: TestClient, journal: Journal) -> None:
    assert client.post("/v1/messages", json=[GOOD]).status_code == 202
    pages = journal._con.execute("pragma page_count").fetchone()[0]
    journal._con.execute(f"pragma max_page_count = {pages}")
    refused = client.post("/v1/messages", json=[{"text": "x" * 50_000}])
    assert refused.status_code == 429
    assert "nothing was written" in refused.json()["detail"]
    journal._con.execute("pragma max_page_count = 1000000")
    assert client.post("/v1/messages", json=[{"text": "again"}]).status_code == 202
    assert [record["text"] for record in waiting(journal)] == [GOOD["text"], "again"]


def test_many_clients_at_once_share_commits(client: TestClient, journal: Journal) -> None:
    def send(number: int) -> None:
        for n in range(20):
            assert client.post("/v1/events", json=[{"id": f"{number}-{n}", "name": "c"}]).status_code == 202

    threads = [threading.Thread(target=send, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({record["id"] for record in waiting(journal)}) == 160


def test_a_refused_key_costs_one_look_a_second_and_a_new_one_works_at_once(place: Place) -> None:
    keys, at = place.api_keys(), [100.0]
    looks: list[str] = []

    def find(secret: str) -> Key:
        looks.append(secret)
        return keys.find(secret, datetime.now(UTC))

    check = take.KeyCheck(find, clock=lambda: at[0])
    for _ in range(500):
        assert not check.known("Bearer hk_write_guess")
    assert looks == ["hk_write_guess"]
    secret = keys.create("made just now", "write", datetime.now(UTC))
    assert check.known(f"Bearer {secret}"), "a secret that nobody tried is looked up"
    at[0] += 1.01
    with pytest.raises(NotAllowed, match="not known here"):
        check.reads("Bearer hk_write_guess")
    assert looks == ["hk_write_guess", secret, "hk_write_guess"]
    for i in range(take.MOST_KEYS + 10):
        check.known(f"Bearer guess {i}")
    assert len(check._refused) <= take.MOST_KEYS
    keys.close()
