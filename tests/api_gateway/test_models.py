"""Models over the API: a company sees its own and the shared ones, and only its own can it promote or train."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from file_uploads import training
from ml_services.models import ModelVersion, TrainingRun
from tests.api_gateway.asking import refused
from tests.conftest import ApiClient
from tests.stored import made
from users.models import Company

TRAIN = "/api/models/churn/train/"


def version(company: Company | None, name: str) -> ModelVersion:
    found: ModelVersion = made(
        ModelVersion,
        company=company,
        predictor="churn",
        version=name,
        evidence="standard",
        card={"metrics": {"roc_auc": 0.8}},
    )
    return found


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What would have been trained on; no process is started."""
    asked: list[dict[str, Any]] = []

    def start(*, company_id: int, predictor: str, **more: Any) -> TrainingRun:
        asked.append({"company_id": company_id, "predictor": predictor, **more})
        run: TrainingRun = made(TrainingRun, company_id=company_id, predictor=predictor)
        return run

    monkeypatch.setattr(training, "start", start)
    return asked


def rows(content: bytes = b"a,b\n1,2\n") -> SimpleUploadedFile:
    return SimpleUploadedFile("rows.csv", content)


def test_a_company_sees_its_own_versions_and_the_shared_ones(
    alice: Company, bob: Company, alice_api: ApiClient
) -> None:
    for company, name in ((alice, "a1"), (bob, "b1"), (None, "shared1")):
        version(company, name)
    found = alice_api.get("/api/models/churn/versions/").json()["results"]
    assert {(one["version"], one["shared"]) for one in found} == {("a1", False), ("shared1", True)}
    assert alice_api.get("/api/models/churn/versions/a1/").json()["card"] == {"metrics": {"roc_auc": 0.8}}


@pytest.mark.parametrize("action", ["", "promote/"])
def test_another_companys_version_is_404(bob: Company, alice_api: ApiClient, action: str) -> None:
    version(bob, "b1")
    path = f"/api/models/churn/versions/b1/{action}"
    refused(alice_api.post_json(path, {}) if action else alice_api.get(path), 404, "not_found")


def test_a_shared_version_is_nobodys_to_promote(alice_api: ApiClient) -> None:
    version(None, "shared1")
    refused(alice_api.post_json("/api/models/churn/versions/shared1/promote/", {}), 404, "not_found")


def test_another_companys_run_is_404(alice: Company, bob: Company, alice_api: ApiClient) -> None:
    own, others = (made(TrainingRun, company=one, predictor="churn") for one in (alice, bob))
    assert alice_api.get(f"/api/models/churn/runs/{own.pk}/").json()["status"] == "queued"
    refused(alice_api.get(f"/api/models/churn/runs/{others.pk}/"), 404, "not_found")
    refused(alice_api.get(f"/api/models/clv/runs/{own.pk}/"), 404, "not_found")


def test_nothing_to_go_back_to_is_a_conflict(alice_api: ApiClient) -> None:
    refused(alice_api.post_json("/api/models/churn/rollback/", {}), 409, "conflict")


def test_a_version_whose_artifact_is_gone_is_a_conflict(alice: Company, alice_api: ApiClient) -> None:
    version(alice, "a1")
    errors = refused(alice_api.post_json("/api/models/churn/versions/a1/promote/", {}), 409, "conflict")
    assert "Nothing of your own serves" in str(errors[0]["detail"])


def test_training_starts_for_the_company_that_asks(
    alice: Company, alice_api: ApiClient, started: list[dict[str, Any]]
) -> None:
    form = {"file": rows(), "target": " left ", "exclude": "a, b ,", "seed": "7", "budget_s": "2.5"}
    answer = alice_api.post(TRAIN, form)
    assert answer.status_code == 202
    assert answer.json()["status"] == "queued"
    asked = started[0]
    assert (asked["company_id"], asked["predictor"]) == (alice.pk, "churn")
    assert asked["options"]["target"] == "left"
    assert asked["options"]["exclude"] == ("a", "b")
    assert (asked["options"]["seed"], asked["options"]["budget_s"]) == (7, 2.5)
    assert asked["options"]["promote"] is None, "the comparison decides"


