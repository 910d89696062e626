"""How good a model is, in the figures of the model card, each with its source.

Shapes: yes/no `y` (n,) 0/1 and `probability` (n,); classes `y` (n,) codes and `probability` (n, K), figures then being
macro one-vs-rest averages; values `y` and `value` (n,).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from ml_services.calibration import log_loss

Floats = npt.NDArray[np.float64]

BINS = 10
TOP_SHARE = 0.1
NORMAL_95 = 1.959964
"""Two-sided 95 % point of the normal distribution."""
SMALLEST_PROBABILITY = 1e-6


def classification_figures(y: Floats, probability: Floats) -> dict[str, float]:
    """The figures of yes/no (n,) or classes (n, K)."""
    each = one_vs_rest(y, probability)
    low, high = auc_interval(each)
    clipped = np.clip(probability, SMALLEST_PROBABILITY, 1 - SMALLEST_PROBABILITY)
    figures = {
        "roc_auc": float(np.mean([roc_auc(t, p) for t, p in each])),
        "roc_auc_low": low,
        "roc_auc_high": high,
        "pr_auc": float(np.mean([average_precision(t, p) for t, p in each])),
        "log_loss": log_loss(y, clipped),
        "brier": brier(y, probability),
        "ece": calibration_error(*confidence_and_hit(y, probability)),
        "lift_top_decile": float(np.mean([lift_at_top(t, p) for t, p in each])),
    }
    if probability.ndim == 2:
        chosen = probability.argmax(axis=1)
        figures["accuracy"] = float((chosen == y).mean())
        figures["macro_f1"] = macro_f1(y, chosen, probability.shape[1])
    return figures


def one_vs_rest(y: Floats, probability: Floats) -> list[tuple[Floats, Floats]]:
    """(truth 0/1, score) of each class that has rows on both sides; the one pair of a yes/no task. Where a row may have
    several labels, `y` is (n, labels) 0/1."""
    if probability.ndim == 1:
        return [((y == 1).astype(np.float64), probability)]
    truths = y.T if y.ndim == 2 else [(y == code).astype(np.float64) for code in range(probability.shape[1])]
    pairs = [(truth, probability[:, code]) for code, truth in enumerate(truths)]
    return [(truth, score) for truth, score in pairs if 0 < truth.sum() < len(truth)]


def _midranks(values: Floats) -> Floats:
    from scipy.stats import rankdata

    ranks: Floats = rankdata(values)
    return ranks


def roc_auc(truth: Floats, score: Floats) -> float:
    """Mann-Whitney's share of pairs in the right order, ties half; 0.5 where there is only one class."""
    n1 = truth.sum()
    n0 = len(truth) - n1
    if n1 == 0 or n0 == 0:
        return 0.5
    return float((_midranks(score)[truth == 1].sum() - n1 * (n1 + 1) / 2) / (n1 * n0))


def auc_influence(truth: Floats, score: Floats) -> Floats:
    """Each row's part in the error of the AUC; their squares sum to DeLong's variance.

    DeLong, DeLong, Clarke-Pearson, Biometrics 1988, by midranks as in Sun and Xu, IEEE SPL 2014."""
    one = truth == 1
    n1, n0 = int(one.sum()), int((~one).sum())
    ranks, area = _midranks(score), roc_auc(truth, score)
    placed = np.empty_like(score)
    placed[one] = ((ranks[one] - _midranks(score[one])) / n0 - area) / n1
    placed[~one] = (1.0 - (ranks[~one] - _midranks(score[~one])) / n1 - area) / n0
    return placed


def auc_interval(pairs: list[tuple[Floats, Floats]]) -> tuple[float, float]:
    """95 % interval of the mean AUC of several one-vs-rest pairs on the same rows, on the logit scale, so that it
    stays in [0, 1]."""
    area = float(np.mean([roc_auc(t, p) for t, p in pairs]))
    spread = math.sqrt(float((np.mean([auc_influence(t, p) for t, p in pairs], axis=0) ** 2).sum()))
    inner = min(max(area, 1e-6), 1 - 1e-6)
    half = NORMAL_95 * spread / (inner * (1 - inner))
    logit = math.log(inner / (1 - inner))
    low, high = (1 / (1 + math.exp(-max(min(logit + side * half, 700.0), -700.0))) for side in (-1, 1))
    return min(low, area), max(high, area)


