"""Who serves, by hand: reasons that are kept, two at once, artifacts that are gone, versions that never were."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from ml_services import artifacts, services, serving
from ml_services.champions import orphans
from ml_services.models import ModelVersion
from platform_core.errors import Conflict
from tests.api_gateway.asking import refused
from tests.conftest import ApiClient
from tests.ml_services.fakes import trained
from tests.stored import found, made
from users.events import AuditEvent
from users.models import Company

WORSE = {"verdict": "worse", "promotes": False, "reason": "It ranks worse.", "against": "v1"}


def version(company: Company, name: str, factor: float, **more: Any) -> ModelVersion:
    artifacts.save(company_id=company.pk, predictor="churn", version=name, trained=trained(factor))
    row: ModelVersion = made(
        ModelVersion, company=company, predictor="churn", version=name, evidence="standard", card={}, **more
    )
    return row


def serves(company: Company) -> str:
    return ",".join(row.version for row in found(ModelVersion, company=company, serving=True))


@pytest.fixture
def two(alice: Company) -> tuple[ModelVersion, ModelVersion]:
    """v1 serves, v2 was found worse."""
    first = services.promote(version=version(alice, "v1", 3.0))
    return first, version(alice, "v2", 5.0, comparison=WORSE)


def test_a_reason_is_audited_with_the_verdict(alice_api: ApiClient, two: object) -> None:
    path = "/api/models/churn/versions/v2/promote/"
    answer = alice_api.post_json(path, {"reason": "The sales team asked for it."})
    assert answer.status_code == 200, answer.content
    assert answer.json()["comparison"] == WORSE
    event = found(AuditEvent, act="model.promoted")[-1]
    assert event.detail == {"before": ["v1"], "reason": "The sales team asked for it.", "verdict": "worse"}


def test_no_body_is_no_reason(alice_api: ApiClient, alice: Company, two: object) -> None:
    assert alice_api.post("/api/models/churn/versions/v2/promote/", content_type="application/json").status_code == 200
    assert alice_api.post("/api/models/churn/rollback/", content_type="application/json").status_code == 200
    assert serves(alice) == "v1"
    assert serving.predict_one(alice.pk, "churn", {"amount": 1}, explain=False)["probability"] == 3.0


WRONG = {
    "too long": ({"reason": "x" * 501}, "reason"),
    "no text": ({"reason": 7}, "reason"),
    "two lines": ({"reason": "a\nb"}, "reason"),
    "unknown": ({"why": "x"}, "why"),
}


@pytest.mark.parametrize("path", ["versions/v2/promote/", "rollback/"])
@pytest.mark.parametrize(("body", "named"), WRONG.values(), ids=WRONG)
def test_a_wrong_body_is_refused_by_field(
    alice_api: ApiClient, alice: Company, two: object, path: str, body: dict[str, Any], named: str
) -> None:
    assert refused(alice_api.post_json(f"/api/models/churn/{path}", body), 400)[0]["attr"] == named
    assert serves(alice) == "v1"


def test_of_two_at_once_one_wins_and_the_other_is_told_who_serves(
    alice: Company, two: tuple[ModelVersion, ModelVersion], monkeypatch: pytest.MonkeyPatch
) -> None:
    third = version(alice, "v3", 7.0)
    prove = services._prove

    def overtaken(row: ModelVersion, stays: str) -> None:
        prove(row, stays)
        monkeypatch.setattr(services, "_prove", prove)
        services.promote(version=third)

    monkeypatch.setattr(services, "_prove", overtaken)
    with pytest.raises(Conflict, match=r"Version v3 of churn serves now, no longer v1: v2 was not promoted"):
        services.promote(version=two[1])
    assert serves(alice) == "v3"


def test_what_a_person_expected_to_serve_is_held_against_what_does(
    alice: Company, alice_api: ApiClient, two: object
) -> None:
    path = "/api/models/churn/versions/v2/promote/"
    errors = refused(alice_api.post_json(path, {"expected": "v0"}), 409, "conflict")
    assert "v1" in str(errors[0]["detail"])
    assert serves(alice) == "v1"
    assert alice_api.post_json(path, {"expected": "v1"}).status_code == 200
    assert alice_api.post_json(path, {"expected": "v1"}).status_code == 200, "the same again is no conflict"


def test_a_version_whose_artifact_is_gone_is_a_conflict_and_the_other_goes_on(
    alice: Company, alice_api: ApiClient, two: object, tmp_path: Path
) -> None:
    (tmp_path / "models" / str(alice.pk) / "churn" / "v2" / "model.joblib").unlink()
    errors = refused(alice_api.post_json("/api/models/churn/versions/v2/promote/", {}), 409, "conflict")
    assert "missing" in str(errors[0]["detail"])
    assert "v1 goes on serving" in str(errors[0]["detail"])
    assert serves(alice) == "v1"


def test_evidence_promotes_only_over_what_it_was_found_beside(alice: Company, two: object) -> None:
    third = version(alice, "v3", 7.0, comparison={"promotes": True, "reason": "Better.", "against": "v1"})
    services.promote(version=found(ModelVersion, version="v2")[0])
    services.let_serve(third, by_evidence=True)
    assert serves(alice) == "v2"
    kept = found(ModelVersion, version="v3")[0].comparison
    assert kept["promotes"] is False
    assert "v2" in kept["reason"]


def test_a_training_killed_before_its_row_leaves_nothing(alice: Company, two: object, tmp_path: Path) -> None:
    artifacts.save(company_id=alice.pk, predictor="churn", version="half", trained=trained())
    artifacts.save(company_id=None, predictor="churn", version="fresh", trained=trained())
    folder = tmp_path / "models" / str(alice.pk)
    (folder / "churn" / "begun").mkdir()
    (folder / "churn" / "begun" / "model.joblib.part").write_bytes(b"half")
    (folder / "notes").mkdir()
    (folder / "notes" / "x").write_text("not ours")
    old = time.time() - 2 * orphans.LEFT.total_seconds()
    for file in [*(folder / "churn").rglob("*.*"), folder / "notes" / "x"]:
        os.utime(file, (old, old))
    assert orphans.clean() == 2
    assert sorted(path.name for path in (folder / "churn").iterdir()) == ["v1", "v2"]
    assert (folder / "notes" / "x").exists()
    assert (tmp_path / "models" / "shared" / "churn" / "fresh").exists(), "its row may be about to come"
    serving.forget()
    assert serving.predict_one(alice.pk, "churn", {"amount": 1}, explain=False)["probability"] == 3.0
