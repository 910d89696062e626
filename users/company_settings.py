"""What a company sets for itself: its name, its place in time and money, its price list, how long it keeps."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

from django.db import IntegrityError, transaction

from platform_core.errors import Conflict, InputInvalid
from users import audit
from users.currencies import CODES
from users.input_fields import Rule, Wrong, flag, line, listed, nested, read, whole
from users.models import Company
from users.services import DEMO_SLUG
from users.webhook_addresses import webhook_address

LONGEST_NAME, LONGEST_SLUG, LONGEST_PACKAGE = 200, 60, 100
SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
PRICE = r"^[0-9]{1,9}(\.[0-9]{1,2})?$"
LEAST_DAYS, MOST_DAYS = 1, 3650
MOST_PACKAGES, MOST_WEBHOOKS = 50, 10
CENT = Decimal("0.01")


@lru_cache(maxsize=1)
def time_zones() -> tuple[str, ...]:
    """The names of the IANA time zones that this machine knows, in order."""
    return tuple(sorted(available_timezones() - {"localtime", "Factory"} | {"UTC"}))


def _slug(value: Any) -> str:
    text = str(line(LONGEST_SLUG)(value))
    if not re.fullmatch(SLUG, text):
        raise Wrong("invalid", "must be lower-case letters, digits and single hyphens between them")
    return text


def _time_zone(value: Any) -> str:
    text = str(line(64)(value))
    if text not in time_zones():
        raise Wrong("not_a_choice", "must be a time zone of the IANA database, as Europe/Berlin")
    return text


def _currency(value: Any) -> str:
    text = str(line(3)(value))
    if text not in CODES:
        raise Wrong("not_a_choice", "must be a currency of ISO 4217 in use, as EUR")
    return text


def _price(value: Any) -> str:
    if not isinstance(value, str):
        raise Wrong("wrong_type", 'must be an amount as a text: "350.00"')
    if not re.fullmatch(PRICE, value, re.ASCII):
        raise Wrong("invalid", "must be an amount of up to nine digits, with up to two behind the point")
    return str(Decimal(value).quantize(CENT))


def _fee(value: Any) -> str | None:
    return None if value is None else _price(value)


_package = nested(
    {"name": line(LONGEST_PACKAGE), "monthly_price": _price, "setup_fee": _fee}, required=("name", "monthly_price")
)


def _packages(value: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = listed(_package, most=MOST_PACKAGES)(value)
    seen: set[str] = set()
    for place, package in enumerate(found):
        name = package["name"].casefold()
        if name in seen:
            raise Wrong("invalid", "is there twice", f"{place}.name")
        seen.add(name)
    return [{"name": one["name"], "monthly_price": one["monthly_price"], "setup_fee": one.get("setup_fee")}
            for one in found]  # fmt: skip


def _webhooks(value: Any) -> list[str]:
    return list(dict.fromkeys(listed(webhook_address, most=MOST_WEBHOOKS)(value)))


RULES: dict[str, Rule] = {
    "name": line(LONGEST_NAME),
    "slug": _slug,
    "time_zone": _time_zone,
    "currency": _currency,
    "packages": _packages,
    "retention_days": whole(LEAST_DAYS, MOST_DAYS),
    "webhook_urls": _webhooks,
    "notify_by_email": flag,
}


def change(*, company_id: int, given: Any) -> Company:
    """The company with some of its settings changed. Raises RecordInvalid naming each wrong field, and Conflict for a
    slug that is taken."""
    changes = read(given, RULES)
    if not changes:
        raise InputInvalid(f"Name at least one setting: {', '.join(RULES)}.")
    try:
        with transaction.atomic():
            company = Company.objects.select_for_update(no_key=True).get(pk=company_id)
            # `seed_demo` would take a company of that slug for its own.
            if changes.get("slug") == DEMO_SLUG != company.slug:
                raise Conflict("That slug is taken.", attr="slug")
            changed = [name for name, value in changes.items() if getattr(company, name) != value]
            for name in changed:
                setattr(company, name, changes[name])
            if changed:
                company.save(update_fields=changed)
                audit.record(audit.Event.COMPANY_CHANGED, subject=f"company:{company.pk}", detail={"changed": changed})
    except IntegrityError:
        raise Conflict("That slug is taken.", attr="slug") from None
    return company


__all__ = ["RULES", "change", "time_zones"]
