"""The model that serves now, written down so that another process answers by the very same one later."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from ml_services import artifacts, registry, serving
from ml_services.base import Model
from platform_core.errors import ArtifactRefused

KEPT_MODELS = 4
"""Models that a process keeps: the jobs of a few companies in turns."""

Pin = dict[str, Any]
"""`predictor`, `version`, `company` (null: shared by all), and `parts`, the pins that a composite is made of."""


def pin(company_id: int, name: str) -> Pin:
    """What answers `name` for a company now. Raises NotFound, NoModel."""
    slot = serving.find(company_id, name)
    parts = [pin(company_id, part) for part in slot.predictor.parts] if slot.info.get("parts") else []
    return {"predictor": name, "version": slot.info["version"], "company": slot.company_id, "parts": parts}


def model_of(pinned: Pin) -> Model:
    """The model of a pin. Raises ArtifactRefused where its artifact is gone or changed."""
    return _model(pinned["predictor"], pinned["version"], pinned["company"], tuple(_frozen(pinned["parts"])))


def _frozen(parts: list[Pin]) -> list[tuple[str, str, int | None]]:
    return [(part["predictor"], part["version"], part["company"]) for part in parts]


@lru_cache(maxsize=KEPT_MODELS)
def _model(name: str, version: str, company: int | None, parts: tuple[tuple[str, str, int | None], ...]) -> Model:
    predictor = registry.predictor(name)
    if parts:
        return predictor.compose({part: _model(part, of, whose, ()) for part, of, whose in parts})
    if version == "untrained":
        untrained = predictor.untrained()
        if untrained is None:
            raise ArtifactRefused(f"{name} has no model without training.")
        return untrained
    model = artifacts.load(company_id=company, predictor=name, version=version)
    model.warm()
    return model


__all__ = ["Pin", "model_of", "pin"]
