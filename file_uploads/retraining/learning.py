"""One round carried out, within the process that trains: read, train, compare; whether it serves is the evidence's."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from file_uploads.retraining import rounds
from file_uploads.retraining.changed_world import drifted_since, narrowed
from file_uploads.retraining.sources import data_of
from ml_services import registry, services
from ml_services.base import Progress, TrainingOptions
from ml_services.models import ModelVersion, TrainingRun

NOTHING_NEW = "Nothing new to learn from: the same data made version {version} on {day}."


def learn(run: TrainingRun, settings: Mapping[str, Any], progress: Progress) -> tuple[ModelVersion | None, str]:
    """The version that a round has made, not yet serving, and what is to be said of it; None, and why, where the data
    is that of an earlier round. Raises TrainingRefused with what is missing."""
    begun, asked = time.perf_counter(), run.asked
    progress("reading", 0.0, "")
    as_of = datetime.fromisoformat(asked["as_of"])
    data, given, more = data_of(asked["source"], run.predictor, as_of=as_of, horizon_days=asked["horizon_days"])
    since = drifted_since(run.predictor, until=as_of)
    if since is not None:
        data = narrowed(data, given, since)
    rounds.note(run, inputs=rounds.inputs_of(run, data.sha256, data.table.num_rows, data.table.num_columns))
    before = rounds.nothing_new(run, data.sha256)
    if before is not None and before.version is not None:
        said = NOTHING_NEW.format(version=before.version.version, day=before.created_at.date())
        rounds.note(run, said=said)
        return None, said
    row, _ = services.train_version(
        predictor=registry.predictor(run.predictor),
        company_id=run.company_id,
        data=data,
        options=TrainingOptions(
            **_options(asked["options"], data.table.column_names), **given, settings={**settings, **more}, begun=begun
        ),
        promote_it=False,  # that is done in one step with the run's end
        by_person=asked["trigger"]["name"] == "person",
        progress=progress,
    )
    rounds.note(run, verdict=row.comparison)
    return row, (row.comparison or {}).get("reason", "")


def _options(asked: Mapping[str, Any], columns: list[str]) -> dict[str, Any]:
    """What was decided of an earlier training, as far as these columns are there."""
    options: dict[str, Any] = {"budget_s": float(asked["budget_s"]), "seed": int(asked["seed"])}
    for name in ("exclude", "allow_leaky"):
        options[name] = tuple(one for one in asked[name] if one in columns)
    return options


__all__ = ["learn"]
