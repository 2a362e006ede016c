"""Taught categories in a workspace: a reading like any other, whose history can be compared."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from typer.testing import CliRunner

from heedful.cli.commands import app
from heedful.errors import BadSettings
from heedful.language import annotate, encoder
from heedful.language.taught import load, read
from heedful.language.teach import teach
from heedful.settings import OwnModel
from heedful.store.place import Place

TEXTS = {
    "delivery": [
        "where is my parcel",
        "the package is late",
        "the courier lost the box",
        "when is it delivered",
        "the shipment is stuck at the depot",
    ],
    "refund": [
        "i want my money back",
        "refund me please",
        "you owe me a repayment",
        "return it for a refund",
        "pay it back to my account",
    ],
}
OTHERS = {"praise": ["the staff is lovely", "great shop", "i love it here", "best service ever"]}
SAID = {
    "my parcel is not here": "delivery",
    "please give me a refund": "refund",
    "what is the tallest mountain in africa": None,
}


def folder_of(where: Path, texts: dict[str, list[str]], name: str = "intent") -> Path:
    """A folder that holds what was taught with these texts."""
    taught, _ = teach([(text, label) for label, some in texts.items() for text in some], name)
    taught.save(where, {})
    return where


def categories(folder: Path, languages: tuple[str, ...] = ("*",)) -> OwnModel:
    return OwnModel("categories", folder, languages)


def batch(*texts: str | None) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.array(texts, pa.string())], ["text"])


@pytest.fixture(scope="module")
def intent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return folder_of(tmp_path_factory.mktemp("taught") / "intent", TEXTS)


def test_they_are_what_a_file_is_read_with(intent: Path) -> None:
    made = annotate.read(batch(*SAID, None), own=[categories(intent)])
    of_file = read(list(SAID), [load(intent)])
    held = [[f"intent: {label}"] if label else [] for label in of_file.column("intent").to_pylist()]
    assert held == [["intent: delivery"], ["intent: refund"], []]
    assert made.column("categories").to_pylist() == [*held, None]
    nearest = [found and found[0] for found in made.column("nearest").to_pylist()]
    assert [found["best"] for found in nearest[:3]] == of_file.column("intent_best").to_pylist()
    assert [found["score"] for found in nearest[:3]] == pytest.approx(of_file.column("intent_score").to_pylist())
    assert nearest[3] is None
    assert {"categories", "nearest"} <= set(annotate.added(own=[categories(intent)]))
    assert "categories" not in annotate.added()


def test_the_other_readings_stay_as_they_are(intent: Path) -> None:
    with_them, without = (annotate.read(batch(*SAID), own=own) for own in ([categories(intent)], []))
    kept = [name for name in without.schema.names if name not in ("categories", "nearest")]
    assert with_them.select(kept) == without.select(kept)


def test_several_sets_stand_beside_each_other(intent: Path, tmp_path: Path) -> None:
    mood = folder_of(tmp_path / "mood", {**OTHERS, "delivery": TEXTS["delivery"]}, "mood")
    made = annotate.read(batch("my parcel is not here"), own=[categories(intent), categories(mood)])
    assert sorted(made.column("categories").to_pylist()[0]) == ["intent: delivery", "mood: delivery"]
    assert [found["name"] for found in made.column("nearest").to_pylist()[0]] == ["intent", "mood"]


def test_a_set_for_some_languages_reads_those_alone(intent: Path) -> None:
    own = [categories(intent, ("de",))]
    assert annotate.read(batch("refund me please"), own=own, language="en").column("categories")[0].as_py() is None
    assert annotate.read(batch("refund me please"), own=own, language="de").column("categories")[0].as_py()


def test_two_sets_of_one_name_are_refused(intent: Path, tmp_path: Path) -> None:
    again = folder_of(tmp_path / "again", TEXTS)
    with pytest.raises(BadSettings, match="two folders hold categories called intent"):
        annotate.version(own=[categories(intent), categories(again)])


def test_a_folder_without_them_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadSettings, match="name a folder that `heedful teach` wrote"):
        annotate.version(own=[categories(tmp_path / "empty")])
    (tmp_path / "empty" / "taught.npz").write_bytes(b"")
    (tmp_path / "empty" / "taught.json").write_text("[]")
    with pytest.raises(BadSettings, match=r"taught\.json cannot be understood"):
        annotate.version(own=[categories(tmp_path / "empty")])


def test_a_set_that_cannot_be_read_costs_no_other_reading(intent: Path, tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "other", TEXTS, "other")
    with np.load(folder / "taught.npz") as held:
        arrays = {name: held[name] for name in held.files}
    np.savez_compressed(folder / "taught.npz", **{**arrays, "probe": -arrays["probe"]})
    row = annotate.read(batch("refund me please"), own=[categories(intent), categories(folder)]).to_pylist()[0]
    assert row["sentiment"]
    assert row["categories"] == ["intent: refund"]
    assert "categories other: " in row["unread"]
    assert "teach it again" in row["unread"]


def test_texts_are_encoded_once_for_all_readers(intent: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    real = encoder.Encoder.read

    def counted(self: encoder.Encoder, texts: list[str]) -> encoder.Read:
        seen.extend(texts)
        return real(self, texts)

    load(intent)
    monkeypatch.setattr(encoder.Encoder, "read", counted)
    texts = ["one refund more", "encore un colis perdu, quelle honte", "two refunds more"]
    made = annotate.read(batch(*texts), own=[categories(intent)])
    assert sorted(seen) == sorted(texts)
    encoder.forget()
    alone = [annotate.read(batch(text), own=[categories(intent)]) for text in texts]
    assert made.column("nearest").to_pylist() == [one.column("nearest")[0].as_py() for one in alone]


def test_in_a_workspace_they_are_asked_by_and_compared_after_teaching_anew(place: Place, send, store) -> None:  # type: ignore[no-untyped-def]
    send("message", [{"id": str(at), "text": text} for at, text in enumerate(SAID)])
    store.close()
    folder = folder_of(place.folder / "taught" / "intent", TEXTS)
    toml = place.folder / "heedful.toml"
    toml.write_text(f'{toml.read_text()}\n[[models]]\nreading = "categories"\nfolder = "taught/intent"\n')

    def run(*arguments: str) -> str:
        done = CliRunner().invoke(app, [*arguments, "--workspace", str(place.folder)])
        assert done.exit_code == 0, done.output
        return done.stdout

    def volume(*more: str) -> list[tuple[str | None, int]]:
        asked = json.loads(run("ask", "volume", *more, "--json"))
        return [(row.get("category"), row["value"]) for row in asked["rows"]]

    toml.write_text(toml.read_text().replace("smallest_group = 5", "smallest_group = 1"))
    run("read")
    assert dict(volume("--by", "category")) == {"intent: delivery": 1, "intent: refund": 1, None: 1}
    assert volume("--where", "category=intent: refund") == [(None, 1)]
    folder_of(folder, {**TEXTS, "geography": ["how high is that mountain", "which river is the longest in africa"]})
    run("read")
    assert dict(volume("--by", "category"))["intent: geography"] == 1
    toml.write_text(toml.read_text().replace("smallest_group = 1", "smallest_group = 5"))
    assert json.loads(run("read", "--changes", "--json"))["categories"] == []
    toml.write_text(toml.read_text().replace("smallest_group = 5", "smallest_group = 1"))
    changed = json.loads(run("read", "--changes", "--json"))
    assert {"category": "intent: geography", "was": 0, "is": 1, "kept": 0} in changed["categories"]
    assert {"category": "intent: refund", "was": 1, "is": 1, "kept": 1} in changed["categories"]
    assert "intent: geography: 0 -> 1" in run("read", "--changes")
