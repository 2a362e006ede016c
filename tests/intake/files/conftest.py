"""Files of one's own: written in a line, looked at and read to the end."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from heedful.intake.files import Bad, Plan, inspect, read
from heedful.records import INCOMING

Taken = tuple[Plan, list[dict[str, Any]], list[Bad]]
Take = Callable[..., Taken]


def taken(path: Path, table: str, *, rows: int = 20_000, **options: Any) -> Taken:
    """Plan, records and bad rows of a whole file, with the promises of `read` checked on the way."""
    plan = inspect(path, table, **options)
    records: list[dict[str, Any]] = []
    bad: list[Bad] = []
    done = 0.0
    for shaped in read(plan, rows=rows):
        shaped.batch.validate(full=True)
        assert shaped.batch.schema.equals(INCOMING[plan.table])
        assert shaped.batch.column("id").null_count == 0
        assert all(
            column.null_count == 0
            for field, column in zip(shaped.batch.schema, shaped.batch.columns, strict=True)
            if not field.nullable
        )
        assert done <= shaped.done <= 1
        done = shaped.done
        records += pa.Table.from_batches([shaped.batch]).to_pylist(maps_as_pydicts="strict")
        bad += shaped.bad
    assert done == 1
    return plan, records, bad


@pytest.fixture
def take(tmp_path: Path) -> Take:
    """Write a file (text, bytes, or nothing where it is there), look at it as a table and read it."""

    def write_and_take(
        content: str | bytes | None,
        table: str = "messages",
        *,
        name: str = "sample.csv",
        encoding: str = "utf-8",
        **options: Any,
    ) -> Taken:
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return taken(path, table, **options)

    return write_and_take
