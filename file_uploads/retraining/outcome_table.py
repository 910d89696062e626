"""What has come true, as a table to learn from: the inputs of past predictions beside what really happened.

For models that were trained on a company's own file: the file is not kept, but what was asked of the model since is,
and so is what became of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ml_services.base import Predictor, TrainingData
from platform_core.errors import TrainingRefused
from request_logs.models import Outcome

if TYPE_CHECKING:
    import pyarrow as pa

SOURCE = "outcomes"
MOST = 200_000
"""The newest outcomes that are learned from."""
MARK, MOMENT = "prediction_of", "predicted_at"
"""Columns beside the inputs: whose prediction it was, and when."""
FEWEST = 40
LEARNING = frozenset({"binary", "classes", "value", "polarity"})


def outcome_table(predictor: Predictor, *, until: datetime) -> tuple[TrainingData, dict[str, Any]]:
    """The company in force's predictions whose outcome was known at `until`, one of each external id (the latest), and
    the options of a training on them. Raises TrainingRefused where too few are known."""
    from ml_services.datasets.frames import digest

    if predictor.task not in LEARNING:
        raise TrainingRefused(f"{predictor.name} does not learn from outcomes: train it from a file.")
    rows = _rows(predictor.name, until)
    if len(rows) < FEWEST:
        raise TrainingRefused(
            f"{len(rows):,} predictions of {predictor.name} have a known outcome; at least {FEWEST} are needed. "
            "Report them: POST /api/outcomes/."
        )
    table, target = _table(rows, predictor)
    name = f"outcomes until {until:%Y-%m-%d}"
    options = {"target": target, "id_column": MARK, "time_column": MOMENT}
    if predictor.task == "binary":
        options["positive"] = "yes"
    return TrainingData(table, name, digest(table), (), {"source": SOURCE, "as_of": until.isoformat()}), options


def _rows(predictor: str, until: datetime) -> list[Outcome]:
    found = (
        Outcome.objects.filter(current=True, prediction__predictor=predictor, created_at__lte=until)
        .select_related("prediction")
        .only("value", "prediction__id", "prediction__input", "prediction__external_id", "prediction__created_at")
        .order_by("-prediction_id")[:MOST]
    )
    kept: dict[str, Outcome] = {}
    for one in found:
        kept.setdefault(one.prediction.external_id or str(one.prediction_id), one)
    return sorted(kept.values(), key=lambda one: (one.prediction.created_at, one.prediction_id))


def _table(rows: Sequence[Outcome], predictor: Predictor) -> tuple[pa.Table, str]:
    import pandas as pd
    import pyarrow as pa

    inputs: list[Mapping[str, Any]] = [one.prediction.input for one in rows]
    names = sorted({name for one in inputs for name in one})
    target = _free(predictor.target or "outcome", names)
    marks = [one.prediction.external_id or str(one.prediction_id) for one in rows]
    times = [one.prediction.created_at.isoformat() for one in rows]
    columns = {_free(MARK, names): marks, _free(MOMENT, names): times}
    columns |= {name: [_plain(one.get(name)) for one in inputs] for name in names}
    columns[target] = [_plain(one.value) for one in rows]
    made = {name: _array(pd.Series(values, dtype=object)) for name, values in columns.items()}
    return pa.table(made), target


def _array(column: Any) -> pa.Array:
    import pyarrow as pa

    from ml_services.datasets.extras import settled

    kept = settled(column)
    return pa.array(kept, from_pandas=True)


def _free(name: str, taken: Sequence[str]) -> str:
    while name in taken:
        name += "_"
    return name


def _plain(value: Any) -> Any:
    """A cell: a number, a text or nothing. Personal values are kept as digests: nothing can be learned from them."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str | int | float):
        return value
    return None


__all__ = ["MARK", "MOMENT", "SOURCE", "outcome_table"]
