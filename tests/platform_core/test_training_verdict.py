"""What `train_models` says of a version that was compared with the one before."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from ml_services.models import ModelVersion
from tests.ml_services.champions.reviews import Labelled, joined, mixed_up, reviews
from tests.ml_services.champions.versions import few_settings
from tests.platform_core.test_commands import customers, train, write
from tests.stored import found
from users.models import Company


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    few_settings(monkeypatch)


def test_the_verdict_is_told_in_words(alice: Company, tmp_path: Path) -> None:
    rows = customers(700)
    file = write(tmp_path / "customers.csv", rows)
    turned = write(tmp_path / "turned.csv", [[*row[:4], "no" if row[4] == "yes" else "yes"] for row in rows])
    assert "It is the first version of your own" in train("--data", file, "--target", "left")
    told = " ".join(train("--data", turned, "--target", "left").split())
    assert "It does not serve." in told
    assert "turned round" in told
    assert "/promote/" in told
    assert [row.serving for row in found(ModelVersion)] == [True, False]
    assert "serves now" in train("--data", turned, "--target", "left", "--promote")
    assert [row.serving for row in found(ModelVersion)] == [False, False, True]


def test_a_model_of_texts_serves_by_its_evidence_alone(alice: Company, tmp_path: Path) -> None:
    def learned(labelled: Labelled) -> str:
        rows = [list(pair) for pair in zip(*labelled, strict=True)]
        file = write(tmp_path / "reviews.csv", rows, header=["review", "label"])
        out = StringIO()
        call_command("train_models", "sentiment", "--data", str(file), "--target", "label", stdout=out)
        return " ".join(out.getvalue().split())

    assert "It is the first version of your own" in learned(reviews(1))
    assert "It does not serve." in learned(joined(mixed_up(*reviews(1)), reviews(2, 100)))
    assert "serves now" in learned(reviews(1))
    rows = found(ModelVersion)
    assert [row.comparison["verdict"] for row in rows] == ["first", "worse", "equal"]
    assert [row.serving for row in rows] == [False, False, True]
