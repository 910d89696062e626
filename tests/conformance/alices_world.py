"""Everything that Alice's company has, and how it would be recognised where Bob should not see it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.test import Client
from django.utils import timezone

from connectors.models import Delivery
from file_uploads.models import BatchJob, Schedule
from ml_services.models import ModelVersion, TrainingRun
from platform_core.records.kinds import KINDS
from tests.api_gateway.asking import CHURN, GOOD
from tests.api_gateway.people import ALICE, pair
from tests.conftest import ApiClient
from tests.stored import made
from tests.users.people import invited, member
from users import asking, audit
from users.models import Company, Role

EXTERNAL_ID = "alices-customer-77"
VERSION = "alices-version"


@dataclass
class World:
    """`ids`: {name of a path's parameter: Alice's object}. `marks`: texts that only she has."""

    company: Company
    api: ApiClient
    ids: dict[str, Any] = field(default_factory=dict)
    marks: set[str] = field(default_factory=set)


def person(who: dict[str, str]) -> Client:
    """A client that asks as a person, by token."""
    return Client(headers={"Authorization": f"Bearer {pair(who)['access']}"})


def build(company: Company, api: ApiClient) -> World:
    """One of each thing that a company can have."""
    world = World(company, api)
    asked = api.post(
        CHURN, GOOD | {"external_id": EXTERNAL_ID}, content_type="application/json", headers={"Idempotency-Key": "one"}
    )
    prediction = asked.json()["prediction_id"]
    outcome = {"prediction_id": prediction, "outcome": True}
    assert api.post_json("/api/outcomes/", outcome).status_code < 300
    made(ModelVersion, company=company, predictor="churn", version=VERSION, evidence="standard", card={})
    run = made(TrainingRun, company=company, predictor="churn")
    key = person(ALICE).post(
        "/api/keys/", {"name": "alices-key", "scopes": ["predict"]}, content_type="application/json"
    )
    colleague = member(company, Role.ANALYST, "alices-colleague@example.com")
    invitation = invited(company, email="alices-guest@example.com")
    audit.record("key.created", subject="key:alices-mark", company_id=company.pk)
    asking.now_asking.set(None)
    delivery = made(Delivery, company=company, event="upload.done", url="https://alices-hook.example/", body="{}")
    pin = {"predictor": "churn", "version": "v1", "company": None, "parts": []}
    upload = made(
        BatchJob, company=company, predictor="churn", model=pin, name="alices-file.csv", bytes=1, sha256="a" * 64,
        columns=["alices-column"], status="done",
    )  # fmt: skip
    when: dict[str, Any] = {"cron": "0 2 * * *", "next_at": timezone.now()}
    turn = made(Schedule, company=company, name="alices-nightly", upload=upload, **when)
    record: dict[str, Any] = {"company": company, "source": "alices-crm", "external_id": "alices-record"}
    record |= {"source_updated_at": timezone.now(), "known_since": timezone.now(), "email": "alices-lead@example.com"}
    money = {"amount_minor": 1, "currency": "USD"}
    own = {"payment": {**money, "status": "succeeded"}, "order": money}
    records = {
        kind.name: made(kind.model, **record, **{kind.moment: timezone.now()}, **own.get(kind.name, {})).pk
        for kind in KINDS.values()
    }
    world.ids = {
        **records,
        "schedule": turn.pk,
        "prediction": prediction,
        "version": VERSION,
        "run": run.pk,
        "key": key.json()["id"],
        "member": colleague.pk,
        "delivery": delivery.pk,
        "upload": upload.pk,
        "invitation": invitation.pk,
    }
    world.marks = {
        str(prediction), EXTERNAL_ID, VERSION, "alices-", "Alice's", "alice@example.com", key.json()["prefix"],
    }  # fmt: skip
    return world


def held(world: World) -> dict[str, bool]:
    """What was hers at the start, and whether she still has it as it was."""
    api, ids = world.api, world.ids
    return {
        "key": ids["key"] in [row["id"] for row in api.get("/api/keys/").json()["results"] if not row["revoked_at"]],
        "member": (ids["member"], "analyst")
        in [(row["id"], row["role"]) for row in api.get("/api/company/members/").json()["results"]],
        "invitation": ids["invitation"]
        in [row["id"] for row in api.get("/api/company/invitations/").json()["results"]],
        "prediction": api.get(f"/api/predictions/{ids['prediction']}/").status_code == 200,
    }
