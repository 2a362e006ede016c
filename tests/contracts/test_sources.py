"""What holds for every source: its settings, its example, and how it reads a platform that is played back over HTTP."""

import tomllib
from dataclasses import fields, is_dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from heedful.errors import BadSettings
from heedful.intake.shapes import decode_one
from heedful.settings import Listened, parse
from heedful.sources import checked, load, names
from heedful.sources._declared import Secret, form_of, interval
from heedful.store.place import Place
from replay.google_play import key
from replay.origin import origin
from sources.listened import house, messages, pages

KINDS = names()
READ = [kind for kind in KINDS if hasattr(load(kind), "read")]
every = pytest.mark.parametrize("kind", KINDS)
each_read = pytest.mark.parametrize("kind", READ)


def platform(kind: str) -> Any:
    """What plays a source's platform back."""
    return import_module(f"replay.{kind}").Platform()


def made(kind: str, table: dict[str, Any], folder: Path) -> Listened:
    (folder / "word").write_text("hunter2")
    (folder / "key.json").write_text(key())
    found, mistakes = checked(table, folder)
    assert mistakes == []
    assert found is not None
    return found


@every
def test_its_example_is_valid_and_it_reads_or_takes(kind: str, tmp_path: Path) -> None:
    module = load(kind)
    table = tomllib.loads(module.EXAMPLE)
    assert table["kind"] == kind
    found, mistakes = checked(table, tmp_path)
    assert mistakes == []
    assert found is not None
    assert isinstance(found.settings, module.Settings)
    assert interval(module.EVERY) >= 1
    assert hasattr(module, "read") or hasattr(module, "take")
    assert parse(f"[[sources]]\n{module.EXAMPLE}", tmp_path / "heedful.toml").sources == (found,)


@every
def test_each_of_its_settings_has_a_help_and_a_form(kind: str) -> None:
    settings = load(kind).Settings
    assert is_dataclass(settings)
    for field in fields(settings):
        assert 5 < len(field.metadata["help"]) < 120, field.name
        with pytest.raises(ValueError, match=r"^must "):
            form_of(field)(object())


@every
def test_what_is_wrong_in_its_settings_is_named_with_a_fix(kind: str, tmp_path: Path) -> None:
    example = load(kind).EXAMPLE
    text = f"[[sources]]\n{example}\nnonsense = 1\nevery = 5\n"
    with pytest.raises(BadSettings) as told:
        parse(text, tmp_path / "heedful.toml")
    assert "nonsense is not known; " in str(told.value)
    assert 'every must be a time from "1s" to "31d"' in str(told.value)
    assert f"line {text.splitlines().index('nonsense = 1') + 1}: " in str(told.value)
    needed = [field.name for field in fields(load(kind).Settings) if field.metadata["needed"]]
    found, mistakes = checked({"name": "x", "kind": kind}, tmp_path)
    assert found is None or not mistakes
    assert {why.split()[1].rstrip(":") for key, why in mistakes if why.startswith("needs")} >= set(needed)


@every
def test_a_secret_is_named_and_never_shown(kind: str, tmp_path: Path) -> None:
    for field in fields(load(kind).Settings):
        if "Secret" in str(field.type):
            table = {**tomllib.loads(load(kind).EXAMPLE), field.name: "hunter2"}
            found, mistakes = checked(table, tmp_path)
            assert found is None
            assert any("never the secret itself" in why for _, why in mistakes)
            assert "hunter2" not in str(mistakes)
            (tmp_path / "word").write_text("hunter2")
            kept = made(kind, {**table, field.name: "file:word"}, tmp_path)
            assert "hunter2" not in repr(kept)
            value = getattr(kept.settings, field.name)
            assert isinstance(value, Secret)
            assert value.reveal() == "hunter2"


@each_read
def test_it_reads_a_page_in_the_shape_that_the_door_takes(kind: str, tmp_path: Path) -> None:
    import json

    playing = platform(kind)
    with origin(playing) as there:
        found = messages(pages(made(kind, playing.table(there.url), tmp_path)))
    assert len({message["id"] for message in found}) == 3
    for message in found:
        record = decode_one("message", json.dumps(message).encode())
        assert record.id
        assert record.occurred_at is not None


@each_read
def test_it_goes_on_from_its_cursor(kind: str, place: Place) -> None:
    playing = platform(kind)
    with origin(playing) as there:
        one = made(kind, playing.table(there.url), place.folder)
        with house(place, one) as here:
            assert here.look(one) is None
            assert len(here.said()) == 3
            playing.count = 8
            assert here.look(one) is None
            assert len(here.said()) == 8
            assert here.store.rows()["message"] == 8


@each_read
def test_it_goes_on_from_every_cursor(kind: str, tmp_path: Path) -> None:
    """Whatever page was the last one that was kept, going on from it brings everything that was not."""
    playing = platform(kind)
    playing.count = 7
    with origin(playing) as there:
        one = made(kind, playing.table(there.url), tmp_path)
        whole = pages(one)
        every_id = {message["id"] for message in messages(whole)}
        assert len(every_id) == 7
        for kept in range(len(whole)):
            before = {message["id"] for message in messages(whole[: kept + 1])}
            playing.count = 9
            rest = pages(one, whole[kept][1])  # to the end of the look that was cut off
            rest += pages(one, rest[-1][1] if rest else whole[kept][1])
            after = {message["id"] for message in messages(rest)}
            assert len(before | after) == 9
            playing.count = 7


@each_read
def test_the_same_again_is_nothing_new(kind: str, place: Place) -> None:
    playing = platform(kind)
    with origin(playing) as there:
        one = made(kind, playing.table(there.url), place.folder)
        with house(place, one) as here:
            here.look(one)
            before = here.store.clock()
            here.look(one)
            here.running.door.listening.heard(one.name, {}, {}, 0.0)  # as if it had never been read
            here.look(one)
            assert here.store.clock() == before
            assert len(here.said()) == 3


@each_read
def test_an_odd_record_stops_no_other(kind: str, place: Place) -> None:
    playing = platform(kind)
    playing.odd = True
    with origin(playing) as there:
        one = made(kind, playing.table(there.url), place.folder)
        with house(place, one) as here:
            assert here.look(one) is None
            assert len(here.said()) == 3
            assert here.running.door.journal.quarantine_size() == 1


@each_read
def test_what_the_other_side_refuses_is_said_and_tried_later(kind: str, place: Place) -> None:
    from replay.origin import Reply

    playing = platform(kind)
    with origin(lambda _: Reply("busy", status=429, headers={"retry-after": "120"})) as there:
        one = made(kind, playing.table(there.url), place.folder)
        with house(place, one) as here:
            assert "429" in (here.look(one) or "")
            heard = here.running.door.listening.of(one.name)
            assert heard is not None
            assert heard.next_at - (heard.tried_at or 0) >= 119
            there.answering = lambda _: Reply("broken", status=500)
            assert "500" in (here.look(one) or "")
            there.answering = playing
            assert here.look(one) is None
            assert len(here.said()) == 3
