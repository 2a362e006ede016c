"""The backup file: a tar of every part, and last its manifest, without which it is none."""

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from heedful import __version__, settings
from heedful.errors import BadSettings
from heedful.store import uploads
from heedful.store.backup.snapshot import FACTS, PREFIX, Snapshot
from heedful.store.place import Place
from heedful.store.rewrite import FOLDER

FORMAT = 1
MANIFEST, DIGEST = "manifest.json", "manifest.sha256"
CHUNK = 1 << 20
NOTE = "last_backup.json"
"""Says in the data folder when the last backup was made."""
NOT_KEPT = frozenset({"server.json", "server.lock", NOTE, "cache", "spill", uploads.FOLDER, FOLDER})
"""What belongs to a process, or is made again when it is needed."""
IN, OUT = "in the backup", "left out"


@dataclass(frozen=True)
class Part:
    """One file of a backup: its path in the workspace, its size, and the SHA-256 of its bytes."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a backup holds: by which version it was made and when, its parts, and the rows of each table of each file.

    `secret` says where the secret is: in the backup, left out, or in what heedful.toml names. `outside` are model
    folders that heedful.toml names outside the workspace: they are not in it.
    """

    format: int
    version: str
    schema: int
    made_at: str
    secret: str
    outside: tuple[str, ...]
    parts: tuple[Part, ...]
    rows: Mapping[str, Mapping[str, int]]

    @property
    def bytes(self) -> int:
        """The size of all parts together."""
        return sum(part.bytes for part in self.parts)


def write(place: Place, snapshot: Snapshot, into: Path, *, secret: bool, now: datetime) -> Manifest:
    """Pack a workspace into a new file; until it is whole, its name ends in `.partial`. BadSettings where it is there.

    Without `secret`, the secret stays out; whoever restores then needs it from elsewhere.
    """
    if into.exists():
        raise BadSettings(f"{into} exists already: name a new file")
    files, told = _files(place, snapshot, secret=secret)
    partial = into.with_name(into.name + ".partial")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        with tarfile.TarFile(fileobj=file, mode="w", copybufsize=CHUNK) as tar:
            parts = tuple(_add(tar, name, path, now) for name, path in files)
            counted = {f"data/{name}": rows for name, rows in snapshot.rows.items()}
            at = now.isoformat(timespec="seconds")
            outside = tuple(str(model.folder) for model in place.settings.models if not _inside(model.folder, place))
            manifest = Manifest(FORMAT, __version__, snapshot.schema, at, told, outside, parts, counted)
            body = json.dumps(asdict(manifest), indent=1).encode()
            _put(tar, MANIFEST, io.BytesIO(body), len(body), now)
            digest = hashlib.sha256(body).hexdigest().encode()
            _put(tar, DIGEST, io.BytesIO(digest), len(digest), now)
        file.flush()
        os.fsync(file.fileno())
    partial.rename(into)
    _settle(into.parent)
    (place.data / NOTE).write_text(json.dumps({"made_at": at, "bytes": into.stat().st_size}))
    return manifest


def last(data: Path) -> datetime | None:
    """When the last backup was made, where one was."""
    try:
        return datetime.fromisoformat(json.loads((data / NOTE).read_text())["made_at"])
    except (OSError, ValueError, KeyError):
        return None


def _settle(folder: Path) -> None:
    """Have the names in a folder on disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _files(place: Place, snapshot: Snapshot, *, secret: bool) -> tuple[list[tuple[str, Path]], str]:
    """Every file by its path in the workspace, and where the secret is."""
    root = place.folder.resolve()
    found = {settings.FILE: root / settings.FILE}
    kind, _, where = place.settings.secret.partition(":")
    key, told = root / where, place.settings.secret
    if kind == "file" and _inside(key, place):
        told = IN if secret else OUT
        if secret:
            found[key.resolve().relative_to(root).as_posix()] = key
    for path in _beside(place.data):
        found[f"data/{path.relative_to(place.data).as_posix()}"] = path
    for path in snapshot.folder.iterdir():
        found[f"data/{path.name}"] = path
    for model in place.settings.models:
        for path in _deep(model.folder) if _inside(model.folder, place) else ():
            found[path.resolve().relative_to(root).as_posix()] = path
    if not secret and kind == "file":
        found = {name: path for name, path in found.items() if path.resolve() != key.resolve()}
    return sorted(found.items()), told


def _inside(path: Path, place: Place) -> bool:
    return path.resolve().is_relative_to(place.folder.resolve())


def _beside(data: Path) -> Iterator[Path]:
    """Files of the data folder that are no database: the databases come from the snapshot."""
    for path in data.iterdir():
        database = path.name.startswith(FACTS) or path.name.endswith((".db", ".db-wal", ".db-shm", ".db-journal"))
        if not database and path.name not in NOT_KEPT and not path.name.startswith(PREFIX):
            yield from _deep(path)


def _deep(path: Path) -> Iterator[Path]:
    yield from (one for one in (path.rglob("*") if path.is_dir() else (path,)) if one.is_file())


def _add(tar: tarfile.TarFile, name: str, path: Path, now: datetime) -> Part:
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        read = Hashed(file)
        _put(tar, name, read, size, now)
    return Part(name, size, read.digest.hexdigest())


def _put(tar: tarfile.TarFile, name: str, file: Any, size: int, now: datetime) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = size, 0o600, now.timestamp()
    tar.addfile(info, file)


class Hashed:
    """A file whose bytes are counted in as they are read."""

    def __init__(self, file: IO[bytes]) -> None:
        """Nothing is read yet."""
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int) -> bytes:
        """The next bytes."""
        found = self._file.read(size)
        self.digest.update(found)
        return found
