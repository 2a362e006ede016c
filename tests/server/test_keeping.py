"""What the worker keeps up to date: messages are read once, newest first, and again when nothing stops it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from heedful.errors import TryLater
from heedful.language import annotate
from heedful.language.unread import unread
from heedful.server import keeping
from heedful.server.keeping import Reader
from heedful.settings import OwnModel
from heedful.store.facts import Store
from tiny_models import write_model


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Read in this process, and note the texts of each batch."""
    seen: list[list[str]] = []

    def read(_pool: object, _read: object, batch):
        seen.append(batch["text"].to_pylist())
        return annotate.read(batch)

    monkeypatch.setattr(keeping, "_in", read)
    return seen


def test_messages_are_read_newest_first_and_once(send: Callable[..., object], store: Store, here, monkeypatch) -> None:
    monkeypatch.setattr(keeping, "READ_AT_ONCE", 2)
    send("message", [{"id": f"m{n}", "text": f"The lamp number {n} is lovely."} for n in range(5)])
    reader = Reader(store, "en")
    while reader.step():
        pass
    reader.close()
    assert [len(batch) for batch in here] == [2, 2, 1]
    assert here[0] == ["The lamp number 3 is lovely.", "The lamp number 4 is lovely."]
    assert unread(store, annotate.version()) == []


def test_what_was_read_before_a_restart_is_not_read_again(send: Callable[..., object], store: Store, here) -> None:
    send("message", [{"id": "1", "text": "The lamp is lovely."}])
    for _ in range(2):
        reader = Reader(store, "en")
        while reader.step():
            pass
        reader.close()
    send("message", [{"id": "2", "text": "It broke after a day."}])
    reader = Reader(store, "en")
    while reader.step():
        pass
    reader.close()
    assert here == [["The lamp is lovely."], ["It broke after a day."]]


def test_messages_that_come_while_it_runs_are_read(send: Callable[..., object], store: Store, here) -> None:
    reader = Reader(store, "en")
    assert not reader.step()
    send("message", [{"id": "1", "text": "The lamp is lovely."}])
    assert reader.step()
    assert not reader.step()
    reader.close()
    assert here == [["The lamp is lovely."]]


def test_an_edited_message_is_read_again(send: Callable[..., object], store: Store, here) -> None:
    reader = Reader(store, "en")
    for text in ("The lamp is lovely.", "The lamp broke."):
        send("message", [{"id": "1", "text": text}])
        assert reader.step()
    reader.close()
    assert here == [["The lamp is lovely."], ["The lamp broke."]]


FRENCH = "Le train pour la ville est encore en retard ce matin"


def test_a_model_of_ones_own_reads_in_the_process_that_reads(
    send: Callable[..., object], store: Store, tmp_path: Path
) -> None:
    folder = write_model(tmp_path / "french", ("negative", "positive"), {"train": [9, 0]})
    own = (OwnModel("sentiment", folder, ("fr",)),)
    send("message", [{"id": "1", "text": FRENCH}])
    reader = Reader(store, "en", own)
    assert reader.step()
    version = annotate.version(own=own)
    assert unread(store, version) == []
    assert store_readings(store) == [("negative", version)]

    write_model(tmp_path / "french", ("negative", "positive"), {"train": [0, 9], "retard": [0, 9]})
    send("message", [{"id": "2", "text": FRENCH}])
    with pytest.raises(TryLater, match="start again"):
        reader.step()
    reader.close()
    again = Reader(store, "en", own)
    while again.step():
        pass
    again.close()
    assert store_readings(store) == [("positive", annotate.version(own=own))] * 2


def store_readings(store: Store) -> list[tuple[str, str]]:
    with store.view(keeping.READER) as view:
        rows = view.frame("reading").select("sentiment", "version").collect("pyarrow").to_arrow().to_pylist()
    return [(row["sentiment"], row["version"]) for row in rows]
