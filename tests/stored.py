"""Rows of any company, made and looked at by tests as the installation itself would."""

from __future__ import annotations

from typing import Any

from django.db.models import Model, QuerySet

from platform_core.tenancy import installation_wide


def made(model: type[Any], /, **values: Any) -> Any:
    """A new row, of whichever company."""
    with installation_wide():
        return model.across_companies.create(**values)


def found(model: type[Model], **filters: Any) -> list[Any]:
    """The rows of all companies that fit."""
    with installation_wide():
        rows: QuerySet[Any] = model.across_companies.filter(**filters)  # type: ignore[attr-defined]
        return list(rows.order_by("pk"))


def changed(model: type[Any], where: dict[str, Any], **values: Any) -> int:
    """Changes rows of all companies past every service; says how many."""
    with installation_wide():
        return int(model.across_companies.filter(**where).update(**values))
