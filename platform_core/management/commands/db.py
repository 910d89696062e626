"""`manage.py db start|stop|status`: the embedded PostgreSQL."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from platform_core import database, postgres


class Command(BaseCommand):
    help = "Starts, stops or shows the embedded PostgreSQL."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["start", "stop", "status"])

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        if not database.embedded():
            self.stdout.write("DATABASE_URL names a PostgreSQL server: there is no embedded one to manage.")
        elif action == "start":
            postgres.start(stay=True)
            self.stdout.write(f"running in {postgres.folder()}; `db stop` ends it")
        elif action == "stop":
            self.stdout.write("stopped" if postgres.stop() else "was not running")
        else:
            self.stdout.write(f"running in {postgres.folder()}" if postgres.running() else "not running")
