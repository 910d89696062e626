"""A prediction computed again, by the version that made it, from what the ledger kept."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product
from typing import Any

from ml_services import past_models, registry
from ml_services.base import Model
from ml_services.decisions import bands
from platform_core.errors import ArtifactRefused, Conflict, NotFound, RecordInvalid
from request_logs.models import Prediction

RELATIVE = 1e-9
"""Numbers closer than this are the same: a batch adds up in another order than a single record."""


def replay(row: Prediction) -> dict[str, Any]:
    """What is stored and what comes out now; `matches` null where personal inputs were redacted, so that it cannot be
    computed. Raises Conflict where the version is gone."""
    explain = row.reasons is not None or row.raw is not None
    stored = {**row.output, **({"raw": row.raw, "base": row.base, "reasons": row.reasons} if explain else {})}
    stored = {key: value for key, value in stored.items() if value is not None or key in row.output}
    told: dict[str, Any] = {
        "prediction_id": row.pk, "predictor": row.predictor, "version": row.version, "matches": None,
        "stored": stored, "recomputed": None, "differences": [], "redacted": row.redacted,
    }  # fmt: skip
    if row.redacted:
        return told
    recomputed, differences = _closest(row, stored, explain=explain)
    return told | {"matches": not differences, "recomputed": recomputed, "differences": differences}


def _closest(row: Prediction, stored: dict[str, Any], *, explain: bool) -> tuple[dict[str, Any], list[str]]:
    """The answer again, and where it differs: by the cuts in force then or, where they had just been changed, by those
    before, which a process may still have had."""
    found: tuple[dict[str, Any], list[str]] | None = None
    for model in _models_of(row):
        try:
            recomputed = model.answer(row.input, explain=explain)
        except RecordInvalid as problem:
            raise Conflict(f"The kept input no longer fits version {row.version}: {problem.detail}") from None
        differences = sorted(set(_differences(stored, recomputed, "")))
        if found is None or not differences:
            found = recomputed, differences
        if not differences:
            break
    if found is None:
        raise Conflict(f"Version {row.version} cannot compute again.")
    return found


def _models_of(row: Prediction) -> list[Model]:
    """The version that made it, by each of the cuts that it may have been told by, the likeliest first."""
    try:
        predictor = registry.predictor(row.predictor)
        if row.parts is None:
            return _by_cuts(row, row.version_company, row.predictor, row.version)
        parts = {one["name"]: _by_cuts(row, one["company"], one["name"], one["version"]) for one in row.parts}
        return [predictor.compose(dict(zip(parts, some, strict=True))) for some in product(*parts.values())]
    except (ArtifactRefused, NotFound) as problem:
        raise Conflict(f"Version {row.version} cannot compute again. {problem.detail}") from None


def _by_cuts(row: Prediction, company_id: int | None, name: str, version: str) -> list[Model]:
    model = past_models.model_of(company_id, name, version)
    if company_id is None or model.cuts is None:
        return [model]
    return [model.with_cuts(cuts) for cuts in bands.of_time(bands.entries(company_id, name), row.created_at)]


def _differences(stored: Any, now: Any, place: str) -> Iterator[str]:
    """Where two values differ, as paths such as `interval.low`."""
    if isinstance(stored, dict) and isinstance(now, dict):
        for key in stored.keys() | now.keys():
            yield from _differences(stored.get(key), now.get(key), f"{place}.{key}" if place else str(key))
    elif isinstance(stored, list | tuple) and isinstance(now, list | tuple):
        if len(stored) != len(now):
            yield place
        for number, (one, other) in enumerate(zip(stored, now, strict=False)):
            yield from _differences(one, other, f"{place}.{number}")
    elif not _equal(stored, now):
        yield place


def _equal(stored: Any, now: Any) -> bool:
    now = now.item() if hasattr(now, "item") else now
    numbers = [one for one in (stored, now) if isinstance(one, int | float) and not isinstance(one, bool)]
    if len(numbers) == 2:
        return math.isclose(stored, now, rel_tol=RELATIVE, abs_tol=1e-12)
    if isinstance(now, float) and not math.isfinite(now):
        return stored is None  # JSON has no NaN
    return bool(stored == now)


__all__ = ["replay"]