@pytest.mark.parametrize(("given", "taken"), [("true", True), ("False", False), ("", None)])
def test_whether_it_serves_may_be_said(
    alice_api: ApiClient, started: list[dict[str, Any]], given: str, taken: bool | None
) -> None:
    assert alice_api.post(TRAIN, {"file": rows(), "promote": given}).status_code == 202
    assert started[0]["options"]["promote"] is taken


WRONG = {
    "no file": ({"target": "left"}, "file"),
    "a text for the file": ({"file": "a,b"}, "file"),
    "an empty file": ({"file": rows(b"")}, "file"),
    "an unknown field": ({"file": rows(), "targte": "left"}, "targte"),
    "a seed that is no number": ({"file": rows(), "seed": "x"}, "seed"),
    "a seed with a fraction": ({"file": rows(), "seed": "1.5"}, "seed"),
    "a seed below zero": ({"file": rows(), "seed": "-1"}, "seed"),
    "an endless budget": ({"file": rows(), "budget_s": "inf"}, "budget_s"),
    "no budget": ({"file": rows(), "budget_s": "0"}, "budget_s"),
    "a promotion that is neither": ({"file": rows(), "promote": "perhaps"}, "promote"),
    "a NUL": ({"file": rows(), "target": "a\0"}, "target"),
    "too long a name": ({"file": rows(), "target": "x" * 3000}, "target"),
}


@pytest.mark.parametrize(("form", "named"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_form_is_refused_by_field(
    alice_api: ApiClient, started: list[dict[str, Any]], form: dict[str, Any], named: str
) -> None:
    assert refused(alice_api.post(TRAIN, form), 400)[0]["attr"] == named
    assert started == []


MALFORMED = {
    "no boundary": ("multipart/form-data", b"--x\r\n"),
    "an empty boundary": ("multipart/form-data; boundary=", b"--x\r\n"),
    "cut short": ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="file"; filena'),
    "no parts": ("multipart/form-data; boundary=x", b"nothing"),
    "bad base64": (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="target"\r\nContent-Transfer-Encoding: base64\r\n\r\n*\r\n--x--',
    ),
    "a boundary beyond ASCII": ("multipart/form-data; boundary=é", b"--x\r\n"),
}


@pytest.mark.parametrize(("kind", "raw"), MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_form_is_refused(
    alice_api: ApiClient, started: list[dict[str, Any]], kind: str, raw: bytes
) -> None:
    refused(alice_api.generic("POST", TRAIN, raw, content_type=kind), 400)
    assert started == []


def test_too_many_or_too_large_fields_are_refused(alice_api: ApiClient, settings: Any) -> None:
    refused(alice_api.post(TRAIN, {f"f{number}": "x" for number in range(1200)}), 400)
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    refused(alice_api.post(TRAIN, {"target": "x" * 2000}), 413, "too_large")


def test_a_file_too_large_is_refused_before_it_is_read(alice_api: ApiClient, settings: Any) -> None:
    settings.MAX_UPLOAD_BYTES = 10
    answer = alice_api.generic("POST", TRAIN, b"", content_type="multipart/form-data; boundary=x")
    refused(answer, 400)
    big = {"CONTENT_LENGTH": str(10 + 2 * 2**20)}
    refused(alice_api.generic("POST", TRAIN, b"x", content_type="multipart/form-data; boundary=x", **big), 413)


def test_json_is_for_records_and_other_bodies_are_the_wrong_kind(alice_api: ApiClient) -> None:
    assert refused(alice_api.post_json(TRAIN, {"target": "left"}), 400)[0]["attr"] == "source"
    errors = refused(alice_api.post(TRAIN, b"left", content_type="text/plain"), 415)
    assert "multipart/form-data" in str(errors[0]["detail"])


def test_a_key_that_may_only_predict_trains_nothing(alice: Company, started: list[dict[str, Any]]) -> None:
    refused(ApiClient(alice, ["predict"]).post(TRAIN, {"file": rows(), "target": "left"}), 403)
    assert started == []
