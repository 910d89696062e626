"""`manage.py seed_demo`: a demo company with a person, a key, records and some predictions; safe to repeat."""

from __future__ import annotations

import os
import secrets
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import transaction

from ml_services import answering, registry, schema, serving
from platform_core import env
from platform_core.errors import NoModel, NotFound, RecordInvalid
from platform_core.records.kinds import KINDS
from platform_core.records.services import upsert
from platform_core.samples.records import sample_records
from platform_core.tenancy import company_in_force, installation_wide
from request_logs.models import Prediction
from users import key_making, keys
from users.asking import Asker
from users.models import ApiKey, Company, Scope, User
from users.services import DEMO_SLUG, create_company

PERSON = "demo@example.com"
KEY_NAME = "demo key"
PACKAGES = [
    {"name": "Business", "monthly_price": "150.00", "setup_fee": "399.00"},
    {"name": "Elite", "monthly_price": "250.00", "setup_fee": "399.00"},
    {"name": "MVP", "monthly_price": "350.00", "setup_fee": "399.00"},
    {"name": "Now", "monthly_price": "500.00", "setup_fee": "399.00"},
]


def kept(name: str, made: str) -> str:
    """Keeps a demo secret in a file of mode 600, so that every start can show it again."""
    path = env.make_home() / name
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(made)
    return made


def read(name: str) -> str:
    """A kept demo secret, or nothing."""
    path = env.make_home() / name
    return path.read_text(encoding="ascii") if path.exists() else ""


@transaction.atomic
def seed() -> tuple[str, str, str]:
    """The demo company's e-mail, password and API key, made where they are not there or no longer fit."""
    with installation_wide():  # whether it is there is what we ask
        company = Company.objects.filter(slug=DEMO_SLUG).first()
    password = read("demo_password")
    user = User.objects.filter(email=PERSON).first()
    if company is None:
        password = kept("demo_password", secrets.token_urlsafe(9))
        company, user = create_company(name="Demo company", slug=DEMO_SLUG, owner_email=PERSON, password=password)
        company.packages = PACKAGES
        with company_in_force(company.pk):
            company.save(update_fields=["packages"])
    if user is not None and not (password and user.check_password(password)):
        password = kept("demo_password", password or secrets.token_urlsafe(9))
        user.set_password(password)
        user.save(update_fields=["password"])
    key = read("demo_key")
    with company_in_force(company.pk):
        known = ApiKey.objects.filter(hash=keys.digest(key), revoked_at=None).exists()
    if not key or not known:
        _, key = key_making.issue(company=company, name=KEY_NAME, scopes=list(Scope.values))
        kept("demo_key", key)
    return PERSON, password, key


def predict_examples() -> int:
    """Asks each predictor that serves for its own example, where the demo company has asked nothing yet."""
    with installation_wide():  # which company it is
        company = Company.objects.get(slug=DEMO_SLUG)
    with company_in_force(company.pk):
        person = User.objects.get(email=PERSON)
        asked = Prediction.objects.exists()
        return 0 if asked else sum(_predicted(person, company.pk, name) for name in registry.all_predictors())


def bring_records() -> int:
    """The demo company's records, where it has none yet. Returns how many there are new."""
    with installation_wide():  # which company it is
        company = Company.objects.get(slug=DEMO_SLUG)
    with company_in_force(company.pk), transaction.atomic():
        if any(kind.model.objects.exists() for kind in KINDS.values()):
            return 0
        taken = [upsert(kind, rows, source=source) for kind, source, rows in sample_records()]
        return sum(counts.created for counts in taken)


def _predicted(person: User, company_id: int, name: str) -> int:
    asker = Asker("person", person.pk, person.email, company_id)
    try:
        example = schema.example_record(serving.find(company_id, name).model.fields)
        answering.answer_one(asker, company_id, name, {**example, "external_id": "example"}, explain=True)
    except (NoModel, NotFound, RecordInvalid):
        return 0
    return 1


class Command(BaseCommand):
    help = "Makes the demo company (slug demo) with a person, an API key, records and some predictions; safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0, interactive=False)
        email, password, key = seed()
        predict_examples()
        bring_records()
        self.stdout.write(f"company  {DEMO_SLUG}\nperson   {email}\npassword {password}\nAPI key  {key}")
