"""Money and capacity over the API: of the ledger, of an upload, with what the settings say."""

from __future__ import annotations

from uuid import uuid4

import pytest

from file_uploads.batch import store
from file_uploads.models import BatchJob
from tests.api_gateway.asking import refused
from tests.api_gateway.test_decisions import CAPACITY, put
from tests.api_gateway.test_ledger import predicted
from tests.conftest import ApiClient
from tests.ml_services.decisions.versions import judged, version
from tests.stored import made
from users.models import Company

ASKED = {"value_per_win": "100", "cost_per_action": "20"}


def test_capacity_is_planned_for_the_latest_prediction_of_each(alice: Company, alice_api: ApiClient) -> None:
    version(alice, "v1", judged=judged({0.5: (60, 30)}))
    for mark, said in (("a", 0.1), ("a", 0.9), ("b", 0.05), ("", 0.5), ("", 0.5)):
        predicted(alice, external_id=mark, output={"probability": said})
    plan = alice_api.post_json(CAPACITY, ASKED).json()
    assert (plan["records"], plan["acted_on"], plan["expected_wins"]) == (4, 3, pytest.approx(1.9))
    assert (plan["money"], plan["currency"]) == (pytest.approx(130.0), alice.currency)
    assert plan["interval"]["judged_rows"] == 60
    assert len(plan["curve"]) == 5


def test_settings_stand_for_what_is_not_sent(alice: Company, alice_api: ApiClient) -> None:
    version(alice, "v1")
    predicted(alice)
    errors = refused(alice_api.post_json(CAPACITY, {"value_per_win": "10"}), 400)
    assert [one["attr"] for one in errors] == ["cost_per_action"]
    put(alice_api, {"value_per_win": "10.00", "cost_per_action": "1.00", "capacity": 0})
    assert alice_api.post_json(CAPACITY, {}).json()["acted_on"] == 0
    assert alice_api.post_json(CAPACITY, {"capacity": None}).json()["acted_on"] == 1


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_capacity_of_an_upload(alice: Company, alice_api: ApiClient, bob_api: ApiClient, kind: str) -> None:
    import pyarrow as pa
    import pyarrow.csv as writer
    import pyarrow.parquet as pq

    version(alice, "v1")
    job = made(
        BatchJob, company=alice, predictor="churn", model={"version": "v1", "company": alice.pk}, name="f.csv", bytes=1,
        sha256="a" * 64, columns=["note"], status="done", result_format=kind,
    )  # fmt: skip
    table = pa.table({"note": ["a, b", 'two\nlines "x"', "c"], "prediction_probability": [0.9, 0.3, 0.1]})
    with store.writing(store.key(alice.pk, job.pk, f"results.{kind}")) as place:
        writer.write_csv(table, place) if kind == "csv" else pq.write_table(table, place)
    asked = {**ASKED, "upload": str(job.pk)}
    plan = alice_api.post_json(CAPACITY, asked).json()
    assert (plan["records"], plan["acted_on"], plan["source"]) == (3, 2, f"upload {job.pk}")
    refused(bob_api.post_json(CAPACITY, asked), 404)
    refused(alice_api.post_json("/api/models/lead-score/capacity/", asked), 400)
    store.remove_all(alice.pk, job.pk)
    refused(alice_api.post_json(CAPACITY, asked), 404)


def test_plans_that_cannot_be_made_are_refused(alice: Company, alice_api: ApiClient) -> None:
    version(alice, "v1")
    assert "no probabilities" in str(refused(alice_api.post_json(CAPACITY, ASKED), 400)[0]["detail"])
    errors = refused(alice_api.post_json("/api/models/clv/capacity/", ASKED), 400)
    assert "churn, lead-score" in str(errors[0]["detail"])
    refused(alice_api.post_json(CAPACITY, {**ASKED, "upload": str(uuid4())}), 404)
    refused(alice_api.post_json(CAPACITY, {**ASKED, "upload": "x"}), 400)
    refused(alice_api.post_json(CAPACITY, {**ASKED, "value_per_win": "0"}), 400)
    refused(alice_api.post_json(CAPACITY, {**ASKED, "days": 0}), 400)
