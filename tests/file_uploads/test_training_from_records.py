"""Training from the company's records: by the API through the queue, and by the command."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import TestCase

from ml_services import datasets, serving
from ml_services.models import PredictorSetting
from platform_core.errors import InputInvalid, TrainingRefused
from platform_core.tenancy import company_in_force
from tests.api_gateway.asking import refused
from tests.conftest import ApiClient
from tests.file_uploads.trainings import Queue, files, trained
from tests.ml_services.datasets.shop import TODAY, filled
from tests.platform_core.records.rows import on
from tests.stored import made
from users.models import Company

pytestmark = pytest.mark.usefixtures("own_store")
TRAIN = "/api/models/churn/train/"


def asked(api: ApiClient, **more: Any) -> Any:
    with TestCase.captureOnCommitCallbacks(execute=True):
        return api.post_json(TRAIN, {"source": "records", "budget_s": 2, **more})


def test_a_run_reads_the_records_and_its_version_serves(alice: Company, alice_api: ApiClient, queue: Queue) -> None:
    filled(alice)
    answer = asked(alice_api, horizon_days=60, exclude=["nps"])
    assert answer.status_code == 202, answer.content
    run = answer.json()
    assert [(one["task"], one["lock"]) for one in queue] == [("file_uploads.train", f"training:{alice.pk}")]
    trained(alice, run["id"])
    done = alice_api.get(f"/api/models/churn/runs/{run['id']}/").json()
    assert (done["status"], done["error"]) == ("done", None)
    card = alice_api.get(f"/api/models/churn/versions/{done['version']}/").json()["card"]
    assert (card["source"], card["horizon_days"]) == ("records", 60)
    columns = {one["name"]: one["used"] for one in card["columns"]}
    assert not columns["nps"]
    assert not columns["customer_id"]
    assert not columns["cut_off"]
    assert serving.find(alice.pk, "churn").info["version"] == done["version"]
    assert files(alice) == []


def test_a_run_without_enough_records_fails_with_what_is_missing(
    alice: Company, bob: Company, alice_api: ApiClient, queue: Queue
) -> None:
    filled(bob)
    run = asked(alice_api).json()
    trained(alice, run["id"])
    done = alice_api.get(f"/api/models/churn/runs/{run['id']}/").json()
    assert (done["status"], done["version"]) == ("failed", None)
    assert "no customers in the records" in done["error"]


@pytest.mark.parametrize(
    ("body", "attr"),
    [
        ({"source": "files"}, "source"),
        ({}, "source"),
        ([], "source"),
        ({"source": "records", "target": "churned"}, "target"),
        ({"source": "records", "horizon_days": "90"}, "horizon_days"),
        ({"source": "records", "horizon_days": True}, "horizon_days"),
        ({"source": "records", "horizon_days": 0}, "horizon_days"),
        ({"source": "records", "horizon_days": 10**9}, "horizon_days"),
        ({"source": "records", "exclude": "nps"}, "exclude"),
        ({"source": "records", "exclude": [1]}, "exclude"),
        ({"source": "records", "seed": 1.5}, "seed"),
        ({"source": "records", "budget_s": 0}, "budget_s"),
        ({"source": "records", "budget_s": True}, "budget_s"),
    ],
)
def test_a_wrong_body_is_refused_by_field(alice_api: ApiClient, queue: Queue, body: Any, attr: str) -> None:
    assert refused(alice_api.post_json(TRAIN, body), 400)[0]["attr"] == attr
    assert queue == []


def test_a_predictor_that_learns_from_no_records_says_which_do(alice_api: ApiClient, queue: Queue) -> None:
    told = refused(alice_api.post_json("/api/models/segment/train/", {"source": "records"}), 400)[0]["detail"]
    assert "churn" in told
    assert queue == []


def command(*arguments: str) -> str:
    out = StringIO()
    call_command("train_models", *arguments, "--from-records", "--budget-s", "2", stdout=out)
    return out.getvalue()


def test_the_command_trains_as_of_a_day_and_writes_the_card(alice: Company, tmp_path: Path) -> None:
    filled(alice)
    day = f"{on(TODAY):%Y-%m-%d}"
    printed = command("clv", "--as-of", day, "--horizon-days", "60", "--card", str(tmp_path / "card.json"))
    assert "serves now" in printed
    card = json.loads((tmp_path / "card.json").read_text())
    with company_in_force(alice.pk):
        whole = datasets.frame("clv", as_of=on(TODAY), horizon_days=60)
    assert card["data"]["sha256"] == whole.sha256
    assert (card["horizon_days"], card["as_of"][:10]) == (60, day)


def test_the_command_says_what_is_missing_and_what_is_for_files(alice: Company) -> None:
    with pytest.raises(TrainingRefused, match="no customers"):
        command("churn")
    with pytest.raises(InputInvalid, match="for files"):
        command("churn", "--target", "churned")
    with pytest.raises(InputInvalid, match="Name one predictor"):
        command()


def test_the_horizon_is_the_companys_own_where_it_has_set_one(alice: Company, bob: Company) -> None:
    made(PredictorSetting, company=alice, predictor="churn", horizon_days=45)
    with company_in_force(alice.pk):
        assert datasets.horizon_of("churn", None) == 45
        assert datasets.horizon_of("churn", 30) == 30
    with company_in_force(bob.pk):
        assert datasets.horizon_of("churn", None) == datasets.HORIZONS["churn"]
