"""An outcome is of its predictor's kind: yes or no, a number, a name."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api_gateway.asking import refused
from tests.api_gateway.test_ledger import predicted
from tests.api_gateway.test_outcomes import MADE, report
from tests.conftest import ApiClient
from users.models import Company

pytestmark = pytest.mark.usefixtures("churn_serves")


@pytest.mark.parametrize(
    ("predictor", "good", "bad"),
    [
        ("churn", [True, "no", "TRUE"], [1, "x", 0.5]),
        ("clv", [12, 12.5, "1240.50"], [True, "much", None, "1e999"]),
        ("segment", ["s2"], [2, "", "x" * 201, "a\0b"]),
        ("plan-tier", ["Elite"], [True, 5]),
        ("sentiment", ["positive"], ["good"]),
        ("tag", [["refund", "delay"], []], ["refund", [1], ["x"] * 51]),
        ("sales-forecast", [120, [{"date": "2024-04-01", "value": 3}]], [[], [{"date": "2024-04-01"}], "x"]),
        ("comprehensive", [{"churn": True, "clv": 12}], [{}, True, {"churn": 5}, {"lead-score": True}]),
    ],
)
def test_an_outcome_is_of_its_predictors_kind(
    alice: Company, alice_api: ApiClient, predictor: str, good: list[Any], bad: list[Any]
) -> None:
    for value in good:
        row = predicted(alice, MADE, predictor=predictor)
        assert report(alice_api, prediction_id=str(row.pk), outcome=value).status_code == 200, value
    row = predicted(alice, MADE, predictor=predictor)
    for value in bad:
        refused(report(alice_api, prediction_id=str(row.pk), outcome=value), 400)
