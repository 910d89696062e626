"""Writes of this room: train and keep a version, put it to work, take it back."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from ml_services import artifacts, serving, tracking, trained_people
from ml_services.base import Predictor, Progress, Trained, TrainingData, TrainingOptions, silent
from ml_services.decisions import decisions_of_training, judged_rows, predictor_settings
from ml_services.models import ModelVersion
from platform_core.errors import ArtifactRefused, Conflict, NotFound
from platform_core.tenancy import company_in_force, owner_in_force
from users import audit

if TYPE_CHECKING:
    from ml_services.champions.comparison import Comparison


def new_version_name() -> str:
    """A version's name: UTC time to the second and four random hex digits, so that two at once differ."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"


def train_version(
    *,
    predictor: Predictor,
    company_id: int | None,
    data: TrainingData,
    options: TrainingOptions,
    promote_it: bool | None = True,
    by_person: bool = True,
    progress: Progress = silent,
) -> tuple[ModelVersion, Trained]:
    """Learns, compares with what serves, keeps the artifact, registers the version, and lets it serve: where
    `promote_it`; of None, where the comparison says so. `by_person`: somebody chose this data; what runs by itself
    replaces nothing that it cannot be compared with.

    A training that fails leaves nothing: the artifact is written after the model is whole, the row after that.
    """
    from ml_services.champions import meeting, rival

    before = rival.find(predictor.name, company_id)
    # The shared sample models are nobody's: they are not compared, and serve at once.
    own = company_id is not None
    options = replace(options, previous=before.model if before else None, rival=before if own else None)
    trained = predictor.train(data, options, progress)
    compared = meeting.meet(predictor, before, trained, data, options, by_person) if own else None
    row = _kept(predictor, company_id, data, options, trained, compared)
    _tell(row, data, options)
    if will_serve(row, promote_it):
        let_serve(row, by_evidence=promote_it is None)
    return row, trained


def _kept(
    predictor: Predictor, company_id: int | None, data: TrainingData, options: TrainingOptions, trained: Trained,
    compared: Comparison | None,
) -> ModelVersion:  # fmt: skip
    """The artifact written, then its row."""
    name, version = predictor.name, new_version_name()
    people = None if company_id is None else trained_people.learned_from(data.table, company_id, trained.card)
    trained.card.update(data.facts)
    trained.card.update(predictor=name, version=version, evidence=trained.evidence)
    told = compared and compared.as_json()
    if company_id is not None:
        trained.card["comparison"] = told
    artifacts.save(company_id=company_id, predictor=name, version=version, trained=trained)
    try:
        with owner_in_force(company_id), transaction.atomic():
            if company_id is not None:
                decisions_of_training.note(company_id, predictor, data, options, trained)
            row: ModelVersion = ModelVersion.across_companies.create(
                company_id=company_id,
                predictor=name,
                version=version,
                evidence=trained.evidence,
                card=trained.card,
                comparison=told,
            )
            judged_rows.keep(row, trained.judged)
            if people is not None:
                trained_people.keep(row, people)
                trained_people.note_erased(row, people)
            detail = {"data": data.sha256, "verdict": compared and compared.verdict}
            audit.record(audit.Event.MODEL_TRAINED, subject=_mark(row), detail=detail)
    except Exception:
        artifacts.delete(company_id=company_id, predictor=name, version=version)
        raise
    return row


def _tell(row: ModelVersion, data: TrainingData, options: TrainingOptions) -> None:
    """Of the version as it is registered, to MLflow too where one is set; that it was not told is noted in its card."""
    notes = len(row.card.get("notes", []))
    facts = partial(artifacts.facts, company_id=row.company_id, predictor=row.predictor, version=row.version)
    tracking.tell(row, data, options, facts)
    if len(row.card.get("notes", [])) > notes:
        with owner_in_force(row.company_id):
            row.save(update_fields=["card"])


def will_serve(version: ModelVersion, promote_it: bool | None) -> bool:
    """Whether a version just trained is to serve: as asked, or, of None, as its comparison says."""
    return bool((version.comparison or {}).get("promotes")) if promote_it is None else promote_it


