"""Answers and rows as responses: JSON, CSV or Parquet, all from the same value."""

import json
from collections.abc import Awaitable, Callable

import pyarrow as pa
from starlette.requests import Request
from starlette.responses import Response

from heedful.errors import NotFound
from heedful.insight.ask import Answer
from heedful.insight.export import FORMATS, as_csv, as_parquet
from heedful.insight.messages import Found

Endpoint = Callable[[Request], Response]
AsyncEndpoint = Callable[[Request], Awaitable[Response]]
NO_STORE = {"cache-control": "no-store"}


def answer(given: Answer, form: str) -> Response:
    """A metric's answer in the format asked for."""
    if form == "json":
        return as_json(given.to_json())
    return table(given.to_arrow(), form, given.metric)


def rows(given: pa.Table, form: str, as_of: str, *, name: str = "evidence") -> Response:
    """Rows behind a figure, or of a study; `name` is that of the file."""
    if form == "json":
        return as_json({"as_of": as_of, "rows": given.to_pylist(maps_as_pydicts="lossy")})
    return table(given, form, name)


def found(given: Found, as_of: str) -> Response:
    """Messages that were searched for."""
    shown = given.rows.to_pylist(maps_as_pydicts="lossy") if isinstance(given.rows, pa.Table) else given.rows
    after = None if given.next is None else str(given.next)  # too long a number for JavaScript
    return as_json({"as_of": as_of, "next": after, "rows": shown})


def as_json(value: object) -> Response:
    """JSON, with times in ISO 8601."""
    body = json.dumps(value, default=_plain, ensure_ascii=False)
    return Response(body, media_type="application/json", headers=NO_STORE)


def table(given: pa.Table, form: str, name: str) -> Response:
    """A table to download."""
    if form not in FORMATS:
        raise NotFound(f"no format named {form!r}; there are: {', '.join(FORMATS)}")
    body, media = (as_csv(given), "text/csv; charset=utf-8") if form == "csv" else (as_parquet(given), PARQUET)
    headers = {"content-disposition": f'attachment; filename="{name}.{form}"', **NO_STORE}
    return Response(body, media_type=media, headers=headers)


PARQUET = "application/vnd.apache.parquet"


def _plain(value: object) -> object:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
