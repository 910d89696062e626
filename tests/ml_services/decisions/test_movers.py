"""Who moves at a promotion, over the same records, and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ml_services import past_models, registry, services, serving
from ml_services.base import TrainingOptions
from ml_services.decisions import movers
from ml_services.models import ModelVersion
from platform_core.errors import ArtifactRefused, InputInvalid, NotFound
from platform_core.tenancy import company_in_force
from tests.api_gateway.asking import refused
from tests.api_gateway.test_ledger import predicted
from tests.conftest import ApiClient
from tests.ml_services.decisions.versions import PRO, version
from tests.ml_services.synthetic import customers, data
from users.models import Company


@pytest.fixture(autouse=True)
def _no_model_of_the_past() -> Iterator[None]:
    yield
    past_models.forget()


@pytest.fixture
def both(alice: Company) -> None:
    """v1 serves; v2 says less of basic plans."""
    version(alice, "v1")
    version(alice, "v2", PRO, promote=False)


def moved(company: Company, name: str = "v2", **more: Any) -> dict[str, Any]:
    with company_in_force(company.pk):
        return movers.movers("churn", name, **more)


def asked(company: Company, **inputs: int) -> None:
    for plan, count in inputs.items():
        for number in range(count):
            predicted(company, input={"plan": plan}, external_id=f"{plan}-{number}")


def test_it_counts_who_changes_band_and_lists_the_farthest(alice: Company, both: None) -> None:
    asked(alice, basic=3, pro=2)
    told = moved(alice, n=2)
    assert (told["serving"], told["candidate"], told["records"], told["changed"]) == ("v1", "v2", 5, 3)
    assert told["band_names"] == ["low", "medium", "high"]
    assert told["matrix"] == [[2, 0, 0], [0, 0, 0], [0, 3, 0]]
    assert told["mean_change"] == pytest.approx(-0.18)
    assert [one["change"] for one in told["movers"]] == pytest.approx([-0.3, -0.3])
    assert told["movers"][0]["serving"] == {"probability": 0.6, "band": "high"}
    assert told["movers"][0]["serving_reasons"][0]["feature"] == "plan", "no sum over fields: both lists"


def test_only_the_latest_of_each_record_counts_and_nothing_redacted(alice: Company, bob: Company, both: None) -> None:
    asked(alice, basic=1)
    asked(alice, basic=1)
    asked(bob, basic=4)
    predicted(alice, input={"plan": "basic"}, redacted=["email"])
    predicted(alice, predictor="lead-score", input={"plan": "basic"})
    assert moved(alice)["records"] == 1


def test_the_first_n_of_both_with_what_is_known_to_have_happened(
    alice: Company, alice_api: ApiClient, both: None
) -> None:
    asked(alice, basic=2, pro=2)
    mark = predicted(alice, input={"plan": "basic"}).pk
    alice_api.post_json("/api/outcomes/", {"prediction_id": str(mark), "outcome": True})
    top = moved(alice, n=3)["top"]
    assert (top["n"], top["in_both"]) == (3, 3)
    assert top["of_serving"] == {
        "expected_by_serving": pytest.approx(1.8), "expected_by_candidate": pytest.approx(0.9),
        "outcomes_known": 1, "wins_known": 1,
    }  # fmt: skip


def test_with_nothing_kept_it_says_so(alice: Company, both: None) -> None:
    told = moved(alice)
    assert (told["records"], told["top"], told["mean_change"], told["movers"]) == (0, None, None, [])
    assert "Ask for some predictions first" in told["note"]


def test_records_that_one_version_cannot_answer_are_counted(alice: Company, both: None) -> None:
    asked(alice, basic=1)
    predicted(alice, input={"plan": "gold"})
    told = moved(alice)
    assert (told["records"], told["unanswered"]) == (1, 1)
    assert "1 record(s)" in told["note"]


def test_it_is_bounded(alice: Company, both: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(movers, "MOST_RECORDS", 3)
    asked(alice, basic=5)
    assert moved(alice)["records"] == 3


def test_a_version_that_is_not_there_or_cannot_load(alice: Company, bob: Company, both: None, tmp_path: Any) -> None:
    with pytest.raises(NotFound):
        moved(alice, "nothing")
    version(bob, "b1")
    with pytest.raises(NotFound):
        moved(bob, "v2")
    (tmp_path / "models" / str(alice.pk) / "churn" / "v2" / "manifest.json").unlink()
    with pytest.raises(ArtifactRefused):
        moved(alice)
    with company_in_force(alice.pk), pytest.raises(InputInvalid):
        movers.movers("clv", "v1")


def test_the_reasons_are_the_differences_of_exact_effects(alice: Company) -> None:
    def train(strength: float, *, promote: bool) -> str:
        return services.train_version(
            predictor=registry.predictor("churn"),
            company_id=alice.pk,
            data=data(customers(300, strength=strength)),
            options=TrainingOptions(target="left", id_column="customer_id", budget_s=1.0),
            promote_it=promote,
        )[0].version

    train(1.0, promote=True)
    second = train(3.0, promote=False)
    record = {"tenure": 70, "plan": "pro", "calls": 1}
    predicted(alice, input=record)
    one = moved(alice, second)["movers"][0]
    raws = [
        model.answer(record, explain=True)
        for model in (serving.find(alice.pk, "churn").model, past_models.model_of(alice.pk, "churn", second))
    ]
    gap = (raws[1]["raw"] - raws[1]["base"]) - (raws[0]["raw"] - raws[0]["base"])
    assert sum(reason["difference"] for reason in one["reasons"]) == pytest.approx(gap, abs=1e-4)
    assert one["change"] == pytest.approx(raws[1]["probability"] - raws[0]["probability"])
    assert all(reason["value"] == record[reason["feature"]] for reason in one["reasons"])


def test_over_the_api(alice: Company, alice_api: ApiClient, bob_api: ApiClient, both: None) -> None:
    asked(alice, basic=3)
    path = "/api/models/churn/versions/v2/movers/"
    assert len(alice_api.get(path, {"n": 2}).json()["movers"]) == 2
    refused(bob_api.get(path), 404)
    for wrong in ("0", "501", "x", "1.5", "-1"):
        assert refused(alice_api.get(path, {"n": wrong}), 400)[0]["attr"] == "n"


def test_with_an_empty_ledger_the_rows_held_out_are_counted(alice: Company) -> None:
    def train(strength: float, *, promote: bool, **more: Any) -> ModelVersion:
        return services.train_version(
            predictor=registry.predictor("churn"),
            company_id=alice.pk,
            data=data({**customers(900, strength=strength), **more}),
            options=TrainingOptions(target="left", id_column="customer_id", budget_s=1.0),
            promote_it=promote,
        )[0]

    first = train(1.0, promote=True)
    assert "movers" not in first.card
    second = train(3.0, promote=False)
    told = moved(alice, second.version)
    assert (told["source"], told["movers"], told["serving"]) == ("rows held out", [], first.version)
    assert told["records"] == second.card["holdout"]["rows"] == sum(map(sum, told["matrix"])) > 0
    assert 0 < told["changed"] < told["records"]
    top = told["top"]
    assert top["of_candidate"]["wins_known"] >= top["of_serving"]["wins_known"], "it knows what is stronger now"
    predicted(alice, input={"tenure": 70, "plan": "pro", "calls": 1})
    assert moved(alice, second.version)["source"] == "ledger"


def test_rows_that_lack_what_serves_asks_for_are_not_counted(alice: Company) -> None:
    options = TrainingOptions(target="left", id_column="customer_id", budget_s=1.0)
    churn = registry.predictor("churn")
    whole = customers(900)
    services.train_version(predictor=churn, company_id=alice.pk, data=data(whole), options=options)
    fewer = {name: values for name, values in whole.items() if name != "tenure"}
    row, _ = services.train_version(
        predictor=churn, company_id=alice.pk, data=data(fewer), options=options, promote_it=False
    )
    assert "movers" not in row.card
    assert "Ask for some predictions first" in moved(alice, row.version)["note"]
