"""From the bytes of a text file, packed or not, to UTF-8 bytes, in blocks."""

from __future__ import annotations

import codecs
import gzip
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from file_uploads.formats import HEAD_BYTES, refuse_other_text
from platform_core.errors import FileRefused

BLOCK_BYTES = 1 << 20
BOMB_FLOOR_BYTES = 64 << 20
BOMB_RATIO = 250
"""Tables pack to a fifth or a fiftieth; deflate can reach 1/1030. Beyond this ratio (and size) it is a bomb."""
UTF16_NUL_SHARE = 0.3
"""Text in UTF-16 has a zero in nearly every other byte, in the languages that use our alphabet."""

_BOMS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ESCAPED = re.compile("[\udc80-\udcff]")


def _as_latin1(problem: UnicodeError) -> tuple[str, int]:
    """Windows-1252 leaves five bytes undefined; Latin-1 has all 256."""
    assert isinstance(problem, UnicodeDecodeError)  # noqa: S101 registered for decoding only
    return problem.object[problem.start : problem.end].decode("latin-1"), problem.end


def _as_cp1252(problem: UnicodeError) -> tuple[str, int]:
    """A byte that is not UTF-8, in a file that mostly is."""
    assert isinstance(problem, UnicodeDecodeError)  # noqa: S101 registered for decoding only
    return problem.object[problem.start : problem.end].decode("cp1252", "latin1_bytes"), problem.end


codecs.register_error("latin1_bytes", _as_latin1)
codecs.register_error("cp1252_bytes", _as_cp1252)


@dataclass(frozen=True, slots=True)
class TextSource:
    """A text file whose encoding is known. `size` is in bytes, unpacked."""

    path: Path
    name: str
    packed: bool
    encoding: str
    errors: str
    skip: int
    size: int

    def notes(self) -> list[str]:
        """What a person should know of the encoding."""
        if self.errors == "cp1252_bytes":
            return ["The file is UTF-8 but for some bytes, which were read as Windows-1252."]
        return []

    def blocks(self) -> Iterator[bytes]:
        """The text as UTF-8 without byte order mark. A block may end within a character's line, never within a
        character unless the file itself is UTF-8."""
        skip, plain = self.skip, self.encoding == "utf-8" and self.errors == "strict"
        decoder = codecs.getincrementaldecoder(self.encoding)(self.errors)
        for block in unpacked(self.path, self.name, packed=self.packed, limit=None):
            rest, skip = block[skip:], max(0, skip - len(block))
            yield rest if plain else decoder.decode(rest).encode("utf-8", "replace")
        if not plain:
            yield decoder.decode(b"", True).encode("utf-8", "replace")


def unpacked(path: Path, name: str, *, packed: bool, limit: int | None) -> Iterator[bytes]:
    """The file's bytes, unpacked where it is gzip. Raises FileRefused for a damaged or exploding archive."""
    file_bytes, total = path.stat().st_size, 0
    stream: IO[bytes]
    with gzip.open(path) if packed else path.open("rb") as stream:  # type: ignore[assignment]
        while True:
            try:
                block = stream.read(BLOCK_BYTES)
            except (EOFError, zlib.error, gzip.BadGzipFile):
                raise FileRefused(
                    f"{name} is a damaged gzip archive: it breaks off after {total:,} bytes of text. Pack it again."
                ) from None
            if not block:
                return
            total += len(block)
            if limit is not None and total > limit:
                raise FileRefused(f"{name} holds more than {_size(limit)} of text, the most allowed. Split it.")
            if packed and total > BOMB_FLOOR_BYTES and total > BOMB_RATIO * file_bytes:
                raise FileRefused(
                    f"{name} unpacks to more than {BOMB_RATIO} times its size: no table packs like that. "
                    "Give the unpacked file if it is one."
                )
            yield block


def find_charset(path: Path, name: str, *, packed: bool, limit: int | None, encoding: str | None) -> TextSource:
    """Reads the file once, in bounded memory, to know its encoding for certain; `encoding` overrides."""
    blocks = unpacked(path, name, packed=packed, limit=limit)
    first = next(blocks, b"")
    if not first:
        raise FileRefused(f"{name} is an empty archive.")
    guess, skip = _guess(first)
    if encoding is not None:
        guess, skip = _known(encoding), skip if guess == _known(encoding) else 0
    head = first[skip:HEAD_BYTES]
    refuse_other_text(head if guess == "utf-8" else head.decode(guess, "replace").encode("utf-8", "replace"), name)
    check = _Check(guess)
    check.add(first[skip:])
    size = len(first)
    for block in blocks:
        check.add(block)
        size += len(block)
    found, errors = check.verdict(name) if encoding is None else (guess, "replace")
    return TextSource(path, name, packed, found, errors, skip, size)


def _known(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except LookupError:
        raise FileRefused(f"There is no encoding called {encoding[:40]!r}. Say utf-8, utf-16 or cp1252.") from None


def _guess(first: bytes) -> tuple[str, int]:
    for mark, encoding in _BOMS:
        if first.startswith(mark):
            return encoding, len(mark)
    even, odd = first[0:4096:2].count(0), first[1:4096:2].count(0)
    half = len(first[:4096]) / 2
    if odd > UTF16_NUL_SHARE * half and even < odd / 4:
        return "utf-16-le", 0
    if even > UTF16_NUL_SHARE * half and odd < even / 4:
        return "utf-16-be", 0
    return "utf-8", 0


class _Check:
    """Does the whole file keep to the encoding guessed from its start?"""

    def __init__(self, encoding: str) -> None:
        self.encoding = encoding
        self.decoder = codecs.getincrementaldecoder(encoding)("strict")
        self.good = self.bad = 0

    def add(self, block: bytes) -> None:
        if self.encoding == "utf-8" and block.isascii() and not self.decoder.getstate()[0]:
            return
        waiting = self.decoder.getstate()[0]
        try:
            text = self.decoder.decode(block)
        except UnicodeDecodeError:
            if self.encoding != "utf-8":
                self.bad += 1
                return
            self.decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
            text = self.decoder.decode(waiting + block)
        if self.encoding == "utf-8":
            bad = len(_ESCAPED.findall(text)) if self.decoder.errors == "surrogateescape" else 0
            self.bad += bad
            self.good += max(0, len(block) - len(text))

    def verdict(self, name: str) -> tuple[str, str]:
        """The encoding and what to do with bytes that do not fit it."""
        cut = len(self.decoder.getstate()[0])
        if self.encoding != "utf-8":
            if self.bad or cut:
                raise FileRefused(f"{name} looks like {self.encoding.upper()} and is damaged. Save it as UTF-8.")
            return self.encoding, "strict"
        if not self.bad and not cut:
            return "utf-8", "strict"
        return ("utf-8", "cp1252_bytes") if self.good > self.bad + cut else ("cp1252", "latin1_bytes")


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"


__all__ = ["TextSource", "find_charset", "unpacked"]
