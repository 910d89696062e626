"""JSON bodies, strictly: UTF-8, no NaN, an object at the top, bounded depth and size."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

import msgspec
from django.conf import settings
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser

DEEPEST = 20
"""Levels of nesting; the deepest body that the API asks for has five."""
_decode = msgspec.json.Decoder().decode


class TooLarge(APIException):
    """413: the body is larger than this installation takes."""

    status_code = 413
    default_code = "too_large"


class StrictJSONParser(BaseParser):
    """Decodes with msgspec, which refuses NaN, Infinity, invalid UTF-8 and trailing text."""

    media_type = "application/json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        raw = stream.read(limit + 1)
        if len(raw) > limit:
            raise TooLarge(f"The body is larger than {limit // 1024} KB. Send fewer records, or upload a file.")
        # The commonest deep-nesting attack never reaches the decoder; no valid body has this many openings in a row.
        if b"[" * DEEPEST in raw or raw.count(b"{") + raw.count(b"[") > limit // 4:
            raise ParseError(f"The body is nested more than {DEEPEST} levels deep.")
        try:
            return _decode(raw)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as problem:
            reason = str(problem) if isinstance(problem, msgspec.DecodeError) else "it is nested too deep"
            raise ParseError(f"The body is not valid JSON: {reason}.") from None
