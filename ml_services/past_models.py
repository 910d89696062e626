"""The models that made what is in the ledger, whatever serves now: for replay, and for what is told of a prediction."""

from __future__ import annotations

import threading
from collections import OrderedDict

from ml_services import artifacts, registry, serving
from ml_services.base import Model
from platform_core.errors import ArtifactRefused, Conflict, NotFound
from request_logs.models import Prediction

KEPT_MODELS = 2
"""Models of versions that no longer serve, kept for the next question; each may take a hundred megabytes."""
UNTRAINED = "untrained"

_models: OrderedDict[tuple[int | None, str, str], Model] = OrderedDict()
_lock = threading.Lock()


def of(row: Prediction) -> Model:
    """The whole model, a composite joined of its parts. Raises Conflict where the version is gone."""
    found = parts_of(row)
    return found[row.predictor] if row.parts is None else registry.predictor(row.predictor).compose(found)


def parts_of(row: Prediction) -> dict[str, Model]:
    """The model by the predictor's name; of a composite, each part's. Raises Conflict where a version is gone."""
    try:
        registry.predictor(row.predictor)
        return {name: model_of(company, name, version) for name, version, company in versions_of(row)}
    except (ArtifactRefused, NotFound) as problem:
        raise Conflict(f"Version {row.version} cannot compute again. {problem.detail}") from None


def versions_of(row: Prediction) -> list[tuple[str, str, int | None]]:
    """(predictor, version, company or None for the shared one) of what answered; of a composite, of each part."""
    if row.parts is None:
        return [(row.predictor, row.version, row.version_company)]
    return [(one["name"], one["version"], one["company"]) for one in row.parts]


def model_of(company_id: int | None, name: str, version: str) -> Model:
    """The model of a version, serving or not; the last few that do not serve are kept. Raises ArtifactRefused."""
    working = serving.at_work(company_id, name, version)
    if working is not None:
        return working
    if version == UNTRAINED:
        model = registry.predictor(name).untrained()
        if model is None:
            raise NotFound(f"{name} has no model without training any more.")
        return model
    key = (company_id, name, version)
    with _lock:
        if key not in _models:
            _models[key] = artifacts.load(company_id=company_id, predictor=name, version=version)
            while len(_models) > KEPT_MODELS:
                _models.popitem(last=False)
        _models.move_to_end(key)
        return _models[key]


def forget() -> None:
    """Empties this process's models of the past."""
    with _lock:
        _models.clear()


__all__ = ["UNTRAINED", "forget", "model_of", "of", "parts_of", "versions_of"]
