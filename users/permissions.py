"""May they? A key by its scopes, a person by their role in the company in force: `users.roles` says."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from users.keys import KeyHolder
from users.models import User
from users.roles import ALLOWED, Act, role_may, scopes_may

if TYPE_CHECKING:
    # DRF imports its default permissions while it imports its views.
    from rest_framework.views import APIView


def may(asker: User | KeyHolder, act: Act) -> bool:
    """Whether a person, in the company in force, or a key may."""
    if isinstance(asker, KeyHolder):
        return scopes_may(asker.scopes, act)
    return role_may(asker.role, act)


def who(request: Request) -> User | KeyHolder:
    """Who asks, where the permission has let them in."""
    return cast("User | KeyHolder", request.user)


class InCompany(BasePermission):
    """Signed in, and allowed the act that the view declares for the method; a view that declares none is closed."""

    message = "Not allowed."

    def has_permission(self, request: Request, view: APIView) -> bool:
        asker = request.user
        if not asker or not asker.is_authenticated:
            return False
        method = (request.method or "").lower()
        method = "get" if method == "head" else method
        if method == "options" or not hasattr(view, method):
            return True  # 405 is the view's to answer
        acts: dict[str, Act] = getattr(view, "acts", {})
        act = acts.get(method)
        if act is None:
            return False
        if isinstance(asker, KeyHolder):
            self.message = self._scopes_needed(act)
        else:
            self.message = f"Your role in this company ({asker.role or 'none'}) does not allow this."
        return may(asker, act)

    def _scopes_needed(self, act: Act) -> str:
        scopes = sorted(ALLOWED[act].scopes)
        if not scopes:
            return "This is for people, not for keys: sign in."
        return f"This key does not have the scope that this needs: {' or '.join(scopes)}."


__all__ = ["InCompany", "may", "who"]
