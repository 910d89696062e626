"""The models behind tag: keyphrases where nothing was learned, and a company's own labels where it was."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ml_services.base import Model, Record, TableAnswer
from ml_services.texts.keyphrases import Keyphrase, keyphrases
from ml_services.texts.polarity import Logistic
from ml_services.texts.reasons import as_text, strongest
from ml_services.texts.records import ANY_NAME, each_text, read_text, text_field
from ml_services.texts.scoring import grams, tf_idf
from ml_services.texts.tokens import split

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

MOST_TAGS = 10
PLACES = ("early in", "in the middle of", "late in")


class TaggingModel(Model):
    """Answers `tags`, best first. `_read` gives the whole answer of one text."""

    column: str

    def answer(self, record: Record, *, explain: bool) -> dict[str, Any]:
        return self._read(read_text(record, self.column), explain)

    def _read(self, text: str, explain: bool) -> dict[str, Any]:
        raise NotImplementedError

    def answer_table(self, table: pa.Table, *, explain: bool) -> TableAnswer:
        """`tags` as a JSON text; an answer has several, a cell is one."""
        import numpy as np
        import pyarrow as pa

        positions, answers, rejects = each_text(table, self.column, lambda text: self._read(text, explain))
        columns = {"tags": pa.array([json.dumps(one["tags"], ensure_ascii=False) for one in answers], pa.string())}
        if explain:
            for name in ("raw", "base", "other_effects"):
                columns[name] = pa.array([answer[name] for answer in answers], pa.float64())
            columns["reasons"] = pa.array([as_text(answer["reasons"]) for answer in answers], pa.string())
        return TableAnswer(np.array(positions, dtype=np.int64), columns, rejects)


class KeyphraseModel(TaggingModel):
    """Untrained: the text's own phrases. `raw` is the sum of their scores, each score its phrase's effect."""

    def __init__(self) -> None:
        self.column = ANY_NAME
        self.fields = (text_field(),)

    def _read(self, text: str, explain: bool) -> dict[str, Any]:
        found = keyphrases(text, MOST_TAGS)
        answer: dict[str, Any] = {"tags": [{"tag": one.phrase, "score": one.score} for one in found]}
        if explain:
            raw = math.fsum(one.score for one in found)
            answer |= {"raw": raw, "base": 0.0, "reasons": [_why(one) for one in found], "other_effects": 0.0}
        return answer


def _why(found: Keyphrase) -> dict[str, Any]:
    times = "once" if found.count == 1 else f"{found.count} times"
    place = (
        "early in"
        if found.first * 3 < found.tokens
        else "in the middle of"
        if found.first * 3 < 2 * found.tokens
        else "late in"
    )
    words = len(found.phrase.split())
    return {
        "feature": found.phrase,
        "value": found.count,
        "effect": found.score,
        "direction": "up",
        "text": f"“{found.phrase}”: {words} {'word' if words == 1 else 'words'}, {times}, first {place} the text",
    }


@dataclass
class LabelModel(TaggingModel):
    """One additive score a label: raw = base + sum over words of TF-IDF times the label's coefficient.

    `weights` by word: its inverse document frequency and one coefficient a label. A label is answered where its
    calibrated probability reaches its threshold; `always_one`: the best is answered in any case.
    """

    column: str
    labels: tuple[str, ...]
    idf: Mapping[str, float]
    weights: Mapping[str, tuple[float, ...]]
    intercepts: tuple[float, ...]
    calibrators: tuple[Logistic, ...]
    thresholds: tuple[float, ...]
    always_one: bool
    fields: Any = field(init=False)

    def __post_init__(self) -> None:
        self.fields = (text_field(self.column),)

    def chances(self, table: pa.Table) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        """The rows that can be read, and each label's chance (rows, labels)."""
        import numpy as np

        positions, scores, _ = each_text(table, self.column, lambda text: {"each": self._scores(self._shares(text))})
        return np.array(positions, np.int64), np.array([one["each"] for one in scores]).reshape(-1, len(self.labels))

    def _scores(self, shares: list[tuple[str, float]]) -> list[float]:
        raws = list(self.intercepts)
        for name, share in shares:
            for at, weight in enumerate(self.weights[name]):
                raws[at] += share * weight
        return [calibrator.one(raw) for calibrator, raw in zip(self.calibrators, raws, strict=True)]

    def _read(self, text: str, explain: bool) -> dict[str, Any]:
        shares = self._shares(text)
        scores = self._scores(shares)
        order = sorted(range(len(scores)), key=lambda at: -scores[at])
        chosen = [at for at in order if scores[at] >= self.thresholds[at]] or (order[:1] if self.always_one else [])
        answer: dict[str, Any] = {"tags": [{"tag": self.labels[at], "score": scores[at]} for at in chosen[:MOST_TAGS]]}
        if explain:
            top = chosen[0] if chosen else order[0]
            answer |= self._explained(shares, top)
        return answer

    def _shares(self, text: str) -> list[tuple[str, float]]:
        tokens = split(text)
        known = {name: self.idf[name] for name in grams(tokens) if name in self.idf}
        return tf_idf(tokens, known)

    def _explained(self, shares: list[tuple[str, float]], at: int) -> dict[str, Any]:
        """`raw`, `base` and `reasons` of one label: the first answered, or, where none is, the nearest to it."""
        effects = {name: share * self.weights[name][at] for name, share in shares}
        raw = self.intercepts[at] + math.fsum(effects.values())
        return {
            "raw": raw,
            "base": self.intercepts[at],
            **strongest(effects, f"the chance of “{self.labels[at]}”"),
        }
