"""The first records of a file as they would be stored: people as pseudonyms, texts without personal data."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa

from heedful.intake.drain import CANNOT
from heedful.intake.files import Plan
from heedful.privacy.pseudonym import Keys
from heedful.privacy.seal import seal
from heedful.records import INCOMING, outward


def stored(plan: Plan, *, keys: Keys, brands: frozenset[str], now: datetime) -> list[dict[str, Any]]:
    """Records of a plan's sample in contract shape; those that cannot be taken are left out."""
    rows: list[dict[str, Any]] = []
    for one in plan.sample:
        filled = dict(one) | ({"source": plan.source} if "source" in one and one["source"] is None else {})
        try:
            batch = pa.RecordBatch.from_pylist([filled], INCOMING[plan.table])
            sealed = seal(plan.table, batch, keys=keys, brands=brands, now=now)
        except CANNOT:
            continue
        rows += _shown(plan.table, pa.Table.from_batches([sealed.batch]))
    return rows


def _shown(table: str, rows: pa.Table) -> Sequence[dict[str, Any]]:
    found: list[dict[str, Any]] = outward(rows, table).to_pylist(maps_as_pydicts="lossy")
    return [{name: value for name, value in row.items() if name != "ingested_at"} for row in found]
