"""Why it changed, over the API."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest

from api_gateway.lasting_schemas import CHANGE
from ml_services import past_models, registry
from request_logs.models import Prediction
from tests.api_gateway.asking import refused
from tests.api_gateway.conftest import FIELDS, let_serve
from tests.conftest import ApiClient
from tests.ml_services.lasting.kinds import model, records
from tests.ml_services.lasting.serving_kinds import asked, asking_email, serves
from tests.stored import changed, found
from users.models import Company

FIRST, SECOND = records(2)


@pytest.fixture(autouse=True)
def _no_model_of_the_past() -> Any:
    yield
    past_models.forget()


def told(client: ApiClient, mark: str, **query: str) -> dict[str, Any]:
    answer = client.get(f"/api/predictions/{mark}/change/", query)
    assert answer.status_code == 200, answer.content
    body = dict(answer.json())
    jsonschema.validate(body, CHANGE)
    return body


@pytest.mark.parametrize("kind", ["additive", "lightgbm", "xgboost", "forest", "blend"])
def test_two_versions_two_records_parts_that_sum_to_what_was_answered(
    kind: str, alice: Company, alice_api: ApiClient
) -> None:
    serves(alice, "v1", model(kind, seed=1))
    first = asked(alice_api, FIRST | {"external_id": "crm-1"})
    serves(alice, "v2", model(kind, seed=2))
    second = asked(alice_api, SECOND | {"external_id": "crm-1"})
    body = told(alice_api, second)
    (one,) = body["changes"]
    assert (body["since"], body["before"]["version"], body["after"]["version"]) == (first, "v1", "v2")
    total = body["after"]["output"]["probability"] - body["before"]["output"]["probability"]
    assert sum(one[part]["effect"] for part in ("data", "time", "version")) == pytest.approx(total, abs=1e-9)
    assert sum(line["effect"] for line in one["data"]["fields"]) == pytest.approx(one["data"]["effect"], abs=1e-9)
    later = one["version"]["on_later_data"]
    assert later["after"]["probability"] == pytest.approx(body["after"]["output"]["probability"])


def test_the_raw_parts_sum_to_the_raw_scores_in_the_ledger(alice: Company, alice_api: ApiClient) -> None:
    serves(alice, "v1", model("lightgbm"))
    marks = [asked(alice_api, record | {"external_id": "x"}) for record in (FIRST, SECOND)]
    (one,) = told(alice_api, marks[1])["changes"]
    raws = {str(row.pk): row.raw for row in found(Prediction)}
    assert one["data"]["raw_effect"] + one["time"]["raw_effect"] == pytest.approx(
        raws[marks[1]] - raws[marks[0]], abs=1e-9
    )


def test_the_previous_of_the_same_record_is_meant_unless_another_is_named(alice: Company, alice_api: ApiClient) -> None:
    serves(alice, "v1", model("additive"))
    marks = [asked(alice_api, record | {"external_id": "x"}) for record in records(3)]
    between = asked(alice_api, records(3)[0] | {"external_id": "y"})
    assert told(alice_api, marks[2])["since"] == marks[1]
    assert told(alice_api, marks[2], since=marks[0])["since"] == marks[0]
    assert told(alice_api, between, since=marks[0])["changes"][0]["difference"] == 0.0


def test_without_an_earlier_one_it_is_not_found(alice: Company, alice_api: ApiClient) -> None:
    serves(alice, "v1", model("additive"))
    alone = asked(alice_api, FIRST | {"external_id": "x"})
    nameless = [asked(alice_api, FIRST) for _ in range(2)]
    for mark in (alone, nameless[1]):
        assert "since=" in refused(alice_api.get(f"/api/predictions/{mark}/change/"), 404, "not_found")[0]["detail"]


def test_since_must_be_an_earlier_one_of_the_same_predictor_and_company(
    alice: Company, bob: Company, alice_api: ApiClient, bob_api: ApiClient
) -> None:
    for company in (alice, bob):
        serves(company, f"v{company.pk}", model("additive"))
    bobs = asked(bob_api, FIRST)
    praise = asked(alice_api, {"text": "Good."}, "/api/nlp/sentiment/")
    mine = [asked(alice_api, FIRST) for _ in range(2)]
    path = f"/api/predictions/{mine[0]}/change/"
    refused(alice_api.get(path, {"since": bobs}), 404, "not_found")
    refused(bob_api.get(path, {"since": bobs}), 404, "not_found")
    for wrong in (praise, mine[0], mine[1], "x"):
        assert refused(alice_api.get(path, {"since": wrong}), 400)[0]["attr"] == "since"


def test_a_version_that_is_gone_leaves_the_parts_out_and_says_so(
    alice: Company, alice_api: ApiClient, tmp_path: Path
) -> None:
    serves(alice, "v1", model("additive"))
    first = asked(alice_api, FIRST)
    serves(alice, "v2", model("additive", seed=2))
    second = asked(alice_api, FIRST)
    (tmp_path / "models" / str(alice.pk) / "churn" / "v1" / "manifest.json").unlink()
    body = told(alice_api, second, since=first)
    assert body["changes"] == []
    assert "v1" in body["reason"]
    assert body["before"]["output"]["probability"] != body["after"]["output"]["probability"]


def test_redacted_and_erased_inputs_leave_the_parts_out_and_say_so(alice: Company, alice_api: ApiClient) -> None:
    serves(alice, "v1", asking_email())
    marks = [asked(alice_api, record | {"mood": 1.5, "external_id": "x"}) for record in (FIRST, SECOND)]
    assert "mood is personal" in told(alice_api, marks[1])["reason"]
    changed(Prediction, {"pk": marks[0]}, redacted=["*"], input={})
    assert "erased" in told(alice_api, marks[1])["reason"]


def test_an_answer_that_is_not_what_the_version_says_today_is_not_split(alice: Company, alice_api: ApiClient) -> None:
    serves(alice, "v1", model("additive"))
    marks = [asked(alice_api, FIRST | {"external_id": "x"}) for _ in range(2)]
    changed(Prediction, {"pk": marks[0]}, output={"probability": 0.9, "risk": "high"})
    assert "something else today" in told(alice_api, marks[1])["reason"]


def test_sentiment_is_told_by_words(alice: Company, alice_api: ApiClient) -> None:
    path = "/api/nlp/sentiment/"
    marks = [asked(alice_api, {"text": text, "external_id": "x"}, path) for text in ("Great help.", "Awful help.")]
    (one,) = told(alice_api, marks[1])["changes"]
    assert {line["field"] for line in one["data"]["fields"]} >= {"awful", "great"}
    assert one["difference"] < 0


@pytest.mark.usefixtures("all_serve")
def test_what_turns_on_no_number_says_so(alice: Company, alice_api: ApiClient) -> None:
    path = "/api/nlp/tag/"
    marks = [asked(alice_api, {"text": text, "external_id": "x"}, path) for text in ("Printers jam.", "Paper jams.")]
    (one,) = told(alice_api, marks[1])["changes"]
    assert (one["difference"], one["data"]) == (None, None)
    assert "no chance and no amount" in one["reason"]


def test_a_composite_is_told_part_by_part(alice: Company, alice_api: ApiClient) -> None:
    serves(alice, "v1", model("lightgbm"))
    let_serve(registry.predictor("clv"), FIELDS)
    let_serve(registry.predictor("segment"), FIELDS)
    canned = {"contract": "monthly"}
    marks = []
    for record in (FIRST, SECOND):
        tenure = {"tenure_months": 3.0 if record is FIRST else 4.0}
        marks.append(asked(alice_api, record | canned | tenure | {"external_id": "x"}, "/api/predict/comprehensive/"))
    body = told(alice_api, marks[1])
    parts = {one["predictor"]: one for one in body["changes"]}
    assert set(parts) == {"clv", "churn", "segment"}
    outputs = [body[side]["output"]["churn"]["probability"] for side in ("before", "after")]
    assert parts["churn"]["difference"] == pytest.approx(outputs[1] - outputs[0], abs=1e-9)
    assert parts["segment"]["reason"]


def test_it_costs_like_predictions(alice: Company, alice_api: ApiClient, settings: Any) -> None:
    serves(alice, "v1", model("additive"))
    marks = [asked(alice_api, FIRST | {"external_id": "x"}) for _ in range(2)]
    settings.LIMITS = {"LIMIT_KEY_MINUTE": 3}
    statuses = [alice_api.get(f"/api/predictions/{marks[1]}/change/").status_code for _ in range(3)]
    assert statuses[-1] == 429
