"""`heedful study`: a question whose answer is a table."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from heedful.cli.options import AsJson, Folder, filter_of, pairs, print_json, workspace
from heedful.cli.progress import rows_read

if TYPE_CHECKING:
    import pyarrow as pa


def study(
    name: Annotated[str | None, typer.Argument(help="Which study; without it they are listed.")] = None,
    source: Annotated[
        Path | None, typer.Option("--input", help="A CSV, JSON Lines or Parquet file to study, without a workspace.")
    ] = None,
    mapping: Annotated[
        list[str] | None, typer.Option("--map", help="field=column,... where the columns are named otherwise.")
    ] = None,
    topics: Annotated[
        int | None, typer.Option(min=1, help="Of a file: exactly so many topics; Heedful chooses if not given.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of a file: begins what is drawn by chance.")] = 0,
    per_week: Annotated[
        float, typer.Option(min=0.01, help="Of a file: false alarms that a series may raise in a week.")
    ] = 1.0,
    metric: Annotated[str | None, typer.Option(help="Of a workspace: the metric, as `heedful metrics` lists.")] = None,
    by: Annotated[str | None, typer.Option(help="Of a workspace: the dimension.")] = None,
    where: Annotated[list[str] | None, typer.Option(help="Only rows where 'DIMENSION=VALUE'; repeat it.")] = None,
    since: Annotated[str | None, typer.Option(help="From then on: 2026-11-01, or 30d, 12h back from now.")] = None,
    until: Annotated[str | None, typer.Option(help="Before then.")] = None,
    tz: Annotated[str | None, typer.Option(help="Time zone of days and hours.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where to write; standard output if not given.")] = None,
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Study a file or a workspace.

    The answer is a table: new columns beside the rows of the file given with --input, or rows of its own. A workspace
    is asked what is new, or what a metric's change is made of, by a dimension, since a time. `heedful study` alone says
    what each study tells, and which fields of a file it takes.
    """
    from heedful.errors import BadSettings

    of_workspace = {"--metric": metric, "--by": by, "--where": where, "--since": since, "--until": until, "--tz": tz}
    given = [option for option, value in of_workspace.items() if value]
    if name is None:
        _list(as_json=as_json)
    elif source is not None:
        from heedful.insight.on_file import study_file
        from heedful.insight.studies import Choices

        if given:
            raise BadSettings(f"{given[0]} is for the study of a workspace; leave --input out, or {given[0]}")
        if as_json:
            raise BadSettings("--json is for a workspace; to get JSON of a file, write --out FILE.jsonl")
        with rows_read() as told:
            choices = Choices(topics=topics, seed=seed, per_week=per_week, told=told)
            study_file(name, source, mapping=pairs(mapping), choices=choices, out=out)
    else:
        from heedful.insight.answer import Question
        from heedful.insight.studies import of_view

        of_view(name)  # a study of files says so, with or without a workspace
        opened = workspace(folder)
        filters = tuple(filter_of(one) for one in where or ())
        zone = tz or opened.place.settings.time_zone
        dimensions = tuple(one for one in (by or "").split(",") if one)
        found = opened.study(name, Question(metric or "", dimensions, filters, since, until, zone))
        _show(found, out, as_json=as_json)


def _show(found: "pa.Table", out: Path | None, *, as_json: bool) -> None:
    from heedful.cli.tables import print_table, write_table

    if out is not None:
        write_table(found, out)
    elif as_json:
        for row in found.to_pylist():
            print_json(row)
    else:
        print_table(found)


def _list(*, as_json: bool) -> None:
    from heedful.insight.studies import described, fields

    rows = described()
    if as_json:
        print_json(rows)
        return
    for row in rows:
        typer.echo(f"{row['study']:<14} {row['help']}")
        if taken := fields(row["study"]):
            typer.echo(f"{'':<14} Of a file: {', '.join(taken)}")
