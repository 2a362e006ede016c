"""How far a command is."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def rows_read() -> Iterator[Callable[[int], None]]:
    """Takes how many rows are done, and shows it with the speed on standard error where that is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("Reading"), BarColumn(), TextColumn("{task.completed:,} rows, {task.fields[speed]:,.0f}/s"))
    console, began = Console(stderr=True), time.monotonic()
    with Progress(*columns, TimeElapsedColumn(), console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=None, speed=0.0)

        def done(rows: int) -> None:
            bar.update(task, completed=rows, speed=rows / max(1e-3, time.monotonic() - began))

        yield done
        bar.update(task, total=bar.tasks[0].completed)
