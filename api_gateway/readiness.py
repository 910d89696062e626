"""Can this process do its work? Each part is asked in turn; answers name parts, never addresses or reasons that would
tell an outsider how the installation is built."""

from __future__ import annotations

from functools import lru_cache

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.utils import Error

from api_gateway.limits import gate
from api_gateway.problems import Problem, one
from ml_services import serving

OK, NOT_USED = "ok", "not used"
PARTS = ("database", "migrations", "cache", "artifacts")


@lru_cache(maxsize=1)
def _written() -> frozenset[tuple[str, str]]:
    """The migrations of this code."""
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).disk_migrations or {})


def _database() -> str | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return None


def _migrations() -> str | None:
    missing = _written() - MigrationRecorder(connection).applied_migrations().keys()
    return f"{len(missing)} migrations are not applied: python manage.py migrate." if missing else None


def _artifacts() -> str | None:
    refused = serving.refused_for_all()
    return f"The shared models of {', '.join(refused)} cannot be loaded." if refused else None


def look() -> tuple[dict[str, str], list[Problem]]:
    """The state of each part, and what is wrong, with the part as `attr`. Where the database is away, what can only
    be asked of it goes unsaid."""
    cache = gate.redis_answers()
    problems = [one("not_ready", "The cache that CACHE_URL names does not answer.", "cache")] if cache is False else []
    try:
        asked = {"database": _database(), "migrations": _migrations()}
        if not asked["migrations"]:
            asked["artifacts"] = _artifacts()
    except Error:
        return {}, [one("database_unavailable", "The database cannot be reached.", "database"), *problems]
    problems += [one("not_ready", detail, part) for part, detail in asked.items() if detail]
    return {**dict.fromkeys(PARTS, OK), "cache": OK if cache else NOT_USED}, problems


__all__ = ["NOT_USED", "OK", "PARTS", "look"]
