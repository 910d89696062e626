"""`manage.py retrain_models`: one round of the pipeline now, for each predictor that can learn again by itself."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.dateparse import parse_datetime

from file_uploads.retraining.rounds import at_work, open_round
from file_uploads.retraining.sources import can_learn, source_of
from file_uploads.retraining.triggers import Trigger
from ml_services import drift, registry
from ml_services.models import ModelVersion, PredictorSetting, RunState, TrainingRun
from platform_core.errors import InputInvalid, PlatformError
from platform_core.management.readiness import make_ready
from platform_core.management.training import carry_out_here
from platform_core.priority import stand_behind
from platform_core.records.models import Customer, Lead
from platform_core.tenancy import TenantModel, company_in_force, installation_wide
from users.models import Company
from users.services import company_of

RECORDS_OF: dict[str, type[TenantModel]] = {"churn": Customer, "clv": Customer, "lead-score": Lead, "plan-tier": Lead}
"""What each predictor that learns from records has its rows from."""
SAID = {RunState.DONE: "done", RunState.FAILED: "not done", RunState.CANCELLED: "cancelled"}


class Command(BaseCommand):
    help = "Learns again from the records or outcomes that have come in, compares, and promotes or keeps."

    def run_from_argv(self, argv: list[str]) -> None:
        """As a program of its own, behind the web server of the same machine."""
        stand_behind()
        super().run_from_argv(argv)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("predictor", nargs="*", help="which; all that can learn by themselves where none is named")
        parser.add_argument("--company", default="", help="slug; default every company")
        parser.add_argument("--if-drifted", action="store_true", help="only those whose scores or outcomes have moved")
        parser.add_argument("--as-of", default="", help="learn only from what was known then (ISO 8601); default now")

    def handle(self, *args: Any, **options: Any) -> None:
        named = [_able(name) for name in options["predictor"]]
        as_of = _moment(options["as_of"])
        make_ready()
        companies = [company_of(options["company"])] if options["company"] else _everybody()
        done, self.failed = 0, 0
        for company in companies:
            with company_in_force(company.pk):
                for name in named or _alive():
                    done += self._round(company, name, as_of, only_drifted=options["if_drifted"])
        if not done:
            self.stdout.write("Nothing was to be learned again.")
        if named and self.failed:  # where none is named, one that has too little to learn from is no surprise
            raise PlatformError(f"{self.failed} of {done} could not learn again.")

    def _round(self, company: Company, name: str, as_of: datetime, *, only_drifted: bool) -> bool:
        if at_work(name):
            self.stdout.write(f"{company.slug} {name}: left alone, a round of it is at work.")
            return False
        trigger = Trigger("person", "retrain_models")
        if only_drifted:
            told = drift.verdict(name)
            if told["verdict"] != "drift":
                self.stdout.write(f"{company.slug} {name}: left alone, its drift is {told['verdict']}.")
                return False
            trigger = Trigger("drift", str(told["reasons"][0])[:300])
        run = open_round(predictor=name, trigger=trigger, as_of=as_of, source=source_of(name), queued=False)
        run = carry_out_here(run)
        self.failed += run.state == RunState.FAILED
        self.stdout.write(f"{company.slug} {name}: {_said(run)}")
        return True


def _everybody() -> list[Company]:
    with installation_wide():  # which companies there are
        return list(Company.objects.order_by("pk"))


def _alive() -> list[str]:
    """The predictors of the company in force that have a version or settings of its own, or records to learn from."""
    own = set(ModelVersion.objects.filter(serving=True).exclude(company_id=None).values_list("predictor", flat=True))
    kept = set(PredictorSetting.objects.filter(retraining__enabled=True).values_list("predictor", flat=True))
    there = {name for name, table in RECORDS_OF.items() if table.objects.exists()}
    return [name for name in registry.all_predictors() if name in own | kept | there and can_learn(name)]


def _able(name: str) -> str:
    """Raises NotFound, or InputInvalid for one that learns from files alone."""
    if not can_learn(registry.predictor(name).name):
        raise InputInvalid(f"{name} learns from files alone: train_models {name} --data FILE.")
    return name


def _said(run: TrainingRun) -> str:
    report = run.report
    if run.error:
        return f"{SAID.get(RunState(run.state), run.state)}: {run.error}"
    verdict = report.get("verdict") or {}
    version = run.version.version if run.version else "no version"
    serves = "serves now" if run.version and run.version.serving else "does not serve"
    return f"{version} {serves}. {verdict.get('reason') or report.get('said', '')}".strip()


def _moment(text: str) -> datetime:
    if not text:
        return datetime.now(UTC).replace(microsecond=0)
    try:
        found = parse_datetime(text) or datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None:
        raise InputInvalid(f"--as-of takes a time such as 2026-11-01 or 2026-11-01T06:00:00Z, not {text[:40]!r}.")
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    if found > datetime.now(UTC):
        raise InputInvalid("--as-of is in the future: nobody knows yet what will have come true by then.")
    return found


__all__ = ["Command"]
