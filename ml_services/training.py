"""Training on anyone's file, for predictors that answer from one row: yes/no, classes, amounts.

Target → columns → split → leakage gate → candidates by cross-validation → the best one, judged on rows that no choice
has seen → learned again from all rows. The figures of the card are those of the recipe on the hold-out: the model that
serves has seen a quarter more rows since, so they are, if anything, too low. Its calibration stays that of the
out-of-fold scores.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ml_services.base import Evidence, Judged, Predictor, Progress, Trained, TrainingData, TrainingOptions, silent
from ml_services.boosting import LightGBM, XGBoost
from ml_services.card_facts import Grounds, Outcome, make_card
from ml_services.champions.evidence import exam, known_rows
from ml_services.champions.holdout import lock
from ml_services.clock import Clock, begin
from ml_services.decisions.band_table import of_card
from ml_services.decisions.intervals import WEIGHTS
from ml_services.families import Family, Floats
from ml_services.forest import Forest
from ml_services.gate import pass_gate
from ml_services.judging import Calibrated
from ml_services.learning import fewest_rows, learn_each
from ml_services.linear import Logistic
from ml_services.preparation import Prepared, prepare
from ml_services.scale_out import opened
from ml_services.splitting import Split, evidence_level, make_split
from ml_services.training_quantiles import training_quantiles
from ml_services.tuning import Search, learned_rows, rows_in_time, search, tuned_rows


def train_tabular(
    predictor: Predictor, data: TrainingData, options: TrainingOptions, progress: Progress = silent
) -> Trained:
    """Raises TrainingRefused where nothing can be learned, or where TRAINING_BACKEND cannot be used."""
    with opened() as report:
        trained = _train(predictor, data, options, progress)
        trained.card["backend"] = report()
    return trained


def _train(predictor: Predictor, data: TrainingData, options: TrainingOptions, progress: Progress) -> Trained:
    from ml_services.tabular import TabularModel

    clock = begin(options.budget_s, options.begun, hurried=options.hurried)
    progress("columns", 0.0, "reading target and columns")
    prepared = prepare(predictor, data, options)
    level = evidence_level(prepared.target)
    locked = lock(options.rival, prepared, level, options.seed)
    split = make_split(prepared.target, level, prepared.when, options.seed, locked.among)
    families = available_families(prepared)
    progress("leakage", 0.05, f"{len(prepared.encoder.fields)} columns used")
    gate = pass_gate(prepared, split, families, options, clock)
    found = _search(prepared, split, families, options, clock, progress)
    progress("final", 0.9, f"{found.champion.family}: judging on held-out rows, learning from all")
    outcome = finish(prepared, split, found, families, options, level, clock)
    card = make_card(predictor, data, options, prepared, split, gate, found, outcome)
    learned = _learned(prepared, options, outcome.calibrator)
    presentation = predictor.presentation(learned)  # type: ignore[attr-defined]
    model = TabularModel(prepared.encoder, outcome.scorer, outcome.calibrator, presentation)
    proof = TabularModel(model.encoder, outcome.proof, outcome.calibrator, presentation) if outcome.proof else None
    card["quantiles"] = training_quantiles(
        prepared.problem.X, prepared.problem.features, options.seed, outcome.said,
        target=prepared.target.y, labels=prepared.target.labels,
    )  # fmt: skip
    card["seconds"] = round(clock.spent_s, 3)
    progress("done", 1.0, f"{card['seconds']:.1f} s")
    rows = split.holdout if len(split.holdout) else found.champion.judgement.rows
    grounds = Grounds(prepared.problem, split, rows, outcome)
    held = prepared.target.kept[split.holdout] if len(split.holdout) else None
    judged = Judged(outcome.truth, outcome.said, held, WEIGHTS[level]) if prepared.target.task == "binary" else None
    card["bands"] = of_card(predictor.banded, model.cuts, judged)
    known, met = known_rows(prepared, split), exam(prepared, outcome, locked)
    return Trained(model, card, level, judged, grounds, proof, known, met)


def available_families(prepared: Prepared) -> list[Family]:
    """Those whose libraries load; a missing one is noted, never a failure."""
    kinds: list[Family] = [LightGBM(), Logistic(), XGBoost(), Forest()]
    if prepared.target.task == "value":
        kinds = [LightGBM(), XGBoost()]
    usable = [family for family in kinds if family.available()]
    for family in kinds:
        if family not in usable:
            prepared.notes.append(f"{family.title} is left out: its library cannot be loaded here.")
    return usable


def _search(
    prepared: Prepared, split: Split, families: Sequence[Family], options: TrainingOptions, clock: Clock,
    progress: Progress,
) -> Search:  # fmt: skip
    most = tuned_rows(prepared.problem, options.budget_s)
    rows = part_of(split.development, most, options.seed)
    if len(rows) < len(split.development):
        prepared.notes.append(f"Settings were compared on {len(rows):,} of {len(split.development):,} rows.")
    places = np.full(len(prepared.target.y), -1, dtype=np.int64)
    places[rows] = np.arange(len(rows))
    folds = [(places[learned], places[judged]) for learned, judged in split.folds]
    folds = [(learned[learned >= 0], judged[judged >= 0]) for learned, judged in folds]

    def tell(fraction: float, detail: str) -> None:
        progress("candidates", 0.1 + 0.8 * fraction, detail)

    return search(prepared.problem.part(rows), families, folds, options.seed, clock, tell)


def part_of(rows: npt.NDArray[np.int64], most: int, seed: int) -> npt.NDArray[np.int64]:
    """At most so many of the rows, drawn evenly, in their order."""
    if len(rows) <= most:
        return rows
    return rows[np.sort(np.random.default_rng(seed).permutation(len(rows))[:most])]


def finish(
    prepared: Prepared, split: Split, found: Search, families: Sequence[Family], options: TrainingOptions,
    level: Evidence, clock: Clock,
) -> Outcome:  # fmt: skip
    """The champion calibrated, judged on the hold-out (without one: out of fold), and learned from all rows."""
    champion, problem = found.champion, prepared.problem
    most = learned_rows(problem, options.budget_s)
    if (in_time := rows_in_time(champion, len(split.folds), clock)) < min(most, len(problem.y)):
        clock.leave("learning from every row")
        most = in_time
    judged = champion.judgement
    calibrator, truth, said, raw = judged.calibrator, judged.y, judged.said, judged.raw
    rows = part_of(np.arange(len(problem.y), dtype=np.int64), most, options.seed)
    teachers = [rows, *([part_of(split.development, most, options.seed)] if len(split.holdout) else [])]
    scorers = learn_each(problem, champion, families, teachers, options.seed)
    if len(split.holdout):
        held = problem.part(split.holdout)
        raw = scorers[1].raw(held.X)
        truth, said = held.y, calibrator.many(raw)
        judged_rows, proof = split.holdout, scorers[1]
    else:
        tuned = part_of(split.development, tuned_rows(problem, options.budget_s), options.seed)
        judged_rows, proof = tuned[judged.rows], None
    if len(rows) < len(problem.y):
        prepared.notes.append(f"The model learned from {len(rows):,} of {len(problem.y):,} rows, drawn evenly.")
    if (fewest := fewest_rows(problem.part(rows), champion, families)) < len(rows):
        prepared.notes.append(f"Logistic regression has few weights to learn and took {fewest:,} of these rows.")
    prepared.notes += clock.notes
    return Outcome(scorers[0], calibrator, truth, said, raw, level, judged_rows, proof)


def _learned(prepared: Prepared, options: TrainingOptions, calibrator: Calibrated) -> Any:
    from ml_services.presentation import Learned

    target = prepared.target
    share = float((target.y == 1).mean()) if target.task == "binary" else 0.5
    settings: dict[str, Any] = dict(options.settings)
    if target.task == "value":
        settings["interval"] = calibrator
    return Learned(target.labels, share, settings)


__all__ = ["Floats", "available_families", "train_tabular"]
