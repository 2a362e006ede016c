"""Documents that cannot rot: reference pages are those the code makes, links lead somewhere, examples run."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
BLOCK = re.compile(r"(?:<!-- (not run|serves) -->\n)?^( *)```(sh|python|toml)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s#]+)(#[^)]*)?\)")
FIGURE = re.compile(r"(\d[\d,]*(?:\.\d+)?) <!-- ([\w-]+):([^>]+?) -->")


def names(paths: list[Path]) -> list[str]:
    return [path.relative_to(ROOT).as_posix() for path in paths]


def blocks(path: Path) -> list[tuple[str, str, str]]:
    """Of each block: `not run`, `serves` or nothing; its language; its lines."""
    found = BLOCK.findall(path.read_text())
    return [
        (how, kind, "\n".join(line.removeprefix(indent) for line in text.splitlines()))
        for how, indent, kind, text in found
    ]


RUN = [page for page in PAGES if any(kind in ("sh", "python") and how != "not run" for how, kind, _ in blocks(page))]


def test_reference_pages_are_what_the_code_says() -> None:
    spec = spec_from_file_location("generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    generate = module_from_spec(spec)
    spec.loader.exec_module(generate)
    made = generate.pages()
    kept = {path.name: path.read_text(encoding="utf-8") for path in (DOCS / "reference").glob("*.md")}
    assert sorted(kept) == sorted(made)
    stale = [name for name in made if kept[name] != made[name]]
    assert stale == [], "`make docs` writes them again"


@pytest.mark.parametrize("page", PAGES, ids=names(PAGES))
def test_links_lead_somewhere(page: Path) -> None:
    targets = [link for link, _ in LINK.findall(page.read_text()) if not re.match(r"[a-z]+:", link)]
    assert [link for link in targets if not (page.parent / link).exists()] == []


def test_every_page_is_in_the_index() -> None:
    index = (DOCS / "README.md").read_text()
    linked = {(DOCS / link).resolve() for link, _ in LINK.findall(index)}
    wanted = {page for page in PAGES if page.is_relative_to(DOCS) and page.parent.name != "decisions"}
    assert wanted - linked - {DOCS / "README.md"} == set()


def test_decisions_are_numbered_once_and_say_when_to_look_again() -> None:
    pages = sorted((DOCS / "decisions").glob("*.md"))
    numbers = [page.name[:4] for page in pages]
    assert len(set(numbers)) == len(numbers)
    assert all(number.isdigit() for number in numbers)
    for page in pages:
        text = page.read_text()
        assert text.startswith(f"# {int(page.name[:4])}. "), page.name
        assert len(text.split()) < 700, page.name


@contextmanager
def serving(command: str, folder: Path, port: int, environment: dict[str, str]) -> Iterator[None]:
    """A server of an example, until the block ends."""
    with subprocess.Popen(command.split(), cwd=folder, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            for _ in range(600):
                try:
                    with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
                        break
                except (urllib.error.URLError, TimeoutError, ConnectionError):
                    assert process.poll() is None, "the server ended"
                    time.sleep(0.1)
            yield
        finally:
            process.terminate()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


FIRST_READ = ("README.md",)
EXAMPLES = [pytest.param(page, marks=() if page.name in FIRST_READ else pytest.mark.soak) for page in RUN]


@pytest.mark.parametrize("page", EXAMPLES, ids=names(RUN))
def test_examples_run(page: Path, tmp_path: Path) -> None:
    """Blocks run in their order, in an empty folder that has docs/examples."""
    shutil.copytree(DOCS / "examples", tmp_path / "docs" / "examples")
    port = free_port()
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "COLUMNS": "100"}
    environment.pop("HEEDFUL_WORKSPACE", None)
    opened = []
    try:
        for how, kind, text in blocks(page):
            text = text.replace("8400", str(port))
            if how == "not run" or kind == "toml":
                continue
            if how == "serves":
                server = serving(text, tmp_path, port, environment)
                server.__enter__()
                opened.append(server)
                continue
            command = ["bash", "-euc", text] if kind == "sh" else [sys.executable, "-c", text]
            done = subprocess.run(
                command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=120
            )
            assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"
    finally:
        for server in opened:
            server.__exit__(None, None, None)


TOML = [page for page in PAGES if any(kind == "toml" for _, kind, _ in blocks(page))]


@pytest.mark.parametrize("page", TOML, ids=names(TOML))
def test_settings_in_documents_are_settings(page: Path, tmp_path: Path) -> None:
    from heedful.settings import read

    for _, kind, text in blocks(page):
        if kind == "toml":
            for folder in re.findall(r'^folder = "(.+)"$', text, re.MULTILINE):
                (tmp_path / folder).mkdir(parents=True, exist_ok=True)
            (tmp_path / "heedful.toml").write_text(text)
            read(tmp_path / "heedful.toml")


def test_the_tutorials_file_tells_what_the_tutorial_says(tmp_path: Path) -> None:
    lines = (DOCS / "examples" / "reviews.csv").read_text().splitlines()
    tutorial = (DOCS / "tutorial.md").read_text()
    assert f"`{len(lines) - 1} taken, 0 already there, 0 quarantined`" in tutorial


# Figures in the README


def figures() -> list[tuple[str, str, str]]:
    """Each figure shown, with the file and the path in it where it was measured."""
    pages = (ROOT / "README.md", DOCS / "explanation" / "sizing.md")
    return [found for page in pages for found in FIGURE.findall(page.read_text())]


@pytest.mark.parametrize(("shown", "name", "path"), figures(), ids=[f"{n}:{p}" for _, n, p in figures()])
def test_a_figure_in_the_readme_is_one_that_was_measured(shown: str, name: str, path: str) -> None:
    """Its number is the measured one, rounded to at least two digits."""
    found = json.loads((ROOT / "bench" / "results" / f"{name}.json").read_text())
    for key in path.split("/"):
        found = found[int(key)] if isinstance(found, list) else found[key]
    number = float(shown.replace(",", ""))
    assert number in {float(f"{found:.{digits}g}") for digits in range(2, 12)} | {float(found)}


def test_every_number_in_the_readmes_table_of_figures_has_its_source() -> None:
    text = (ROOT / "README.md").read_text()
    _, _, after = text.partition("<!-- figures -->")
    table, _, _ = after.partition("<!-- end of figures -->")
    rows = [line for line in table.splitlines() if line.startswith("| ") and "---" not in line][1:]
    assert [row for row in rows if not FIGURE.search(row)] == []
