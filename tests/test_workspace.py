"""What a workspace hands out is plain JSON: attributes are an object, as they came."""

import json

import heedful
from heedful.insight.ask import Question
from heedful.store.place import Place


def test_attributes_of_evidence_are_an_object(send, store, place: Place) -> None:
    send("message", [{"id": f"{n}", "text": "fine", "attributes": {"stars": 5, "odd": None}} for n in range(5)])
    store.close()
    row = heedful.open(place.folder).evidence(Question("volume"))["rows"][0]
    assert row["attributes"] == {"stars": "5", "odd": None}
    assert json.loads(json.dumps(row, default=str))["text"] == "fine"
