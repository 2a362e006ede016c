"""A workspace from a backup: every byte is verified before one is written, every row is counted after."""

import hashlib
import json
import os
import secrets
import shutil
import sqlite3
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path, PurePosixPath

from heedful import __version__, settings
from heedful.errors import BadRecord, BadSettings
from heedful.store.backup.archive import CHUNK, DIGEST, FORMAT, MANIFEST, Hashed, Manifest, Part
from heedful.store.backup.snapshot import rows, tables
from heedful.store.duck import connect
from heedful.store.schema import VERSION

HALF = ".restoring-"
LARGEST_MANIFEST = 64_000_000


def check(backup: Path) -> Manifest:
    """Verify every checksum of a backup; BadRecord where it is damaged, BadSettings where a later Heedful made it."""
    with _opened(backup) as (tar, manifest, members):
        for part in manifest.parts:
            for _ in _verified(tar, members[part.name], part, backup):
                pass
    return manifest


def restore(backup: Path, into: Path) -> Manifest:
    """Make a workspace of a backup in a new or empty folder; heedful.toml comes last, and makes it one."""
    for half in into.glob(f"{HALF}*"):
        shutil.rmtree(half)
    if into.is_file() or (into.is_dir() and any(into.iterdir())):
        raise BadSettings(f"{into} is not empty: restore into a new folder")
    check(backup)
    into.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder = into / f"{HALF}{secrets.token_hex(8)}"
    with ExitStack() as undo:
        undo.callback(shutil.rmtree, folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        with _opened(backup) as (tar, manifest, members):
            for part in manifest.parts:
                _write(folder / part.name, _verified(tar, members[part.name], part, backup))
        _counted(folder, manifest)
        _signed_out(folder / "data" / "accounts.db")
        for path in sorted(folder.iterdir(), key=lambda path: path.name == settings.FILE):
            path.rename(into / path.name)
    return manifest


def _signed_out(accounts: Path) -> None:
    """End every session and link of the time of the backup: whoever held one may have lost it since."""
    if accounts.is_file():
        with closing(sqlite3.connect(accounts)) as con:
            for table in {"session", "link"} & {name for (name,) in con.execute("select name from sqlite_master")}:
                con.execute(f"delete from {table}")
            con.commit()


def _write(path: Path, chunks: Iterator[bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        for chunk in chunks:
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _opened(backup: Path) -> Iterator[tuple[tarfile.TarFile, Manifest, dict[str, tarfile.TarInfo]]]:
    """A backup whose manifest was found whole and fits its members."""
    if not backup.is_file():
        raise BadSettings(f"there is no file {backup}")
    try:
        with tarfile.open(backup, "r:") as tar:
            members = {member.name: member for member in tar}
            manifest = _manifest(tar, members, backup)
            yield tar, manifest, members
    except tarfile.TarError as error:
        raise _damaged(backup, f"it cannot be read to its end ({error})") from None


def _manifest(tar: tarfile.TarFile, members: Mapping[str, tarfile.TarInfo], backup: Path) -> Manifest:
    if not {MANIFEST, DIGEST} <= members.keys():
        raise _damaged(backup, "it has no manifest, so it was cut off or never finished")
    body, digest = (_small(tar, members[name]) for name in (MANIFEST, DIGEST))
    if hashlib.sha256(body).hexdigest().encode() != digest:
        raise _damaged(backup, "its manifest is not what was written")
    told = json.loads(body)
    later = told["format"] > FORMAT or told["schema"] > VERSION or _number(told["version"]) > _number(__version__)
    if later:
        made = f"Heedful {told['version']} (schema {told['schema']})"
        raise BadSettings(f"{backup} was made by {made}; this is {__version__} (schema {VERSION}): install that one")
    told["parts"] = tuple(Part(**part) for part in told["parts"])
    manifest = Manifest(**{**told, "outside": tuple(told["outside"])})
    names = [part.name for part in manifest.parts]
    if sorted([*names, MANIFEST, DIGEST]) != sorted(members) or not all(_fits(members[name]) for name in names):
        raise _damaged(backup, "its parts are not those of its manifest")
    return manifest


def _small(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = tar.extractfile(member)
    return b"" if file is None else file.read(LARGEST_MANIFEST)


def _fits(member: tarfile.TarInfo) -> bool:
    """Whether it is a plain file that stays inside the workspace."""
    path = PurePosixPath(member.name)
    return member.isreg() and not path.is_absolute() and ".." not in path.parts and member.name == str(path)


def _verified(tar: tarfile.TarFile, member: tarfile.TarInfo, part: Part, backup: Path) -> Iterator[bytes]:
    """The bytes of a part; BadRecord after the last one where they are not those that were written."""
    file = tar.extractfile(member)
    assert file is not None
    read, size = Hashed(file), 0
    while chunk := read.read(CHUNK):
        size += len(chunk)
        yield chunk
    if (size, read.digest.hexdigest()) != (part.bytes, part.sha256):
        raise _damaged(backup, f"{part.name} is not what was written")


def _counted(folder: Path, manifest: Manifest) -> None:
    """BadRecord where a restored table has not as many rows as when it was copied."""
    for name, wanted in manifest.rows.items():
        path = folder / name
        if path.suffix == ".db":
            with closing(sqlite3.connect(path)) as con:
                found = rows(con)
        else:
            with closing(connect(path)) as duck:
                found = tables(duck)
        if found != dict(wanted):
            differ = [table for table in {*found, *wanted} if found.get(table) != wanted.get(table)]
            raise BadRecord(f"{name} was restored with other rows than it had in {', '.join(sorted(differ))}")


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def _damaged(backup: Path, why: str) -> BadRecord:
    return BadRecord(f"{backup} is no whole backup: {why}; nothing was restored, take another one")
