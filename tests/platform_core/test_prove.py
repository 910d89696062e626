"""`manage.py prove`: one page of numbers, the same as JSON, and nothing left behind."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from ml_services import tuning
from ml_services.models import ModelVersion
from platform_core.errors import InputInvalid, PlatformError, TrainingRefused
from tests.platform_core.test_commands import bad_files, customers, write
from tests.stored import found
from users.models import Company


@pytest.fixture(autouse=True)
def few_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tuning, "TUNING_SHARE", 0.01)
    monkeypatch.setattr(tuning, "BAGGED", 0)


def prove(predictor: str, *arguments: str | Path, repeats: int = 0) -> str:
    out = StringIO()
    call_command("prove", predictor, *map(str, arguments), "--repeats", str(repeats), stdout=out)
    return out.getvalue()


def proof(tmp_path: Path, predictor: str, *arguments: str | Path, repeats: int = 0) -> tuple[str, Any]:
    text = prove(predictor, *arguments, "--json", tmp_path / "proof.json", repeats=repeats)
    return text, json.loads((tmp_path / "proof.json").read_text())


def test_a_yes_no_file_gives_one_page_and_keeps_nothing(alice: Company, tmp_path: Path) -> None:
    file = write(tmp_path / "customers.csv", customers(700))
    text, said = proof(tmp_path, "churn", "--data", file, "--target", "left", repeats=1)
    assert max(map(len, text.splitlines())) <= 100
    assert len(text.splitlines()) < 90
    assert said["data"]["rows"] == 700 and said["data"]["sha256"] in text
    assert said["metrics"]["roc_auc_low"] < said["metrics"]["roc_auc"] < said["metrics"]["roc_auc_high"]
    assert [one["name"] for one in said["peers"]] == ["LightGBM, default", "logistic regression, default"]
    assert all(0.5 < one["metrics"]["roc_auc"] < 1 for one in said["peers"])
    ece = said["calibration"]
    assert ece["ece"] == pytest.approx(said["metrics"]["ece"], rel=1e-4)
    assert 0 < ece["by_chance_alone"] < ece["by_chance_at_most"]
    assert sum(one["rows"] for one in said["deciles"]) == said["holdout"]["rows"]
    assert said["deciles"][-1]["captured"] == pytest.approx(1.0)
    assert said["stability"]["runs"] == 2 and said["stability"]["deviation"] >= 0
    costs = said["costs"]
    assert 0 < costs["answer_us"] < costs["answer_with_reasons_us"]
    assert costs["batch_rows_per_second"] > 0 and costs["artifact_bytes"] > 1000 and costs["peak_mb"] > 50
    assert said["libraries"]["lightgbm"] in text
    assert found(ModelVersion) == []
    assert not list((tmp_path / "models").rglob("*")) if (tmp_path / "models").exists() else True


def test_classes_and_amounts_have_their_own_figures(alice: Company, tmp_path: Path) -> None:
    rows = customers(600)
    header = ["customer", "months", "fee", "left", "plan"]
    names = ("basic", "plus", "pro")
    plans = [[*row[:3], row[4], names[min(int(row[2] // 30), 2)]] for row in rows]
    _, tiers = proof(tmp_path, "plan-tier", "--data", write(tmp_path / "p.csv", plans, header), "--target", "plan",
                     "--allow-leaky", "fee")  # fmt: skip
    assert len(tiers["peers"]) == 2 and tiers["peers"][0]["metrics"]["accuracy"] > 0.9
    worth = [[row[0], row[1], row[2], row[3], round(row[1] * row[2] / 10, 2)] for row in rows]
    header = ["customer", "months", "fee", "plan", "worth"]
    text, value = proof(tmp_path, "clv", "--data", write(tmp_path / "v.csv", worth, header), "--target", "worth")
    assert [one["name"] for one in value["peers"]] == ["LightGBM, default", "linear regression, default"]
    assert value["calibration"] is None and value["deciles"][0]["came"] > value["deciles"][-1]["came"]
    assert {"mae", "spearman"} <= set(value["peers"][0]["metrics"])
    assert "Speed" in text


def test_the_same_seed_gives_the_same_quality(alice: Company, tmp_path: Path) -> None:
    file = write(tmp_path / "customers.csv", customers(400))
    one, two = (proof(tmp_path, "churn", "--data", file, "--target", "left")[1] for _ in range(2))
    same = ("metrics", "calibration", "deciles", "weak_spots")
    assert {name: one[name] for name in same} == {name: two[name] for name in same}


def test_few_rows_are_judged_by_cross_validation_and_so_are_the_peers(alice: Company, tmp_path: Path) -> None:
    file = write(tmp_path / "few.csv", customers(120))
    _, said = proof(tmp_path, "churn", "--data", file, "--target", "left")
    assert said["holdout"]["rows"] == 0
    assert sum(one["rows"] for one in said["deciles"]) == 120
    assert len(said["peers"]) == 2


def test_bad_input_is_told_as_a_training_tells_it(alice: Company, tmp_path: Path) -> None:
    file = write(tmp_path / "customers.csv", customers())
    for _, path in bad_files(tmp_path)[:6]:
        with pytest.raises(PlatformError):
            prove("churn", "--data", path, "--target", "left")
    with pytest.raises(TrainingRefused, match="lefft"):
        prove("churn", "--data", file, "--target", "lefft")
    with pytest.raises(InputInvalid, match="--repeats"):
        prove("churn", "--data", file, "--target", "left", repeats=-1)
    with pytest.raises(InputInvalid, match="no folder"):
        prove("churn", "--data", file, "--target", "left", "--json", tmp_path / "nowhere" / "x.json")
