"""Import does nothing: no output, no file, no thread, nothing heavy; and the command line starts fast."""

import os
import subprocess
import sys
from pathlib import Path
from pkgutil import walk_packages

import pytest

import heedful

NEVER = "torch transformers pandas sklearn altair polars scipy onnxruntime tensorflow".split()
LATE = "duckdb pyarrow narwhals uvicorn starlette cryptography jinja2 openpyxl phonenumbers httpx2 msgspec".split()
MODULES = sorted(m.name for m in walk_packages(heedful.__path__, "heedful.") if not m.name.endswith("__main__"))
EVERYTHING = f"""
import importlib, os, sys, threading
before = set(os.listdir('.'))
for name in {MODULES!r}:
    importlib.import_module(name)
assert set(os.listdir('.')) == before, 'an import wrote a file'
assert threading.active_count() == 1, 'an import started a thread'
heavy = sorted({{name.partition('.')[0] for name in sys.modules}} & set({NEVER!r}))
assert not heavy, heavy
"""


def run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONWARNINGS": "error"}
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, cwd=folder, env=environment, check=False
    )


def test_importing_everything_does_nothing(tmp_path: Path) -> None:
    done = run("-c", EVERYTHING, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (done.stdout, done.stderr) == ("", "")


def test_the_package_and_its_command_line_load_nothing_heavy(tmp_path: Path) -> None:
    code = f"import sys, heedful, heedful.cli.commands; print(sorted({{*{LATE + NEVER!r}}} & set(sys.modules)))"
    done = run("-c", code, folder=tmp_path)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


@pytest.mark.parametrize("arguments", [["--help"], ["ask", "--help"], ["--version"], ["key", "--help"]])
def test_the_command_line_answers(arguments: list[str], tmp_path: Path) -> None:
    done = run("-c", "from heedful.cli import main; main()", *arguments, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "heedful" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["ask", "volume"], 2, "heedful init"),
        (["nonsense"], 2, "nonsense"),
        (["quarantine", "list", "--workspace", "nowhere"], 2, "nowhere"),
    ],
)
def test_wrong_use_ends_with_2_and_a_sentence(arguments: list[str], code: int, said: str, tmp_path: Path) -> None:
    done = run("-c", "from heedful.cli import main; main()", *arguments, folder=tmp_path)
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
