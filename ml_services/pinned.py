"""The model that serves now, written down so that another process answers by the very same one later."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from ml_services import artifacts, registry, serving
from ml_services.base import Model
from ml_services.decisions import bands
from platform_core.errors import ArtifactRefused

KEPT_MODELS = 4
"""Models that a process keeps: the jobs of a few companies in turns."""

Pin = dict[str, Any]
"""`predictor`, `version`, `company` (null: shared by all), `parts`, the pins that a composite is made of, and `cuts`
where the company's own part its bands."""


def pin(company_id: int, name: str) -> Pin:
    """What answers `name` for a company now. Raises NotFound, NoModel."""
    slot = serving.find(company_id, name)
    parts = [pin(company_id, part) for part in slot.predictor.parts] if slot.info.get("parts") else []
    found: Pin = {"predictor": name, "version": slot.info["version"], "company": slot.company_id, "parts": parts}
    cuts = bands.in_force(slot.company_id, name) if slot.company_id is not None else None
    return found if cuts is None else {**found, "cuts": list(cuts)}


def model_of(pinned: Pin) -> Model:
    """The model of a pin. Raises ArtifactRefused where its artifact is gone or changed."""
    if pinned["parts"]:
        composed = {part["predictor"]: model_of(part) for part in pinned["parts"]}
        return registry.predictor(pinned["predictor"]).compose(composed)
    cuts = pinned.get("cuts")
    model = _model(pinned["predictor"], pinned["version"], pinned["company"])
    return model.with_cuts(None if cuts is None else tuple(cuts))


@lru_cache(maxsize=KEPT_MODELS)
def _model(name: str, version: str, company: int | None) -> Model:
    predictor = registry.predictor(name)
    if version == "untrained":
        untrained = predictor.untrained()
        if untrained is None:
            raise ArtifactRefused(f"{name} has no model without training.")
        return untrained
    model = artifacts.load(company_id=company, predictor=name, version=version)
    model.warm()
    return model


__all__ = ["Pin", "model_of", "pin"]
