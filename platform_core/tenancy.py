"""Whose data this is. Every tenant table derives from TenantModel; its manager answers only for the company in
force, and raises where none is: it never returns everything. The database holds the same line once more
(`row_security.py`): each statement is sent with the scope that is in force here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import Any, ClassVar, Final

from django.db import models

from platform_core.errors import NoCompanyInForce

WHOLE_INSTALLATION: Final = "*"
"""The scope of the installation's own work: sign-in, start, pruning, watching for promotions."""

_scope: ContextVar[int | str | None] = ContextVar("company", default=None)


def current_company() -> int:
    """The id of the company in force. Raises NoCompanyInForce."""
    company = _scope.get()
    if not isinstance(company, int):
        raise NoCompanyInForce
    return company


def company_or_none() -> int | None:
    """The id of the company in force, for log lines and the like."""
    company = _scope.get()
    return company if isinstance(company, int) else None


def scope_text() -> str:
    """What the database is told: a company's id, `*`, or nothing."""
    scope = _scope.get()
    return "" if scope is None else str(scope)


def set_company(company_id: int | None) -> None:
    """Puts a company in force for the rest of this request or task; None takes it out."""
    _scope.set(company_id)


@contextmanager
def _in_force(scope: int | str) -> Iterator[None]:
    token = _scope.set(scope)
    try:
        yield
    finally:
        _scope.reset(token)


def company_in_force(company_id: int) -> AbstractContextManager[None]:
    """Puts a company in force for a block."""
    return _in_force(company_id)


def installation_wide() -> AbstractContextManager[None]:
    """Lets a block see the rows of all companies. Its callers are counted by a test: each says why it may."""
    return _in_force(WHOLE_INSTALLATION)


def owner_in_force(company_id: int | None) -> AbstractContextManager[None]:
    """The company in force, or the whole installation for what is shared (company None)."""
    return installation_wide() if company_id is None else company_in_force(company_id)


class TenantManager(models.Manager[Any]):
    """Only the rows of the company in force."""

    def get_queryset(self) -> models.QuerySet[Any]:
        return super().get_queryset().filter(company_id=current_company())


class SharedOrTenantManager(models.Manager[Any]):
    """The rows of the company in force, and those of no company, which all share."""

    def get_queryset(self) -> models.QuerySet[Any]:
        own = models.Q(company_id=current_company())
        return super().get_queryset().filter(own | models.Q(company_id=None))


class InstallationManager(models.Manager[Any]):
    """All rows that the scope in force lets the database show. Raises where no scope is: never an empty surprise."""

    def get_queryset(self) -> models.QuerySet[Any]:
        if _scope.get() is None:
            raise NoCompanyInForce
        return super().get_queryset()


class TenantModel(models.Model):
    """A row that belongs to one company. `across_companies` is for sign-in and the installation's own commands."""

    company = models.ForeignKey("users.Company", on_delete=models.CASCADE, related_name="+")

    objects: ClassVar[TenantManager] = TenantManager()
    across_companies: ClassVar[InstallationManager] = InstallationManager()

    class Meta:
        abstract = True


__all__ = [
    "InstallationManager",
    "SharedOrTenantManager",
    "TenantManager",
    "TenantModel",
    "company_in_force",
    "company_or_none",
    "current_company",
    "installation_wide",
    "owner_in_force",
    "scope_text",
    "set_company",
]
