"""What has come true, as a table to learn from: the inputs of past predictions beside what really happened.

For models that were trained on a company's own file: the file is not kept, but what was asked of the model since is,
and so is what became of it. The table has the target, the ids and the spellings of what serves, so that the new version
can be compared with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from file_uploads.retraining.known_outcomes import Known, known
from ml_services import identity
from ml_services.base import Predictor, TrainingData
from ml_services.decisions.setting_rules import RELEARNING
from ml_services.models import ModelVersion, PredictorSetting
from ml_services.scoreboard.horizons import horizon_of
from platform_core.errors import TrainingRefused

if TYPE_CHECKING:
    import pyarrow as pa

SOURCE = "outcomes"
MARK, MOMENT = "prediction_of", "predicted_at"
"""Columns beside the inputs: whose prediction it was, and when."""
FEWEST = 40
WAITING = frozenset({"binary", "value"})
"""Tasks whose early outcomes are of a kind of their own: who has left by now, what was paid so far."""


def outcome_table(predictor: Predictor, *, until: datetime) -> tuple[TrainingData, dict[str, Any]]:
    """The company in force's predictions whose horizon had closed and whose outcome was known at `until`, one of each
    external id (the latest), and the options of a training on them. Raises TrainingRefused where too few are known."""
    from ml_services.datasets.frames import digest

    if predictor.task not in RELEARNING:
        raise TrainingRefused(f"{predictor.name} does not learn from outcomes: train it from a file.")
    setting = PredictorSetting.objects.filter(predictor=predictor.name).first()
    own = ModelVersion.objects.filter(predictor=predictor.name, serving=True).exclude(company_id=None).first()
    card = own.card if own is not None else {}
    days = horizon_of(predictor.name, setting=setting.horizon_days if setting else None, card=card).days
    waits = predictor.task in WAITING
    silent = bool(predictor.task == "binary" and setting and setting.silence_means_no)
    rows = known(predictor, until=until, horizon=timedelta(days=days if waits else 0), silence_means_no=silent)
    if len(rows) < FEWEST:
        of = f" and are older than their horizon of {days} days" if waits and days else ""
        raise TrainingRefused(
            f"{len(rows):,} predictions of {predictor.name} have a known outcome{of}; at least {FEWEST} are needed. "
            "Report them: POST /api/outcomes/."
        )
    table, options = _table(rows, predictor, card)
    facts = {"source": SOURCE, "as_of": until.isoformat()} | ({"horizon_days": days} if waits else {})
    return TrainingData(table, f"outcomes until {until:%Y-%m-%d}", digest(table), (), facts), options


def _table(rows: Sequence[Known], predictor: Predictor, card: Mapping[str, Any]) -> tuple[pa.Table, dict[str, Any]]:
    import pandas as pd
    import pyarrow as pa

    names = sorted({name for one in rows for name in one.input})
    target = card.get("target") or {}
    told = str(target.get("name") or _free(predictor.target or "outcome", names))
    # An id that the records hold themselves may be personal, and so a digest; what it was is the external id.
    mark = identity.id_column(card) or _free(MARK, names)
    moment = _free(MOMENT, [*names, told])
    labels = [str(one) for one in target.get("labels") or ()]
    no, yes = labels if predictor.task == "binary" and len(labels) == 2 else ("no", "yes")
    columns: dict[str, list[Any]] = {name: [_plain(one.input.get(name)) for one in rows] for name in names}
    columns[mark] = [one.mark for one in rows]
    columns[moment] = [one.made_at.isoformat() for one in rows]
    columns[told] = [(yes if one.value else no) if isinstance(one.value, bool) else _plain(one.value) for one in rows]
    made = {name: _array(pd.Series(columns[name], dtype=object)) for name in sorted(columns)}
    options = {"target": told, "id_column": mark, "time_column": moment}
    return pa.table(made), options | ({"positive": yes} if predictor.task == "binary" else {})


def _array(column: Any) -> pa.Array:
    import pyarrow as pa

    from ml_services.datasets.extras import settled

    return pa.array(settled(column), from_pandas=True)


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
