"""Imports point down only, and only the store opens the database; names say what things are."""

import subprocess
import sys
from pathlib import Path

import heedful

ROOT = Path(__file__).parents[1]
SOURCE = Path(heedful.__file__).parent
VAGUE = {"manager", "handler", "util", "utils", "helper", "helpers", "base", "service", "processor", "engine", "info"}


def test_the_layers_hold() -> None:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_file_has_a_vague_name() -> None:
    names = {path.stem for path in SOURCE.rglob("*.py")} | {path.name for path in SOURCE.rglob("*") if path.is_dir()}
    assert names & VAGUE == set()


def test_the_clock_is_read_at_the_edges_only() -> None:
    """`now` is an argument in every layer that works out a figure or what may be seen."""
    inside = [*SOURCE.joinpath("insight").rglob("*.py"), *SOURCE.joinpath("privacy").rglob("*.py")]
    assert [path.name for path in inside if "datetime.now(" in path.read_text()] == []
