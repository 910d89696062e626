"""Pages of a list: `?page=` and `?page_size=`. A view lists both (`PAGE_QUERIES`) and answers with `page_of`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response

from api_gateway.operations import Schema, query
from api_gateway.schemas import or_null, record
from platform_core.errors import InputInvalid

PAGE_SIZE, LARGEST_PAGE = 50, 500
LAST_PAGE = 2**31 - 1
PAGE_QUERIES: tuple[Schema, ...] = (
    query("page", {"type": "integer", "minimum": 1, "maximum": LAST_PAGE}, "Which page, from 1."),
    query(
        "page_size",
        {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": PAGE_SIZE},
        "Rows on a page.",
    ),
)


class Pages(PageNumberPagination):
    """Takes whole numbers within bounds only: a size cut down in silence would lose rows to whoever counts on it."""

    page_size = PAGE_SIZE
    page_size_query_param = "page_size"
    max_page_size = LARGEST_PAGE

    def get_page_size(self, request: Request) -> int:
        return whole(request, "page_size", PAGE_SIZE, LARGEST_PAGE)

    def get_page_number(self, request: Request, paginator: Paginator[Any]) -> int:
        return whole(request, "page", 1, LAST_PAGE)


def page_of(request: Request, rows: QuerySet[Any], line: Callable[[Any], dict[str, Any]]) -> Response:
    """The page that a request asks for, each row as `line` shows it."""
    pages = Pages()
    found = pages.paginate_queryset(rows, request) or []
    return pages.get_paginated_response([line(row) for row in found])


def paged(items: Schema) -> Schema:
    """The schema of such an answer."""
    link = or_null("string", description="The address of that page.")
    return record(
        {"count": {"type": "integer"}, "next": link, "previous": link, "results": {"type": "array", "items": items}}
    )


def whole(request: Request, name: str, default: int, most: int) -> int:
    """A parameter that is a whole number from 1 to `most`. Raises InputInvalid."""
    given = request.query_params.get(name)
    if given is None:
        return default
    if not (given.isascii() and given.isdecimal() and len(given) <= len(str(most)) and 1 <= int(given) <= most):
        raise InputInvalid(f"{name} must be a whole number from 1 to {most}.", attr=name)
    return int(given)


__all__ = ["PAGE_QUERIES", "Pages", "page_of", "paged", "whole"]
