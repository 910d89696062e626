"""After drift, older rows tell of another world: what a round learns from then."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from file_uploads.models import Watch
from ml_services import datasets
from ml_services.base import TrainingData
from ml_services.models import DriftCheck, PredictorSetting
from ml_services.splitting import FULL_RARER

DRIFT = "drift"
MONTH_DAYS = 30


def drifted_since(predictor: str, *, until: datetime) -> datetime | None:
    """Since when the world is another, of the company in force: the beginning of the window in which drift was first
    found of the version last found to drift, or of the month whose outcomes were last alerted about."""
    known = [one for one in (_by_drift(predictor, until), _by_outcomes(predictor, until)) if one is not None]
    return max(known, default=None)


def _by_outcomes(predictor: str, until: datetime) -> datetime | None:
    told: datetime | None = (
        Watch.objects.filter(predictor=predictor, told_at__lte=until).values_list("told_at", flat=True).first()
    )
    if told is None:
        return None
    own: int | None = (
        PredictorSetting.objects.filter(predictor=predictor).values_list("horizon_days", flat=True).first()
    )
    horizon = own or datasets.HORIZONS.get(predictor, MONTH_DAYS)
    return told - timedelta(days=horizon + MONTH_DAYS)


def _by_drift(predictor: str, until: datetime) -> datetime | None:
    checks = DriftCheck.objects.filter(predictor=predictor, verdict=DRIFT, window_until__lte=until)
    last = checks.order_by("-window_until").values_list("version", flat=True).first()
    if last is None:
        return None
    found: datetime | None = (
        checks.filter(version=last).order_by("window_from").values_list("window_from", flat=True).first()
    )
    return found


def narrowed(data: TrainingData, options: dict[str, Any], since: datetime) -> TrainingData:
    """The rows from that day on; from earlier as far as it takes to have `FULL_RARER` rows of the rarer class, of whole
    moments. Rows whose time is unknown are the oldest. The same where there is no time to tell by."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from ml_services.datasets.frames import digest

    name, target = options.get("time_column", ""), options["target"]
    if name not in data.table.column_names:
        return data
    times = [_moment(one) for one in data.table.column(name).to_pylist()]
    start = min(since, _enough(times, data.table.column(target).to_pylist()))
    kept = pa.array([one >= start for one in times])
    table = data.table.filter(kept)
    left_out = data.table.num_rows - table.num_rows
    if not left_out or pc.sum(kept).as_py() == 0:
        return data
    note = (
        f"{left_out:,} rows from before {start:%Y-%m-%d} are left out: scores or outcomes have drifted since "
        f"{since:%Y-%m-%d}."
    )
    return replace(data, table=table, sha256=digest(table), notes=(*data.notes, note))


def _enough(times: list[datetime], answers: list[Any]) -> datetime:
    """The latest moment from which on there are enough rows of the rarer answer (amounts: enough above zero)."""
    counts: Counter[Any] = Counter()
    wanted = {_kind(one) for one in answers}
    for moment, answer in sorted(zip(times, answers, strict=True), key=lambda pair: pair[0], reverse=True):
        counts[_kind(answer)] += 1
        if len(counts) == len(wanted) and min(counts.values()) >= FULL_RARER:
            return moment
    return min(times, default=datetime.min.replace(tzinfo=UTC))


def _kind(answer: Any) -> Any:
    return answer > 0 if isinstance(answer, int | float) else answer


def _moment(text: Any) -> datetime:
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


__all__ = ["drifted_since", "narrowed"]
