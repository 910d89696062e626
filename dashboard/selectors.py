"""Queries for pages."""

from __future__ import annotations

from typing import Any

from users.models import Company


def company_of(user: Any) -> Company | None:
    """The company whose pages a person sees: their first."""
    return Company.objects.filter(memberships__user=user).order_by("memberships__pk").first()
