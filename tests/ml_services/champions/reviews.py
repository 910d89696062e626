"""Versions of sentiment and tag learned from small files of labelled texts, for a company."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ml_services import registry, services
from ml_services.base import TrainingOptions
from ml_services.models import ModelVersion
from tests.ml_services.text_samples import training
from tests.stored import found
from users.models import Company

Labelled = tuple[list[str], list[str]]

PRAISE = tuple(f"grom{letter}et" for letter in "abcdefghijklmnop")
BLAME = tuple(f"sprock{letter}t" for letter in "abcdefghijklmnop")
QUICK = {"candidates": ("TF-IDF + naive Bayes",)}
"""Words that no lexicon knows, and a recipe that learns them in a moment."""
EACH = 300


def reviews(seed: int, each: int = EACH) -> Labelled:
    """`each` texts that praise and as many that blame, told apart by most of their words."""
    rng = np.random.default_rng(seed)
    made = []
    for number in range(2 * each):
        good = number % 2 == 0
        sides = [PRAISE if good == (rng.random() < 0.7) else BLAME for _ in range(3)]
        words = " ".join(str(rng.choice(side)) for side in sides)
        made.append((f"Visit {seed}x{number}: {words}", "pos" if good else "neg"))
    return [text for text, _ in made], [label for _, label in made]


def joined(*parts: Labelled) -> Labelled:
    return [text for texts, _ in parts for text in texts], [label for _, labels in parts for label in labels]


def turned(texts: Sequence[str], labels: Sequence[str]) -> Labelled:
    return list(texts), ["neg" if one == "pos" else "pos" for one in labels]


def mixed_up(texts: Sequence[str], labels: Sequence[str]) -> Labelled:
    """Labels that tell nothing."""
    return list(texts), np.random.default_rng(5).permutation(list(labels)).tolist()


def train(
    company: Company, labelled: Labelled, *, predictor: str = "sentiment", column: str = "review",
    by_person: bool = True, **options: Any,
) -> ModelVersion:  # fmt: skip
    texts, labels = labelled
    row = services.train_version(
        predictor=registry.predictor(predictor), company_id=company.pk,
        data=training(**{column: texts, "label": labels}),
        options=TrainingOptions(**{"target": "label", "settings": QUICK, **options}),
        promote_it=None, by_person=by_person,
    )[0]  # fmt: skip
    return found(ModelVersion, pk=row.pk)[0]


def told(row: ModelVersion) -> dict[str, Any]:
    assert row.comparison is not None
    assert row.card["comparison"] == row.comparison
    verdict: dict[str, Any] = row.comparison
    return verdict
