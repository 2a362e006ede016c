"""What kind of file this is, told from its first bytes and not from its name; and how to read its bytes."""

import gzip
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NoReturn

from heedful.errors import BadSettings

WINDOW = 1 << 20
BULKY, TIGHTEST = 100_000_000, 200
"""What takes more bytes than this when unpacked, and this many times its packed size, is made to fill a machine."""
FORMATS = "CSV, TSV, JSON Lines, Parquet and Excel (.xlsx), each also compressed with gzip"
OTHERS = {
    b"%PDF": "a PDF document: export the table behind it as CSV",
    b"\xd0\xcf\x11\xe0": "an old Excel or Word file (.xls, .doc): open it and save it as .xlsx or CSV",
    b"SQLite format 3": "an SQLite database: export a table as CSV",
    b"7z\xbc\xaf": "a 7z archive: unpack it and import the files in it",
    b"Rar!": "a RAR archive: unpack it and import the files in it",
    b"BZh": "compressed with bzip2: unpack it, or compress it with gzip",
    b"\xfd7zXZ": "compressed with xz: unpack it, or compress it with gzip",
    b"(\xb5/\xfd": "compressed with zstd: unpack it, or compress it with gzip",
    b"\x89PNG": "a picture: there are no rows in it",
    b"\xff\xd8\xff": "a picture: there are no rows in it",
    b"ORC": "an ORC file: convert it to Parquet",
    b"Obj\x01": "an Avro file: convert it to Parquet",
    b"ARROW1": "an Arrow file: write it as Parquet",
}


class Stream:
    """The bytes of a file, unpacked on the way, which knows how far it has come."""

    def __init__(self, path: Path, compression: str) -> None:
        """Open the file."""
        self._raw = path.open("rb")
        self._size = max(1, path.stat().st_size)
        self._bytes: Any = gzip.GzipFile(fileobj=self._raw) if compression == "gzip" else self._raw
        self._path = path

    def read(self, size: int) -> bytes:
        """The next bytes; BadSettings where a compressed file is damaged or cut off."""
        try:
            return bytes(self._bytes.read(size))
        except (EOFError, gzip.BadGzipFile, zlib.error) as problem:
            raise BadSettings(
                f"{self._path}: the gzip file is damaged or cut off ({problem}); copy it again. "
                "What was read before that is taken, and importing the whole file later takes only the rest"
            ) from problem

    @property
    def done(self) -> float:
        """The part that has been read, 0 to 1."""
        return min(1.0, self._raw.tell() / self._size)

    def close(self) -> None:
        """Close the file."""
        self._bytes.close()
        self._raw.close()


@contextmanager
def opened(path: Path, compression: str) -> Iterator[Stream]:
    """A stream that is closed at the end."""
    stream = Stream(path, compression)
    try:
        yield stream
    finally:
        stream.close()


@contextmanager
def seekable(path: Path, compression: str) -> Iterator[IO[bytes]]:
    """The file for readers that jump in it; a compressed one is unpacked into a temporary file first."""
    if compression == "none":
        with path.open("rb") as plain:
            yield plain
        return
    with tempfile.TemporaryFile() as unpacked, opened(path, compression) as stream:
        size, most = 0, max(BULKY, TIGHTEST * path.stat().st_size)
        while chunk := stream.read(WINDOW):
            size += len(chunk)
            if size > most:
                _refuse(path, f"packed too tightly to be a table: more than {most:,} bytes are in it")
            unpacked.write(chunk)
        unpacked.seek(0)
        yield unpacked


def recognise(path: Path) -> tuple[str, str, bytes]:
    """Format (text, jsonl, parquet or excel), compression and first bytes; BadSettings says what else it is."""
    _check_there(path)
    with path.open("rb") as file:
        head = file.read(4)
    compression = "gzip" if head[:2] == b"\x1f\x8b" else "none"
    with opened(path, compression) as stream:
        head = stream.read(WINDOW)
    if not head.strip(b"\xef\xbb\xbf \t\r\n\x00"):
        raise BadSettings(f"{path}: the file is empty; there is nothing to import")
    if head[:4] == b"PAR1":
        return "parquet", compression, head
    if head[:4] == b"PK\x03\x04":
        return _zipped(path, compression), compression, head
    for start, what in OTHERS.items():
        if head.startswith(start):
            _refuse(path, what)
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text[:1] == b"{":
        return "jsonl", compression, head
    if text[:1] == b"[" and text[1:].lstrip()[:1] in (b"{", b"]"):
        _refuse(path, "one JSON list: write one object a line instead (jq -c '.[]' FILE > FILE.jsonl)")
    if text[:1] == b"<" and text[:200].lower().lstrip(b"<!").startswith((b"html", b"doctype", b"?xml")):
        _refuse(path, "a web page or XML, perhaps an error page that was saved as a file: export it again as CSV")
    if b"\x00" in head and head[:2] not in (b"\xff\xfe", b"\xfe\xff") and not looks_utf16(head):
        _refuse(path, "not text")
    return "text", compression, head


def looks_utf16(head: bytes) -> str | None:
    """`utf-16-le` or `utf-16-be` where every second byte of plain text is zero, else None."""
    sample = head[:4000]
    if len(sample) < 4:
        return None
    half = len(sample) // 2
    if sample[1::2].count(0) > 0.4 * half and sample[::2].count(0) < 0.1 * half:
        return "utf-16-le"
    if sample[::2].count(0) > 0.4 * half and sample[1::2].count(0) < 0.1 * half:
        return "utf-16-be"
    return None


def _check_there(path: Path) -> None:
    if path.is_dir():
        names = sorted(p.name for p in path.iterdir() if p.is_file())[:5]
        inside = f"; in it: {', '.join(names)}" if names else ""
        raise BadSettings(f"{path} is a folder; name the files to import{inside}")
    if not path.exists():
        near = [p.name for p in path.parent.glob(f"{path.stem[:4]}*")][:3] if path.parent.is_dir() and path.stem else []
        hint = f"; there is {', '.join(sorted(near))}" if near else ""
        raise BadSettings(f"{path} does not exist{hint}")
    try:
        path.open("rb").close()
    except OSError as problem:
        raise BadSettings(f"{path} cannot be read: {problem.strerror}") from problem


def _zipped(path: Path, compression: str) -> str:
    try:
        with seekable(path, compression) as file, zipfile.ZipFile(file) as archive:
            names = archive.namelist()
            _small_enough(path, archive)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as problem:
        raise BadSettings(f"{path}: a zip or Excel file that is damaged or cut off; copy it again") from problem
    if "xl/workbook.xml" not in names:
        inside = ", ".join(names[:3]) or "nothing in it"
        _refuse(path, f"a zip archive with {inside}: unpack it and import the files in it")
    return "excel"


def _small_enough(path: Path, archive: zipfile.ZipFile) -> None:
    """BadSettings where an archive would fill the memory; no part of it gives more bytes than it announces."""
    for part in archive.infolist():
        if part.file_size > BULKY and part.file_size > TIGHTEST * max(1, part.compress_size):
            _refuse(path, f"packed too tightly to be a table: {part.filename[:80]} has {part.file_size:,} bytes in it")


def _refuse(path: Path, what: str) -> NoReturn:
    raise BadSettings(f"{path} is {what}. Heedful reads {FORMATS}")
