"""Bodies, strictly: JSON in UTF-8 without NaN, of bounded depth, size and number of values; forms of bounded size."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import IO, Any

import msgspec
from django.conf import settings
from rest_framework.exceptions import APIException, ParseError, UnsupportedMediaType
from rest_framework.parsers import BaseParser, DataAndFiles, MultiPartParser

DEEPEST = 20
"""Levels of nesting; the deepest body that the API asks for has five."""
BYTES_A_MEMBER = 8
"""A body may have one value for so many bytes that it may be long: `[[],[],…]` takes thirty times its length in
memory, where a value of a real record (`"a":1234,`) is longer than this."""
FORM_OVERHEAD_BYTES = 1024 * 1024
"""What a form may need beside its file."""
BOM = b"\xef\xbb\xbf"
TEXTS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
"""Also one that does not end: else each quote in it would be tried anew."""
_decode = msgspec.json.Decoder().decode


class TooLarge(APIException):
    """413: the body is larger than this installation takes."""

    status_code = 413
    default_code = "too_large"


class StrictJSONParser(BaseParser):
    """Decodes with msgspec, which refuses NaN, Infinity, lone surrogates and trailing text. A UTF-8 byte order mark
    is skipped (RFC 8259, section 8.1, lets a reader do so: some editors and shells write one)."""

    media_type = "application/json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        _refuse_compressed(parser_context)
        raw = stream.read(limit + 1)
        if len(raw) > limit:
            raise TooLarge(f"The body is larger than {limit // 1024} KB. Send fewer records, or upload a file.")
        _refuse_crowd(raw, limit // BYTES_A_MEMBER)
        return decode(raw)


class BoundedFormParser(MultiPartParser):
    """A multipart form, refused by its announced length before a byte of it is read."""

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> DataAndFiles[Any, Any]:
        _refuse_compressed(parser_context)
        announced = str((parser_context or {})["request"].META.get("CONTENT_LENGTH") or "")
        if announced.isdigit() and int(announced) > settings.MAX_UPLOAD_BYTES + FORM_OVERHEAD_BYTES:
            raise TooLarge(f"The file is larger than {settings.MAX_UPLOAD_BYTES // 2**20:,} MB.")
        return super().parse(stream, media_type, parser_context)


def decode(raw: bytes) -> Any:
    """The value of a JSON text. Raises ParseError saying what is wrong and where."""
    if not raw.strip():
        raise ParseError("The body is empty. Send a JSON object.")
    try:
        value = _decode(raw.removeprefix(BOM))
    except UnicodeDecodeError:
        raise ParseError("The body is not UTF-8.") from None
    except RecursionError:
        raise _too_deep() from None
    except msgspec.DecodeError as problem:
        if b"\0" in raw[:4]:
            raise ParseError("The body is UTF-16 or UTF-32; JSON is sent as UTF-8.") from None
        raise ParseError(f"The body is not valid JSON: {problem}.") from None
    # A flat body has few brackets and is not walked.
    if raw.count(b"[") + raw.count(b"{") > DEEPEST:
        _check_depth(value)
    return value


def _refuse_crowd(raw: bytes, most: int) -> None:
    """Commas part the values. Those within texts are looked at only where there are many."""
    if raw.count(b",") > most and TEXTS.sub(b"", raw).count(b",") > most:
        raise ParseError(f"The body holds more than {most:,} values. Send fewer records, or upload a file.")


def _check_depth(value: Any) -> None:
    level = [value] if isinstance(value, (dict, list)) else []
    for _ in range(DEEPEST):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return
    raise _too_deep()


def _too_deep() -> ParseError:
    return ParseError(f"The body is nested more than {DEEPEST} levels deep.")


def _refuse_compressed(parser_context: Mapping[str, Any] | None) -> None:
    request = (parser_context or {}).get("request")
    coding = request.META.get("HTTP_CONTENT_ENCODING", "") if request is not None else ""
    if coding and coding.lower() != "identity":
        raise UnsupportedMediaType(coding[:60], detail="Compressed bodies are not taken: leave Content-Encoding out.")


__all__ = ["BoundedFormParser", "StrictJSONParser", "TooLarge", "decode"]
