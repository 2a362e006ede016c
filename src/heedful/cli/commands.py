"""Every command, in the order of `heedful --help`."""

from typing import Annotated

import typer

from heedful import __version__
from heedful.cli import (
    backups,
    bringing,
    checking,
    doctoring,
    forgetting,
    keys,
    listening,
    quarantine,
    questions,
    reading,
    serving,
    studying,
    teaching,
    users,
)

app = typer.Typer(
    help="Hear what customers say and do, understand it, and answer with evidence.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"heedful {__version__}")
        raise typer.Exit


@app.callback()
def about(
    _version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_print_version, help="Print the version and end."),
    ] = False,
) -> None:
    """Hear what customers say and do, understand it, and answer with evidence."""


app.command("init")(serving.init)
app.command("demo")(serving.demo)
app.command("import")(bringing.import_files)
app.command("listen")(listening.listen)
app.command("serve")(serving.serve)
app.command("read")(reading.read)
app.command("teach")(teaching.teach)
app.command("ask")(questions.ask)
app.command("metrics")(questions.metrics)
app.command("check")(checking.check)
app.command("study")(studying.study)
app.command("doctor")(doctoring.doctor)
app.command("backup")(backups.backup)
app.command("restore")(backups.restore)
app.command("forget")(forgetting.forget)
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(users.app, name="user")
app.add_typer(keys.app, name="key")
