"""`manage.py train_models`: learns from a file, or, without one, trains the sample models."""

from __future__ import annotations

import json
import sys
import textwrap
import threading
import time
from argparse import ArgumentParser, ArgumentTypeError
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from file_uploads.retraining.sources import RECORDS, data_of
from ml_services import card, registry, selectors, services
from ml_services.base import Predictor, TrainingData, TrainingOptions
from platform_core.errors import InputInvalid, PlatformError
from platform_core.management.commands.worker import end_with
from platform_core.management.progress import ProgressLine
from platform_core.management.readiness import make_ready
from platform_core.management.training import bound_memory, carry_out, company_settings, read, verdict
from platform_core.samples.tables import sample_data
from platform_core.tenancy import company_in_force
from users.models import Company
from users.services import company_of


def listed(text: str) -> tuple[str, ...]:
    """A comma-separated option."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def moment(text: str) -> datetime:
    """A day or time option, UTC where it names no offset."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no date such as 2026-11-21") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


class Command(BaseCommand):
    help = "Trains predictors on a file (--data FILE --target COLUMN), or the sample models where no file is given."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("predictor", nargs="*", help="which; all sample models where none is named")
        parser.add_argument("--data", type=Path, help="csv, tsv, csv.gz, xlsx or parquet")
        parser.add_argument("--target", default="", help="the column to learn")
        parser.add_argument("--positive", default="", help="the target's value that counts as yes")
        parser.add_argument("--id-column", default="")
        parser.add_argument("--time-column", default="", help="split by time on this column")
        parser.add_argument("--exclude", type=listed, default=(), help="columns to leave out, comma-separated")
        parser.add_argument("--allow-leaky", type=listed, default=(), help="columns the leakage gate must let in")
        parser.add_argument("--company", default="", help="slug; default the only company, or demo")
        parser.add_argument("--from-records", action="store_true", help="learn from the company's own records")
        parser.add_argument("--as-of", type=moment, help="with --from-records: what was known on that day; default now")
        parser.add_argument("--horizon-days", type=int, help="with --from-records: how far the predictor looks ahead")
        parser.add_argument("--budget-s", type=float, default=60.0, help="seconds that reading and learning may take")
        parser.add_argument("--seed", type=int, default=42)
        parser.add_argument("--promote", action="store_true", default=None, help="serve it whatever it shows")
        parser.add_argument("--no-promote", dest="promote", action="store_false", help="only keep it")
        parser.add_argument("--card", type=Path, help="write the model card as JSON here")
        parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a predictor's own option")
        parser.add_argument("--if-missing", action="store_true", help="only the sample models that are not there")
        parser.add_argument("--run", type=int, help="carry out a training run that a worker has begun")
        parser.add_argument("--parent", type=int, default=0, help="end with this process")

    def handle(self, *args: Any, **options: Any) -> None:
        make_ready()
        if options["parent"]:
            threading.Thread(target=end_with, args=[options["parent"]], daemon=True).start()
            bound_memory()
        if options["run"]:
            carry_out(options["run"])
        elif options["from_records"]:
            self._from_records(options)
        elif options["data"]:
            self._from_file(options)
        else:
            self._samples(options)

    def _from_file(self, options: dict[str, Any]) -> None:
        predictor, company = self._one(options, "a file, as in: train_models churn --data FILE …")
        names = ("target", "positive", "id_column", "time_column", "exclude", "allow_leaky", "budget_s", "seed")
        own = {**company_settings(company), **settings_of(options["set"])}
        begun = time.perf_counter()
        asked = TrainingOptions(**{name: options[name] for name in names}, settings=own, begun=begun)
        line = ProgressLine(sys.stderr, predictor.name)
        line("reading", 0.0, options["data"].name)
        data = read(options["data"], options["data"].name)
        self._train(predictor, company.pk, data, asked, options["promote"], line, options["card"])

    def _from_records(self, options: dict[str, Any]) -> None:
        predictor, company = self._one(options, "records, as in: train_models churn --from-records")
        for name in ("target", "positive", "id_column", "time_column", "data"):
            if options[name]:
                raise InputInvalid(f"--{name.replace('_', '-')} is for files: records say it themselves.")
        line = ProgressLine(sys.stderr, predictor.name)
        line("reading", 0.0, "records")
        begun, as_of = time.perf_counter(), options["as_of"] or datetime.now(UTC)
        with company_in_force(company.pk):
            data, own, known = data_of(RECORDS, predictor.name, as_of=as_of, horizon_days=options["horizon_days"])
        given = {name: options[name] for name in ("exclude", "allow_leaky", "budget_s", "seed")}
        settings = {**company_settings(company), **known, **settings_of(options["set"])}
        asked = TrainingOptions(**given, **own, settings=settings, begun=begun)
        self._train(predictor, company.pk, data, asked, options["promote"], line, options["card"])

    def _one(self, options: dict[str, Any], what: str) -> tuple[Predictor, Company]:
        if len(options["predictor"]) != 1:
            raise InputInvalid(f"Name one predictor to train on {what}")
        if options["budget_s"] <= 0:
            raise InputInvalid("--budget-s must be above 0.")
        return registry.predictor(options["predictor"][0]), company_of(options["company"])

    def _train(
        self,
        predictor: Predictor,
        company_id: int | None,
        data: TrainingData,
        options: TrainingOptions,
        promote: bool | None,
        line: ProgressLine,
        card_file: Path | None,
    ) -> None:
        row, trained = services.train_version(
            predictor=predictor, company_id=company_id, data=data, options=options, promote_it=promote, progress=line
        )
        line.end("")
        self.stdout.write(card.render(trained.card))
        self.stdout.write("\n" + textwrap.fill(verdict(row, promote), card.WIDTH))
        if card_file:
            card_file.write_text(json.dumps(trained.card, indent=2, default=str) + "\n", encoding="utf-8")

    def _samples(self, options: dict[str, Any]) -> None:
        named = [registry.predictor(name) for name in options["predictor"]]
        wanted = named or list(registry.all_predictors().values())
        there = selectors.shared_that_serve()
        failed = 0
        for predictor in wanted:
            if not predictor.sample_file or (options["if_missing"] and predictor.name in there):
                continue
            failed += not self._sample(predictor)
        if failed:
            raise PlatformError(f"{failed} sample model(s) could not be trained; the others can serve.")

    def _sample(self, predictor: Predictor) -> bool:
        line = ProgressLine(sys.stderr, predictor.name)
        try:
            row, trained = services.train_version(
                predictor=predictor,
                company_id=None,
                data=sample_data(predictor),
                options=predictor.sample_options(),
                progress=line,
            )
        except PlatformError as problem:
            line.end(f"{predictor.name:<16} not trained: {problem.detail}")
            return False
        line.end(f"{predictor.name:<16} sample model {row.version}: {best(trained.card)}")
        return True


def best(found: dict[str, Any]) -> str:
    """The headline metric of a card in a line, and the rows that it was measured on."""
    shown = selectors.headline(found)
    if shown is None or shown["value"] is None:
        return "trained"
    spread = f" ({shown['low']:.3f} to {shown['high']:.3f})" if shown["low"] is not None else ""
    rows = f" on {shown['rows']:,} rows held out" if shown["rows"] else ""
    return f"{shown['metric']} {shown['value']:.3f}{spread}{rows}"


def settings_of(pairs: list[str]) -> dict[str, str]:
    """The `--set NAME=VALUE` options."""
    found = {}
    for pair in pairs:
        name, mark, value = pair.partition("=")
        if not mark or not name:
            raise InputInvalid(f"--set takes NAME=VALUE; {pair!r} has no '='.")
        found[name.strip()] = value.strip()
    return found
