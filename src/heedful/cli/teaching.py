"""`heedful teach`, and opening what it wrote."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from heedful.cli.options import AsJson, print_json

if TYPE_CHECKING:
    from heedful.language.taught import Taught
    from heedful.language.teach import Pair, Report

LONGEST = 60
SHOWN = 10


def teach(
    examples: Annotated[Path, typer.Argument(help="A CSV, TSV, JSON Lines or Parquet file of labelled examples.")],
    text: Annotated[str, typer.Option(help="The column of the texts.")],
    label: Annotated[str, typer.Option(help="The column of their labels.")],
    name: Annotated[str, typer.Option(help="What the column of new readings is to be called.")],
    out: Annotated[
        Path | None, typer.Option(help="The folder to write.", show_default="a folder named like NAME")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Teach your own categories.

    From 8 to 20,000 examples; `heedful read FILE --with DIR` then adds NAME (empty where a text is none of them),
    NAME_best and NAME_score. What is printed is of predictions for examples that were left out when they were made.
    """
    from dataclasses import asdict

    from heedful.language.table import cells
    from heedful.language.teach import teach as learn

    folder = out or Path(name)
    check_name(name)
    check_folder(folder)
    rows = ((cell[0], cell[1]) for cell in cells(examples, (text, label)))
    taught, report = learn(rows, name)
    found = asdict(report)
    # What is kept holds no texts: they may be customers' own words.
    taught.save(folder, {key: value for key, value in found.items() if key not in ("clashes", "corrections")})
    if as_json:
        print_json({**found, "folder": str(folder)})
    else:
        _print(report, folder)


def check_name(name: str) -> None:
    """BadSettings where a column cannot be called so."""
    from heedful.errors import BadSettings
    from heedful.language.annotate import MADE
    from heedful.language.taught import columns

    if (
        not name.isprintable()
        or not name.strip()
        or len(name) > LONGEST
        or set(name) & set("/:")
        or name.startswith(".")
    ):
        raise BadSettings(f"--name {name!r} cannot name a column; take a word such as topic")
    if taken := [column for column in columns(name) if column in MADE.names]:
        raise BadSettings(f"--name {name!r} would make the column {taken[0]!r}, which is a reading; take another name")


def check_folder(folder: Path) -> None:
    """BadSettings where something else would be overwritten."""
    from heedful.errors import BadSettings
    from heedful.language.taught import FILES

    if folder.exists() and not folder.is_dir():
        raise BadSettings(f"{folder} is a file; name a folder with --out")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / FILES[0]).is_file():
        raise BadSettings(f"{folder} holds other files; name a new folder with --out")


def loaded(folders: Sequence[Path]) -> "list[Taught]":
    """The classifiers of folders; BadSettings where two would make the same column."""
    from heedful.errors import BadSettings
    from heedful.language.taught import load

    found: dict[str, Path] = {}
    taught = [load(folder) for folder in folders]
    for folder, one in zip(folders, taught, strict=True):
        for column in one.columns:
            if column in found:
                raise BadSettings(f"{found[column]} and {folder} both make the column {column!r}; teach one anew")
            found[column] = folder
    return taught


def _print(report: "Report", folder: Path) -> None:
    from heedful.language.taught import LEAST

    without = f"; {report.left_out:,} row(s) lack a text or a label" if report.left_out else ""
    again = f"; {report.repeated:,} repeated" if report.repeated else ""
    typer.echo(f"{report.name}: {report.examples:,} examples of {len(report.labels):,} labels{without}{again}.")
    share = f"{report.accuracy:.1%} ({report.low:.1%} to {report.high:.1%})"
    typer.echo(f"Left-out examples predicted right: {share}; always the commonest label: {report.commonest:.1%}.")
    _list("Hardly told apart; merge them, or add examples that differ:", [_both(p) for p in report.overlapping])
    others = [_both(p) for p in report.confused if p not in report.overlapping]
    _list("Most often taken for each other:", others)
    clashes = [f"rows {_rows(c.rows)}: {_short(c.text)} is {' and '.join(c.labels)}" for c in report.clashes]
    _list("The same text under several labels:", clashes)
    wrong = [f"row {c.row}: {_short(c.text)} is {c.label}, looks like {c.suggested}" for c in report.corrections]
    _list("Labels to look at again:", wrong)
    typer.echo(f"Texts with a {report.name}_score below {LEAST} count as none of these.")
    typer.echo(f"Written to {folder}. Of a file: heedful read FILE --with {folder}")
    where = folder.resolve()
    typer.echo(f'Of a workspace: in heedful.toml, [[models]] with reading = "categories" and folder = "{where}"')


def _list(title: str, lines: Sequence[str]) -> None:
    if lines:
        typer.echo(title)
    for line in lines[:SHOWN]:
        typer.echo(f"  {line}")
    if len(lines) > SHOWN:
        typer.echo(f"  and {len(lines) - SHOWN:,} more; --json has them all")


def _both(pair: "Pair") -> str:
    taken = f"{pair.first_as_second} one way, {pair.second_as_first} the other"
    return f"{pair.first} and {pair.second}: {taken}, {pair.share:.0%} of both"


def _rows(rows: Sequence[int]) -> str:
    return ", ".join(map(str, rows[:5])) + (", ..." if len(rows) > 5 else "")


def _short(text: str) -> str:
    """A text on one line, quoted, without signs that would steer a terminal."""
    shown = " ".join(text.split())
    shown = "".join(sign if sign.isprintable() else "?" for sign in shown)
    return f'"{shown}"' if len(shown) <= LONGEST else f'"{shown[: LONGEST - 3]}..."'
