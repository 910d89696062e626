"""How tests ask for a person's data, and predictions that name somebody."""

from __future__ import annotations

from typing import Any

from tests.conftest import ApiClient

PATH = "/api/records/people/"
ANN = "ann@example.com"


def churn(api: ApiClient, **record: Any) -> str:
    answer = api.post_json("/api/predict/churn/", {"tenure_months": 3, "contract": "monthly", **record})
    assert answer.status_code == 200, answer.content
    return str(answer.json()["prediction_id"])


def said(api: ApiClient, text: str) -> str:
    answer = api.post_json("/api/nlp/sentiment/", {"text": text})
    assert answer.status_code == 200, answer.content
    return str(answer.json()["prediction_id"])


def export(api: ApiClient, email: str = ANN) -> dict[str, Any]:
    answer = api.get(PATH, {"email": email})
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def erase(api: ApiClient, email: str = ANN) -> dict[str, Any]:
    answer = api.delete(f"{PATH}?email={email}")
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def ids(document: dict[str, Any]) -> set[str]:
    return {one["id"] for one in document["held"]["ledger"]["predictions"]}
