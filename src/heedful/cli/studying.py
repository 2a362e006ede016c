"""`heedful study`: a question whose answer is a table."""

from pathlib import Path
from typing import Annotated

import typer

from heedful.cli.options import AsJson, pairs, print_json


def study(
    name: Annotated[str | None, typer.Argument(help="Which study; without it they are listed.")] = None,
    source: Annotated[
        Path | None, typer.Option("--input", help="A CSV, JSON Lines or Parquet file to study, without a workspace.")
    ] = None,
    mapping: Annotated[
        list[str] | None, typer.Option("--map", help="field=column,... where the columns are named otherwise.")
    ] = None,
    topics: Annotated[
        int | None, typer.Option(min=1, help="Exactly so many topics; Heedful chooses if not given.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Begins what is drawn by chance.")] = 0,
    out: Annotated[Path | None, typer.Option(help="Where to write; standard output if not given.")] = None,
    as_json: AsJson = False,
) -> None:
    """Study a file.

    The answer is a table: new columns beside the rows of the file, or rows of its own.
    """
    from heedful.errors import BadSettings
    from heedful.insight.studies import Choices

    if name is None:
        _list(as_json=as_json)
        return
    if as_json:
        raise BadSettings("--json is for the list of studies; to get JSON, write to a file: --out FILE.jsonl")
    if source is None:
        raise BadSettings(f"name the file to study: heedful study {name} --input FILE")
    from heedful.insight.on_file import study_file

    study_file(name, source, mapping=pairs(mapping), choices=Choices(topics, seed), out=out)


def _list(*, as_json: bool) -> None:
    from heedful.insight.studies import described

    rows = described()
    if as_json:
        print_json(rows)
        return
    for row in rows:
        typer.echo(f"{row['study']:<14} {row['help']}")
