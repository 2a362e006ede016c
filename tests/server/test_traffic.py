"""Logs tell every request and nothing about anybody; what is counted is what was sent."""

import json
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

import over_http
from heedful.server import log
from heedful.store.keys import Key
from heedful.store.place import Place
from serving import Serving, await_ready, write_key

PERSONAL = (
    "kim.lee@example.com",
    "+491705550123",
    "kimberley-lee",
    "Wolframstrasse",
    "17055501",
    "hk_write_",
    "hk_read_",
)


@dataclass(frozen=True)
class Logged:
    """A server whose standard error goes to a file."""

    server: Serving
    file: Path

    def lines(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.file.read_text().splitlines()]


@contextmanager
def logging_server(place: Place, *, settings: str = "") -> Iterator[Logged]:
    toml = place.folder / "heedful.toml"
    toml.write_text(toml.read_text().replace("port = 8400", f"port = 8400\n{settings}"))
    file = place.folder / "log"
    command = [sys.executable, "-m", "heedful", "serve", "--workspace", str(place.folder), "--port", "0"]
    with file.open("w") as errors:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=errors, start_new_session=True)
    try:
        yield Logged(await_ready(place, process), file)
    finally:
        process.terminate()
        process.wait(60)


def send_personal_data(url: str, key: dict[str, str]) -> None:
    """The same person in the path, the query, the body, the headers, the method and the id of requests."""
    mail, phone, name, street = PERSONAL[:4]
    record = {"id": phone, "text": f"{name} of {street}, {mail}", "person": mail, "attributes": {name: phone}}
    headers = {
        "user-agent": mail,
        "referer": f"http://{name}/{street}",
        "cookie": f"{name}={mail}",
        "x-forwarded-for": phone,
    }
    paths = [f"/messages/{mail}", f"/v1/metrics/{name}", f"/{street}", f"/v1/metrics/volume?where=item={mail}"]
    paths += [f"/messages?q={mail}", f"/v1/messages?q={phone}", f"/v1/imports/{mail}", f"/sign-in?token={name}"]
    with over_http.Client(timeout=60) as client:
        for path in paths:
            for given in ({}, {"authorization": f"Bearer hk_read_{name}"}, {"authorization": f"Basic {name}"}):
                client.get(url + path, headers={**headers, **given})
        for id in (mail, phone, name, f"{name}\x85", "17055501" * 3):
            client.get(f"{url}/healthz", headers={"x-request-id": id.encode("latin-1")})
        client.request(name.upper(), f"{url}/{mail}")
        for body in ([record], [{**record, "text": 5, mail: name}], mail):
            client.post(f"{url}/v1/messages", json=body, headers={**headers, **key})
            client.post(f"{url}/v1/messages?{mail}", json=body, headers={**key, "content-encoding": name})
        for table in ("events", "answers", "profiles"):
            client.post(
                f"{url}/v1/{table}", json=[{**record, "name": name, "trait": mail, "value": phone}], headers=key
            )


def test_no_log_line_tells_anything_about_anybody(place: Place) -> None:
    key = write_key(place, "kimberley-lee")
    with logging_server(place) as logged:
        send_personal_data(logged.server.url, key)
        logged.server.settle()
    text = logged.file.read_text()
    found = [word for word in (*PERSONAL, "127.0.0.1") if word.lower() in text.lower()]
    assert found == []
    requests = [line for line in logged.lines() if line["event"] == "request"]
    assert len(requests) > 40
    assert {"/v1/messages", "/v1/metrics/{name}", "/messages", "/healthz"} <= {line["route"] for line in requests}


def test_each_request_is_one_line_in_each_process_with_one_id(place: Place) -> None:
    id = str(uuid.uuid4())
    with logging_server(place) as logged:
        server = logged.server
        headers = {"authorization": f"Bearer {server.token}"}
        answer = over_http.get(f"{server.url}/v1/metrics/volume", headers={**headers, "x-request-id": id})
        assert answer.headers["x-request-id"] == id
        assert "x-heedful-route" not in answer.headers
        made = over_http.get(f"{server.url}/healthz", headers={"x-request-id": "mine"}).headers["x-request-id"]
        assert re.fullmatch("[0-9a-f]{32}", made)
    lines = [line for line in logged.lines() if line.get("id") == id]
    assert sorted(str(line["process"]) for line in lines) == ["front", "worker"]
    for line in lines:
        assert (line["method"], line["route"], line["status"]) == ("GET", "/v1/metrics/{name}", 200)
        assert line["who"] == "token"
        assert 0 < float(str(line["ms"])) < 60_000
    assert len([line for line in logged.lines() if line.get("id") == made]) == 1


def test_requests_need_not_be_logged_and_text_is_for_people(place: Place) -> None:
    with logging_server(place, settings='log = "text"\nlog_requests = false') as logged:
        over_http.get(f"{logged.server.url}/healthz")
    assert logged.file.read_text() == ""


