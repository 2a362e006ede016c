"""A message's page says why it was read as it was, for whatever made its readings."""

import shop
from heedful.language import annotate
from heedful.server.explained import explained
from heedful.settings import OwnModel
from tiny_models import write_model

TEXT = "The driver was horrible and the box is broken."


def row(text: str = TEXT, **more: object) -> dict[str, object]:
    made = annotate.read(shop.texts(text), language="en").to_pylist()[0]
    return {"id": "m1", "text": text, **made, **more}


def test_without_a_question_it_offers_each_reading():
    found = explained(row(), None)
    assert [link.label for link in found.links] == [
        *("Sentiment", "Emotion", "Feelings", "Irony", "Offensive", "Hateful", "Spam"),
    ]
    assert found.links[0].href == "/messages/m1?why=sentiment#why"
    assert not found.parts


def test_the_words_that_carried_it_stand_out():
    found = explained(row(), "sentiment")
    assert found.title == "Why negative?"
    assert "".join(part.text for part in found.parts) == TEXT
    assert "horrible" in [part.text for part in found.parts if part.kind == "strong"]
    assert found.lead.startswith("Negative with ")
    assert "test messages that it read like this" in found.lead
    assert [link.current for link in found.links][:2] == [True, False]


def test_a_yes_or_no_reading_is_explained_as_yes():
    assert explained(row(), "spam").title == "Why spam?"


def test_what_was_not_read_is_not_explained():
    assert explained({"id": "m1", "text": TEXT, "language": "en"}, None) is None
    assert explained(row(text=""), None) is None


def test_what_was_read_before_by_what_reads_no_longer_is_not_explained():
    near = [{"name": "intent", "best": "refund", "score": 0.9}]
    found = explained(row(nearest=near), "categories intent")
    assert found.links[-1].label == "Intent"
    assert found.links[-1].href == "/messages/m1?why=categories+intent#why"
    assert found.title == "This cannot be explained"


def test_a_model_of_ones_own_explains_what_it_read(tmp_path):
    write_model(tmp_path / "m", ("negative", "positive"), {"driver": [3, 0]})
    own = OwnModel("sentiment", tmp_path / "m", ("en",))
    found = explained(row(version=annotate.version(own=[own])), "sentiment", [own])
    assert "says m " in found.lead
    assert [part.text for part in found.parts if part.kind == "strong"] == ["driver"]
    assert "says encoder " in explained(row(version="meaning=2"), "sentiment", [own]).lead


def test_a_model_that_breaks_costs_no_page(tmp_path):
    write_model(tmp_path / "m", ("negative", "positive"), {"driver": [3, 0]})
    own = OwnModel("sentiment", tmp_path / "m", ("en",))
    version = annotate.version(own=[own])
    (tmp_path / "m" / "config.json").unlink()
    assert explained(row(version=version), "sentiment", [own]).title == "This cannot be explained"


def test_the_page_shows_it(tmp_path):
    opened = shop.open_shop(tmp_path)
    opened.take("message", [{"id": "m1", "channel": "review", "text": TEXT}], read=False)
    opened.read_all()
    address = f"/messages/{opened.ids()[0]}"
    with opened.client() as client:
        page = client.get(address).text
        assert f'href="{address}?why=sentiment#why"' in page
        page = client.get(f"{address}?why=sentiment").text
        assert "Why negative?" in page
        assert '<span class="for strong"' in page
        assert "Why was it read like this?" in client.get(f"{address}?why=mood").text
    opened.close()
