"""What kind of file it is, told by its first bytes; a name is only a promise."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from platform_core.errors import FileRefused

Format = Literal["text", "gzip", "xlsx", "parquet"]

HEAD_BYTES = 65_536
MAX_CONTROL_SHARE = 0.05
"""Text has next to no control characters; random bytes have about one in nine."""

MAX_CONTROLS = 8
"""A few damaged bytes in a short file are trouble of their rows, not of the file."""

_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\f\x1a")) + b"\x7f"
_SAVE_AS = "Save it as CSV, XLSX or Parquet."
_KNOWN: tuple[tuple[bytes, str], ...] = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook (.xls), or one locked by a password"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"SQLite format 3", "an SQLite database"),
    (b"ARROW1", "an Arrow (Feather) file"),
    (b"ORC", "an ORC file"),
    (b"Obj\x01", "an Avro file"),
    (b"\x89HDF", "an HDF5 file"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
)
_MARKUP: tuple[tuple[bytes, str], ...] = (
    (b"<!doctype", "a web page"),
    (b"<html", "a web page"),
    (b"<?xml", "an XML document"),
    (b'{"', "JSON"),
    (b'[{"', "JSON"),
    (b"{\\rtf", "a text document (RTF)"),
)


def read_head(path: Path, name: str) -> bytes:
    """The first bytes of a file that exists and may be read."""
    if not path.exists():
        raise FileRefused(f"There is no file {name}.")
    if not path.is_file():
        raise FileRefused(f"{name} is not a file.")
    try:
        with path.open("rb") as stream:
            head = stream.read(HEAD_BYTES)
    except OSError as problem:
        raise FileRefused(f"{name} cannot be opened: {problem.strerror or 'the system refuses'}.") from None
    if not head:
        raise FileRefused(f"{name} is empty (0 bytes). Give a file with a line of column names and at least one row.")
    return head


def recognise(path: Path, head: bytes, name: str) -> Format:
    """The format by content. Raises FileRefused for what is recognised as something else than a table."""
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"PK\x03\x04"):
        return "xlsx"
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    for magic, what in _KNOWN:
        if head.startswith(magic):
            raise FileRefused(f"{name} is {what}, not a table that can be read here. {_SAVE_AS}")
    return "text"


def refuse_other_text(head: bytes, name: str) -> None:
    """Raises FileRefused where unpacked bytes are no delimited text: markup, or binary."""
    start = head[:2_000].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    squeezed = b"".join(start.split())
    for mark, what in _MARKUP:
        if squeezed.startswith(mark):
            raise FileRefused(f"{name} is {what}, not a table. {_SAVE_AS}")
    controls = len(head) - len(head.translate(None, _CONTROLS))
    if controls > max(MAX_CONTROL_SHARE * len(head), MAX_CONTROLS):
        share = f"{controls / len(head):.0%} of its first {len(head):,} bytes are control bytes"
        raise FileRefused(f"{name} is not a text file: {share}. {_SAVE_AS}")


__all__ = ["Format", "read_head", "recognise", "refuse_other_text"]