def test_a_failure_is_logged_by_kind_and_place_not_by_its_message() -> None:
    try:
        raise ValueError("kim.lee@example.com said this")
    except ValueError as error:
        told = log.failure(None, "", {"event": "ends", "exc_info": error})
    assert told["failure"] == "ValueError"
    assert "test_traffic.py" in told["where"][-1]
    assert "kim" not in json.dumps({key: value for key, value in told.items() if key != "where"})
    assert (
        log.failure(None, "", {"exc_info": OSError(28, "No space left on device")})["reason"]
        == "No space left on device"
    )


def scraped(server: Serving) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    answer = server.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    families = text_string_to_metric_families(answer.text)
    return {(one.name, tuple(sorted(one.labels.items()))): one.value for family in families for one in family.samples}


def test_what_is_counted_is_what_was_sent(place: Place) -> None:
    key = write_key(place)
    toml = place.folder / "heedful.toml"
    toml.write_text(f"{toml.read_text()}\n[intake]\nbatch_records = 100\n")
    with logging_server(place) as logged:
        server = logged.server
        with over_http.Client(base_url=server.url, headers=key) as client:
            for i in range(7):
                records = [{"id": f"{i}-{j}", "text": f"text {j}"} for j in range(10)]
                assert client.post("/v1/messages", json=[*records, {"text": i}]).status_code == 202
            for i in range(3):
                assert client.post("/v1/events", json=[{"id": str(i), "name": "view"}]).status_code == 202
            assert client.post("/v1/events", json={"name": 5}).status_code == 422
            assert client.post("/v1/events", json=[{"name": "x"}] * 101).status_code == 400
        for _ in range(4):
            assert server.get("/v1/metrics/volume").status_code == 200
        server.settle()
        found = scraped(server)
    counted = {
        (table, fate): found["heedful_intake_records_total", (("fate", fate), ("table", table))]
        for table in ("message", "event")
        for fate in ("accepted", "quarantined")
    }
    assert counted == {
        ("message", "accepted"): 70,
        ("message", "quarantined"): 7,
        ("event", "accepted"): 3,
        ("event", "quarantined"): 1,
    }
    requests = {
        (dict(labels)["route"], dict(labels)["status"]): value
        for (name, labels), value in found.items()
        if name == "heedful_request_seconds_count"
    }
    assert requests["/v1/messages", "202"] == 7
    assert (requests["/v1/events", "202"], requests["/v1/events", "422"], requests["/v1/events", "400"]) == (3, 1, 1)
    assert requests["/v1/metrics/{name}", "200"] == 4
    assert found["heedful_rows", (("table", "message"),)] == 70
    assert found["heedful_rows", (("table", "event"),)] == 3
    assert found["heedful_quarantined_records", ()] == 8
    assert found["heedful_backlog_records", ()] == 0
    assert found["heedful_worker_up", ()] == 1
    assert found["heedful_worker_restarts_total", ()] == 0
    assert found["heedful_last_backup_timestamp_seconds", ()] == 0
    assert found["heedful_disk_bytes", (("file", "heedful.duckdb"),)] > 0
    assert found["heedful_worker_process_resident_memory_bytes", ()] > 10_000_000


def test_a_full_journal_is_counted_as_refused(place: Place) -> None:
    from starlette.applications import Starlette
    from starlette.testclient import TestClient

    from heedful.server import take
    from heedful.server.appender import Appender
    from heedful.server.scrape.front import Figures

    journal = place.journal()
    figures, appender = Figures(journal), Appender(journal, 10**9)
    appender.waiting = 10**9
    check = take.KeyCheck(lambda _secret: Key("shop", "write", ""))
    app = Starlette(routes=take.routes(appender, check, figures, body_bytes=1000, batch_records=10))
    with TestClient(app) as client:
        for _ in range(3):
            assert client.post("/v1/events", json={"name": "view"}).status_code == 429
    assert b'heedful_intake_refused_total{table="event"} 3.0' in figures.text(worker_up=False)
    journal.close()


def test_figures_are_for_who_may_read(place: Place) -> None:
    keys = place.api_keys()
    write, read = (keys.create(scope, scope, datetime.now(UTC)) for scope in ("write", "read"))
    with logging_server(place) as logged:
        statuses = [
            over_http.get(f"{logged.server.url}/metrics", headers=headers).status_code
            for headers in ({}, *({"authorization": f"Bearer {secret}"} for secret in ("guess", write, read)))
        ]
    assert statuses == [401, 403, 403, 200]


def test_figures_may_be_open_to_all(place: Place) -> None:
    with logging_server(place, settings="metrics_open = true") as logged:
        assert over_http.get(f"{logged.server.url}/metrics").status_code == 200
