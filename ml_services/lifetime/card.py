"""What the model card says of a model of purchases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ml_services.base import Predictor, TrainingData, TrainingOptions
from ml_services.card import library_versions, rounded
from ml_services.evaluation import value_figures
from ml_services.lifetime.choice import BackTest, Choice
from ml_services.lifetime.model import LifetimeModel
from ml_services.lifetime.rfm import Floats
from ml_services.lifetime.transactions import Reading

if TYPE_CHECKING:
    from ml_services.lifetime.training import Judged

EFFECT_ROWS = 1_000
TRADE = (
    "How errors are traded: the mean absolute error alone is lowest when nearly everybody is said to spend nothing. "
    "This model tells expected amounts that add up to the total, and ranks well; among {slopes} it sharpens them by "
    "the power {slope:g}, which lowers the mean absolute error at the same total."
)


def make_card(
    predictor: Predictor,
    data: TrainingData,
    options: TrainingOptions,
    reading: Reading,
    tests: list[BackTest],
    choice: Choice,
    judged: Judged,
    model: LifetimeModel,
    X: Floats,
) -> dict[str, Any]:
    """JSON-ready; `version`, `evidence` and `seconds` are filled in later."""
    plain = {name: _figures(judged.came, said) for name, said in judged.rules.items()}
    card = {
        "predictor": predictor.name,
        "version": None,
        "evidence": None,
        "route": "transactions",
        "data": {"name": data.name, "rows": data.table.num_rows, "columns": data.table.num_columns,
                 "sha256": data.sha256, "rows_used": int((reading.customer >= 0).sum()), "customers": len(X),
                 "days": reading.newest_day + 1 - int(reading.purchases.day.min())},
        "target": {"name": options.target, "task": "value", "labels": [], "left_out": len(reading.rejects)},
        "class_balance": None,
        "columns": _columns(data, reading, model),
        "champion": choice.name,
        "candidates": [
            {"name": name, "metrics": figures, "fit_s": sum(test.fit_s[name] for test in tests)}
            for name, figures in choice.scores.items()
        ],
        "holdout": {"rows": len(judged.came), "split": f"time and customers: the last {judged.days} days of a fifth of "
                                                       "the customers, whom no choice looked at"},
        "metrics": value_figures(judged.came, judged.said, judged.low, judged.high),
        "guessing": plain["nothing"],
        "single_column_rule": {"column": "past spending again", **plain["past spending again"]},
        "calibration_table": [],
        "strongest_features": _strongest(model, X, options.seed),
        "excluded": [],
        "asked_about": [],
        "seconds": None,
        "seed": options.seed,
        "libraries": library_versions(),
        "notes": [*data.notes, *_notes(reading, tests, choice, model)],
    }  # fmt: skip
    return dict(rounded(card))


def _figures(came: Floats, said: Floats) -> dict[str, float]:
    made = value_figures(came, said, said, said)
    return {name: made[name] for name in ("mae", "rmse", "spearman", "top_decile_capture")}


def _columns(data: TrainingData, reading: Reading, model: LifetimeModel) -> list[dict[str, Any]]:
    roles = model.reader.roles
    used = {roles.customer: ("id", "the customer"), roles.time: ("date", "the day of the purchase"),
            roles.amount: ("number", "the amount"), roles.units: ("number", "how many were bought")}  # fmt: skip
    rest = ("unused", "purchases are told by customer, day, amount and units only")
    return [
        {"name": name, "kind": used.get(name, rest)[0], "used": name in used, "reason": used.get(name, rest)[1]}
        for name in data.table.column_names
    ]


def _strongest(model: LifetimeModel, X: Floats, seed: int) -> list[dict[str, Any]]:
    rows = np.random.default_rng(seed).permutation(len(X))[:EFFECT_ROWS]
    _, effects = model.scorer.effects(X[rows])
    sizes = zip((field.name for field in model.fields), np.abs(effects).mean(axis=0).tolist(), strict=True)
    return [{"feature": name, "effect": size} for name, size in sorted(sizes, key=lambda pair: -pair[1]) if size > 0]


def _notes(reading: Reading, tests: list[BackTest], choice: Choice, model: LifetimeModel) -> list[str]:
    from ml_services.lifetime.choice import SLOPES

    horizon, longest = model.presentation.horizon_days, max(test.days for test in tests)  # type: ignore[attr-defined]
    notes = [
        TRADE.format(slopes=", ".join(f"{slope:g}" for slope in SLOPES), slope=choice.slope),
        f"Half of the error that the back-tests made in the total is corrected: times {choice.total:.3f}.",
    ]
    if horizon > longest:
        notes.append(
            f"The horizon of {horizon} days is longer than the {longest} days that could be tested: the purchase "
            "model carries the learned rates over, and the figures above are those of the shorter windows."
        )
    if reading.rejects:
        rows = len({reject.position for reject in reading.rejects})
        notes.append(f"{rows} rows without a customer, date or amount that can be read were left out.")
    return notes


__all__ = ["make_card"]
