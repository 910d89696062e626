"""What the model card says: figures of the champion, of every candidate, of guessing and of one column alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ml_services.base import Evidence, Predictor, TrainingData, TrainingOptions
from ml_services.calibration import log_loss
from ml_services.card import library_versions, rounded
from ml_services.evaluation import calibration_table, classification_figures, value_figures
from ml_services.families import Floats, Problem, Trial
from ml_services.judging import Calibrated
from ml_services.preparation import Prepared
from ml_services.scorers import Scorer
from ml_services.single_column import single_column_rule
from ml_services.splitting import Rows, Split
from ml_services.tuning import Search
from ml_services.value_calibration import ValueScale

if TYPE_CHECKING:
    from ml_services.gate import Gate

EFFECT_ROWS = 300
"""Rows over which the size of effects is averaged."""
STRONGEST = 12
ASK_REASON = (
    "is this known when you predict? Alone it tells {alone:.0%} of what there is to know, and without it the model "
    "loses {lost:.0%}. If it is written later, train again with --exclude {column}"
)


@dataclass
class Outcome:
    """The model that serves, and the outputs it is judged by: `truth`, calibrated `said` and `raw` of the same `rows`.
    `proof`: what said them, where rows were held out."""

    scorer: Scorer
    calibrator: Calibrated
    truth: Floats
    said: Floats
    raw: Floats
    level: Evidence
    rows: Rows
    proof: Scorer | None


@dataclass
class Grounds:
    """The rows that the card's figures were taken from: `rows` of `problem`, in the order of `outcome.said`."""

    problem: Problem
    split: Split
    rows: npt.NDArray[np.int64]
    outcome: Outcome


def figures(y: Floats, said: Floats, raw: Floats, calibrator: Calibrated) -> dict[str, float]:
    """The metrics of calibrated outputs."""
    if isinstance(calibrator, ValueScale):
        return value_figures(y, said, *calibrator.interval(raw))
    return classification_figures(y, said)


def make_card(
    predictor: Predictor, data: TrainingData, options: TrainingOptions, prepared: Prepared, split: Split, gate: Gate,
    found: Search, outcome: Outcome,
) -> dict[str, Any]:  # fmt: skip
    """The card, JSON-ready; `version` is filled in when the model is stored, `seconds` at the end."""
    problem, target = prepared.problem, prepared.target
    judged = f"{split.kind}, {len(split.folds)} folds"
    card = {
        "predictor": predictor.name,
        "version": None,
        "evidence": outcome.level,
        "data": {"name": data.name, "rows": data.table.num_rows, "columns": data.table.num_columns,
                 "sha256": data.sha256, "rows_used": len(target.y)},
        "target": {"name": target.name, "task": target.task, "labels": list(target.labels),
                   "left_out": data.table.num_rows - len(target.y)},
        "class_balance": target.counts or None,
        "columns": [{"name": r.name, "kind": r.kind, "used": r.used, "reason": r.reason} for r in prepared.reports],
        "champion": found.champion.family,
        "candidates": [_candidate(trial) for trial in _all(found)],
        "holdout": {"rows": len(split.holdout), "split": split.kind if len(split.holdout) else judged},
        "metrics": figures(outcome.truth, outcome.said, outcome.raw, outcome.calibrator),
        "guessing": guessing(problem, split, outcome),
        "single_column_rule": single_column_rule(problem, split, gate.best.column),
        "calibration": outcome.calibrator.name,
        "calibration_table": [] if target.task == "value" else calibration_table(outcome.truth, outcome.said),
        "strongest_features": strongest(problem, outcome.scorer, options.seed),
        "excluded": [{"column": s.column, "roc_auc": s.auc, "reason": _why_excluded(s)} for s in gate.excluded],
        "asked_about": [
            {"column": s.column, "alone": s.information, "lost_without": s.lost,
             "reason": ASK_REASON.format(alone=s.information, lost=s.lost, column=s.column)}
            for s in gate.asked
        ],
        "seconds": None,
        "seed": options.seed,
        "budget_s": options.budget_s,
        "settings_tried": {"tried": found.tried, "cut_by_clock": found.cut},
        "libraries": library_versions(),
        "notes": [*prepared.notes, *split.notes, *_remarks(found, outcome, problem, split)],
    }  # fmt: skip
    return dict(rounded(card))


def _why_excluded(one: Any) -> str:
    return f"alone ROC AUC {one.auc:.4f}, it tells {one.information:.0%} of the target: surely written after it"


def _all(found: Search) -> list[Trial]:
    return sorted([*found.best, *([found.blended] if found.blended else [])], key=lambda trial: trial.loss)


def _candidate(trial: Trial) -> dict[str, Any]:
    judged = trial.judgement
    metrics = figures(judged.y, judged.said, judged.raw, judged.calibrator)
    return {"name": trial.family, "metrics": metrics, "fit_s": trial.seconds, "cv_loss": trial.loss,
            "settings": dict(trial.params), "rounds": trial.rounds, "copies": trial.copies}  # fmt: skip


def guessing(problem: Problem, split: Split, outcome: Outcome) -> dict[str, float]:
    """The figures of always answering the class shares (amounts: the mean) of the rows learned from."""
    y, n = problem.y[split.development], len(outcome.truth)
    if problem.task == "value":
        mean = float(y.mean())
        return {"mae": float(np.abs(outcome.truth - mean).mean()),
                "rmse": float(np.sqrt(((outcome.truth - mean) ** 2).mean())), "spearman": 0.0,
                "top_decile_capture": 0.1}  # fmt: skip
    if problem.task == "binary":
        share = np.full(n, y.mean())
    else:
        share = np.tile(np.bincount(y.astype(np.int64), minlength=problem.n_classes) / len(y), (n, 1))
    made = classification_figures(outcome.truth, share)
    return {name: made[name] for name in ("roc_auc", "pr_auc", "log_loss", "brier", "ece", "lift_top_decile")}


def strongest(problem: Problem, scorer: Scorer, seed: int) -> list[dict[str, Any]]:
    """Mean |effect| of each input column, over a sample; of classes, the mean over them."""
    rows = np.random.default_rng(seed).permutation(len(problem.y))[:EFFECT_ROWS]
    _, effects = scorer.effects(problem.X[rows])
    fields = list(dict.fromkeys(feature.field for feature in problem.features))
    columns = {name: [k for k, f in enumerate(problem.features) if f.field == name] for name in fields}
    sizes = {name: float(np.abs(effects[:, own].sum(axis=1)).mean()) for name, own in columns.items()}
    ranked = sorted(sizes.items(), key=lambda item: -item[1])[:STRONGEST]
    return [{"feature": name, "effect": size} for name, size in ranked if size > 0]


def _remarks(found: Search, outcome: Outcome, problem: Problem, split: Split) -> list[str]:
    remarks = []
    if found.cut:
        remarks.append(
            f"The time budget ended the search after {found.tried} settings; a larger --budget-s tries more."
        )
    if outcome.level == "provisional":
        remarks.append("Provisional: few rows of the rarer class, so every figure may be far off.")
    if problem.task != "value":
        base = guessing(problem, split, outcome)["log_loss"]
        if log_loss(outcome.truth, outcome.said) >= base:
            remarks.append("Weak signal: on the rows judged, the model is no better than the class shares.")
    return remarks
