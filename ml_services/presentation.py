"""How a calibrated output becomes an answer, and the predictors that work that way: one row in, one answer out."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Protocol

from ml_services.base import Predictor, Progress, Trained, TrainingData, TrainingOptions, silent
from platform_core.errors import InputInvalid

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Learned:
    """What training found that an answer needs: `classes` in the order of the outputs (yes/no: negative first),
    `share` of the positive class, and the company's settings."""

    classes: tuple[str, ...] = ()
    share: float = 0.5
    settings: Mapping[str, Any] = field(default_factory=dict)


class Presentation(Protocol):
    """Picklable."""

    @property
    def subject(self) -> str:
        """What a reason raises or lowers."""

    def one(self, calibrated: Any, raw: Any) -> dict[str, Any]:
        """The answer to one calibrated output: a probability or value, or (K,) probabilities."""

    def many(self, calibrated: Floats, raw: Floats) -> dict[str, pa.Array]:
        """The same for (n,) or (n, K): a column for each answer field, nested names joined by `_`."""


class TabularPredictor(Predictor):
    """A predictor whose models learn from rows. Subclasses say what is asked and how an answer looks."""

    grain = "row"

    @abstractmethod
    def presentation(self, learned: Learned) -> Presentation:
        """How this model's outputs are said."""

    def train(self, data: TrainingData, options: TrainingOptions, progress: Progress = silent) -> Trained:
        from ml_services.training import train_tabular

        trained: Trained = train_tabular(self, data, options, progress)
        return trained


def lift_cuts(share: float) -> tuple[float, float, float]:
    """Half the average chance, the average chance, and twice it (midway to certainty where twice is beyond that)."""
    return share / 2, share, min(2 * share, (1 + share) / 2)


def cuts_from(settings: Mapping[str, Any], name: str, default: Sequence[float]) -> tuple[float, ...]:
    """The company's own thresholds where given: as many as the default has, ascending, between 0 and 1; in a command's
    option with commas between."""
    given = settings.get(name)
    if given is None:
        return tuple(default)
    try:
        cuts = tuple(map(float, given.split(",") if isinstance(given, str) else given))
    except (TypeError, ValueError):
        cuts = ()
    if len(cuts) != len(default) or not are_cuts(cuts):
        raise InputInvalid(f"{name} needs {len(default)} ascending numbers between 0 and 1.")
    return cuts


def are_cuts(numbers: Sequence[float]) -> bool:
    """Whether they ascend strictly within (0, 1), so that no band is empty by itself."""
    return all(low < high for low, high in pairwise((0.0, *numbers, 1.0)))


__all__ = ["Learned", "Presentation", "TabularPredictor", "are_cuts", "cuts_from", "lift_cuts"]
