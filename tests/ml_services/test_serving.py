"""The front door: whose model answers, what happens at promotion, at a refused artifact, with no model."""

from __future__ import annotations

from pathlib import Path

import pytest

from ml_services import artifacts, services, serving
from ml_services.models import ModelVersion
from platform_core.errors import Conflict, NoModel, NotFound
from tests.ml_services.fakes import trained
from tests.stored import changed, made
from users.models import Company


def version(company: Company | None, name: str, factor: float, *, promote: bool = True) -> ModelVersion:
    company_id = company.pk if company else None
    artifacts.save(company_id=company_id, predictor="churn", version=name, trained=trained(factor))
    row = made(ModelVersion, company=company, predictor="churn", version=name, evidence="standard", card={})
    return services.promote(version=row) if promote else row


def ask(company: Company) -> float:
    return serving.predict_one(company.pk, "churn", {"amount": 1}, explain=False)["probability"]


def test_no_model_is_said_with_how_to_train_one(alice: Company) -> None:
    with pytest.raises(NoModel, match="train_models churn"):
        ask(alice)


def test_no_such_predictor_is_not_found(alice: Company) -> None:
    with pytest.raises(NotFound, match="There is no predictor"):
        serving.find(alice.pk, "nothing")


def test_a_companys_own_version_serves_before_the_shared_one(alice: Company, bob: Company) -> None:
    version(None, "shared", 2.0)
    version(alice, "own", 3.0)
    assert (ask(alice), ask(bob)) == (3.0, 2.0)


def test_every_answer_says_which_version_gave_it(alice: Company) -> None:
    version(alice, "v1", 3.0)
    answer = serving.predict_one(alice.pk, "churn", {"amount": 1}, explain=False)
    assert answer["model"]["version"] == "v1"
    assert answer["model"]["evidence"] == "standard"


def test_a_promotion_by_another_process_is_served_after_a_look(alice: Company) -> None:
    version(alice, "v1", 3.0)
    assert ask(alice) == 3.0
    row = version(alice, "v2", 5.0, promote=False)
    changed(ModelVersion, {"version": "v1"}, serving=False)
    changed(ModelVersion, {"pk": row.pk}, serving=True)
    assert ask(alice) == 3.0
    serving.refresh()
    assert ask(alice) == 5.0


def test_rolling_back_serves_what_served_before(alice: Company) -> None:
    version(alice, "v1", 3.0)
    version(alice, "v2", 5.0)
    services.roll_back(predictor="churn", company_id=alice.pk)
    assert ask(alice) == 3.0


def test_rolling_back_the_only_version_is_refused(alice: Company) -> None:
    version(alice, "v1", 3.0)
    with pytest.raises(Conflict, match="nothing to go back to"):
        services.roll_back(predictor="churn", company_id=alice.pk)


def test_a_tampered_version_is_refused_and_the_others_go_on(
    alice: Company, bob: Company, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    version(None, "shared", 2.0)
    version(alice, "own", 3.0)
    (tmp_path / "models" / str(alice.pk) / "churn" / "own" / "model.joblib").write_bytes(b"junk")
    serving.forget()
    with pytest.raises(NoModel, match="digest"):
        ask(alice)
    assert ask(bob) == 2.0
    assert "model refused" in caplog.text


def test_a_version_whose_artifact_is_gone_is_not_promoted(alice: Company, tmp_path: Path) -> None:
    version(alice, "v1", 3.0)
    row = version(alice, "v2", 5.0, promote=False)
    (tmp_path / "models" / str(alice.pk) / "churn" / "v2" / "manifest.json").unlink()
    with pytest.raises(Exception, match="missing"):
        services.promote(version=row)
    assert ask(alice) == 3.0
