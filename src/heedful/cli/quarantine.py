"""`heedful quarantine`: records that could not be taken, with their reasons."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from heedful.cli.options import AsJson, Folder, place, print_json

if TYPE_CHECKING:
    from heedful.store.journal import Quarantined

app = typer.Typer(help="See records that were not taken.", no_args_is_help=True)
Ids = Annotated[list[int], typer.Argument(help="Numbers of records, as `list` shows them.")]


@app.command("list")
def list_records(
    workspace: Folder = None,
    limit: Annotated[int, typer.Option(help="At most so many, newest first.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List what waits in quarantine, newest first."""
    journal = place(workspace).journal()
    found = journal.quarantined(limit=limit)
    if as_json:
        print_json([_shown(one) for one in found])
        return
    for one in found:
        typer.echo(f"{one.id}\t{_time(one.at)}\t{one.table}\t{one.source}\t{one.place}\t{one.reason}")
    typer.echo(f"{journal.quarantine_size():,} record(s) in quarantine.", err=True)


@app.command()
def show(id: Annotated[int, typer.Argument(help="The record's number.")], workspace: Folder = None) -> None:
    """Show one record: where it came from, why it was not taken, and what it was, raw."""
    one = place(workspace).journal().quarantined(id=id)[0]
    for name, value in _shown(one).items():
        typer.echo(f"{name}: {value}")


@app.command()
def replay(
    ids: Ids,
    workspace: Folder = None,
    fix: Annotated[str | None, typer.Option(help="The record to take instead, as JSON; with one number only.")] = None,
) -> None:
    """Try to take records again, after the cause is mended or with a corrected record."""
    from heedful.errors import BadRecord, BadSettings
    from heedful.intake.replay import again

    if fix is not None and len(ids) != 1:
        raise BadSettings(f"--fix corrects one record, and {len(ids)} numbers were given")
    journal = place(workspace).journal()
    kept = 0
    for id in ids:
        try:
            again(journal, id, fix.encode() if fix is not None else None)
            typer.echo(f"{id}: taken again")
        except BadRecord as error:
            kept += 1
            typer.echo(f"{id}: stays in quarantine: {error}")
    if kept:
        raise typer.Exit(1)


@app.command()
def drop(ids: Ids, workspace: Folder = None) -> None:
    """Remove records from quarantine for good."""
    typer.echo(f"{place(workspace).journal().drop(ids)} record(s) dropped.")


def _shown(one: "Quarantined") -> dict[str, Any]:
    return {
        "id": one.id,
        "at": _time(one.at),
        "table": one.table,
        "source": one.source,
        "import": one.import_id,
        "place": one.place,
        "reason": one.reason,
        "raw": one.raw.decode("utf-8", "replace"),
    }


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
