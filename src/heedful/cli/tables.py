"""Tables on a terminal and in files."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

MOST_COLUMNS = 12


def print_table(table: "pa.Table") -> None:
    """Print a table for people; numbers stand to the right, and nothing for what is not there.

    Rows of very many columns are told one beneath another, without what is not there.
    """
    import pyarrow as pa
    from rich import box
    from rich.console import Console
    from rich.table import Table

    if not table.num_rows:
        Console().print("Nothing was found.")
        return
    if len(table.column_names) > MOST_COLUMNS:
        _print_rows(table)
        return
    printed = Table(box=box.SIMPLE_HEAD)
    numbers = [pa.types.is_integer(field.type) or pa.types.is_floating(field.type) for field in table.schema]
    for name, number in zip(table.column_names, numbers, strict=True):
        printed.add_column(name.replace("_", " "), justify="right" if number else "left")
    for row in zip(*(column.to_pylist() for column in table.columns), strict=True):
        cells = (
            shown(one) if number else "" if one is None else str(one) for one, number in zip(row, numbers, strict=True)
        )
        printed.add_row(*cells)
    Console().print(printed)


def _print_rows(table: "pa.Table") -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    for row in table.to_pylist():
        printed = Table(box=None, show_header=False)
        for name, value in row.items():
            if value is not None:
                plain = (
                    ", ".join("-" if one is None else str(one) for one in value) if isinstance(value, list) else value
                )
                printed.add_row(
                    name.replace("_", " "), shown(plain) if isinstance(plain, float) else escape(str(plain))
                )
        Console().print(printed)
        Console().print()


def shown(value: float | None) -> str:
    """A number in few digits."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.3g}" if abs(value) < 100 else f"{value:,.1f}"


def write_table(table: "pa.Table", out: Path, *more: str) -> None:
    """Write a table by the ending of its name; BadSettings lists the endings, with `more` that others write."""
    from heedful.errors import BadSettings
    from heedful.insight.export import as_csv, as_parquet

    if out.suffix not in (".csv", ".parquet"):
        known = ", ".join((".csv", ".parquet", *(f".{one}" for one in more)))
        raise BadSettings(f"{out} must end in one of: {known}")
    out.write_bytes(as_csv(table) if out.suffix == ".csv" else as_parquet(table))
