"""Is it alive, is it ready, and what signs in."""

from __future__ import annotations

from django.db import connection
from django.db.utils import Error
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from platform_core.errors import DatabaseUnavailable


class OpenView(APIView):
    """A view that needs no sign-in."""

    authentication_classes = ()
    permission_classes = (AllowAny,)


class HealthView(OpenView):
    """The process answers."""

    def get(self, request: Request) -> Response:
        return Response({"status": "ok"})


class ReadyView(OpenView):
    """The process can do its work: the database answers."""

    def get(self, request: Request) -> Response:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except Error:
            raise DatabaseUnavailable from None
        return Response({"status": "ready"})
