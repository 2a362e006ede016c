"""Forms that pages send, within bounds: texts in UTF-8, so many and so long, and a file where one is asked for."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request

KINDS = ("application/x-www-form-urlencoded", "multipart/form-data")


@asynccontextmanager
async def sent(request: Request, *, fields: int, size: int, files: int = 0) -> AsyncIterator[FormData]:
    """The form, with files that last as long as the block; HTTPException where it is none, or too much of one."""
    given = request.headers.get("content-type", "")
    kind, *parameters = (part.strip() for part in given.lower().split(";"))
    charset = next((part for part in parameters if part.startswith("charset")), "")
    if (kind and kind not in KINDS) or not re.fullmatch(
        r'(charset="?utf-?8"?)?', charset
    ):  # others can be slow to decode
        raise HTTPException(415, "a form is sent as a browser does, in UTF-8")
    async with request.form(max_files=files, max_fields=fields, max_part_size=size) as form:
        yield form


def fields_of(form: FormData) -> dict[str, str]:
    """The fields that are texts; of several with one name the last."""
    return {name: value for name, value in form.items() if isinstance(value, str)}
