"""The shadow beside the version that serves: over the predictions that both answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ml_services import registry, serving
from ml_services.base import Banded
from ml_services.card import rounded
from ml_services.decisions import movers, predictor_settings
from ml_services.models import ShadowPrediction
from platform_core.tenancy import current_company
from request_logs.models import Outcome

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

MOST_ROWS = 50_000
"""The latest are compared."""
LEAST_OUTCOMES = 10
"""Of either kind, wins and others: below it nothing is said about which version is right."""
SMALLEST_PROBABILITY = 1e-6
NORMAL_95 = 1.959964


def report(predictor: str) -> dict[str, Any]:
    """How the shadow answers beside what serves now; `verdict` is unknown where it has not answered. Of a shadow that
    has ended, the last one. Raises NotFound, NoModel."""
    known = registry.predictor(predictor)
    slot = serving.find(current_company(), predictor)
    setting = predictor_settings.of(predictor)
    shadow = setting.shadow_version or _last(predictor)
    rows = _rows(predictor, shadow, slot.info["version"]) if shadow else []
    banded = known.banded
    gaps = [theirs - ours for _, ours, theirs, _, _, _ in rows if ours is not None and theirs is not None]
    return {
        "predictor": predictor,
        "serving": slot.info["version"],
        "shadow": shadow or None,
        "share": setting.shadow_share if setting.shadow_version else 0.0,
        "rows": len(rows),
        "verdict": "compared" if rows else "unknown",
        "mean_difference": _mean(gaps),
        "mean_absolute_difference": _mean([abs(gap) for gap in gaps]),
        "latency_ms": _mean([row[5] for row in rows]),
        "band_names": list(banded.names) if banded else [],
        **_bands(banded, rows),
        "outcomes": _paired(rows) if known.task == "binary" else None,
    }


Row = tuple[Any, float | None, float | None, dict[str, Any], dict[str, Any], float]
"""Prediction, probability by what served and by the shadow, both outputs, and the shadow's time."""


def _last(predictor: str) -> str:
    rows = ShadowPrediction.objects.filter(predictor=predictor).order_by("-prediction_id")
    return str(rows.values_list("version", flat=True).first() or "")


def _rows(predictor: str, shadow: str, present: str) -> list[Row]:
    rows = ShadowPrediction.objects.filter(predictor=predictor, version=shadow, prediction__version=present)
    columns = ("prediction_id", "prediction__output", "output", "probability", "latency_ms")
    found = rows.order_by("-prediction_id").values_list(*columns)[:MOST_ROWS]
    return [(mark, _number(ours), theirs_p, ours, theirs, took) for mark, ours, theirs, theirs_p, took in found]


def _number(output: dict[str, Any]) -> float | None:
    said = output.get("probability")
    return float(said) if isinstance(said, int | float) else None


def _mean(numbers: Sequence[float]) -> float | None:
    return float(rounded(sum(numbers) / len(numbers))) if numbers else None


def _bands(banded: Banded | None, rows: Sequence[Row]) -> dict[str, Any]:
    if banded is None:
        return {"agreement": None, "matrix": []}
    name = banded.output
    pairs = [(row[3][name], row[4][name]) for row in rows if row[3].get(name) and row[4].get(name)]
    counted = movers.matrix(banded, pairs)
    return {
        "agreement": rounded(1 - counted["changed"] / len(pairs)) if pairs else None,
        "matrix": counted["matrix"],
    }


def _paired(rows: Sequence[Row]) -> dict[str, Any] | None:
    """Both versions' figures on the predictions whose outcome is known; `log_loss_difference` is the shadow's minus
    what serves, with its 95 % interval (a paired mean: negative is better). None where too few outcomes came."""
    import numpy as np

    happened = Outcome.objects.filter(prediction_id__in=[row[0] for row in rows], current=True)
    truth = {mark: value for mark, value in happened.values_list("prediction_id", "value") if isinstance(value, bool)}
    known = [(truth[row[0]], row[1], row[2]) for row in rows if row[0] in truth and None not in row[1:3]]
    y, ours, theirs = np.array(known, dtype=np.float64).reshape(-1, 3).T
    if min(y.sum(), len(y) - y.sum()) < LEAST_OUTCOMES:
        return None
    gaps = _losses(y, theirs) - _losses(y, ours)
    half = NORMAL_95 * float(gaps.std(ddof=1)) / len(gaps) ** 0.5
    middle = float(gaps.mean())
    found = {
        "rows": len(y),
        "serving": _figures(y, ours),
        "shadow": _figures(y, theirs),
        "log_loss_difference": {"value": middle, "low": middle - half, "high": middle + half},
    }
    return dict(rounded(found))


def _losses(y: Floats, said: Floats) -> Floats:
    import numpy as np

    inner = np.clip(said, SMALLEST_PROBABILITY, 1 - SMALLEST_PROBABILITY)
    losses: Floats = -np.log(np.where(y == 1, inner, 1 - inner))
    return losses


def _figures(y: Floats, said: Floats) -> dict[str, float]:
    from ml_services.evaluation import brier, roc_auc

    return {"roc_auc": roc_auc(y, said), "brier": brier(y, said), "log_loss": float(_losses(y, said).mean())}


__all__ = ["report"]
