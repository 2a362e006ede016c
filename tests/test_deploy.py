"""What deploy/ holds: its files can be read, its commands run as a user without rights, its queries find figures.

No container is started here: an image is not built, Prometheus and Grafana are not run.
"""

import configparser
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

import heedful
import over_http

DEPLOY = Path(__file__).parents[1] / "deploy"
SOURCE = Path(heedful.__file__).parents[1]
NOBODY = 10001
Samples = list[tuple[str, dict[str, str]]]
rootly = pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("setpriv"), reason="only root can run a command as somebody else"
)


def dockerfile() -> list[tuple[str, str]]:
    text = (DEPLOY / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split(None, 1)[0], line.split(None, 1)[1]) for line in lines]


def compose() -> Any:
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text())


def unit(name: str) -> configparser.ConfigParser:
    parsed = configparser.ConfigParser(strict=False, interpolation=None)
    parsed.optionxform = str  # type: ignore[assignment,method-assign]
    parsed.read(DEPLOY / name)
    return parsed


def queries() -> list[str]:
    board = json.loads((DEPLOY / "grafana" / "dashboards" / "heedful.json").read_text())
    rules = yaml.safe_load((DEPLOY / "alerts.yml").read_text())
    asked = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    return asked + [rule["expr"] for group in rules["groups"] for rule in group["rules"]]


# Commands, as somebody without rights


def as_nobody(command: list[str]) -> list[str]:
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--no-new-privs", *command]


def python() -> str:
    """A Python that somebody without rights can run: this one, or the system's of the same version."""
    system = f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}"
    for one in (sys.executable, system):
        shell = as_nobody(["sh", "-c", f"exec {one} -c pass"])
        if Path(one).exists() and subprocess.run(shell, capture_output=True, check=False).returncode == 0:
            return one
    pytest.skip("no Python here can be run by somebody without rights")


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A folder of nobody's: the only place this user may write to."""
    folder = Path("/tmp") / f"heedful-deploy-{os.getpid()}"
    folder.mkdir(mode=0o700)
    os.chown(folder, NOBODY, NOBODY)
    yield folder
    shutil.rmtree(folder)


def environment(home: Path) -> dict[str, str]:
    path = f"{SOURCE}:{Path(pytest.__file__).parents[1]}"
    told = {"PATH": "/usr/bin:/bin", "PYTHONPATH": path, "HOME": str(home), "TMPDIR": str(home)}
    return {**told, "HEEDFUL_WORKSPACE": str(home / "workspace"), "PYTHONDONTWRITEBYTECODE": "1"}


def translated(words: str, home: Path, port: int) -> list[str]:
    """A command of deploy/ for here: its program, folder, address and port."""
    places = {"/workspace": home / "workspace", "/var/backups/heedful": home / "backups"}
    command = json.loads(words) if words.startswith("[") else shlex.split(words)
    command = [str(places.get(word, word)).replace("8400", str(port)) for word in command]
    command[0] = command[0].removeprefix("/opt/heedful/bin/")
    if command[0] == "heedful":
        command[:1] = [python(), "-m", "heedful"]
    return [python() if word == "python" else word for word in command]


def run(words: str, home: Path, port: int = 8400) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        as_nobody(translated(words, home, port)),
        env=environment(home),
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture(scope="module")
def served(home: Path) -> Iterator[tuple[str, str, int]]:
    """The server as the image runs it, on a workspace made as compose.yaml says; its address, a read key, its port."""
    said = (DEPLOY / "compose.yaml").read_text()
    init, create = re.findall(r"run --rm heedful (heedful .+)", said)
    (home / "workspace").mkdir(mode=0o700)
    os.chown(home / "workspace", NOBODY, NOBODY)
    assert run(init, home).returncode == 0
    key = run(create, home).stdout.strip()
    assert key.startswith("hk_read_")
    port = 18_400 + os.getpid() % 1000
    command = dict(dockerfile())["CMD"]
    process = subprocess.Popen(
        as_nobody(translated(command, home, port)), env=environment(home), cwd=home, stdout=subprocess.DEVNULL
    )
    url, until = f"http://127.0.0.1:{port}", time.monotonic() + 90
    try:
        while not answers(f"{url}/readyz"):
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.1)
        yield url, key, port
    finally:
        process.terminate()
        assert process.wait(40) == 0


def answers(url: str) -> bool:
    try:
        return over_http.get(url, timeout=5).is_success
    except httpx2.TransportError:
        return False


@rootly
def test_the_image_s_commands_run_as_somebody_who_can_write_to_the_workspace_only(
    served: tuple[str, str, int], home: Path
) -> None:
    _, _, port = served
    check = dict(dockerfile())["HEALTHCHECK"].partition("CMD ")[2]
    done = run(check, home, port)
    assert done.returncode == 0, done.stderr
    assert run(check, home, port + 1).returncode != 0, "it fails where nobody listens"
    assert {path.stat().st_uid for path in (home / "workspace").rglob("*")} == {NOBODY}
    shell = as_nobody(["sh", "-c", f"test -w {SOURCE}/heedful/__init__.py"])
    assert subprocess.run(shell, check=False).returncode == 1, "the package is for reading only"
    doctor = run("heedful doctor", home)
    assert doctor.returncode == 0, doctor.stdout


@rootly
def test_the_nightly_backup_runs_beside_the_server(served: tuple[str, str, int], home: Path) -> None:
    (home / "backups").mkdir(exist_ok=True)
    os.chown(home / "backups", NOBODY, NOBODY)
    text = (DEPLOY / "heedful-backup.service").read_text()
    backup, tidy = re.findall(r"^ExecStart=(.+)$", text, re.MULTILINE)
    assert run(backup, home).returncode == 0
    made = list((home / "backups").glob("heedful-*.tar"))
    os.utime(made[0], (1, 1))
    assert run(backup, home).returncode == 0
    assert run(tidy, home).returncode == 0
    assert len(list((home / "backups").glob("heedful-*.tar"))) == 1
    assert not made[0].exists()


