"""Is it alive, is it ready?"""

from __future__ import annotations

from django.db import connection
from django.db.utils import Error
from rest_framework.request import Request
from rest_framework.response import Response

from api_gateway.endpoint import OpenEndpoint
from api_gateway.operations import Operation
from api_gateway.schemas import record
from platform_core.errors import DatabaseUnavailable

TAG = "Installation"


class HealthView(OpenEndpoint):
    """The process answers."""

    operations = {
        "get": Operation(
            id="health", summary="Is it alive?", tag=TAG, answer=record({"status": {"const": "ok"}}), public=True
        )
    }

    def get(self, request: Request) -> Response:
        return Response({"status": "ok"})


class ReadyView(OpenEndpoint):
    """The process can do its work: the database answers."""

    operations = {
        "get": Operation(
            id="ready", summary="Is it ready?", tag=TAG, answer=record({"status": {"const": "ready"}}), public=True
        )
    }

    def get(self, request: Request) -> Response:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except Error:
            raise DatabaseUnavailable from None
        return Response({"status": "ready"})
