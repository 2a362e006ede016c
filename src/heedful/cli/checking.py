"""`heedful check`: how often readings are right, as far as people checked them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from heedful.cli.options import AsJson, Folder, print_json, workspace


def check(
    reading: Annotated[
        str, typer.Argument(help="What was checked: sentiment, category:NAME, label:NAME or topic:ID.")
    ] = "sentiment",
    out: Annotated[
        Path | None, typer.Option(help="Write what was checked, as examples to teach from: FILE.csv or FILE.parquet.")
    ] = None,
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Say how often a reading is right.

    Of the messages that people checked on the page Check, drawn at random; with --out what they said of each.
    """
    opened = workspace(folder)
    if out is not None:
        _write(opened.examples(reading), out)
        return
    state = opened.checked(reading)
    if as_json:
        print_json(state)
    else:
        _print(state)


def _write(rows: Sequence[Mapping[str, Any]], out: Path) -> None:
    import pyarrow as pa

    from heedful.cli.tables import write_table

    write_table(pa.table({name: [row[name] for row in rows] for name in ("id", "text", "label", "read_as")}), out)


def _of(state: Mapping[str, Any], what: str, label: str) -> str:
    sure = state[what][label]
    return "unknown" if sure is None else f"{sure['value']:.0%} ({sure['low']:.0%} to {sure['high']:.0%})"


def _print(state: Mapping[str, Any]) -> None:
    typer.echo(f"{state['looked']:,} message(s) looked at, {state['sampled']:,} with an answer, drawn at random.")
    if not state["looked"]:
        typer.echo("Open the page Check of the server: 50 messages take about five minutes.")
    if sure := state["accuracy"]:
        typer.echo(f"Read rightly: {sure['value']:.0%} ({sure['low']:.0%} to {sure['high']:.0%}).")
        classes = list(state["called"])
        width = max(len("read as"), *map(len, classes))
        typer.echo(f"{'read as':<{width}}  truly: {', '.join(classes)}")
        for label, truly in state["called"].items():
            typer.echo(f"{label:<{width}}  {', '.join(str(truly[one]) for one in classes)}")
        for label in classes:
            typer.echo(
                f"{label}: {_of(state, 'precision', label)} right where read so, {_of(state, 'recall', label)} found."
            )
    if state["both"]:
        better = "" if state["kappa"] is None else f", Cohen's kappa {state['kappa']:.2f}"
        typer.echo(f"Two people agree about {state['agreed']:,} of {state['both']:,}{better}.")
    if state["unsettled"]:
        typer.echo(f"{state['unsettled']:,} to settle.")
