"""Lists that go on from a cursor: they grow while they are read, and are too long to be counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from api_gateway.moments import moment
from api_gateway.operations import Schema, query
from api_gateway.pagination import PAGE_QUERIES, Pages
from api_gateway.schemas import or_null, record
from ml_services import registry
from platform_core.errors import InputInvalid
from request_logs.selectors import Filters

ASKERS = {"type": "string", "pattern": r"^(person|key):[1-9][0-9]{0,17}$"}
ANY_TEXT = {"type": "string", "minLength": 1, "maxLength": 200, "pattern": r"^[^\x00]*$"}
UUID_TEXT = {"type": "string", "format": "uuid"}
MOMENT = {"type": "string", "format": "date-time"}
LARGEST_ASKER = 10**18
CURSOR: tuple[Schema, ...] = (
    query("cursor", UUID_TEXT, "Where the page begins: in `next` of the page before."),
    PAGE_QUERIES[1],
)
TIMES: tuple[Schema, ...] = (
    query("from", MOMENT, "Not before this time."),
    query("to", MOMENT, "Before this time."),
)
ASKER = query("asker", ASKERS, "Only what this person or key asked: `key:7`.")


def predictor_query() -> Schema:
    """The parameter that narrows a list to one predictor."""
    return query("predictor", {"enum": list(registry.all_predictors())}, "Only this predictor's.")


def rows_from_cursor(items: Schema) -> Schema:
    """The schema of such an answer."""
    link = or_null("string", description="The address of the next page; null on the last.")
    return record({"next": link, "results": {"type": "array", "items": items}})


def cursor_of(request: Request) -> tuple[UUID | None, int]:
    """Where the page begins, and its size. Raises InputInvalid."""
    return uuid_of(request.query_params.get("cursor"), "cursor"), Pages().get_page_size(request)


def answer(request: Request, results: Sequence[dict[str, Any]], going_on: UUID | int | None) -> Response:
    """A page, with the address of the next."""
    link = None if going_on is None else replace_query_param(request.build_absolute_uri(), "cursor", str(going_on))
    return Response({"next": link, "results": results})


def filters_of(request: Request) -> Filters:
    """What the query string narrows a list to. Raises InputInvalid."""
    given = request.query_params
    kind, number = asker_of(given.get("asker"))
    predictor = given.get("predictor", "")
    if "predictor" in given and predictor not in registry.all_predictors():
        raise InputInvalid(f"predictor must be one of {', '.join(registry.all_predictors())}.", attr="predictor")
    return Filters(
        since=moment(given, "from"),
        until=moment(given, "to"),
        asker_kind=kind,
        asker_id=number,
        predictor=predictor,
        version=text_of(request, "version"),
        external_id=text_of(request, "external_id"),
        prediction_id=uuid_of(given.get("prediction_id"), "prediction_id"),
        method=text_of(request, "method"),
        status=_status(given.get("status")),
        path=text_of(request, "path"),
    )


def asker_of(mark: str | None) -> tuple[str, int | None]:
    """`key:7` as its parts. Raises InputInvalid."""
    if mark is None:
        return "", None
    kind, _, number = mark.partition(":")
    if kind not in ("person", "key") or not (number.isascii() and number.isdecimal()) or number.startswith("0"):
        raise InputInvalid("asker must read person:NUMBER or key:NUMBER.", attr="asker")
    if int(number[:20]) >= LARGEST_ASKER:
        raise InputInvalid("asker has too large a number.", attr="asker")
    return kind, int(number)


def uuid_of(text: str | None, name: str) -> UUID | None:
    """An id, or None where none is given. Raises InputInvalid."""
    if text is None:
        return None
    try:
        found = UUID(text)
    except ValueError:
        found = None
    if found is None or len(text) != len(str(found)):
        raise InputInvalid(f"{name} must be an id such as 01937f4e-…, with its dashes.", attr=name)
    return found


def number_of(text: str | None, name: str, most: int) -> int | None:
    """A whole number above zero, or None where none is given. Raises InputInvalid."""
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(most)) and 1 <= int(text) <= most):
        raise InputInvalid(f"{name} must be a whole number from 1.", attr=name)
    return int(text)


def text_of(request: Request, name: str) -> str:
    """A text of the query string, or nothing. Raises InputInvalid."""
    given = request.query_params.get(name)
    if given is None:
        return ""
    most = ANY_TEXT["maxLength"]
    if not 0 < len(given) <= int(str(most)) or "\0" in given:
        raise InputInvalid(f"{name} must be a text of 1 to {most} characters.", attr=name)
    return given


def whole_number(request: Request, name: str, *, usual: int, most: int) -> int:
    """A whole number from 1 of the query string. Raises InputInvalid."""
    given = request.query_params.get(name)
    if given is None:
        return usual
    if not (given.isascii() and given.isdecimal() and len(given) < 10 and 1 <= int(given) <= most):
        raise InputInvalid(f"{name} must be a whole number from 1 to {most}.", attr=name)
    return int(given)


def _status(given: str | None) -> int | None:
    if given is None:
        return None
    if not (given.isascii() and given.isdecimal() and len(given) == 3 and 100 <= int(given) <= 599):
        raise InputInvalid("status must be a number from 100 to 599.", attr="status")
    return int(given)


__all__ = [
    "ANY_TEXT", "ASKER", "CURSOR", "TIMES", "UUID_TEXT",
    "answer", "asker_of", "cursor_of", "filters_of", "number_of", "predictor_query", "rows_from_cursor", "text_of",
    "uuid_of", "whole_number",
]  # fmt: skip
