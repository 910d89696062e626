"""The card of a forecast model: how the last window of every series came out, against repeating the last season."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ml_services.base import TrainingData, TrainingOptions
from ml_services.card import library_versions, rounded
from ml_services.forecasting.engine import Forecast, Knowledge, seasonal_step
from ml_services.forecasting.lesson import Lesson
from ml_services.forecasting.methods import NAIVE, naive
from ml_services.forecasting.pooling import Tested
from ml_services.forecasting.seasonal import Floats

WORST_SHOWN = 20
ROLES = {"time": "date", "value": "number", "series": "id"}
USES = {"time": "the date of each value", "value": "what is forecast", "series": "which series a row belongs to"}


@dataclass(frozen=True, slots=True)
class Judged:
    """The forecast of one series' last window from `known`, beside what came."""

    found: Forecast
    known: Floats
    truth: Floats
    season: int

    def metrics(self) -> dict[str, float]:
        """smape in percent (0 to 200, as in the M competitions), mase (Hyndman & Koehler 2006), shares covered."""
        ahead = naive(self.known, np.array([len(self.known)]), self.season, len(self.truth))[0]
        miss = np.abs(self.found.value - self.truth)
        size = np.abs(self.found.value) + np.abs(self.truth)
        unit = seasonal_step(self.known, self.season)
        covered = {
            level: float(np.mean((self.truth >= low) & (self.truth <= high)))
            for level, low, high in (
                ("coverage_80", self.found.low_80, self.found.high_80),
                ("coverage_95", self.found.low_95, self.found.high_95),
            )
        }
        return {
            "smape": 200 * float(np.mean(np.divide(miss, size, out=np.zeros_like(miss), where=size > 0))),
            "mase": float(miss.mean()) / unit if unit > 0 else float("nan"),
            "naive_mase": float(np.abs(ahead - self.truth).mean()) / unit if unit > 0 else float("nan"),
            **covered,
        }


def make_card(
    data: TrainingData,
    options: TrainingOptions,
    lesson: Lesson,
    judged: Mapping[str, Judged],
    tested: Sequence[Tested],
    final: Knowledge,
) -> dict[str, Any]:
    """JSON-ready; `evidence` and `seconds` are filled in by the training, `version` where it is stored."""
    each = {name: one.metrics() for name, one in judged.items()}
    metrics: dict[str, Any] = {key: mean([one[key] for one in each.values()]) for key in next(iter(each.values()))}
    naive_mase = metrics.pop("naive_mase")
    metrics["beats_naive"] = bool(metrics["mase"] < naive_mase)
    card = {
        "predictor": "sales-forecast",
        "version": None,
        "data": {"name": data.name, "rows": data.table.num_rows, "columns": data.table.num_columns,
                 "sha256": data.sha256, "series": len(lesson.series)},
        "target": {"name": lesson.columns.value, "task": "series"},
        "columns": columns(data, lesson),
        "champion": next((one.found.method for one in judged.values()), NAIVE) if len(judged) == 1 else "combination",
        "candidates": candidates(tested),
        "holdout": {"rows": sum(len(one.truth) for one in judged.values()),
                    "split": f"time, the last {lesson.steps} periods of each series"},
        "metrics": metrics,
        "guessing": {"mase": naive_mase},
        "single_column_rule": {},
        "series": [{"name": name, **one, "method": judged[name].found.method} for name, one in worst(each)],
        "pooled": {"methods": final.prior, "booster_share": final.booster.share if final.booster else 0.0},
        "excluded": [],
        "asked_about": [],
        "seed": options.seed,
        "budget_s": options.budget_s,
        "libraries": library_versions(),
        "notes": [*lesson.notes, *remarks(metrics, each, naive_mase)],
    }  # fmt: skip
    return dict(rounded(card))


def mean(values: Sequence[float]) -> float:
    known = [value for value in values if value == value]
    return float(np.mean(known)) if known else float("nan")


def worst(each: Mapping[str, dict[str, float]]) -> list[tuple[str, dict[str, float]]]:
    """The series forecast least well first."""
    return sorted(each.items(), key=lambda item: -np.nan_to_num(item[1]["mase"]))[:WORST_SHOWN]


def columns(data: TrainingData, lesson: Lesson) -> list[dict[str, Any]]:
    roles = {getattr(lesson.columns, role): role for role in ROLES if getattr(lesson.columns, role)}
    other = {"kind": "unused", "used": False, "reason": "a forecast is drawn from dates and values alone"}
    return [
        {"name": name, "kind": ROLES[roles[name]], "used": True, "reason": USES[roles[name]]}
        if name in roles
        else {"name": name, **other}
        for name in data.table.column_names
    ]


def candidates(tested: Sequence[Tested]) -> list[dict[str, Any]]:
    """Every method's mean back-test MASE over the series before their last window, the best first."""
    scores: dict[str, list[float]] = {}
    for backtest, choice in tested:
        unit = seasonal_step(backtest.problem.values, backtest.problem.season)
        if backtest.windows and unit > 0:
            scores.setdefault("chosen", []).append(choice.error / unit)
            for name, ahead in backtest.ahead.items():
                scores.setdefault(name, []).append(backtest.error(ahead) / unit)
    found = [
        {"name": name, "metrics": {"mase": float(np.mean(all_)), "series": len(all_)}, "fit_s": 0.0}
        for name, all_ in scores.items()
    ]
    return sorted(found, key=lambda one: one["metrics"]["mase"])


def remarks(metrics: Mapping[str, Any], each: Mapping[str, Mapping[str, float]], naive_mase: float) -> list[str]:
    notes = []
    behind = sum(one["mase"] >= one["naive_mase"] for one in each.values())
    if not metrics["beats_naive"]:
        notes.append("On the windows held out, repeating the last season was as good.")
    elif behind:
        notes.append(f"On {behind:,} of {len(each):,} series repeating the last season was as good.")
    if naive_mase == naive_mase:
        notes.append(f"Repeating the last season: MASE {naive_mase:.3f} on the same windows. sMAPE is in percent.")
    return notes


__all__ = ["Judged", "make_card"]
