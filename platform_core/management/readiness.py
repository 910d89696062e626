"""An installation that nobody has started yet: commands make it ready instead of failing on missing tables."""

from __future__ import annotations

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import OperationalError

from platform_core import database
from platform_core.errors import DatabaseUnavailable
from platform_core.management.commands.seed_demo import seed
from platform_core.tenancy import installation_wide
from users.models import Company

MIGRATION_LOCK = 4_857_201
"""Any number that no other advisory lock of ours has."""


def migrate() -> None:
    """Brings the tables up to date, one process at a time. Raises DatabaseUnavailable."""
    try:
        executor = MigrationExecutor(connection)
        if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
        try:
            call_command("migrate", verbosity=0, interactive=False)
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATION_LOCK])
    except OperationalError as problem:
        place = "the embedded database" if database.embedded() else "the database that DATABASE_URL names"
        raise DatabaseUnavailable(f"Cannot reach {place}: {first_line(problem)}") from None


def make_ready() -> None:
    """Tables up to date, and the demo company where there is no company at all."""
    migrate()
    with installation_wide():  # whether there is any company at all
        untouched = not Company.objects.exists()
    if untouched:
        seed()


def first_line(problem: Exception) -> str:
    """The first line of an error's text: psycopg's name the host and the reason, never the password."""
    return (str(problem).strip().splitlines() or ["no reason given"])[0]


__all__ = ["first_line", "make_ready", "migrate"]
