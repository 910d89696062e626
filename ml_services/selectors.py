"""Reads of this room: what exists and what serves, as plain data."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from ml_services import identity, registry, schema, serving
from ml_services.models import ModelVersion, TrainingRun
from platform_core.errors import NoModel, NotFound
from platform_core.tenancy import current_company, installation_wide

HEADLINES = ("roc_auc", "spearman", "mase", "silhouette", "accuracy", "f1_at_10")
"""The metric shown first, whichever of these a card has first."""


def overview() -> list[dict[str, Any]]:
    """Each predictor: what serves for the company in force, its evidence level and headline metric."""
    return [status(name) for name in registry.all_predictors()]


def status(name: str) -> dict[str, Any]:
    """What serves one predictor for the company in force, its evidence level and headline metric. Raises NotFound."""
    predictor = registry.predictor(name)
    shown: dict[str, Any] = {
        "predictor": name,
        "title": predictor.title,
        "question": predictor.question,
        "path": f"/api/{predictor.route}/{name}/",
        "serving": None,
        "evidence": None,
        "headline": None,
        "problem": None,
    }
    try:
        slot = serving.find(current_company(), name)
    except (NoModel, NotFound) as problem:  # NotFound: a composite names a part that is not there
        return {**shown, "problem": problem.detail}
    row = serving_version(name)
    card = row.card if row else {}
    return {
        **shown,
        "serving": {**slot.info, "shared": slot.company_id is None},
        "evidence": slot.info["evidence"],
        "headline": headline(card),
    }


def headline(card: dict[str, Any]) -> dict[str, Any] | None:
    """The one metric to show of a card, with its interval where it has one."""
    metrics = card.get("metrics") or {}
    for name in HEADLINES:
        if metrics.get(name) is not None:
            low, high = metrics.get(f"{name}_low"), metrics.get(f"{name}_high")
            rows = (card.get("holdout") or {}).get("rows")
            return {"metric": name, "value": metrics[name], "low": low, "high": high, "rows": rows}
    return None


def serving_version(name: str) -> ModelVersion | None:
    """The row of what serves: the company's own before the shared one."""
    rows = ModelVersion.objects.filter(predictor=name, serving=True)
    found: ModelVersion | None = rows.order_by("company_id").first()  # NULL sorts last: the company's own first
    return found


def shared_that_serve() -> set[str]:
    """The predictors whose sample model serves those who have none of their own."""
    with installation_wide():  # asked at the start, for nobody in particular
        rows = ModelVersion.across_companies.filter(company=None, serving=True)
        return set(rows.values_list("predictor", flat=True))


def input_schema(name: str) -> dict[str, Any]:
    """JSON Schema of one input record of what serves."""
    slot = serving.find(current_company(), name)
    found = identity.with_key(schema.json_schema(slot.model.fields, slot.extras))
    return {**found, "title": slot.predictor.title, "x-version": slot.info["version"]}


def own_versions(name: str) -> QuerySet[ModelVersion]:
    """The versions of the company in force, newest first. Raises NotFound."""
    registry.predictor(name)
    return ModelVersion.objects.filter(predictor=name, company_id=current_company())


def versions(name: str) -> list[ModelVersion]:
    """All versions of a predictor that this company may use, newest first."""
    registry.predictor(name)
    return list(ModelVersion.objects.filter(predictor=name))


def version(name: str, version_name: str) -> ModelVersion:
    """One version. Raises NotFound."""
    registry.predictor(name)
    rows = ModelVersion.objects.filter(predictor=name, version=version_name)
    found: ModelVersion | None = rows.order_by("company_id").first()
    if found is None:
        raise NotFound(f"There is no version {version_name} of {name}.")
    return found


def run(name: str, run_id: int) -> TrainingRun:
    """One training run of the company in force. Raises NotFound."""
    found: TrainingRun | None = TrainingRun.objects.select_related("version").filter(predictor=name, pk=run_id).first()
    if found is None:
        raise NotFound(f"There is no run {run_id} of {name}.")
    return found


def runs(name: str) -> QuerySet[TrainingRun]:
    """The training runs of a predictor of the company in force, newest first. Raises NotFound."""
    registry.predictor(name)
    found: QuerySet[TrainingRun] = TrainingRun.objects.select_related("version").filter(predictor=name)
    return found


__all__ = [
    "headline", "input_schema", "overview", "own_versions", "run", "runs", "serving_version", "shared_that_serve",
    "status", "version", "versions",
]  # fmt: skip
