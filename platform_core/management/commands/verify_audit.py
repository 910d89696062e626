"""`manage.py verify_audit [--company SLUG] [--expect COMPANY:SEQUENCE:HASH]`."""

from __future__ import annotations

from argparse import ArgumentParser
from collections import defaultdict
from typing import Any

from django.core.management.base import BaseCommand

from platform_core.errors import NotFound, PlatformError
from platform_core.management.readiness import migrate
from users import chains


class Command(BaseCommand):
    help = "Computes the audit's chains of hashes again and names the first link that does not hold; then exits 1."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--company", default="", help="slug; @ for the installation's own chain; default all")
        parser.add_argument(
            "--expect",
            action="append",
            default=[],
            metavar="COMPANY:SEQUENCE:HASH",
            help="a head that an earlier run printed and that was kept elsewhere; may be repeated",
        )

    def handle(self, *args: Any, company: str, expect: list[str], **options: Any) -> None:
        migrate()
        expected: dict[str, dict[int, str]] = defaultdict(dict)
        for name, place, kept in map(chains.parse_head, expect):
            expected[name][place] = kept
        known = {name: chain for chain, name in chains.names().items()}
        unknown = [name for name in [company, *expected] if name and name not in known]
        if unknown:
            raise NotFound(f"There is no chain {unknown[0]!r}: neither a company nor events under that name.")
        wanted = [company] if company else list(known)
        broken = sum(not self._tell(chains.verify(known[name], name, expected[name])) for name in wanted)
        if broken:
            raise PlatformError(f"{broken} of {len(wanted)} chains do not hold.")

    def _tell(self, found: chains.Verdict) -> bool:
        """Prints a chain's head, or what is wrong with it; says whether it holds."""
        if found.broken:
            self.stdout.write(f"{found.name}: BROKEN at {found.broken}")
            return False
        if found.events:
            self.stdout.write(f"{found.name}:{found.events}:{found.head}")
        else:
            self.stdout.write(f"{found.name}: no events")
        return True
