"""Cuts are fixed at a company's first own version, stay through retraining, and change only by a person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from ml_services import past_models, pinned, registry, replay, services, serving
from ml_services.base import TrainingOptions
from ml_services.card import render
from ml_services.decisions import bands, evidence, predictor_settings
from ml_services.models import ModelVersion, PredictorSetting
from platform_core.errors import Conflict, InputInvalid
from platform_core.tenancy import company_in_force
from request_logs.models import Prediction
from tests.api_gateway.test_ledger import predicted
from tests.ml_services.decisions.versions import judged, version
from tests.ml_services.synthetic import customers, data
from tests.stored import changed, found, made
from users.events import AuditEvent
from users.models import Company


@pytest.fixture(autouse=True)
def _no_model_of_the_past() -> Iterator[None]:
    yield
    past_models.forget()
    pinned._model.cache_clear()


def train(company: Company | None, *, strength: float = 1.0, **settings: Any) -> ModelVersion:
    return services.train_version(
        predictor=registry.predictor("churn"),
        company_id=company.pk if company else None,
        data=data(customers(300, strength=strength)),
        options=TrainingOptions(target="left", id_column="customer_id", budget_s=1.0, settings=settings),
    )[0]


def cuts_of(company: Company) -> tuple[float, ...] | None:
    return bands.in_force(company.pk, "churn")


def put(company: Company, cuts: list[float]) -> dict[str, Any]:
    with company_in_force(company.pk):
        return predictor_settings.change(company_id=company.pk, predictor="churn", given={"cuts": cuts})


def risk(company: Company, plan: str = "basic") -> str:
    return str(serving.predict_one(company.pk, "churn", {"plan": plan}, explain=False)["risk"])


def test_retraining_keeps_the_cuts_of_the_first_version(alice: Company, bob: Company) -> None:
    first = train(alice)
    cuts = cuts_of(alice)
    assert cuts is not None
    assert [one["from"] for one in first.card["bands"]][1:] == pytest.approx(cuts, rel=1e-5)
    second = train(alice, strength=3.0)
    assert serving.find(alice.pk, "churn").model.with_cuts(None).cuts != pytest.approx(cuts), "other rows, other share"
    assert serving.find(alice.pk, "churn").model.cuts == cuts == cuts_of(alice)
    assert second.card["bands"][1]["from"] == pytest.approx(cuts[0], rel=1e-5), "the card shows those in force"
    assert sum(one["rows"] for one in second.card["bands"]) > 0
    assert cuts_of(bob) is None


def test_cuts_given_at_a_training_are_a_persons_change(alice: Company) -> None:
    train(alice)
    train(alice, risk_cuts="0.3, 0.6")
    assert cuts_of(alice) == (0.3, 0.6)
    assert len(found(PredictorSetting)[0].bands) == 2
    train(alice)
    assert cuts_of(alice) == (0.3, 0.6)
    told = [row.detail for row in found(AuditEvent, act="model.settings_changed")]
    assert [one["cuts"]["after"] for one in told] == [["0.3", "0.6"]]


def test_a_shared_version_keeps_its_own_cuts(alice: Company) -> None:
    version(None, "shared", cuts=(0.1, 0.2))
    put(alice, [0.65, 0.7])
    assert risk(alice) == "high"


def test_what_an_older_version_serves_by_is_what_is_fixed(alice: Company) -> None:
    made(ModelVersion, company=alice, predictor="churn", version="old", evidence="standard", card={})
    version(alice, "v1", cuts=(0.11, 0.22))
    assert cuts_of(alice) is None, "kept before cuts were"
    train(alice)
    assert cuts_of(alice) == (0.11, 0.22)


def test_changed_cuts_are_served_without_a_training(alice: Company) -> None:
    version(alice, "v1")
    model = serving.find(alice.pk, "churn").model
    assert risk(alice) == "high"
    put(alice, [0.65, 0.7])
    assert risk(alice) == "low"
    assert serving.find(alice.pk, "churn").model is not model


def test_another_process_serves_by_changed_cuts_after_a_look(alice: Company) -> None:
    version(alice, "v1")
    entry = {"since": "2026-01-01T00:00:00+00:00", "cuts": [0.65, 0.7]}
    made(PredictorSetting, company=alice, predictor="churn", bands=[entry])
    assert risk(alice) == "high"
    serving.refresh()
    assert risk(alice) == "low"
    changed(PredictorSetting, {}, bands=[])
    serving.refresh()
    assert risk(alice) == "high"


def test_a_file_is_answered_by_the_cuts_of_when_it_came(alice: Company) -> None:
    version(alice, "v1")
    before = pinned.pin(alice.pk, "churn")
    put(alice, [0.65, 0.7])
    after = pinned.pin(alice.pk, "churn")
    risks = [pinned.model_of(pin).answer({"plan": "basic"}, explain=False)["risk"] for pin in (before, after)]
    assert risks == ["high", "low"]
    assert before != after, "the same file is predicted anew"


def kept(company: Company, name: str, at: datetime) -> Prediction:
    answer = {"probability": 0.6, "risk": name}
    return predicted(company, at, input={"plan": "basic"}, output=answer, version_company=company.pk)


def test_replay_uses_the_cuts_of_the_time(alice: Company) -> None:
    version(alice, "v1")
    put(alice, [0.4, 0.5])
    put(alice, [0.65, 0.7])
    since = [datetime.fromisoformat(one["since"]) for one in found(PredictorSetting)[0].bands]
    changed(PredictorSetting, {}, bands=[
        {"since": (since[0] - timedelta(days=2)).isoformat(), "cuts": [0.4, 0.5]},
        {"since": (since[0] - timedelta(days=1)).isoformat(), "cuts": [0.65, 0.7]},
    ])  # fmt: skip
    days = {5: "high", 1.5: "high", 0.5: "low"}
    rows = {back: kept(alice, said, since[0] - timedelta(days=back)) for back, said in days.items()}
    with company_in_force(alice.pk):
        assert {back: replay.replay(row)["matches"] for back, row in rows.items()} == dict.fromkeys(days, True)
        wrong = kept(alice, "high", since[0] - timedelta(days=0.5))
        assert replay.replay(wrong)["differences"] == ["risk"]


def test_an_answer_just_after_a_change_may_be_told_by_the_cuts_before(alice: Company) -> None:
    version(alice, "v1")
    put(alice, [0.65, 0.7])
    since = datetime.fromisoformat(found(PredictorSetting)[0].bands[0]["since"])
    with company_in_force(alice.pk):
        for seconds, said, matches in ((1, "high", True), (1, "low", True), (6, "high", False), (6, "low", True)):
            told = replay.replay(kept(alice, said, since + timedelta(seconds=seconds)))
            assert told["matches"] is matches, (seconds, said)


def test_each_band_shows_what_was_said_and_what_came(alice: Company) -> None:
    rows = judged({0.1: (200, 20), 0.3: (50, 16), 0.6: (40, 26)})
    version(alice, "v1", judged=rows)
    with company_in_force(alice.pk):
        table = evidence.table("churn")
        low, medium, high = table["bands"]
        assert [one["judged"]["rows"] for one in (low, medium, high)] == [200, 50, 40]
        assert (high["from"], high["to"]) == (0.5, 1.0)
        assert high["judged"]["observed"] == pytest.approx(26 / 40)
        assert high["judged"]["low"] < 26 / 40 < high["judged"]["high"]
        assert high["outcomes"] == {}
    put(alice, [0.05, 0.08])
    with company_in_force(alice.pk):
        moved = evidence.table("churn")["bands"]
        assert [one["judged"]["rows"] for one in moved] == [0, 0, 290], "cut anew, without a training"
        assert moved[0]["judged"]["observed"] is None


def test_a_predictor_without_bands_is_refused_by_name(alice: Company) -> None:
    with company_in_force(alice.pk), pytest.raises(InputInvalid, match="churn, lead-score"):
        evidence.table("clv")


def test_changes_are_kept_up_to_a_bound(alice: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bands, "MOST_CHANGES", 1)
    put(alice, [0.1, 0.2])
    with pytest.raises(Conflict, match="every change is kept"):
        put(alice, [0.1, 0.3])
    assert cuts_of(alice) == (0.1, 0.2)


def test_the_card_on_the_terminal_shows_the_bands(alice: Company) -> None:
    text = render(train(alice).card)
    assert "95 % interval" in text
    for name in ("low", "medium", "high"):
        assert f"  {name} " in text
