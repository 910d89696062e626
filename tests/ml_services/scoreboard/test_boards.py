"""A board of each kind of question: its figures, and that nothing is made of nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ml_services import evaluation, registry
from ml_services.scoreboard.horizons import DEFAULT_HORIZON_DAYS
from tests.ml_services.scoreboard.ledgers import board, came, horizon, only, predicted, version
from users.models import Company

LATE = 800


def values(figures: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {name: one["value"] for name, one in figures.items()}


def test_chances_are_judged_as_the_card_judges_them(alice: Company) -> None:
    rng = np.random.default_rng(4)
    said = np.round(rng.beta(2, 5, 60), 3)
    truth = (rng.random(60) < said).astype(float)
    horizon(alice)
    version(alice, card={"metrics": {"roc_auc": 0.7, "roc_auc_low": 0.6, "roc_auc_high": 0.8, "ece": 0.02}})
    risks = ("low", "medium", "high")
    for number, (chance, yes) in enumerate(zip(said, truth, strict=True)):
        answer = {"probability": float(chance), "risk": risks[int(chance > 0.2) + int(chance > 0.4)]}
        came(predicted(alice, number / 10, output=answer), bool(yes), 20)
    found = only(board(alice, LATE))
    expected = evaluation.classification_figures(truth, said)
    for name in ("roc_auc", "brier", "log_loss", "ece"):
        assert found["metrics"][name]["value"] == pytest.approx(expected[name], rel=1e-4), name
    assert found["metrics"]["roc_auc"]["low"] == pytest.approx(expected["roc_auc_low"], rel=1e-4)
    high = found["bands"][2]
    assert high["rows"] == int((said > 0.4).sum())
    assert high["predicted"] == pytest.approx(said[said > 0.4].mean(), rel=1e-4)
    assert high["observed"]["value"] == pytest.approx(truth[said > 0.4].mean(), rel=1e-4)
    assert found["total"]["ratio"]["value"] == pytest.approx(truth.sum() / said.sum(), rel=1e-4)
    assert [one["metric"] for one in found["promised"]] == ["roc_auc", "ece"]


def test_with_few_of_one_kind_a_ranking_is_unknown_and_says_what_it_needs(alice: Company) -> None:
    horizon(alice)
    for number in range(20):
        came(predicted(alice, 0, number / 20), number > 12, 3)
    found = only(board(alice, LATE))["metrics"]
    assert found["roc_auc"]["value"] is None
    assert found["roc_auc"]["needed"] == "10 outcomes of each kind; of the rarer there are 7"
    assert found["brier"] == {
        "value": None,
        "low": None,
        "high": None,
        "rows": 20,
        "needed": "30 outcomes; there are 20",
    }


def test_months_stand_apart_and_one_without_outcomes_is_unknown(alice: Company) -> None:
    horizon(alice)
    for day in (1, 2, 33):
        row = predicted(alice, day)
        if day < 30:
            came(row, day == 1, day + 1)
    january, february = only(board(alice, LATE))["over_time"]
    assert (january["month"], january["rows"], january["observed"]["value"]) == ("2024-01", 2, 0.5)
    assert (february["month"], february["unreported"], february["observed"]["value"]) == ("2024-02", 1, None)
    assert february["predicted"] is None


def test_classes(alice: Company) -> None:
    for number in range(40):
        chance = 0.6 if number % 2 else 0.3
        shares = {"MVP": chance, "Now": round(1 - chance, 3)}
        row = predicted(alice, 0, predictor="plan-tier", output={"predicted_package": "x", "probabilities": shares})
        came(row, ("MVP" if number % 2 else "Now") if number > 3 else "Elite", 5)
    found = only(board(alice, LATE, "plan-tier"))
    assert found["metrics"]["accuracy"]["value"] == pytest.approx(0.9), "of a name never offered, four were wrong"
    assert found["metrics"]["roc_auc"]["value"] == 1.0
    assert found["total"]["predicted"] == pytest.approx(0.65)
    assert found["total"]["observed"]["value"] == pytest.approx(0.9)


def test_amounts(alice: Company) -> None:
    for number in range(40):
        answer = {
            "value": f"{100 + number}.50", "currency": "USD", "horizon_days": 100,
            "interval": {"low": "90.00", "high": "130.00", "level": 0.8},
        }  # fmt: skip
        came(predicted(alice, 0, predictor="clv", output=answer), 100 + number, 101)
    found = only(board(alice, LATE, "clv"))
    assert found["horizon"] == {"days": 100, "source": "answer"}
    assert values(found["metrics"])["mae"] == pytest.approx(0.5)
    assert values(found["metrics"])["spearman"] == pytest.approx(1.0)
    assert found["metrics"]["interval_coverage"]["value"] == pytest.approx(31 / 40)
    assert (found["total"]["predicted"], found["total"]["observed"]["value"]) == (0.8, pytest.approx(31 / 40))


def test_segments_and_texts_are_right_or_wrong(alice: Company) -> None:
    group = {"segment": "s1", "persona": None, "confidence": 0.4}
    for value in ("s1", "s2"):
        came(predicted(alice, 0, predictor="segment", output=group), value, 3)
    text = {"label": "positive", "score": 0.5, "probability": 0.7}
    for value in ("positive", "positive", "neutral", "negative"):
        came(predicted(alice, 0, predictor="sentiment", output=text), value, 3)
    assert only(board(alice, LATE, "segment"))["metrics"]["accuracy"]["value"] == 0.5
    found = only(board(alice, LATE, "sentiment"))
    assert found["metrics"]["accuracy"]["value"] == 0.5
    assert found["total"] is None
    assert "promises no rate" in found["verdict"]["reasons"][0]


def test_texts_are_held_against_what_their_card_promised(alice: Company) -> None:
    version(alice, predictor="sentiment", card={"metrics": {"accuracy": 0.9}})
    for number in range(60):
        row = predicted(alice, 0, predictor="sentiment", output={"label": "positive"})
        came(row, "positive" if number % 2 else "negative", 1)
    found = only(board(alice, LATE, "sentiment"))
    assert found["verdict"]["status"] == "alert"
    assert found["promised"][0]["now"]["value"] == 0.5


def test_tags(alice: Company) -> None:
    told = {"tags": [{"tag": "Billing", "score": 0.9}, {"tag": "Refund", "score": 0.4}]}
    for value in (["billing", "refund"], ["billing"], ["other"], []):
        came(predicted(alice, 0, predictor="tag", output=told), value, 0)
    predicted(alice, 0, predictor="tag", output=told)
    found = only(board(alice, LATE, "tag"))
    assert (found["predictions"]["reported"], found["predictions"]["unreported"]) == (4, 1)
    assert found["metrics"]["accuracy"]["value"] == 0.25
    assert found["metrics"]["micro_f1"]["value"] == pytest.approx(2 * 3 / (8 + 4))


def test_forecasts_are_judged_by_the_points_that_came(alice: Company) -> None:
    history = [{"date": f"2025-{month:02d}-01", "value": 10.0 * month} for month in range(1, 13)]
    bounds = {"low_80": 95, "high_80": 105, "low_95": 90, "high_95": 115}
    answer = {
        "season_length": 1,
        "forecast": [{"date": "2026-01-01", "value": 100, **bounds}, {"date": "2026-02-01", "value": 100, **bounds}],
    }
    reports: list[Any] = [[{"date": "2026-01-01", "value": 100}, {"date": "2026-02-01T00:00:00", "value": 110}]] * 9
    reports += [105, [{"date": "2030-01-01", "value": 5}]]
    for value in reports:
        came(predicted(alice, 0, predictor="sales-forecast", output=answer, input={"history": history}), value, 40)
    found = only(board(alice, LATE, "sales-forecast"))
    assert (found["predictions"]["reported"], found["predictions"]["unreported"]) == (10, 1)
    assert found["metrics"]["mase"]["value"] == pytest.approx(0.5), "five off on average, of steps of ten"
    assert found["metrics"]["coverage_80"]["value"] == pytest.approx(0.55)
    assert found["metrics"]["coverage_95"]["value"] == 1.0
    assert found["total"]["observed"]["value"] == 1.0, "of the first values"


@pytest.mark.parametrize("task_predictor", list(registry.all_predictors()))
def test_predictions_without_outcomes_give_no_figure(task_predictor: str, alice: Company) -> None:
    for _ in range(3):
        predicted(alice, 0, predictor=task_predictor, output={})
    found = board(alice, LATE, task_predictor)
    assert found["verdict"]["status"] == "unknown"
    for one in found["versions"]:
        assert {figure["value"] for figure in one["metrics"].values()} == {None}
        assert all(figure["needed"] for figure in one["metrics"].values())
        assert one["predictions"]["unreported"] == one["predictions"]["counted"] == 3


def test_every_predictor_has_a_default_horizon() -> None:
    plain = {name for name, one in registry.all_predictors().items() if not one.parts}
    assert plain == set(DEFAULT_HORIZON_DAYS)


def test_the_verdict_is_of_the_version_that_serves(alice: Company) -> None:
    horizon(alice)
    version(alice, "old")
    for number in range(150):
        came(predicted(alice, 0, 0.5, version="old"), number % 2 == 0, 3)
        came(predicted(alice, 1, 0.1, version="new"), number % 2 == 0, 3)
    found = board(alice, LATE)
    assert {one["version"]: one["verdict"]["status"] for one in found["versions"]} == {"old": "ok", "new": "alert"}
    assert (found["verdict"]["version"], found["verdict"]["status"]) == ("old", "ok")
    assert [one["version"] for one in board(alice, LATE, version="new")["versions"]] == ["new"]
