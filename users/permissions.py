"""May they? A key by its scopes, a person by membership."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from users.keys import KeyHolder
from users.models import Scope

if TYPE_CHECKING:
    # DRF imports its default permissions while it imports its views.
    from rest_framework.views import APIView


class InCompany(BasePermission):
    """Signed in, and, for a key, holding the view's `scope` (or `admin`)."""

    message = "This key does not have the scope that this needs."

    def has_permission(self, request: Request, view: APIView) -> bool:
        asker = request.user
        if isinstance(asker, KeyHolder):
            scope = getattr(view, "scope", Scope.ADMIN)
            return scope in asker.scopes or Scope.ADMIN in asker.scopes
        return bool(asker and asker.is_authenticated)
