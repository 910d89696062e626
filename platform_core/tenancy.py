"""Whose data this is. Every tenant table derives from TenantModel; its manager answers only for the company in
force, and raises where none is: it never returns everything."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ClassVar

from django.db import models

from platform_core.errors import NoCompanyInForce

_company: ContextVar[int | None] = ContextVar("company", default=None)


def current_company() -> int:
    """The id of the company in force. Raises NoCompanyInForce."""
    company = _company.get()
    if company is None:
        raise NoCompanyInForce
    return company


def set_company(company_id: int | None) -> None:
    """Puts a company in force for the rest of this request or task; None takes it out."""
    _company.set(company_id)


@contextmanager
def company_in_force(company_id: int) -> Iterator[None]:
    """Puts a company in force for a block."""
    token = _company.set(company_id)
    try:
        yield
    finally:
        _company.reset(token)


class TenantManager(models.Manager[Any]):
    """Only the rows of the company in force."""

    def get_queryset(self) -> models.QuerySet[Any]:
        return super().get_queryset().filter(company_id=current_company())


class SharedOrTenantManager(models.Manager[Any]):
    """The rows of the company in force, and those of no company, which all share."""

    def get_queryset(self) -> models.QuerySet[Any]:
        own = models.Q(company_id=current_company())
        return super().get_queryset().filter(own | models.Q(company_id=None))


class TenantModel(models.Model):
    """A row that belongs to one company. `across_companies` is for sign-in and the installation's own commands."""

    company = models.ForeignKey("users.Company", on_delete=models.CASCADE, related_name="+")

    objects: ClassVar[TenantManager] = TenantManager()
    across_companies: ClassVar[models.Manager[Any]] = models.Manager()

    class Meta:
        abstract = True


__all__ = [
    "SharedOrTenantManager",
    "TenantManager",
    "TenantModel",
    "company_in_force",
    "current_company",
    "set_company",
]
