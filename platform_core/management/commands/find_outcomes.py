"""`manage.py find_outcomes`: reports what the records tell of earlier predictions."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from platform_core.management.readiness import make_ready
from users.services import company_of


class Command(BaseCommand):
    help = "Reports the outcomes that a company's records tell of its predictions; safe to repeat."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--company", default="", help="slug; default the only company, or demo")

    def handle(self, *args: Any, **options: Any) -> None:
        from ml_services.datasets.found import report_found

        make_ready()
        counts = report_found(company_of(options["company"]).pk)
        self.stdout.write(", ".join(f"{name.replace('_', ' ')}: {count:,}" for name, count in counts.items()))
