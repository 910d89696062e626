"""A prediction is computed again by the version that made it, whatever serves now."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from ml_services import past_models, registry, serving
from ml_services.base import Field
from request_logs.models import Prediction
from tests.api_gateway.asking import refused
from tests.api_gateway.conftest import FIELDS, Canned
from tests.api_gateway.test_ledger import predicted
from tests.conftest import ApiClient
from tests.ml_services.test_serving import version
from tests.stored import changed, found
from users.models import Company

CHURN = "/api/predict/churn/"


@pytest.fixture(autouse=True)
def _no_model_of_the_past() -> Any:
    yield
    past_models.forget()


def ask(client: ApiClient, record: dict[str, Any], path: str = CHURN) -> str:
    answer = client.post_json(path, record)
    assert answer.status_code == 200, answer.content
    return str(answer.json()["prediction_id"])


def again(client: ApiClient, mark: str | UUID) -> dict[str, Any]:
    answer = client.post(f"/api/predictions/{mark}/replay/")
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def test_what_is_computed_again_matches(alice: Company, alice_api: ApiClient) -> None:
    version(alice, "v1", 3.0)
    told = again(alice_api, ask(alice_api, {"amount": 1}))
    assert (told["matches"], told["differences"], told["redacted"]) == (True, [], [])
    assert told["stored"] == told["recomputed"]


def test_a_version_that_serves_no_more_still_computes(alice: Company, alice_api: ApiClient) -> None:
    version(alice, "v1", 3.0)
    mark = ask(alice_api, {"amount": 1})
    version(alice, "v2", 5.0)
    told = again(alice_api, mark)
    assert (told["matches"], told["version"], told["recomputed"]["probability"]) == (True, "v1", 3.0)


def test_a_stored_answer_that_differs_is_told_with_where(alice: Company, alice_api: ApiClient) -> None:
    version(alice, "v1", 3.0)
    mark = ask(alice_api, {"amount": 1})
    changed(Prediction, {"pk": mark}, output={"probability": 0.9, "more": 1})
    told = again(alice_api, mark)
    assert told["matches"] is False
    assert told["differences"] == ["more", "probability"]


def test_a_version_whose_artifact_is_gone_says_so(alice: Company, alice_api: ApiClient, tmp_path: Path) -> None:
    version(alice, "v1", 3.0)
    mark = ask(alice_api, {"amount": 1})
    version(alice, "v2", 5.0)
    (tmp_path / "models" / str(alice.pk) / "churn" / "v1" / "manifest.json").unlink()
    errors = refused(alice_api.post(f"/api/predictions/{mark}/replay/"), 409, "conflict")
    assert "v1" in errors[0]["detail"]


def test_a_redacted_input_cannot_be_computed_again(alice: Company, alice_api: ApiClient) -> None:
    churn = registry.predictor("churn")
    fields = (*FIELDS, Field("email", "text", personal=True))
    info = {"name": "churn", "version": "v1", "trained_at": None, "evidence": "full"}
    serving._state["known"] = True
    serving._slots[(None, "churn")] = serving.Slot(churn, Canned(fields, churn.outputs), info)
    mark = ask(alice_api, {"tenure_months": 3, "contract": "monthly", "email": "ann@example.com"})
    told = again(alice_api, mark)
    assert (told["matches"], told["recomputed"], told["redacted"]) == (None, None, ["email"])


@pytest.mark.usefixtures("all_serve")
@pytest.mark.parametrize("explain", ["true", "false"])
def test_every_predictor_computes_again_what_it_answered(alice: Company, alice_api: ApiClient, explain: str) -> None:
    from ml_services import schema

    for name, predictor in registry.all_predictors().items():
        record = schema.example_record(serving.find(alice.pk, name).model.fields)
        mark = ask(alice_api, record, f"/api/{predictor.route}/{name}/?explain={explain}")
        told = again(alice_api, mark)
        assert told["matches"] is True, (name, told["differences"])


def test_one_of_a_batch_computes_again_alone(alice: Company, alice_api: ApiClient) -> None:
    version(alice, "v1", 3.0)
    alice_api.post_json(CHURN, {"records": [{"amount": number} for number in range(5)]})
    assert all(again(alice_api, row.pk)["matches"] for row in found(Prediction))


def test_a_record_that_no_longer_fits_is_a_conflict(alice: Company, alice_api: ApiClient) -> None:
    version(alice, "v1", 3.0)
    row = predicted(alice, input={"amount": "x"}, version_company=alice.pk)
    refused(alice_api.post(f"/api/predictions/{row.pk}/replay/"), 409, "conflict")
