"""`manage.py check_drift [PREDICTOR …]`: whether what the models meet still looks like what they learned from."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from ml_services import drift, registry
from ml_services.drift.limits import USUAL_DAYS
from platform_core.management.readiness import make_ready
from platform_core.tenancy import company_in_force
from users.services import company_of

DRIFTED_EXIT = 3


class Command(BaseCommand):
    help = (
        "Holds the predictions of the last days against what the serving versions learned from, and prints a verdict "
        "for each predictor: none, note (inputs moved), drift (scores or outcomes moved) or unknown. Exit 3 where "
        "something drifted, else 0. Nothing is kept or told: a worker does that every night."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("predictor", nargs="*", help="which; all where none is named")
        parser.add_argument("--company", default="", help="slug; default the only company, or demo")
        parser.add_argument("--days", type=int, default=USUAL_DAYS, help=f"default {USUAL_DAYS}")

    def handle(self, *args: Any, predictor: list[str], company: str, days: int, **options: Any) -> None:
        make_ready()
        drifted = False
        with company_in_force(company_of(company).pk):
            for name in predictor or registry.all_predictors():
                told = drift.verdict(name, days=days)
                drifted |= told["verdict"] == "drift"
                self._print(told)
        if drifted:
            sys.exit(DRIFTED_EXIT)

    def _print(self, told: dict[str, Any]) -> None:
        rows = told["window"]["rows"]
        version = told["version"] or "no version"
        self.stdout.write(f"{told['predictor']:<15} {told['verdict']:<8} {rows:>9,} predictions of {version}")
        for reason in told["reasons"]:
            self.stdout.write(f"    {reason}")
