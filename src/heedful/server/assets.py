"""Files that pages need: our own, named by their contents, and the drawing library, made once and kept.

Everything is served from here; no page reaches out to another place.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
from functools import cache
from importlib.metadata import version
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from heedful.errors import NotFound, TryLater

STATIC = Path(__file__).with_name("static")
KINDS = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
LONG = {"Cache-Control": "public, max-age=31536000, immutable"}
MAKE = """
import gzip, pathlib, sys, vl_convert
pathlib.Path(sys.argv[1]).write_bytes(gzip.compress(vl_convert.javascript_bundle().encode(), 9, mtime=0))
"""
SECONDS = 120


@cache
def named(file: str) -> str:
    """The address of one of our files; it changes when the file does."""
    return f"/static/{file}?v={hashlib.sha256((STATIC / file).read_bytes()).hexdigest()[:10]}"


@cache
def bundle_name() -> str:
    """The file name of the drawing library, with the version it is of."""
    return f"vega-{version('vl-convert-python')}.js"


def make_bundle(cache_folder: Path) -> Path:
    """The drawing library as a gzip file, made where it is not there yet.

    A process of its own makes it, so that the 100 MB it takes do not stay. TryLater where that failed.
    """
    kept = cache_folder / f"{bundle_name()}.gz"
    if kept.is_file():
        return kept
    cache_folder.mkdir(parents=True, exist_ok=True)
    handle, half = tempfile.mkstemp(dir=cache_folder, suffix=".part")
    os.close(handle)
    try:
        made = subprocess.run([sys.executable, "-c", MAKE, half], capture_output=True, timeout=SECONDS, check=False)
        if made.returncode:
            why = made.stderr.decode(errors="replace").strip().rpartition("\n")[2]
            raise TryLater(f"the drawing library could not be made: {why}; pages show tables", after=60)
        Path(half).replace(kept)
    finally:
        Path(half).unlink(missing_ok=True)
    return kept


def static(request: Request) -> Response:
    """GET /static/{file}: one of our files."""
    name = request.path_params["file"]
    path = next((file for file in STATIC.iterdir() if file.name == name and file.suffix in KINDS), None)
    if path is None:
        raise NotFound(f"there is no file {name[:80]!r} here")
    lasting = LONG if "v" in request.query_params else {"Cache-Control": "no-cache"}
    return FileResponse(path, media_type=KINDS[path.suffix], headers=lasting)


def bundle(cache_folder: Path) -> FileResponse:
    """The drawing library, compressed; every browser that can draw takes it so."""
    headers = {**LONG, "Content-Encoding": "gzip"}
    return FileResponse(make_bundle(cache_folder), media_type=KINDS[".js"], headers=headers)
