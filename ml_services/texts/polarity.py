"""The model behind sentiment: an additive scorer, a calibrator and the band that counts as neutral."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ml_services.base import Model, Record, TableAnswer
from ml_services.texts.reasons import as_text, strongest
from ml_services.texts.records import ANY_NAME, each_text, read_text, text_field
from ml_services.texts.scoring import TextScorer

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

SUBJECT = "the chance of praise"
UNLEARNED_BAND = (0.45, 0.55)
"""What the lexicon alone calls neutral: nearly as much praise as blame."""
LARGEST_RAW = 35.0
"""Beyond this a probability is 1.0 in double precision."""


@dataclass(frozen=True, slots=True)
class Logistic:
    """Platt's calibration: probability = 1 / (1 + exp(-(slope raw + shift))), slope > 0."""

    slope: float = 1.0
    shift: float = 0.0

    @property
    def even(self) -> float:
        """The raw score of a probability of one half: the base of a text in which no word is known."""
        return -self.shift / self.slope

    def one(self, raw: float) -> float:
        return 1.0 / (1.0 + math.exp(-max(-LARGEST_RAW, min(LARGEST_RAW, self.slope * raw + self.shift))))


@dataclass
class PolarityModel(Model):
    """`probability` is that of praise against blame. Within `band`, and where no word is known, the label is
    neutral; a band of no width means that the training data knew no neutral texts."""

    scorer: TextScorer = field(default_factory=TextScorer)
    calibrator: Logistic = field(default_factory=Logistic)
    band: tuple[float, float] = UNLEARNED_BAND
    column: str = ANY_NAME

    def __post_init__(self) -> None:
        self.fields = (text_field(self.column),)

    def answer(self, record: Record, *, explain: bool) -> dict[str, Any]:
        return self._read(read_text(record, self.column), explain)

    def _read(self, text: str, explain: bool) -> dict[str, Any]:
        base, effects = self.scorer.effects(text)
        if not effects:
            base = self.calibrator.even
        raw = base + math.fsum(effects.values())
        probability = self.calibrator.one(raw)
        answer: dict[str, Any] = {
            "label": self._label(probability) if effects else "neutral",
            "score": 2.0 * probability - 1.0,
            "probability": probability,
        }
        if explain:
            answer |= {"raw": raw, "base": base, **strongest(effects, SUBJECT)}
        return answer

    def _label(self, probability: float) -> str:
        low, high = self.band
        return "positive" if probability > high else "negative" if probability < low else "neutral"

    def probabilities(self, table: pa.Table) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        """The rows that can be read, and their chances of praise."""
        found = self.answer_table(table, explain=False)
        return found.positions, found.columns["probability"].to_numpy()

    def answer_table(self, table: pa.Table, *, explain: bool) -> TableAnswer:
        import numpy as np
        import pyarrow as pa

        positions, answers, rejects = each_text(table, self.column, lambda text: self._read(text, explain))
        kinds: Mapping[str, Any] = {"label": pa.string(), "score": pa.float64(), "probability": pa.float64()}
        columns = {name: pa.array([answer[name] for answer in answers], kind) for name, kind in kinds.items()}
        if explain:
            for name in ("raw", "base", "other_effects"):
                columns[name] = pa.array([answer[name] for answer in answers], pa.float64())
            columns["reasons"] = pa.array([as_text(answer["reasons"]) for answer in answers], pa.string())
        return TableAnswer(np.array(positions, dtype=np.int64), columns, rejects)
