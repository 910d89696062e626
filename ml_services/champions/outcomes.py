"""What really happened, as the judge: the serving version's kept answers beside what the new version says of the same
inputs, on predictions whose outcome has come in.

The new version may have learned from the same people since: counted are only predictions made after the newest time in
its data, or those whose input and id its data does not hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt

from ml_services import identity
from ml_services.base import Trained, TrainingData, TrainingOptions
from ml_services.champions.rival import Rival, plain
from ml_services.champions.rows import digests, matrix_digests
from ml_services.champions.texts import as_table
from ml_services.splitting import STANDARD_RARER
from ml_services.tabular import TabularModel
from ml_services.texts.polarity import PolarityModel
from ml_services.texts.records import ANY_NAME
from platform_core.tenancy import company_in_force
from request_logs.models import Outcome, Prediction

if TYPE_CHECKING:
    from ml_services.champions.resampling import Floats
    from ml_services.champions.rows import KnownRows

MOST = 20_000
"""The newest outcomes looked at."""
WAY = "predictions of the serving version whose outcome is known, and of which the new one has not learned"


@dataclass(frozen=True)
class Reported:
    """Shapes as in `evaluation`."""

    truth: Floats
    champion: Floats
    challenger: Floats


def reported(rival: Rival, trained: Trained, data: TrainingData, options: TrainingOptions) -> Reported | None:
    """None where too few have come in to judge by."""
    if not isinstance(trained.model, TabularModel | PolarityModel):
        return None
    target = trained.card["target"]
    pairs = [(row, truth) for row, truth in _kept(rival, target) if truth is not None]
    if _rarer([truth for _, truth in pairs], target) < STANDARD_RARER:
        return None
    if isinstance(trained.model, PolarityModel):
        return _of_texts(trained.model, trained.known, rival, pairs, target)
    X, positions, _ = trained.model.encoder.encode_many([_input(trained, row) for row, _ in pairs])
    fresh = _unlearned(X, [pairs[k][0] for k in positions.tolist()], rival, trained, data, options)
    X, positions = X[fresh], positions[fresh]
    truth = np.array([pairs[k][1] for k in positions.tolist()], np.float64)
    if _rarer(truth.tolist(), target) < STANDARD_RARER:
        return None
    said = trained.model.calibrator.many(trained.model.scorer.raw(X))
    before = np.array([_said(pairs[k][0].output, target) for k in positions.tolist()], np.float64)
    return Reported(truth, before, said)


def _of_texts(
    model: PolarityModel, known: KnownRows | None, rival: Rival, pairs: list[tuple[Prediction, float]],
    target: Mapping[str, Any],
) -> Reported | None:  # fmt: skip
    """Each text once that the new version has not learned, by what it says, where both read the same column."""
    column = model.column
    if known is None or rival.model is None or rival.model.fields[0].name != column:
        return None
    table = as_table(column, [row.input.get(column, row.input.get(ANY_NAME)) for row, _ in pairs])
    told = digests(table, (column,))
    once = np.unique(told, return_index=True)[1]
    positions, said = model.probabilities(table)
    counts = np.isin(positions, once[~np.isin(told[once], known.digests)])
    rows = positions[counts].tolist()
    truth = np.array([pairs[k][1] for k in rows], np.float64)
    if _rarer(truth.tolist(), target) < STANDARD_RARER:
        return None
    before = np.array([_said(pairs[k][0].output, target) for k in rows], np.float64)
    return Reported(truth, before, said[counts])


def _kept(rival: Rival, target: Mapping[str, Any]) -> list[tuple[Prediction, float | None]]:
    """The predictions of what serves with an outcome and a whole input, and the outcome as training counts it."""
    if rival.company_id is None:
        return []
    with company_in_force(rival.company_id):
        rows = Outcome.objects.filter(
            current=True, prediction__predictor=rival.card["predictor"], prediction__version=rival.version,
            prediction__version_company=rival.company_id, prediction__redacted=[],
        )  # fmt: skip
        found = list(rows.select_related("prediction").order_by("-prediction_id")[:MOST])
    labels = plain(target["labels"])
    return [(one.prediction, _truth(one.value, target["task"], labels)) for one in found]


def _truth(value: Any, task: str, labels: list[str]) -> float | None:
    if task == "binary":
        return float(value) if isinstance(value, bool) else None
    if task == "polarity":
        return {"positive": 1.0, "negative": 0.0}.get(str(value))
    if task == "classes":
        name = plain([str(value)])[0]
        return float(labels.index(name)) if name in labels else None
    return float(value) if isinstance(value, int | float) and value >= 0 else None


def _said(output: Mapping[str, Any], target: Mapping[str, Any]) -> Any:
    if target["task"] == "value":
        return float(output["value"])
    if target["task"] in ("binary", "polarity"):
        return output["probability"]
    shares = dict(zip(plain(list(output["probabilities"])), output["probabilities"].values(), strict=True))
    return [shares.get(label, 0.0) for label in plain(target["labels"])]


def _rarer(truth: list[Any], target: Mapping[str, Any]) -> int:
    if target["task"] == "value":
        return sum(one > 0 for one in truth)
    codes = 2 if target["task"] == "polarity" else len(target["labels"])
    return min(truth.count(float(code)) for code in range(codes))


def _input(trained: Trained, row: Prediction) -> dict[str, Any]:
    """The kept input as the new version takes it: without columns that it does not know."""
    names = {field.name for field in trained.model.fields}
    return {name: value for name, value in row.input.items() if name in names}


def _unlearned(
    X: Floats, rows: list[Prediction], rival: Rival, trained: Trained, data: TrainingData, options: TrainingOptions
) -> npt.NDArray[np.bool_]:
    """Whether the new version can not have learned from each: by its id where both versions have the same id column,
    which is where a prediction's id comes from; else by the encoded row, since a file spells dates and amounts in
    another way than a request does."""
    newest = _newest(data, options)
    later = np.array([newest is not None and row.created_at > newest for row in rows], bool)
    learned, _, _ = cast(TabularModel, trained.model).encoder.encode_table(data.table)
    same = np.isin(matrix_digests(X), matrix_digests(learned))
    column = identity.id_column(trained.card)
    if not column or column != identity.id_column(rival.card):
        return np.asarray(later | ~same)
    ids = {str(one).strip() for one in data.table.column(column).to_pylist()}
    named = np.array(
        [row.external_id in ids if row.external_id else like for row, like in zip(rows, same, strict=True)]
    )
    return np.asarray(later | ~named.astype(bool))


def _newest(data: TrainingData, options: TrainingOptions) -> datetime | None:
    """The end of the newest day in the data, where its time column holds dates."""
    if not options.time_column:
        return None
    from ml_services.preparation import time_values

    first = next((one for one in data.table.column(options.time_column).to_pylist() if one not in (None, "")), "")
    if not any(mark in str(first) for mark in "-/:"):  # a counter, or a date that only its column tells
        return None
    latest = float(np.nanmax(time_values(data.table, options.time_column)))
    try:
        return datetime.fromtimestamp((int(latest) + 1) * 86_400, UTC)
    except (ValueError, OverflowError, OSError):
        return None


__all__ = ["WAY", "Reported", "reported"]
