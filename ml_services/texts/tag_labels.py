"""Which labels a file of tagged texts teaches, and which have too few examples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ml_services.base import TrainingData, TrainingOptions
from ml_services.texts.labels import cells, find_text_column, require_column, split_labels
from ml_services.texts.reporting import FEWEST
from ml_services.texts.tokens import MAX_CHARACTERS
from platform_core.errors import TrainingRefused

Floats = npt.NDArray[np.float64]

MOST_LABELS = 200
MOST_TEXTS = 30_000


@dataclass(slots=True)
class Labelled:
    """`Y` (n, labels) 0/1; `rare` labels with too few examples, by their count."""

    column: str
    texts: list[str]
    labels: tuple[str, ...]
    Y: Floats
    rare: dict[str, int]
    notes: list[str]


def commonest_spelling(values: Sequence[str]) -> dict[str, str]:
    """One spelling for 'Billing', 'billing' and 'BILLING', by the folded one."""
    counts = Counter(label for value in values for label in split_labels(value))
    spelled: dict[str, str] = {}
    for label, _ in counts.most_common():
        spelled.setdefault(label.casefold(), label)
    return spelled


def read_labels(data: TrainingData, options: TrainingOptions) -> Labelled:
    require_column(data.table, options.target)
    column = find_text_column(data.table, options)
    values = cells(data.table, options.target)
    spelled = commonest_spelling(values)
    pairs: dict[str, tuple[str, ...]] = {}
    for text, value in zip(cells(data.table, column), values, strict=True):
        if text and value and len(text) <= MAX_CHARACTERS:
            labels = (spelled[label.casefold()] for label in split_labels(value))
            pairs[text] = tuple(dict.fromkeys((*pairs.get(text, ()), *labels)))
    counts = Counter(label for labels in pairs.values() for label in labels)
    learned = [label for label, count in counts.most_common() if FEWEST <= count <= len(pairs) - FEWEST]
    left_out = data.table.num_rows - len(pairs)
    notes = [f"{left_out} rows without a text or a label, or with a text seen before, were joined or left out."]
    notes = notes if left_out else []
    if len(learned) > MOST_LABELS:
        notes.append(f"Of {len(learned)} labels the {MOST_LABELS} commonest are learned.")
    learned = sorted(learned[:MOST_LABELS])
    rare = {label: count for label, count in counts.most_common() if label not in set(learned)}
    if not learned:
        best = max(counts.values(), default=0)
        raise TrainingRefused(
            f"No label has {FEWEST} texts with it and {FEWEST} without; the commonest of {len(counts)} has {best}.",
            attr="target",
        )
    rng = np.random.default_rng(options.seed)
    texts = list(pairs)
    if len(texts) > MOST_TEXTS:
        notes.append(f"{MOST_TEXTS} of {len(texts)} texts were drawn to learn from.")
        texts = [texts[at] for at in np.sort(rng.choice(len(texts), MOST_TEXTS, replace=False))]
    Y = np.array([[float(label in pairs[text]) for label in learned] for text in texts])
    return Labelled(column, texts, tuple(learned), Y, rare, notes)
