"""Writes of this room: train and keep a version, put it to work, take it back."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import UTC, datetime

from django.db import transaction
from django.utils import timezone

from ml_services import artifacts, serving, trained_people
from ml_services.base import Model, Predictor, Progress, Trained, TrainingData, TrainingOptions, silent
from ml_services.decisions import decisions_of_training, judged_rows, predictor_settings
from ml_services.models import ModelVersion
from platform_core.errors import ArtifactRefused, Conflict, NotFound
from platform_core.tenancy import company_in_force, owner_in_force
from users import audit


def new_version_name() -> str:
    """A version's name: UTC time to the second and four random hex digits, so that two at once differ."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"


def train_version(
    *,
    predictor: Predictor,
    company_id: int | None,
    data: TrainingData,
    options: TrainingOptions,
    promote_it: bool = True,
    progress: Progress = silent,
) -> tuple[ModelVersion, Trained]:
    """Learns, keeps the artifact, registers the version, and lets it serve where `promote_it`.

    A training that fails leaves nothing: the artifact is written after the model is whole, the row after that.
    """
    options = replace(options, previous=_serving_model(predictor.name, company_id))
    trained = predictor.train(data, options, progress)
    version = new_version_name()
    people = None if company_id is None else trained_people.learned_from(data.table, company_id, trained.card)
    trained.card.update(predictor=predictor.name, version=version, evidence=trained.evidence)
    artifacts.save(company_id=company_id, predictor=predictor.name, version=version, trained=trained)
    try:
        with owner_in_force(company_id), transaction.atomic():
            if company_id is not None:
                decisions_of_training.note(company_id, predictor, data, options, trained)
            row = ModelVersion.across_companies.create(
                company_id=company_id,
                predictor=predictor.name,
                version=version,
                evidence=trained.evidence,
                card=trained.card,
            )
            judged_rows.keep(row, trained.judged)
            if people is not None:
                trained_people.keep(row, people)
                trained_people.note_erased(row, people)
            audit.record(audit.Event.MODEL_TRAINED, subject=_mark(row), detail={"data": data.sha256})
    except Exception:
        artifacts.delete(company_id=company_id, predictor=predictor.name, version=version)
        raise
    if promote_it:
        promote(version=row)
    return row, trained


def _serving_model(name: str, company_id: int | None) -> Model | None:
    with owner_in_force(company_id):
        row = ModelVersion.across_companies.filter(company_id=company_id, predictor=name, serving=True).first()
    if row is None:
        return None
    try:
        return artifacts.load(company_id=company_id, predictor=name, version=row.version)
    except ArtifactRefused:
        # A first model after an upgrade has nothing to be matched with; it is trained afresh.
        return None


def promote(*, version: ModelVersion, act: str = audit.Event.MODEL_PROMOTED) -> ModelVersion:
    """Lets a version serve in place of the one that does. Its artifact is proved to load first. `act`: what the
    audit calls it."""
    artifacts.load(company_id=version.company_id, predictor=version.predictor, version=version.version)
    with owner_in_force(version.company_id), transaction.atomic():
        same = ModelVersion.across_companies.select_for_update().filter(
            company_id=version.company_id, predictor=version.predictor
        )
        rows = {row.pk: row for row in same}
        if version.pk not in rows:
            raise NotFound(f"There is no version {version.version} of {version.predictor}.")
        same.filter(serving=True).exclude(pk=version.pk).update(serving=False)
        same.filter(pk=version.pk).update(serving=True, promoted_at=timezone.now())
        predictor_settings.end_shadow(version)
        version.refresh_from_db()
        before = [row.version for row in rows.values() if row.serving and row.pk != version.pk]
        audit.record(act, subject=_mark(version), detail={"before": before})
    serving.refresh()
    return version


def own(version: ModelVersion, company_id: int) -> ModelVersion:
    """The version, where it is this company's own: the shared ones are nobody's to promote."""
    if version.company_id != company_id:
        raise NotFound(f"There is no version {version.version} of {version.predictor} of your own.")
    return version


def roll_back(*, predictor: str, company_id: int) -> ModelVersion:
    """Lets the version that served before serve again."""
    with company_in_force(company_id):
        versions = ModelVersion.across_companies.filter(company_id=company_id, predictor=predictor)
        before = versions.filter(serving=False).exclude(promoted_at=None).order_by("-promoted_at").first()
    if before is None:
        raise Conflict(f"No earlier version of {predictor} has served: there is nothing to go back to.")
    return promote(version=before, act=audit.Event.MODEL_ROLLED_BACK)


def _mark(version: ModelVersion) -> str:
    return f"model:{version.predictor}/{version.version}"


__all__ = ["new_version_name", "own", "promote", "roll_back", "train_version"]
