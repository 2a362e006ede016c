"""`heedful import --past` and `--undo` as somebody types them, with and without a running server."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from heedful.store.place import Place
from serving import serving

CSV = "id,text\n" + "".join(f"{i},Number {i} came late.\n" for i in range(30))


def heedful(place: Place, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "heedful", "import", "--workspace", str(place.folder), *arguments]
    return subprocess.run(command, input=typed, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Thirty messages."""
    path = tmp_path / "late.csv"
    path.write_text(CSV)
    return path


def goes_and_comes(place: Place, file: Path) -> None:
    first = heedful(place, str(file), "--yes", "--json")
    assert json.loads(first.stdout.splitlines()[-1]) == {"taken": 30, "already": 0, "quarantined": 0}
    (one,) = json.loads(heedful(place, "--past", "--json").stdout)
    assert (one["sources"], one["taken"], one["undone_at"]) == (["late"], 30, None)
    assert f"heedful import --undo {one['import_id']}" in first.stderr
    no = heedful(place, "--undo", one["import_id"], typed="n\n")
    assert no.returncode == 1
    assert "30  messages" in no.stderr
    done = heedful(place, "--undo", one["import_id"], "--yes", "--json")
    assert json.loads(done.stdout) == {"import_id": one["import_id"], "rows": {"message": 30}, "returning": 0}
    assert "taken back" in heedful(place, "--past").stdout
    again = heedful(place, str(file), "--yes", "--json")
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
        wrong = heedful(place, *arguments, "--yes")
        assert wrong.returncode != 0
        assert said in " ".join(wrong.stderr.split())
