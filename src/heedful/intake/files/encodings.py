"""Which text encoding a file is in, and its text as UTF-8."""

import codecs
from collections.abc import Iterator
from pathlib import Path

from heedful.intake.files.formats import WINDOW, Stream, looks_utf16

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_USUAL = frozenset(range(0xC0, 0x100)) - frozenset(b"\xd0\xd7\xde\xf0\xf7\xfe\xff")
_USUAL |= frozenset(b"\x80\x85\x91\x92\x93\x94\x95\x96\x97\x99\xa0\xa1\xa3\xa7\xa9\xab\xae\xb0\xb2\xb4\xb7\xbb\xbf")
_MAPPED = {n: bytes([n]).decode("cp1252", "ignore") or chr(n) for n in range(0x80, 0xA0)}


def find(path: Path, compression: str, head: bytes) -> str:
    """The encoding of a text file, from its mark or from the bytes of its start, middle and end."""
    for mark, name in MARKS:
        if head.startswith(mark):
            return name
    if wide := looks_utf16(head):
        return wide
    return guess(_windows(path, head) if compression == "none" else [head])


def guess(windows: list[bytes]) -> str:
    """UTF-8, or Windows-1252 where the bytes that UTF-8 forbids are the usual letters of that one.

    A file in UTF-8 with a few damaged rows stays UTF-8: only those rows are set aside.
    """
    valid, wrong = 0, bytearray()
    for window in windows:
        text = window.decode("utf-8", "surrogateescape")
        if text.isascii():
            continue
        for sign in text:
            if "\udc80" <= sign <= "\udcff":
                wrong.append(ord(sign) - 0xDC00)
            elif sign > "\x7f":
                valid += 1
    if not wrong or valid > len(wrong):
        return "utf-8"
    usual = sum(byte in _USUAL for byte in wrong)
    return "windows-1252" if usual >= 0.7 * len(wrong) else "utf-8"


def _windows(path: Path, head: bytes) -> list[bytes]:
    """The start of a file and, of a long one, whole lines from its middle and its end."""
    size = path.stat().st_size
    if size <= len(head):
        return [_whole(head, first=True, last=size > WINDOW)]
    windows = [_whole(head, first=True, last=True)]
    with path.open("rb") as file:
        for start in (size // 2, max(0, size - WINDOW)):
            file.seek(start)
            windows.append(_whole(file.read(WINDOW), first=False, last=True))
    return windows


def _whole(window: bytes, *, first: bool, last: bool) -> bytes:
    start = 0 if first else window.find(b"\n") + 1
    end = window.rfind(b"\n") + 1 if last else len(window)
    return window[start:end]


def as_utf8(stream: Stream, encoding: str, size: int) -> Iterator[bytes]:
    """The text of a stream in UTF-8, about `size` bytes at a time; wrong bytes of UTF-8 come through as they are."""
    if encoding == "windows-1252":
        while chunk := stream.read(size):
            yield _western(chunk).encode()
    elif encoding in ("utf-8", "utf-8-sig"):
        first = True
        while chunk := stream.read(size):
            yield chunk.removeprefix(codecs.BOM_UTF8) if first else chunk
            first = False
    else:
        decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
        while chunk := stream.read(size):
            yield decoder.decode(chunk).encode("utf-8", "replace")
        yield decoder.decode(b"", final=True).encode("utf-8", "replace")


def _western(chunk: bytes) -> str:
    try:
        return chunk.decode("cp1252")
    except UnicodeDecodeError:
        return chunk.decode("latin-1").translate(_MAPPED)
