"""The plain row predictors: what they ask, and how a probability becomes an answer."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from ml_services.base import Predictor, TrainingData, TrainingOptions
from ml_services.predictors.churn import RISKS, Churn
from ml_services.predictors.comprehensive import Comprehensive
from ml_services.predictors.lead_score import GRADES, LeadScore
from ml_services.predictors.plan_tier import PlanTier
from ml_services.presentation import Learned
from platform_core.errors import InputInvalid, TrainingRefused

ROW_PREDICTORS: list[Any] = [Churn, LeadScore, PlanTier, Comprehensive]
SHARES = [0.01, 0.11, 0.27, 0.5, 0.8, 0.99]


def columns_of(answer: Any, probabilities: np.ndarray) -> list[dict[str, Any]]:
    columns = answer.many(probabilities, probabilities)
    return [
        dict(zip(columns, row, strict=True)) for row in zip(*(c.to_pylist() for c in columns.values()), strict=True)
    ]


@pytest.mark.parametrize("declared", ROW_PREDICTORS)
def test_inputs_are_described_with_examples_within_their_bounds(declared: Any) -> None:
    names = [field.name for field in declared.inputs]
    assert len(names) == len(set(names))
    for field in declared.inputs:
        assert field.description
        assert field.example is not None
        if field.kind == "number":
            assert field.unit
            assert field.minimum <= field.example <= field.maximum
        if field.choices:
            assert field.example in field.choices


@pytest.mark.parametrize("declared", ROW_PREDICTORS)
def test_a_predictor_is_whole(declared: Any) -> None:
    assert isinstance(declared(), Predictor)


def test_importing_predictors_loads_no_learning_library() -> None:
    code = (
        "import sys; from ml_services.predictors import churn, lead_score, plan_tier, comprehensive;"
        "heavy = {'sklearn', 'xgboost', 'lightgbm', 'pandas', 'pyarrow', 'scipy', 'numpy'} & set(sys.modules);"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("share", SHARES)
def test_risks_and_grades_never_fall_as_the_probability_rises(share: float) -> None:
    probabilities = np.linspace(0, 1, 401)
    risks = [RISKS.index(row["risk"]) for row in columns_of(Churn().presentation(Learned(share=share)), probabilities)]
    rows = columns_of(LeadScore().presentation(Learned(share=share)), probabilities)
    grades = [GRADES.index(row["grade"]) for row in rows]
    assert risks == sorted(risks)
    assert set(risks) == {0, 1, 2}
    assert grades == sorted(grades)
    assert set(grades) == {0, 1, 2, 3}
    assert [row["score"] for row in rows] == pytest.approx(list(100 * probabilities))


@pytest.mark.parametrize("share", SHARES)
def test_one_answer_equals_its_row_of_many(share: float) -> None:
    cuts = LeadScore().presentation(Learned(share=share)).cuts
    probabilities = np.array([0.0, *cuts, *np.nextafter(cuts, 0), 1.0])
    for answer in (Churn().presentation(Learned(share=share)), LeadScore().presentation(Learned(share=share))):
        alone = [answer.one(probability, 0.0) for probability in probabilities.tolist()]
        assert columns_of(answer, probabilities) == alone


def test_the_average_customer_is_at_medium_risk() -> None:
    answer = Churn().presentation(Learned(share=0.1))
    assert [answer.one(p, 0.0)["risk"] for p in (0.0999, 0.1, 0.1999, 0.2)] == ["low", "medium", "medium", "high"]


def test_a_company_sets_its_own_cuts() -> None:
    answer = Churn().presentation(Learned(share=0.1, settings={"risk_cuts": [0.5, 0.7]}))
    assert [answer.one(p, 0.0)["risk"] for p in (0.49, 0.5, 0.7)] == ["low", "medium", "high"]


def test_a_command_spells_cuts_and_packages() -> None:
    settings = {"risk_cuts": "0.2, 0.5", "packages": "MVP: 350, Now:500.5"}
    assert Churn().presentation(Learned(settings=settings)).cuts == (0.2, 0.5)
    assert PlanTier().presentation(Learned(classes=("Now", "MVP"), settings=settings)).prices == ("500.50", "350.00")


@pytest.mark.parametrize("cuts", [[0.5], [0.7, 0.5], [-0.1, 0.5], [0.1, 1.5], ["a", "b"], 0.5])
def test_cuts_that_are_none_are_refused(cuts: Any) -> None:
    with pytest.raises(InputInvalid):
        Churn().presentation(Learned(settings={"risk_cuts": cuts}))


def test_the_likeliest_package_is_answered_with_its_price() -> None:
    answer = PlanTier().presentation(Learned(classes=("Business", "Elite", "MVP", "Now")))
    shares = np.array([0.1, 0.2, 0.6, 0.1])
    assert answer.one(shares, shares) == {
        "predicted_package": "MVP",
        "probability": 0.6,
        "probabilities": {"Business": 0.1, "Elite": 0.2, "MVP": 0.6, "Now": 0.1},
        "monthly_price": "350.00",
        "setup_fee": "399.00",
        "currency": "USD",
    }


def test_a_package_without_a_price_answers_null() -> None:
    answer = PlanTier().presentation(Learned(classes=("A", "B"), settings={"packages": {"b ": 9.5}}))
    rows = columns_of(answer, np.array([[0.9, 0.1], [0.2, 0.8]]))
    assert [(row["predicted_package"], row["monthly_price"]) for row in rows] == [("A", None), ("B", "9.50")]
    assert rows[1]["probabilities_B"] == 0.8
    assert rows[0]["setup_fee"] is None


def test_a_company_s_price_list_has_a_fee_for_each_package() -> None:
    offered = [{"name": "A", "monthly_price": 9, "setup_fee": 1}, {"name": "B", "monthly_price": "8.5"}]
    answer = PlanTier().presentation(Learned(classes=("B", "A"), settings={"packages": offered, "currency": "EUR"}))
    assert (answer.prices, answer.fees, answer.currency) == (("8.50", "9.00"), (None, "1.00"), "EUR")


@pytest.mark.parametrize("packages", [[1], [{"monthly_price": 3}], 5])
def test_a_price_list_that_is_none_is_refused(packages: Any) -> None:
    with pytest.raises(InputInvalid):
        PlanTier().presentation(Learned(classes=("A",), settings={"packages": packages}))


def test_packages_of_other_names_have_no_sample_fee() -> None:
    answer = PlanTier().presentation(Learned(classes=("A", "B")))
    assert (answer.prices, answer.fees) == ((None, None), (None, None))


@pytest.mark.parametrize("price", ["cheap", None, float("nan")])
def test_a_price_that_is_none_is_refused(price: Any) -> None:
    with pytest.raises(InputInvalid):
        PlanTier().presentation(Learned(classes=("A",), settings={"packages": {"A": price}}))


def test_comprehensive_says_what_to_train_instead() -> None:
    with pytest.raises(TrainingRefused, match="clv, churn and segment"):
        Comprehensive().train(TrainingData(None, "", ""), TrainingOptions())  # type: ignore[arg-type]
