"""Past cases like a prediction, over the API."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from api_gateway.lasting_schemas import CASES
from ml_services import past_models
from request_logs.models import Prediction
from tests.api_gateway.asking import refused
from tests.conftest import ApiClient
from tests.ml_services.lasting.kinds import model, records
from tests.ml_services.lasting.serving_kinds import asked, asking_email, happened, serves
from tests.stored import changed
from users.models import Company


@pytest.fixture(autouse=True)
def _no_model_of_the_past() -> Iterator[None]:
    yield
    past_models.forget()


def told(client: ApiClient, mark: str, **query: Any) -> dict[str, Any]:
    answer = client.get(f"/api/predictions/{mark}/cases/", query)
    assert answer.status_code == 200, answer.content
    body = dict(answer.json())
    jsonschema.validate(body, CASES)
    return body


def past(client: ApiClient, asked_with: list[dict[str, Any]], outcomes: list[bool]) -> list[str]:
    """Predictions whose outcomes are known."""
    marks = [asked(client, one | {"external_id": f"past-{k}"}) for k, one in enumerate(asked_with)]
    for mark, outcome in zip(marks, outcomes, strict=True):
        happened(client, mark, outcome)
    return marks


def test_the_same_record_of_another_customer_is_nearest_with_what_happened(
    alice: Company, alice_api: ApiClient
) -> None:
    serves(alice, "v1", model("lightgbm"))
    others = records(14)
    marks = past(alice_api, others, [k % 3 == 0 for k in range(14)])
    mark = asked(alice_api, others[6] | {"external_id": "new"})
    body = told(alice_api, mark, k=4)
    assert [len(body["cases"]), body["known_outcomes"], body["looked_at"]] == [4, 14, 14]
    first = body["cases"][0]
    assert (first["prediction_id"], first["distance"], first["outcome"]) == (marks[6], 0.0, True)
    assert first["differ"] == []
    assert {"value", "theirs"} <= set(first["alike"][0])
    distances = [one["distance"] for one in body["cases"]]
    assert distances == sorted(distances)
    assert body["cases"][1]["differ"]
    assert told(alice_api, mark, k=4) == body


def test_too_few_outcomes_are_said_with_their_number(alice: Company, alice_api: ApiClient) -> None:
    serves(alice, "v1", model("additive"))
    past(alice_api, records(3), [True, False, True])
    body = told(alice_api, asked(alice_api, records(1)[0]))
    assert (body["cases"], body["known_outcomes"]) == ([], 3)
    assert "3 past predictions" in body["reason"]


def test_neither_itself_nor_the_same_customer_earlier_is_a_case(alice: Company, alice_api: ApiClient) -> None:
    serves(alice, "v1", model("additive"))
    marks = past(alice_api, records(12), [True] * 12)
    again = asked(alice_api, records(12)[0] | {"external_id": "past-0"})
    happened(alice_api, again, False)
    found = {one["prediction_id"] for one in told(alice_api, again, k=20)["cases"]}
    assert found == set(marks[1:])


def test_cases_of_another_company_are_never_among_them(
    alice: Company, bob: Company, alice_api: ApiClient, bob_api: ApiClient
) -> None:
    serves(alice, "v1", model("additive"))
    serves(bob, "v2", model("additive"))
    past(alice_api, records(12), [True] * 12)
    assert told(bob_api, asked(bob_api, records(1)[0]))["known_outcomes"] == 0


def test_cases_of_an_older_version_with_other_fields_are_read_as_far_as_they_go(
    alice: Company, alice_api: ApiClient
) -> None:
    serves(alice, "v1", model("additive"))
    marks = past(alice_api, records(12), [True] * 12)
    for mark in marks[:6]:
        changed(Prediction, {"pk": mark}, input={"spend": 3.0, "gone": 1})
    changed(Prediction, {"pk": marks[6]}, input={"spend": "no number"})
    body = told(alice_api, asked(alice_api, records(1)[0]), k=20)
    assert (body["known_outcomes"], body["looked_at"]) == (12, 11)


def test_personal_fields_do_not_count(alice: Company, alice_api: ApiClient) -> None:
    serves(alice, "v1", asking_email())
    others = [one | {"mood": float(k)} for k, one in enumerate(records(12))]
    marks = past(alice_api, others, [True] * 12)
    mark = asked(alice_api, others[4] | {"mood": -2.0})
    first = told(alice_api, mark)["cases"][0]
    assert (first["prediction_id"], first["distance"]) == (marks[4], 0.0)
    assert "mood" not in {one["field"] for one in first["alike"] + first["differ"]}


def test_an_erased_input_and_a_version_that_is_gone_say_so(
    alice: Company, alice_api: ApiClient, tmp_path: Path
) -> None:
    serves(alice, "v1", model("additive"))
    mark = asked(alice_api, records(1)[0])
    changed(Prediction, {"pk": mark}, redacted=["*"], input={})
    assert "erased" in told(alice_api, mark)["reason"]
    serves(alice, "v2", model("additive"))
    (tmp_path / "models" / str(alice.pk) / "churn" / "v1" / "manifest.json").unlink()
    assert "v1" in told(alice_api, mark)["reason"]


def test_texts_are_near_by_their_words(alice: Company, alice_api: ApiClient) -> None:
    path = "/api/nlp/sentiment/"
    texts = [f"The {thing} is {word}." for word in ("awful", "great") for thing in "abcdefg"]
    marks = [asked(alice_api, {"text": text}, path) for text in texts]
    for mark, text in zip(marks, texts, strict=True):
        happened(alice_api, mark, "positive" if "great" in text else "negative")
    body = told(alice_api, asked(alice_api, {"text": "How awful, all of it."}, path))
    assert {one["outcome"] for one in body["cases"]} == {"negative"}
    assert body["cases"][0]["alike"][0] == {"field": "awful", "value": True, "theirs": True}


@pytest.mark.parametrize("k", ["0", "21", "x", "-1", "1.5", "00055", ""])
def test_k_is_a_small_whole_number(k: str, alice: Company, alice_api: ApiClient) -> None:
    serves(alice, "v1", model("additive"))
    mark = asked(alice_api, records(1)[0])
    assert refused(alice_api.get(f"/api/predictions/{mark}/cases/", {"k": k}), 400)[0]["attr"] == "k"
