"""`heedful import --past` and `--undo` as somebody types them, with and without a running server."""

import json
import subprocess
from pathlib import Path

import pytest

from heedful.store.place import Place
from serving import serving
from terminal import heedful

CSV = "id,text\n" + "".join(f"{i},Number {i} came late.\n" for i in range(30))


def bring(place: Place, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    return heedful("import", "--workspace", str(place.folder), *arguments, typed=typed)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Thirty messages."""
    path = tmp_path / "late.csv"
    path.write_text(CSV)
    return path


def goes_and_comes(place: Place, file: Path) -> None:
    first = bring(place, str(file), "--yes", "--json")
    assert json.loads(first.stdout.splitlines()[-1]) == {"taken": 30, "already": 0, "quarantined": 0}
    (one,) = json.loads(bring(place, "--past", "--json").stdout)
    assert (one["sources"], one["taken"], one["undone_at"]) == (["late"], 30, None)
    assert f"heedful import --undo {one['import_id']}" in first.stderr
    no = bring(place, "--undo", one["import_id"], typed="n\n")
    assert no.returncode == 1
    assert "30  messages" in no.stderr
    done = bring(place, "--undo", one["import_id"], "--yes", "--json")
    assert json.loads(done.stdout) == {"import_id": one["import_id"], "rows": {"message": 30}, "returning": 0}
    assert "taken back" in bring(place, "--past").stdout
    again = bring(place, str(file), "--yes", "--json")
    assert json.loads(again.stdout.splitlines()[-1]) == {"taken": 30, "already": 0, "quarantined": 0}


def test_without_a_server(place: Place, file: Path) -> None:
    goes_and_comes(place, file)


@pytest.mark.soak
def test_with_a_server(place: Place, file: Path) -> None:
    with serving(place) as server:
        goes_and_comes(place, file)
        assert server.get("/v1/metrics/volume").json()["rows"][0]["value"] == 30
        assert len(server.get("/v1/messages", q="late").json()["rows"]) == 30


def test_wrong_uses_say_what_to_do(place: Place, file: Path) -> None:
    for arguments, said in {
        (): "no file is named",
        ("--undo", "nothing"): "--past` lists them",
        ("--undo", "x", str(file)): "take no file",
    }.items():
        wrong = bring(place, *arguments, "--yes")
        assert wrong.returncode != 0
        assert said in " ".join(wrong.stderr.split())