def let_serve(version: ModelVersion, *, by_evidence: bool) -> None:
    """Promotes what a training has made; by its comparison only while that with which it was compared still serves."""
    if not by_evidence:
        promote(version=version)
        return
    told = version.comparison or {}
    try:
        promote(version=version, expected=told.get("against") or "")
    except Conflict as problem:
        version.comparison = {**told, "promotes": False, "reason": f"{told.get('reason', '')} But {problem.detail}"}
        with owner_in_force(version.company_id):
            version.save(update_fields=["comparison"])


def promote(
    *, version: ModelVersion, act: str = audit.Event.MODEL_PROMOTED, reason: str = "", expected: str | None = None
) -> ModelVersion:
    """Lets a version serve in place of the one that does. Its artifact is proved to load first. `act`: what the
    audit calls it, with a person's `reason`. `expected`: what should serve until then, "" for nothing; of None what
    does when this is called. Raises Conflict where another was promoted meanwhile, or the artifact cannot serve."""
    if expected is None:
        expected = _serving(version)
    _prove(version, expected)
    with owner_in_force(version.company_id), transaction.atomic():
        same = ModelVersion.across_companies.select_for_update().filter(
            company_id=version.company_id, predictor=version.predictor
        )
        rows = {row.pk: row for row in same}
        if version.pk not in rows:
            raise NotFound(f"There is no version {version.version} of {version.predictor}.")
        before = next((row.version for row in rows.values() if row.serving), "")
        if before not in (expected, version.version):
            raise Conflict(
                f"Version {before or 'none'} of {version.predictor} serves now, no longer {expected or 'none'}: "
                f"{version.version} was not promoted. Look again, and promote it if it should still serve."
            )
        same.filter(serving=True).exclude(pk=version.pk).update(serving=False)
        same.filter(pk=version.pk).update(serving=True, promoted_at=timezone.now())
        predictor_settings.end_shadow(version)
        version.refresh_from_db()
        told = {"before": [before] if before not in ("", version.version) else [], "reason": reason}
        verdict = (version.comparison or {}).get("verdict")
        audit.record(act, subject=_mark(version), detail={**told, "verdict": verdict})
    serving.refresh()
    return version


def _serving(version: ModelVersion) -> str:
    with owner_in_force(version.company_id):
        rows = ModelVersion.across_companies.filter(
            company_id=version.company_id, predictor=version.predictor, serving=True
        )
        return rows.values_list("version", flat=True).first() or ""


def _prove(version: ModelVersion, serves: str) -> None:
    try:
        artifacts.load(company_id=version.company_id, predictor=version.predictor, version=version.version)
    except ArtifactRefused as problem:
        stays = f"{serves} goes on serving" if serves else "Nothing of your own serves"
        raise Conflict(f"{problem.detail} It cannot serve: train it again. {stays}.") from None


def own(version: ModelVersion, company_id: int) -> ModelVersion:
    """The version, where it is this company's own: the shared ones are nobody's to promote."""
    if version.company_id != company_id:
        raise NotFound(f"There is no version {version.version} of {version.predictor} of your own.")
    return version


def roll_back(*, predictor: str, company_id: int, reason: str = "", expected: str | None = None) -> ModelVersion:
    """Lets the version that served before serve again. Nothing is trained. See `promote`."""
    with company_in_force(company_id):
        versions = ModelVersion.across_companies.filter(company_id=company_id, predictor=predictor)
        before = versions.filter(serving=False).exclude(promoted_at=None).order_by("-promoted_at").first()
    if before is None:
        raise Conflict(f"No earlier version of {predictor} has served: there is nothing to go back to.")
    return promote(version=before, act=audit.Event.MODEL_ROLLED_BACK, reason=reason, expected=expected)


def _mark(version: ModelVersion) -> str:
    return f"model:{version.predictor}/{version.version}"


__all__ = ["let_serve", "new_version_name", "own", "promote", "roll_back", "train_version", "will_serve"]
