"""Trains on the data given and gathers what can be said of it. Nothing is kept: no version, no artifact, no row."""

from __future__ import annotations

import statistics
import time
from dataclasses import replace
from typing import Any

from ml_services import selectors
from ml_services.base import Predictor, Progress, Trained, TrainingData, TrainingOptions, silent
from ml_services.card import rounded

FROM_THE_CARD = ("predictor", "evidence", "data", "target", "class_balance", "holdout", "metrics", "guessing",
                 "single_column_rule", "champion", "calibration_table", "excluded", "asked_about", "libraries",
                 "backend", "notes", "seed", "budget_s")  # fmt: skip


def prove(
    predictor: Predictor, data: TrainingData, options: TrainingOptions, repeats: int, progress: Progress = silent
) -> dict[str, Any]:
    """The proof, JSON-ready. `repeats`: trainings by other seeds (their splits differ too) for the spread of the
    headline. Raises TrainingRefused where nothing can be learned."""
    from ml_services.proof import costs

    begun = time.perf_counter()
    trained = predictor.train(data, options, progress)
    peak = costs.peak_mb()
    headline = selectors.headline(trained.card)
    proof = {name: trained.card[name] for name in FROM_THE_CARD if name in trained.card}
    proof |= {
        "predictor": predictor.name,
        "headline": headline,
        **_judged(trained, options.seed),
        "costs": {**costs.costs(trained.model, data.table), "peak_mb": peak, "training_s": trained.card["seconds"]},
    }
    values = [headline["value"]] if headline else []
    for number in range(1, repeats + 1):
        progress("again", number / (repeats + 1), f"seed {options.seed + number}")
        again = selectors.headline(_again(predictor, data, options, number).card)
        values += [again["value"]] if again else []
    proof["stability"] = stability(values, options.seed)
    proof["seconds"] = time.perf_counter() - begun
    return dict(rounded(proof))


def _judged(trained: Trained, seed: int) -> dict[str, Any]:
    if trained.grounds is None:
        return {"peers": [], "calibration": None, "deciles": [], "weak_spots": None}
    from ml_services.proof import peers, quality

    return {
        "peers": peers.beside(trained.grounds),
        "calibration": quality.calibration(trained.grounds, seed),
        "deciles": quality.deciles(trained.grounds),
        "weak_spots": quality.weak_spots(trained.grounds),
    }


def _again(predictor: Predictor, data: TrainingData, options: TrainingOptions, number: int) -> Trained:
    return predictor.train(data, replace(options, seed=options.seed + number, begun=None))


def stability(values: list[float], seed: int) -> dict[str, Any]:
    """The headline over seeds: each value, mean, standard deviation (None of one), lowest and highest."""
    if not values:
        return {"runs": 0, "values": [], "first_seed": seed}
    return {
        "runs": len(values), "values": values, "first_seed": seed, "mean": statistics.fmean(values),
        "deviation": statistics.stdev(values) if len(values) > 1 else None, "low": min(values), "high": max(values),
    }  # fmt: skip


__all__ = ["prove", "stability"]
