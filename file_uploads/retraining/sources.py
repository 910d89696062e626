"""What a predictor of a company learns from again, without anybody sending a file."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from file_uploads.retraining.outcome_table import SOURCE as OUTCOMES
from file_uploads.retraining.outcome_table import outcome_table
from ml_services import datasets, registry
from ml_services.base import TrainingData
from ml_services.decisions.setting_rules import RELEARNING
from ml_services.models import ModelVersion
from platform_core.errors import TrainingRefused

RECORDS = datasets.SOURCE
Found = tuple[TrainingData, dict[str, Any], dict[str, Any]]
"""The data; the options and the settings of a training on it."""


def source_of(predictor: str) -> str:
    """Of the company in force: its records, where the version that serves was learned from them, or none of its own
    does and the predictor can; else the outcomes of what was predicted."""
    own = ModelVersion.objects.filter(predictor=predictor, serving=True).exclude(company_id=None).first()
    if own is None:
        return RECORDS if predictor in datasets.HORIZONS else OUTCOMES
    return RECORDS if (own.card.get("data") or {}).get("source", own.card.get("source")) == RECORDS else OUTCOMES


def can_learn(predictor: str) -> bool:
    """Whether there is anything that it could learn from without a file."""
    return predictor in datasets.HORIZONS or registry.predictor(predictor).task in RELEARNING


def data_of(source: str, predictor: str, *, as_of: datetime, horizon_days: int | None) -> Found:
    """What a source of the company in force gives to learn from on a day. Raises TrainingRefused with what is
    missing."""
    if source == RECORDS:
        found = datasets.frame(predictor, as_of=as_of, horizon_days=horizon_days)
        return datasets.as_training_data(found), found.options, dict(found.settings)
    if source == OUTCOMES:
        data, options = outcome_table(registry.predictor(predictor), until=as_of)
        return data, options, {}
    raise TrainingRefused(f"There is no source {source!r} to learn from.")


__all__ = ["OUTCOMES", "RECORDS", "can_learn", "data_of", "source_of"]
