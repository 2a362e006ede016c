"""`heedful import`: bring files in."""

import sys
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from heedful.cli.options import AsJson, Folder, pairs, print_json, workspace

if TYPE_CHECKING:
    from heedful.intake.files import Plan
    from heedful.workspace import Workspace


def import_files(
    files: Annotated[
        list[Path] | None, typer.Argument(help="CSV, TSV, JSON Lines, Parquet or Excel; or gzip of them.")
    ] = None,
    kind: Annotated[
        str, typer.Option("--as", help="What they hold: messages, events, answers, items, profiles or consents.")
    ] = "messages",
    channel: Annotated[
        str | None, typer.Option(help="Of messages: social, review, survey, chat, email, call, forum, news, form.")
    ] = None,
    mapping: Annotated[
        list[str] | None,
        typer.Option("--map", help="field=column,... where a guess is wrong; field==value for a fixed value."),
    ] = None,
    source: Annotated[
        str | None, typer.Option(help="A name for where it comes from; the file's name if not given.")
    ] = None,
    tz: Annotated[str | None, typer.Option(help="Time zone of times without one.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Take the guesses without asking.")] = False,
    undo: Annotated[str | None, typer.Option("--undo", help="Take a whole import back, by its id.")] = None,
    past: Annotated[bool, typer.Option("--past", help="List past imports, with their ids.")] = False,
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Bring files in.

    Columns are guessed and shown first; bad rows go to quarantine; doing it again takes nothing twice.
    """
    from heedful.errors import BadSettings
    from heedful.intake.files import inspect
    from heedful.intake.preview import stored
    from heedful.records import PLURAL

    if past or undo is not None:
        if files:
            raise BadSettings("--past and --undo take no file")
        _list(workspace(folder), as_json) if past else _undo(workspace(folder), str(undo), yes=yes, as_json=as_json)
        return
    if not files:
        raise BadSettings("no file is named: heedful import FILE")
    if kind not in PLURAL:
        raise BadSettings(f"--as takes one of: {', '.join(PLURAL)}; not {kind!r}")
    opened = workspace(folder)
    zone = tz or opened.place.settings.time_zone
    fixed = pairs(mapping)
    plans = [inspect(file, PLURAL[kind], mapping=fixed, channel=channel, source=source, zone=zone) for file in files]
    for plan in plans:
        place = opened.place
        rows = stored(plan, keys=place.keys, brands=place.brands, now=datetime.now(UTC))
        typer.echo(describe(plan, rows), err=True)
    if not yes and sys.stdin.isatty() and not typer.confirm("Take it so?", default=True, err=True):
        raise typer.Exit(1)
    import_id = uuid.uuid4().hex
    _bring(opened, plans, import_id)
    result = opened.settle(import_id)
    if as_json:
        print_json(result)
    else:
        counts = f"{result['taken']:,} taken, {result['already']:,} already there"
        typer.echo(f"{counts}, {result['quarantined']:,} quarantined")
        if result["quarantined"]:
            typer.echo("`heedful quarantine list` shows why.", err=True)
    if result["taken"]:
        typer.echo(f"Was something wrong with it? `heedful import --undo {import_id}` takes it back.", err=True)
        typer.echo("Next: heedful serve, which reads the messages and shows them.", err=True)


def _list(opened: "Workspace", as_json: bool) -> None:
    found = opened.imports()
    if as_json:
        print_json(list(found))
        return
    for one in found:
        counts = f"{one['taken']:,} taken, {one['already']:,} already there, {one['quarantined']:,} quarantined"
        state = f"taken back {one['undone_at']} by {one['undone_by']}" if one["undone_at"] else counts
        typer.echo(f"{one['import_id']}\t{one['last_at']}\t{', '.join(one['sources'])}\t{state}")
    if not found:
        typer.echo("Nothing was brought in yet.", err=True)


def _undo(opened: "Workspace", import_id: str, *, yes: bool, as_json: bool) -> None:
    there = opened.take_back(import_id, dry=True)
    for table, count in there["rows"].items():
        typer.echo(f"{count:>8,}  {table}s", err=True)
    if there["returning"]:
        typer.echo(f"{there['returning']:>8,}  earlier versions, which come back", err=True)
    if not yes:
        typer.confirm("Take all of it back?", abort=True, err=True)
    done = opened.take_back(import_id)
    if as_json:
        print_json(done)
    else:
        typer.echo(f"{sum(done['rows'].values()):,} rows are taken back; the same file can be brought in again.")


def _bring(opened: "Workspace", plans: "list[Plan]", import_id: str) -> None:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    from heedful.intake.bring import bring
    from heedful.intake.files import read

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress, opened.storing() as journal:
        for plan in plans:
            task = progress.add_task(plan.path.name, total=1.0)
            bring(
                read(plan),
                journal,
                table=plan.table,
                source=plan.source,
                import_id=import_id,
                name=plan.path.name,
                backlog_bytes=opened.place.settings.backlog_bytes,
                read_as=plan.read_as,
                told=lambda done, task=task: progress.update(task, completed=done),  # type: ignore[misc]
            )
            progress.update(task, completed=1.0)


def describe(plan: "Plan", rows: Sequence[Mapping[str, object]]) -> str:
    """What was guessed about a file, for people; `rows` are its first records as they would be stored."""
    lines = [f"{plan.path.name}: {plan.format}, about {plan.rows:,} rows, as {plan.table}s, source {plan.source!r}"]
    for field, column in plan.fields.items():
        lines.append(f"  {field:<14} {column.name}  ({column.how}; {column.why})")
    if plan.left_out:
        lines.append(f"  left out: {', '.join(plan.left_out)}")
    if plan.extra:
        lines.append(f"  kept as attributes: {', '.join(plan.extra)}")
    lines += [f"  note: {note}" for note in plan.notes]
    for number, row in enumerate(rows, 1):
        held = ", ".join(f"{k}={str(v)[:60]!r}" for k, v in row.items() if v not in (None, [], {}))
        lines.append(f"  row {number}: {held}")
    lines.append("  wrong? --map field=column,... corrects it")
    return "\n".join(lines)
