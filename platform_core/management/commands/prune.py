"""`manage.py prune`: removes what is kept no longer. A worker does it every night."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from api_gateway.pruning import prune
from platform_core.errors import InputInvalid
from request_logs.pruning import BATCH


class Command(BaseCommand):
    help = (
        "Removes predictions older than each company's retention_days (with their outcomes), requests older than 90 "
        "days, and answers to repeated requests older than a day; in small batches, while the installation works."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--batch", type=int, default=BATCH, help="rows of one transaction")

    def handle(self, *args: Any, batch: int, **options: Any) -> None:
        if batch < 1:
            raise InputInvalid("--batch must be at least 1.")
        companies, answers = prune(batch=batch)
        for one in companies:
            self.stdout.write(
                f"{one.company}: {one.predictions:,} predictions, {one.outcomes:,} outcomes, {one.requests:,} requests"
            )
        self.stdout.write(f"answers to repeated requests: {answers:,}")
