"""Labels of texts, any number a text, as two versions are judged by them: each that both know is a yes or no."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ml_services.champions.rival import Rival, named, plain
from ml_services.champions.texts import lock_texts
from ml_services.splitting import FEWEST_HOLDOUT_RARER

if TYPE_CHECKING:
    from ml_services.base import Evidence
    from ml_services.champions.holdout import Lock

Floats = npt.NDArray[np.float64]

TOO_FEW = (
    f"of the texts that could judge both, fewer than {FEWEST_HOLDOUT_RARER} have, or lack, each label that both know."
)
LEFT_OUT = "Labels not compared, since one version does not know them or too few texts tell: {labels}."


def lock_labels(
    rival: Rival | None, column: str, texts: Sequence[str], target: Mapping[str, Any], Y: Floats, level: Evidence,
    seed: int,
) -> Lock:  # fmt: skip
    """See `texts.lock_texts`. `Y` (n, labels) 0/1, labels as in `target`. There are enough rows where there are for the
    label that most texts tell of."""
    known = _shared(target["labels"], rival.labels if rival else ()) or [0]
    most = max(known, key=lambda at: float(min(Y[:, at].sum(), (1 - Y[:, at]).sum())))
    return lock_texts(rival, column, texts, target, Y[:, most], level, seed)


def judged_by(rival: Rival, labels: Sequence[str], truth: Floats) -> list[int]:
    """Places of the labels that both know and that enough texts have, and have not; `truth` (n, labels)."""
    return [at for at in _shared(labels, rival.labels) if _tells(truth[:, at])]


def left_out(rival: Rival, labels: Sequence[str], judged: Sequence[int]) -> tuple[str, ...]:
    """A note of the other labels of both."""
    taken = {plain([labels[at]])[0] for at in judged}
    others = sorted({one for one in (*labels, *rival.labels) if plain([one])[0] not in taken})
    return (LEFT_OUT.format(labels=named(others)),) if others else ()


def _shared(labels: Sequence[str], others: Sequence[str]) -> list[int]:
    known = set(plain(others))
    return [at for at, label in enumerate(plain(labels)) if label in known]


def _tells(truth: Floats) -> bool:
    return bool(min(truth.sum(), (1 - truth).sum()) >= FEWEST_HOLDOUT_RARER)


__all__ = ["TOO_FEW", "judged_by", "left_out", "lock_labels"]
