"""The leakage gate of a training: columns taken out, columns asked about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ml_services.base import TrainingOptions
from ml_services.clock import Clock
from ml_services.families import Family
from ml_services.late_columns import late_leaks
from ml_services.leakage import Suspicion, examine, left_out, sample
from ml_services.preparation import Prepared, without
from ml_services.splitting import Split, _folds, strata

LEAK_REASON = "all but gives the target away (ROC AUC {auc:.3f} alone): put it back with --allow-leaky {column}"
LATE_REASON = (
    "is known of few but the newest rows, and there tells too much of the target (ROC AUC {auc:.3f} alone): if it is "
    "known when you predict, put it back with --allow-leaky {column}"
)


@dataclass
class Gate:
    """What the leakage gate found: columns taken out, columns asked about, and the best single column of the rest."""

    excluded: list[Suspicion]
    asked: list[Suspicion]
    best: Suspicion


def pass_gate(
    prepared: Prepared, split: Split, families: Sequence[Family], options: TrainingOptions, clock: Clock
) -> Gate:
    """Takes leaking columns out of `prepared`, and finds those to ask about."""
    seed = options.seed
    probe = sample(prepared.problem.part(split.development), seed, options.budget_s)
    codes = strata(replace(prepared.target, y=probe.y))
    folds = _folds(np.arange(len(probe.y)), codes, 1, seed)
    found = examine(probe, families[0], folds, seed, clock)
    leaking = [one for one in found if one.leaks and one.column not in options.allow_leaky]
    late = [
        one
        for one in late_leaks(prepared, families[0], seed)
        if one.column not in {*options.allow_leaky, *(other.column for other in leaking)}
    ]
    if options.declared:
        leaking, late = [], []
    for suspicions, reason in ((leaking, LEAK_REASON), (late, LATE_REASON)):
        for one in suspicions:
            without(prepared, [one.column], reason.format(auc=one.auc, column=one.column), options)
    gone = {one.column for one in (*leaking, *late)}
    if gone:
        probe = probe.only([k for k, feature in enumerate(probe.features) if feature.field not in gone])
        found = [one for one in found if one.column not in gone]
    asked = left_out(probe, found, families[0], folds, seed, clock)
    return Gate([*leaking, *late], asked, max(found, key=lambda one: one.auc))


__all__ = ["LATE_REASON", "LEAK_REASON", "Gate", "pass_gate"]
