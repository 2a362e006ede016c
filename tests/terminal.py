"""The command line as somebody types it: a process for each command, forked from one that has imported what it needs.

So a command costs what it does, and not a second of imports as well; tests/test_imports.py looks at those.
"""

import multiprocessing
import os
import subprocess
import sys
import tempfile
from pathlib import Path

LOADED = [
    "heedful.cli.commands",
    "heedful.workspace",
    "heedful.intake.drain",
    "heedful.insight.ask",
    "heedful.store.facts",
]
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(LOADED)


def heedful(*arguments: str, cwd: Path | None = None, typed: str = "") -> subprocess.CompletedProcess[str]:
    """Run `heedful` with these arguments and wait for its end; `typed` is what it is answered."""
    with tempfile.TemporaryDirectory() as folder:
        streams = [Path(folder) / name for name in ("stdin", "stdout", "stderr")]
        streams[0].write_text(typed)
        where, environment = str(cwd or Path.cwd()), dict(os.environ)
        process = FORKS.Process(target=_run, args=(arguments, where, environment, [str(path) for path in streams]))
        process.start()
        process.join(120)
        assert process.exitcode is not None, f"heedful {' '.join(arguments)} did not end within two minutes"
        _, out, err = (path.read_text() if path.exists() else "" for path in streams)
        return subprocess.CompletedProcess(arguments, process.exitcode, out, err)


def _run(arguments: tuple[str, ...], cwd: str, environment: dict[str, str], streams: list[str]) -> None:
    from heedful.cli import main

    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    for number, path in enumerate(streams):
        opened = os.open(path, os.O_RDWR | os.O_CREAT)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin, sys.stdout, sys.stderr = (os.fdopen(n, mode, closefd=False) for n, mode in enumerate("rww"))
    sys.argv = ["heedful", *arguments]
    main()
