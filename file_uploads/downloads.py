"""Files as answers: whole or by one range (RFC 9110, section 14), from the disk piece by piece; from S3 by an address
that is signed and expires."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from file_uploads.batch import store
from platform_core.errors import NotFound

SIGNED_S = 300
PIECE_BYTES = 1 << 18
KINDS = {".csv": "text/csv; charset=utf-8", ".parquet": "application/vnd.apache.parquet"}
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
PLAIN = re.compile(r"[^A-Za-z0-9._ -]+")


def download(request: Request | HttpRequest, place: str, name: str) -> HttpResponseBase:
    """The file at a place of the store, under a name for the person. Raises NotFound where it was removed."""
    path = store.local(place)
    if path is None:
        return HttpResponseRedirect(_signed(place, name))
    try:
        about = path.stat()
    except FileNotFoundError:
        raise NotFound("The files of this upload were removed.") from None
    size, tag = about.st_size, f'"{about.st_mtime_ns:x}-{about.st_size:x}"'
    asked = request.META.get("HTTP_RANGE", "")
    if request.META.get("HTTP_IF_RANGE", tag) != tag:
        asked = ""
    part = _range(asked, size)
    answer: HttpResponseBase
    if part is None:
        answer = HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    else:
        first, last = part
        answer = StreamingHttpResponse(_pieces(path, first, last), status=206 if asked else 200)
        answer.headers["Content-Length"] = str(last - first + 1)
        if asked:
            answer.headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    for header, value in {
        "Content-Type": KINDS.get(path.suffix, "application/octet-stream"),
        "Content-Disposition": disposition(name),
        "Accept-Ranges": "bytes",
        "ETag": tag,
        "Cache-Control": "private, no-store",
    }.items():
        answer.headers[header] = value
    return answer


def disposition(name: str) -> str:
    """A header that saves the answer under a name (RFC 6266): plain ASCII, and the name itself beside it."""
    plain = PLAIN.sub("_", name)[:150] or "download"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name[:150], safe='')}"


def _range(asked: str, size: int) -> tuple[int, int] | None:
    """First and last byte; None where the range lies outside. A header that is none of bytes asks for the whole."""
    found = RANGE.fullmatch(asked.strip())
    if not found or found.groups() == ("", ""):
        return 0, size - 1
    first, last = found.groups()
    if not first:
        length = int(last)
        return (max(size - length, 0), size - 1) if length and size else None
    end = min(int(last), size - 1) if last else size - 1
    return (int(first), end) if int(first) <= end else None


def _pieces(path: Path, first: int, last: int) -> Iterator[bytes]:
    with path.open("rb") as stream:
        stream.seek(first, os.SEEK_SET)
        left = last - first + 1
        while left > 0 and (piece := stream.read(min(PIECE_BYTES, left))):
            left -= len(piece)
            yield piece


def _signed(place: str, name: str) -> str:
    storage: Any = store.store()
    return str(storage.url(place, parameters={"ResponseContentDisposition": disposition(name)}, expire=SIGNED_S))


__all__ = ["disposition", "download"]
