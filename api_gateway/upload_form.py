"""The multipart form of POST /api/upload/, written to the disk while it comes in, and checked field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import msgspec
from rest_framework.exceptions import ParseError
from rest_framework.parsers import DataAndFiles
from rest_framework.request import Request

from api_gateway.parsers import BoundedFormParser
from file_uploads.batch import incoming, store
from file_uploads.batch.intake import FORMATS, Asked
from file_uploads.batch.receiving import BREAKS_OFF, IncomingFile, IncomingFileHandler, breaks_off
from ml_services import registry
from platform_core.errors import InputInvalid
from users import asking

KNOWN = ("file", "sha256", "predictor", "mapping", "explain", "format", "again")
WORDS = {"true": True, "false": False, "": False}
LONGEST = 100_000


class WholeFormParser(BoundedFormParser):
    """Refuses a form whose body ended before its announced length: the rest of the file is missing."""

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> DataAndFiles[Any, Any]:
        http = (parser_context or {})["request"]._request
        http.incoming = IncomingFileHandler(http)
        http.upload_handlers = [http.incoming]
        found = super().parse(stream, media_type, parser_context)
        if breaks_off(http):
            raise ParseError(BREAKS_OFF)
        return found


@contextmanager
def file_of(form: Any, company_id: int) -> Iterator[tuple[Path, str, str]]:
    """Path, name and digest of the file that is sent, or that was sent before and is named by its digest."""
    file, sha256 = form.get("file"), _text(form, "sha256")
    if isinstance(file, IncomingFile):
        if not file.size:
            raise InputInvalid("The file is empty.", attr="file")
        yield Path(file.temporary_file_path()), Path(file.name or "upload").name, file.sha256
    elif sha256 and file is None:
        place, name = incoming.held(company_id, sha256)
        with store.reading(place) as path:
            yield path, name, sha256
    else:
        raise InputInvalid("Send the file as the multipart field `file`.", attr="file")


def asked_of(request: Request) -> tuple[Asked, bool]:
    """What is wanted of the file, and whether again. Raises InputInvalid naming the field."""
    form: Any = request.data
    unknown = sorted(set(form) - set(KNOWN))
    if unknown:
        raise InputInvalid(f"There is no field {unknown[0][:60]}; fields are {', '.join(KNOWN)}.", attr=unknown[0][:60])
    predictor, kind = _text(form, "predictor"), _text(form, "format") or FORMATS[0]
    if predictor not in registry.all_predictors():
        known = ", ".join(registry.all_predictors())
        raise InputInvalid(f"predictor must be one of {known}.", attr="predictor")
    if kind not in FORMATS:
        raise InputInvalid(f"format must be one of {', '.join(FORMATS)}.", attr="format")
    who = asking.asker(request)
    return Asked(predictor, _mapping(form), _flag(form, "explain"), kind, who.mark if who else ""), _flag(form, "again")


def _mapping(form: Any) -> dict[str, str]:
    given = _text(form, "mapping")
    if not given:
        return {}
    try:
        return msgspec.json.decode(given.encode(), type=dict[str, str])
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        raise InputInvalid('mapping must be JSON such as {"file\'s column": "field"}.', attr="mapping") from None


def _flag(form: Any, name: str) -> bool:
    given = _text(form, name).casefold()
    if given not in WORDS:
        raise InputInvalid(f"{name} must be true or false.", attr=name)
    return WORDS[given]


def _text(form: Any, name: str) -> str:
    value = form.get(name, "")
    if not isinstance(value, str) or len(value) > LONGEST or "\0" in value:
        raise InputInvalid(f"{name} must be a text of at most {LONGEST:,} characters, without NUL.", attr=name)
    return value.strip()


__all__ = ["WholeFormParser", "asked_of", "file_of"]