# Figures


def names_in(query: str) -> list[tuple[str, set[str], dict[str, str]]]:
    """Each figure of a query, the labels it is grouped by or filtered with, and values that must be there."""
    by = {label.strip() for group in re.findall(r"\bby \(([^)]*)\)", query) for label in group.split(",")} - {"le"}
    found = []
    for name, filters in re.findall(r"\b(heedful_\w+|up)(?:\{([^}]*)\})?", query):
        equal = dict(re.findall(r'(\w+)="([^"]*)"', filters))
        found.append((name, by | set(re.findall(r"(\w+)=~?", filters)), equal))
    return found


def missing(query: str, samples: Samples) -> list[str]:
    """Figures of a query that the server does not tell, or not with these labels."""
    return [
        name
        for name, labels, equal in names_in(query)
        if name != "up"
        and not any(name == told and labels <= has.keys() and equal.items() <= has.items() for told, has in samples)
    ]


@rootly
def test_every_query_finds_a_figure_with_its_labels(served: tuple[str, str, int]) -> None:
    url, key, _ = served
    scrape = yaml.safe_load((DEPLOY / "prometheus.yml").read_text())["scrape_configs"][0]
    assert scrape["authorization"]["type"] == "Bearer"
    answer = over_http.get(url + scrape["metrics_path"], headers={"authorization": f"Bearer {key}"})
    assert answer.status_code == 200
    samples = [(s.name, s.labels) for family in text_string_to_metric_families(answer.text) for s in family.samples]
    assert [(query, lost) for query in queries() if (lost := missing(query, samples))] == []
    assert missing("sum by (team) (heedful_rows)", samples) == ["heedful_rows"]
    assert missing('heedful_intake_records_total{fate="lost"}', samples) == ["heedful_intake_records_total"]
    assert missing("rate(heedful_nothing[5m])", samples) == ["heedful_nothing"]


def test_legends_name_labels_that_their_queries_keep() -> None:
    board = json.loads((DEPLOY / "grafana" / "dashboards" / "heedful.json").read_text())
    own = {"heedful_rows": {"table"}, "heedful_disk_bytes": {"file"}}
    for panel in board["panels"]:
        for target in panel["targets"]:
            kept = {label for name, labels, _ in names_in(target["expr"]) for label in labels | own.get(name, set())}
            assert set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"])) <= kept, panel["title"]
    places = [tuple(panel["gridPos"].values()) for panel in board["panels"]]
    assert len(set(places)) == len(places)
    assert len({panel["id"] for panel in board["panels"]}) == len(places)


# Files


def test_the_image_is_nobody_s_and_stops_in_time() -> None:
    last = dict(dockerfile())
    assert last["USER"] == f"{NOBODY}:{NOBODY}"
    assert last["VOLUME"] == "/workspace"
    copied = [words for word, words in dockerfile() if word == "COPY" and not words.startswith("--from")]
    for words in copied:
        for name in words.split()[:-1]:
            assert (DEPLOY.parent / name).exists(), name


def test_compose_gives_no_more_rights_than_needed_and_names_files_that_are_there() -> None:
    told = compose()
    ours = told["services"]["heedful"]
    assert ours["read_only"] is True
    assert ours["user"] == f"{NOBODY}:{NOBODY}"
    assert ours["cap_drop"] == ["ALL"]
    assert all(port.startswith("127.0.0.1:") for one in told["services"].values() for port in one.get("ports", ()))
    for name, one in told["services"].items():
        for volume in one.get("volumes", ()):
            source = volume.split(":")[0]
            assert (DEPLOY / source).exists() if source.startswith(".") else source in told["volumes"], name
    grafana = yaml.safe_load((DEPLOY / "grafana/provisioning/datasources/prometheus.yaml").read_text())
    board = json.loads((DEPLOY / "grafana/dashboards/heedful.json").read_text())
    assert {panel["datasource"]["uid"] for panel in board["panels"]} == {grafana["datasources"][0]["uid"]}
    path = yaml.safe_load((DEPLOY / "grafana/provisioning/dashboards/heedful.yaml").read_text())["providers"][0]
    assert any(path["options"]["path"] in volume for volume in told["services"]["grafana"]["volumes"])


def test_every_alert_says_what_to_do() -> None:
    rules = [rule for group in yaml.safe_load((DEPLOY / "alerts.yml").read_text())["groups"] for rule in group["rules"]]
    assert all(rule["annotations"]["summary"].endswith(".") for rule in rules)
    assert len({rule["alert"] for rule in rules}) == len(rules)


def test_the_unit_waits_longer_than_a_stop_takes() -> None:
    from heedful.server.front import SHUTDOWN_SECONDS
    from heedful.server.supervisor import STOP_SECONDS

    longest = SHUTDOWN_SECONDS + STOP_SECONDS
    assert int(unit("heedful.service")["Service"]["TimeoutStopSec"]) > longest
    assert int(compose()["services"]["heedful"]["stop_grace_period"].removesuffix("s")) > longest


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not here")
def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path) -> None:
    units = [*DEPLOY.glob("*.service"), *DEPLOY.glob("*.socket"), *DEPLOY.glob("*.timer")]
    for path in units:
        text = path.read_text().replace("/opt/heedful/bin/heedful", sys.executable)
        (tmp_path / path.name).write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / path.name) for path in units)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
