"""A message's page says why it was read as it was, for readings of our encoder alone."""

from pathlib import Path

import shop
from heedful.language import annotate
from heedful.server.explained import explained
from heedful.settings import OwnModel

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


def test_what_our_encoder_did_not_read_it_does_not_explain():
    assert explained(row(language="de"), "sentiment") is None
    assert explained({"id": "m1", "text": TEXT, "language": "en"}, None) is None
    assert explained(row(text=""), None) is None
    own = OwnModel("sentiment", Path("model"), ("en",))
    found = explained(row(), "sentiment", [own])
    assert "Sentiment" not in [link.label for link in found.links]
    assert not found.parts
    everything = [OwnModel(name, Path("model"), ("*",)) for name in ("emotion", "emotions", *annotate.added()[10:14])]
    assert explained(row(), None, [own, *everything]) is None


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
