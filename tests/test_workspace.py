"""What a workspace hands out is plain JSON: attributes are an object, as they came."""

import json
import shutil
from pathlib import Path

import heedful
from heedful.insight.ask import Question
from heedful.store.place import Place
from serving import serving


def test_attributes_of_evidence_are_an_object(send, store, place: Place) -> None:
    send("message", [{"id": f"{n}", "text": "fine", "attributes": {"stars": 5, "odd": None}} for n in range(5)])
    store.close()
    row = heedful.open(place.folder).evidence(Question("volume"))["rows"][0]
    assert row["attributes"] == {"stars": "5", "odd": None}
    assert json.loads(json.dumps(row, default=str))["text"] == "fine"


def test_a_copy_of_a_workspace_does_not_speak_to_the_original_s_server(place: Place, tmp_path: Path) -> None:
    with serving(place) as server:
        copy = tmp_path / "copy"
        shutil.copytree(place.folder, copy)
        assert (place.running() or {}).get("url") == server.url
        assert Place.at(copy).running() is None
