"""Backups of a running server: nothing is held up, and only its owner gets one."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path

import over_http
from heedful.store.backup import restore
from heedful.store.place import Place
from load import Load, stored_ids
from serving import serving, write_key
from terminal import heedful


def test_what_was_acknowledged_before_a_backup_is_in_it_once(place: Place, tmp_path: Path) -> None:
    from heedful.privacy.pseudonym import person_number

    with serving(place) as server, Load(write_key(place), [int(server.url.rpartition(":")[2])]) as load:
        while len(load.acknowledged) < 2000:
            time.sleep(0.01)
        before = set(load.acknowledged)
        done = heedful("backup", str(tmp_path), "--workspace", str(place.folder), "--json")
        assert done.returncode == 0, done.stderr
        during = len(load.acknowledged) - len(before)
        assert during > 100, "records were taken in meanwhile"
        sent = set(load.sent)
    file = Path(json.loads(done.stdout)["backup"])
    assert file.parent == tmp_path
    restore.restore(file, tmp_path / "again")
    again = Place.at(tmp_path / "again")
    with serving(again) as server:
        server.settle()
    people = stored_ids(again)
    assert len(people) == len(set(people))
    assert {person_number(id, place.keys.person) for id in before} <= set(people)
    assert set(people) <= {person_number(id, place.keys.person) for id in sent}
    assert not list(place.data.glob("snapshot-*"))


def test_only_this_machine_and_who_manages_may_have_one_made(place: Place) -> None:
    reading = place.api_keys().create("reader", "read", datetime.now(UTC))
    with serving(place) as server:
        for headers, status in (
            ({"sec-fetch-site": "same-origin"}, 401),
            ({"authorization": f"Bearer {reading}"}, 403),
            ({"authorization": "Bearer nonsense"}, 403),
            ({"authorization": f"Bearer {server.token}"}, 202),
        ):
            answer = over_http.post(f"{server.url}/v1/backups", headers=headers)
            assert answer.status_code == status, answer.text
        assert server.get("/v1/backups/1").json()["done"]
        assert over_http.get(f"{server.url}/v1/backups/1").status_code == 401
        assert server.get("/v1/backups/7").status_code == 404
