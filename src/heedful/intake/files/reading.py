"""A file as records, block after block: memory does not grow with the file."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from heedful.intake.files import answers, columnar, delimited, json_lines, sheets
from heedful.intake.files import shape as records
from heedful.intake.files.identity import Seen
from heedful.intake.files.plan import Block, Plan, Shaped
from heedful.records import INCOMING


def read(plan: Plan, *, rows: int = 20_000) -> Iterator[Shaped]:
    """The records that a plan makes of its file, about `rows` at a time, and the rows that became none.

    Every record has an `id`. The last piece has `done` 1. BadSettings where the file is damaged on the way.
    """
    seen = Seen()
    wide = len(plan.survey.questions) if plan.survey and plan.survey.form == "wide" else len(plan.traits)
    make = answers.shape if plan.table == "answer" else records.shape
    done = 0.0
    for block in cut(blocks(plan, rows=rows), max(50, rows // max(1, wide)), skip=plan.layout.labels):
        batch, bad = make(block, plan, seen)
        done = block.done
        yield Shaped(batch, [*block.bad, *bad], done)
    if done < 1.0:
        yield Shaped(records.assemble({}, INCOMING[plan.table], 0), [], 1.0)


def blocks(plan: Plan, *, rows: int) -> Iterator[Block]:
    """The rows of a file as they stand there."""
    if plan.format == "parquet":
        return columnar.blocks(plan.path, plan.layout, rows=rows)
    if plan.format == "excel":
        return sheets.blocks(plan.path, plan.layout, rows=rows)
    if plan.format == "jsonl":
        return json_lines.blocks(plan.path, plan.layout)
    return delimited.blocks(plan.path, plan.layout)


def cut(blocks: Iterator[Block], rows: int, *, skip: int = 0) -> Iterator[Block]:
    """The same rows in blocks of at most `rows`, without the first `skip`."""
    for block in blocks:
        count = block.rows.num_rows
        start = min(skip, count)
        skip -= start
        starts = range(start, count, rows)
        if not starts:
            yield replace(block, rows=block.rows.slice(0, 0), lines=[])
        for at in starts:
            bad = block.bad if at == start else ()
            yield Block(block.rows.slice(at, rows), block.lines[at : at + rows], bad, block.done)


def head(plan: Plan, *, rows: int) -> list[Block]:
    """The first rows, for a guess; of a Parquet file rows from its start, middle and end."""
    if plan.format == "parquet":
        return list(columnar.sample(plan.path, plan.layout, rows=rows))
    taken: list[Block] = []
    count = 0
    found = blocks(plan, rows=rows)
    for block in islice(found, 64):
        taken.append(block)
        count += block.rows.num_rows
        if count >= rows:
            break
    found.close()  # type: ignore[attr-defined]
    return taken
