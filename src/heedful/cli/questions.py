"""`heedful ask` and `heedful metrics`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from heedful.cli.options import AsJson, Folder, filter_of, print_json, workspace
from heedful.cli.tables import shown, write_table

if TYPE_CHECKING:
    from heedful.insight.ask import Question

CHECKED = {
    "full count": "full count, not an estimate",
    "checked": "estimate, corrected by messages that people checked",
    "measured": "estimate, corrected for the classifier's measured errors",
    "not checked": "as a classifier read it; its errors here are not known",
}


def ask(
    metric: Annotated[str, typer.Argument(help="A metric's name; `heedful metrics` lists them.")],
    by: Annotated[list[str] | None, typer.Option(help="Group by dimensions, separated by commas.")] = None,
    where: Annotated[list[str] | None, typer.Option(help="Only rows where 'DIMENSION=VALUE'; repeat it.")] = None,
    since: Annotated[str | None, typer.Option(help="From then on: 2026-11-01, or 30d, 12h back from now.")] = None,
    until: Annotated[str | None, typer.Option(help="Before then.")] = None,
    tz: Annotated[
        str | None, typer.Option(help="Time zone of days and hours; the workspace's own if not given.")
    ] = None,
    compare: Annotated[str | None, typer.Option(help="`before`: beside the period of the same length before.")] = None,
    weights: Annotated[
        str | None, typer.Option(help="Count rows as heedful.toml's [weights] of this name say.")
    ] = None,
    evidence: Annotated[bool, typer.Option("--evidence", help="Show the rows behind the figure.")] = False,
    limit: Annotated[int, typer.Option(help="With --evidence: at most so many rows.")] = 100,
    out: Annotated[Path | None, typer.Option(help="Write to FILE.csv, FILE.parquet or FILE.json.")] = None,
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Ask a metric.

    Its value, its interval where it is an estimate, and how many rows and people are behind it.
    """
    from heedful.errors import BadSettings
    from heedful.insight.ask import Question

    if compare not in (None, "before"):
        raise BadSettings(f"--compare takes `before`, not {compare!r}")
    opened = workspace(folder)
    names = tuple(name for part in by or () for name in part.split(",") if name)
    zone = tz or opened.place.settings.time_zone
    question = Question(
        metric, names, tuple(filter_of(w) for w in where or ()), since, until, zone, compare == "before", weights
    )
    if evidence:
        found = opened.evidence(question, limit=limit)
        for row in [found] if as_json else found["rows"]:
            print_json(row)
        return
    answer = dict(opened.ask(question))
    if out is not None:
        _write(answer, question, out)
    elif as_json:
        print_json(answer)
    else:
        _print(answer, question)


def _print(answer: dict[str, Any], question: "Question") -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, title=f"{answer.get('title', question.metric)} ({answer['unit']})")
    for name in question.by:
        table.add_column(name)
    estimated = any(row["low"] is not None for row in answer["rows"])
    heads = ["value", *(["95% interval"] if estimated else []), *(["before", "change"] if question.compare else [])]
    heads += ["rows", "people"]
    for name in heads:
        table.add_column(name, justify="right")
    for row in answer["rows"]:
        cells = _cells(row)
        called = (answer.get("names", {}).get(row[d], row[d]) for d in question.by)
        table.add_row(*("(none)" if name is None else str(name) for name in called), *(cells[n] for n in heads))
    Console().print(table)
    if note := answer.get("checked"):
        typer.echo(f"{CHECKED.get(note, note)}; zone {answer['zone']}; as of {answer.get('as_of', '')}", err=True)
    if weighted := answer.get("weights"):
        typer.echo(
            f"weighted to {weighted['name']}: design effect {weighted['effect']:.2f}, "
            f"as much as {weighted['effective']:,.0f} rows of equal weight say",
            err=True,
        )
    if version := answer.get("topics_version"):
        typer.echo(f"version {version} of the topics", err=True)
    if any(row.get("hidden") for row in answer["rows"]):
        typer.echo("hidden: about too few people to show, or beside such a group, which it would give away.", err=True)
    if answer.get("unread"):
        why = "not read yet, or in a language that is not read"
        typer.echo(f"{answer['unread']:,} message(s) have no reading ({why}) and are left out.", err=True)
        typer.echo("`heedful read` reads what waits; a server does so by itself.", err=True)


def _cells(row: dict[str, Any]) -> dict[str, str]:
    if row.get("hidden"):
        return dict.fromkeys(("95% interval", "before", "change", "rows", "people"), "") | {"value": "hidden"}
    interval = "" if row["low"] is None else f"{shown(row['low'])} to {shown(row['high'])}"
    before = row.get("before") or {}
    return {
        "value": shown(row["value"]),
        "95% interval": interval,
        "before": shown(before.get("value") if isinstance(before, dict) else before),
        "change": shown(row.get("change")),
        "rows": shown(row["rows"]),
        "people": shown(row["people"]),
    }


def _write(answer: dict[str, Any], question: "Question", out: Path) -> None:
    import json

    from heedful.insight.ask import from_json

    if out.suffix == ".json":
        out.write_text(json.dumps(answer, ensure_ascii=False))
    else:
        write_table(from_json(answer, question.by), out, "json")


def metrics(as_json: AsJson = False) -> None:
    """List the metrics."""
    from heedful.insight.metrics import described

    rows = described()
    if as_json:
        print_json(rows)
        return
    for row in rows:
        typer.echo(f"{row['metric']:<18} {row['help']} [{row['unit']}]")
