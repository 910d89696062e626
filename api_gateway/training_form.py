"""The multipart form of POST /api/models/{predictor}/train/, checked field by field."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from rest_framework.request import Request

from api_gateway.parsers import TooLarge
from ml_services import registry
from platform_core.errors import InputInvalid

TEXTS = ("target", "positive", "id_column", "time_column")
LISTS = ("exclude", "allow_leaky")
WHOLE = re.compile(r"-?[0-9]{1,20}(\.0{1,20})?", re.ASCII)
DECIMAL = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?([eE][-+]?[0-9]{1,2})?", re.ASCII)
NUMBERS = {"budget_s": (1.0, 3600.0, 60.0, DECIMAL), "seed": (0.0, 2.0**31 - 1, 42.0, WHOLE)}
"""Least, most, default, spelling."""
LONGEST = 2000
PROMOTE = {"": None, "true": True, "false": False}


def training_request(request: Request, predictor: str) -> dict[str, Any]:
    """What to train on and how, for `file_uploads.training.start`. Raises InputInvalid naming the field."""
    registry.predictor(predictor)
    form: Any = request.data
    known = {"file", "promote", *TEXTS, *LISTS, *NUMBERS}
    unknown = sorted(set(form) - known)
    if unknown:
        raise InputInvalid(f"There is no field {unknown[0]}; fields are {', '.join(sorted(known))}.", attr=unknown[0])
    file = form.get("file")
    if not isinstance(file, UploadedFile):
        raise InputInvalid("Send the file to learn from as the multipart field `file`.", attr="file")
    if not file.size:
        raise InputInvalid("The file is empty.", attr="file")
    if file.size > settings.MAX_UPLOAD_BYTES:
        raise TooLarge(f"The file is larger than {settings.MAX_UPLOAD_BYTES // 2**20:,} MB.")
    texts = {name: _text(form, name) for name in TEXTS}
    lists = {name: tuple(part.strip() for part in _text(form, name).split(",") if part.strip()) for name in LISTS}
    numbers = {name: _number(form, name) for name in NUMBERS}
    options = {**texts, **lists, **numbers, "promote": _promote(form)}
    return {"predictor": predictor, "file": file, "options": options}


def _promote(form: Any) -> bool | None:
    """None where the comparison with what serves is to decide."""
    given = _text(form, "promote").casefold()
    if given not in PROMOTE:
        raise InputInvalid("promote must be true or false; without it the comparison decides.", attr="promote")
    return PROMOTE[given]


def _text(form: Any, name: str) -> str:
    value = form.get(name, "")
    if not isinstance(value, str) or len(value) > LONGEST or "\0" in value:
        raise InputInvalid(f"{name} must be a text of at most {LONGEST:,} characters, without NUL.", attr=name)
    return value.strip()


def _number(form: Any, name: str) -> float:
    low, high, default, shape = NUMBERS[name]
    if name not in form:
        return default
    given = _text(form, name)
    if not shape.fullmatch(given):
        raise InputInvalid(f"{name} must be a {'whole ' if shape is WHOLE else ''}number.", attr=name)
    value = float(given)
    if not low <= value <= high:
        raise InputInvalid(f"{name} must lie between {low:g} and {high:g}.", attr=name)
    return value