def average_precision(truth: Floats, score: Floats) -> float:
    """Area under precision-recall as the step sum, ties taken together."""
    order = np.argsort(-score, kind="stable")
    hits, last = np.cumsum(truth[order]), np.append(np.diff(score[order]) != 0, True)
    found, taken = hits[last], np.flatnonzero(last) + 1
    return float((np.diff(found, prepend=0) * found / taken).sum() / max(truth.sum(), 1))


def brier(y: Floats, probability: Floats) -> float:
    """Mean squared error of the probability (Brier 1950); summed over classes where there are several."""
    if probability.ndim == 1:
        return float(((probability - y) ** 2).mean())
    truth = np.eye(probability.shape[1])[y.astype(np.int64)]
    return float(((probability - truth) ** 2).sum(axis=1).mean())


def confidence_and_hit(y: Floats, probability: Floats) -> tuple[Floats, Floats]:
    """What is said and what came: P(yes) and yes, or the best class's probability and whether it was right."""
    if probability.ndim == 1:
        return probability, y
    return probability.max(axis=1), (probability.argmax(axis=1) == y).astype(np.float64)


def _bin_of(confidence: Floats) -> npt.NDArray[np.int64]:
    return np.clip((confidence * BINS).astype(np.int64), 0, BINS - 1)


def calibration_error(confidence: Floats, hit: Floats) -> float:
    """Mean |said - came| over ten equal-width bins, weighted by rows (Naeini et al., AAAI 2015)."""
    index = _bin_of(confidence)
    gaps = np.bincount(index, confidence - hit, minlength=BINS)
    return float(np.abs(gaps).sum() / len(hit))


def calibration_table(y: Floats, probability: Floats) -> list[dict[str, Any]]:
    """One line a filled bin: its bounds, rows, the mean said and the share that came."""
    confidence, hit = confidence_and_hit(y, probability)
    index = _bin_of(confidence)
    lines = []
    for k in range(BINS):
        inside = index == k
        if inside.any():
            said, came = float(confidence[inside].mean()), float(hit[inside].mean())
            lines.append(
                {"from": k / BINS, "to": (k + 1) / BINS, "rows": int(inside.sum()), "said": said, "came": came}
            )
    return lines


def lift_at_top(truth: Floats, score: Floats, share: float = TOP_SHARE) -> float:
    """Rate of yes among the top tenth by score over the rate among all; ties at the edge count pro rata."""
    return top_capture(truth, score, share) / share if truth.sum() else 1.0


def top_capture(amount: Floats, score: Floats, share: float = TOP_SHARE) -> float:
    """Share of the total `amount` that the top `share` of rows by score holds; ties at the edge count pro rata."""
    wanted = share * len(score)
    edge = np.sort(score)[::-1][max(math.ceil(wanted) - 1, 0)]
    above, tied = score > edge, score == edge
    part = (wanted - above.sum()) / tied.sum()
    return float((amount[above].sum() + part * amount[tied].sum()) / max(amount.sum(), 1e-300))


def macro_f1(y: Floats, chosen: npt.NDArray[np.int64], classes: int) -> float:
    """Mean over classes of 2 hits / (predicted + true); a class neither predicted nor true counts 0."""
    scores = []
    for code in range(classes):
        hits, total = ((y == code) & (chosen == code)).sum(), (y == code).sum() + (chosen == code).sum()
        scores.append(2.0 * hits / total if total else 0.0)
    return float(np.mean(scores))


def value_figures(y: Floats, value: Floats, low: Floats, high: Floats) -> dict[str, float]:
    """The figures of amounts: errors in the target's unit, ranking, the top tenth's share, the interval's coverage."""
    ranks = np.corrcoef(_midranks(y), _midranks(value)) if np.ptp(value) > 0 < np.ptp(y) else np.zeros((2, 2))
    return {
        "mae": float(np.abs(y - value).mean()),
        "rmse": float(np.sqrt(((y - value) ** 2).mean())),
        "spearman": float(ranks[0, 1]),
        "top_decile_capture": top_capture(y, value),
        "interval_coverage": float(((low <= y) & (y <= high)).mean()),
        "total_ratio": float(value.sum() / max(y.sum(), 1e-300)),
    }
