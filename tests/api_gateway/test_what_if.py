"""What if, over the API: only what may be changed, only within what was seen, and never called a cause."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from api_gateway.lasting_schemas import WHAT_IF
from ml_services import past_models
from ml_services.lasting.questions import SEARCH_COST
from request_logs.models import Prediction
from tests.api_gateway.asking import refused
from tests.conftest import ApiClient
from tests.ml_services.lasting.kinds import model, records
from tests.ml_services.lasting.serving_kinds import asked, asking_email, changeable, serves
from tests.stored import found
from users.models import Company

RECORD = records(1)[0]


@pytest.fixture(autouse=True)
def _no_model_of_the_past() -> Iterator[None]:
    yield
    past_models.forget()


def path(mark: str) -> str:
    return f"/api/predictions/{mark}/what-if/"


def told(client: ApiClient, mark: str, changes: dict[str, Any] | None = None) -> dict[str, Any]:
    answer = client.post_json(path(mark), {} if changes is None else {"changes": changes})
    assert answer.status_code == 200, answer.content
    body = dict(answer.json())
    jsonschema.validate(body, WHAT_IF)
    return body


@pytest.fixture
def mark(alice: Company, alice_api: ApiClient) -> str:
    """A prediction by boosted trees, of which spend and plan may be changed."""
    serves(alice, "v1", model("lightgbm"))
    changeable(alice, "spend", "plan", "no_longer_there")
    return asked(alice_api, RECORD)


def test_the_answer_is_what_the_version_says_of_the_changed_record(mark: str, alice_api: ApiClient) -> None:
    body = told(alice_api, mark, {"spend": 50.0, "plan": "2"})
    (one,) = body["results"]
    expected = model("lightgbm").answer(RECORD | {"spend": 50.0, "plan": "2"}, explain=False)
    before = model("lightgbm").answer(RECORD, explain=False)["probability"]
    assert one["answer"] == expected
    assert one["after"] == pytest.approx(expected["probability"], abs=1e-9)
    assert one["difference"] == pytest.approx(expected["probability"] - before, abs=1e-9)
    assert body["changes"][0] == {"field": "spend", "before": RECORD["spend"], "after": 50.0}


def test_it_is_labelled_as_association(mark: str, alice_api: ApiClient) -> None:
    for body in (told(alice_api, mark), told(alice_api, mark, {"plan": "1"})):
        assert body["label"] == "association, not cause"
        assert "does not say that changing the field changes the outcome" in body["note"]


def test_it_answers_with_the_version_that_made_the_prediction(mark: str, alice: Company, alice_api: ApiClient) -> None:
    first = told(alice_api, mark, {"plan": "1"})
    serves(alice, "v2", model("additive"))
    assert told(alice_api, mark, {"plan": "1"}) == first


def test_the_best_changes_are_the_best_of_all_that_were_seen(mark: str, alice_api: ApiClient) -> None:
    body = told(alice_api, mark)
    ranges = {one["field"]: one for one in body["changeable"]}
    assert set(ranges) == {"spend", "plan"}
    assert ranges["plan"]["levels"] == ["0", "1", "2"]
    best = body["results"][0]["best"]
    for way, pick in (("up", max), ("down", min)):
        reached = [told(alice_api, mark, {"plan": level})["results"][0]["after"] for level in ranges["plan"]["levels"]]
        mine = {one["changes"][0]["field"]: one for one in best[way]["single"]}
        if "plan" in mine:
            assert mine["plan"]["after"] == pytest.approx(pick(reached), abs=1e-9)
        strengths = [abs(one["difference"]) for one in best[way]["single"]]
        assert strengths == sorted(strengths, reverse=True)
        if best[way]["pair"]:
            assert {line["field"] for line in best[way]["pair"]["changes"]} == {"spend", "plan"}
            assert abs(best[way]["pair"]["difference"]) > max(strengths, default=0.0)
    assert best["up"]["single"] or best["down"]["single"]
    assert best["up"]["pair"] or best["down"]["pair"]


def test_each_best_change_comes_true_when_it_is_asked_for(mark: str, alice_api: ApiClient) -> None:
    best = told(alice_api, mark)["results"][0]["best"]
    for way in ("up", "down"):
        for one in [*best[way]["single"], *([best[way]["pair"]] if best[way]["pair"] else [])]:
            changes = {line["field"]: line["after"] for line in one["changes"]}
            assert told(alice_api, mark, changes)["results"][0]["after"] == pytest.approx(one["after"], abs=1e-9)


def test_a_field_that_is_not_marked_is_refused_naming_those_that_are(mark: str, alice_api: ApiClient) -> None:
    errors = refused(alice_api.post_json(path(mark), {"changes": {"share": 0.0}}), 400)
    assert errors[0]["attr"] == "changes.share"
    assert "plan, spend" in errors[0]["detail"]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [("spend", 1e6, "from -"), ("spend", None, "from -"), ("plan", "9", "one of: 0, 1, 2"), ("plan", None, "one of")],
)
def test_a_value_that_was_not_seen_is_refused_saying_what_was(
    field: str, value: Any, said: str, mark: str, alice_api: ApiClient
) -> None:
    errors = refused(alice_api.post_json(path(mark), {"changes": {field: value}}), 400)
    assert errors[0]["attr"] == f"changes.{field}"
    assert said in errors[0]["detail"]


def test_a_value_of_a_wrong_kind_is_refused_naming_its_field(mark: str, alice_api: ApiClient) -> None:
    for value in ("much", True, [1], {"a": 1}):
        errors = refused(alice_api.post_json(path(mark), {"changes": {"spend": value}}), 400)
        assert errors[0]["attr"] == "spend"


@pytest.mark.parametrize("body", [{"changes": {}}, {"changes": []}, {"changes": None}, {"change": {}}, []])
def test_a_wrong_body_is_refused(body: Any, mark: str, alice_api: ApiClient) -> None:
    refused(alice_api.post(path(mark), body, content_type="application/json"), 400)


def test_where_nothing_is_marked_it_says_where_to(alice: Company, bob: Company, alice_api: ApiClient) -> None:
    serves(alice, "v1", model("additive"))
    changeable(bob, "spend")
    mark = asked(alice_api, RECORD)
    assert "/api/models/churn/settings/" in refused(alice_api.post_json(path(mark), {}), 409)[0]["detail"]


def test_where_no_marked_field_is_of_the_version_it_says_so(alice: Company, alice_api: ApiClient) -> None:
    serves(alice, "v1", model("additive"))
    changeable(alice, "budget")
    mark = asked(alice_api, RECORD)
    assert "budget" in refused(alice_api.post_json(path(mark), {}), 409)[0]["detail"]


def test_redacted_inputs_are_a_conflict(alice: Company, alice_api: ApiClient) -> None:
    serves(alice, "v1", asking_email())
    changeable(alice, "spend")
    mark = asked(alice_api, RECORD | {"mood": 1.0})
    refused(alice_api.post_json(path(mark), {}), 409)


def test_texts_have_none(alice: Company, alice_api: ApiClient) -> None:
    mark = asked(alice_api, {"text": "Good."}, "/api/nlp/sentiment/")
    assert "rows of fields" in refused(alice_api.post_json(path(mark), {}), 409)[0]["detail"]


def test_of_several_classes_the_one_answered_is_told(alice: Company, alice_api: ApiClient) -> None:
    serves(alice, "v1", model("lightgbm", 3), "plan-tier")
    changeable(alice, "spend", predictor="plan-tier")
    answer = alice_api.post_json("/api/predict/plan-tier/", RECORD).json()
    (one,) = told(alice_api, answer["prediction_id"], {"spend": 20.0})["results"]
    assert (one["class"], one["before"]) == (answer["predicted_package"], pytest.approx(answer["probability"]))
    assert one["after"] == pytest.approx(one["answer"]["probabilities"][one["class"]], abs=1e-9)


def test_nothing_of_it_is_in_the_ledger(mark: str, alice_api: ApiClient) -> None:
    told(alice_api, mark)
    told(alice_api, mark, {"plan": "1"})
    assert [str(row.pk) for row in found(Prediction)] == [mark]


def test_it_costs_like_predictions_and_a_search_more(mark: str, alice_api: ApiClient, settings: Any) -> None:
    settings.LIMITS = {"LIMIT_KEY_MINUTE": SEARCH_COST + 2}
    assert alice_api.post_json(path(mark), {}).status_code == 200
    named = [alice_api.post_json(path(mark), {"changes": {"plan": "1"}}).status_code for _ in range(3)]
    assert named == [200, 200, 429]
