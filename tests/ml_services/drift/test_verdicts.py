"""One verdict: what moves it, what does not, and when nothing can be said."""

from __future__ import annotations

from typing import Any

import pytest

from ml_services import artifacts, drift
from platform_core.errors import InputInvalid, NotFound
from platform_core.tenancy import company_in_force
from tests.ml_services.drift.windows import NOW, fill, records, scores, version
from users.models import Company

ROWS = 600


def verdict(company: Company, **more: Any) -> dict[str, Any]:
    with company_in_force(company.pk):
        return drift.verdict("churn", until=NOW, **more)


def moved(told: dict[str, Any], part: str = "input") -> list[str]:
    return [one["name"] for one in told[part]["columns"] if one["moved"]]


def test_the_same_world_is_no_drift(alice: Company) -> None:
    version(alice)
    fill(alice, records(ROWS, 5), scores(ROWS, 6))
    told = verdict(alice)
    assert (told["verdict"], told["version"], told["shared"]) == ("none", "v1", False)
    assert told["window"]["rows"] == ROWS
    assert {one["name"] for one in told["input"]["columns"]} == {"tenure", "plan", "member", "joined (is there)"}
    assert [one["name"] for one in told["input"]["left_out"]] == ["email"]


def test_inputs_alone_are_a_note_that_names_the_column(alice: Company) -> None:
    version(alice)
    fill(alice, [{**one, "plan": "pro"} for one in records(ROWS, 5)], scores(ROWS, 6))
    told = verdict(alice)
    assert (told["verdict"], moved(told)) == ("note", ["plan"])
    assert told["reasons"][0] == "Inputs moved: plan: pro was 20% of the rows, now 100%"
    bins = {one["name"]: one for one in told["input"]["columns"][0]["bins"]}
    assert bins["pro"]["now"] == 1.0


def test_scores_that_moved_are_drift(alice: Company) -> None:
    version(alice)
    fill(alice, records(ROWS, 5), scores(ROWS, 6, lower=4.0))
    told = verdict(alice)
    assert (told["verdict"], moved(told), moved(told, "output")) == ("drift", [], ["score"])


def test_a_vanished_column_and_a_new_level_are_told(alice: Company) -> None:
    version(alice)
    lacking = [{key: value for key, value in one.items() if key != "tenure"} for one in records(ROWS, 5)]
    fill(alice, [one | {"plan": "gold"} for one in lacking], scores(ROWS, 6))
    told = " ".join(verdict(alice)["reasons"])
    assert "tenure is no longer sent: no row has a value" in told
    assert "plan: values never seen before was 0% of the rows, now 100%" in told


@pytest.mark.parametrize("rows", [0, 1, 199])
def test_few_rows_are_unknown_and_never_no_drift(alice: Company, rows: int) -> None:
    version(alice)
    fill(alice, [{**one, "plan": "pro"} for one in records(rows, 5)], scores(rows, 6, lower=20.0))
    told = verdict(alice)
    assert told["verdict"] == "unknown"
    assert f"{rows:,} predictions of this version in the window; at least 200 are needed." in told["reasons"][0]


def test_the_same_customers_every_night_count_once(alice: Company) -> None:
    version(alice)
    for night in range(10):
        marks = [f"c{k}" for k in range(50)]
        fill(alice, records(50, 5), scores(50, 6, lower=20.0), days_ago=night + 1, external_ids=marks)
    told = verdict(alice)
    assert (told["window"]["rows"], told["window"]["repeated"], told["verdict"]) == (50, 450, "unknown")


def test_other_versions_and_other_companies_are_left_out(alice: Company, bob: Company) -> None:
    version(alice)
    fill(alice, records(300, 5), scores(300, 6))
    fill(alice, records(300, 7), scores(300, 8, lower=20.0), version="v0")
    fill(alice, records(300, 7), scores(300, 8, lower=20.0), version_company=None)
    fill(bob, records(300, 9), scores(300, 10, lower=20.0), version_company=alice.pk)
    told = verdict(alice)
    assert (told["window"]["rows"], told["window"]["other_versions"], told["verdict"]) == (300, 600, "none")
    assert verdict(bob)["reasons"] == ["No trained version serves: there is nothing to compare with."]


def test_spellings_and_sentinels_are_read_as_the_model_reads_them(alice: Company) -> None:
    version(alice)
    spelled = [
        one | {"member": "yes" if one["member"] else "no", "plan": one["plan"].upper()} for one in records(ROWS, 5)
    ]
    spelled = [one | {"tenure": -1 if one["tenure"] is None else one["tenure"]} for one in spelled]
    fill(alice, spelled, scores(ROWS, 6))
    told = verdict(alice)
    assert (told["verdict"], moved(told)) == ("none", [])


def test_redacted_and_erased_records_count_by_their_answers_alone(alice: Company) -> None:
    version(alice)
    fill(alice, records(300, 5, email={"redacted": "ab12"}), scores(300, 6), redacted=["email"])
    fill(alice, [{}] * 300, scores(300, 7), redacted=["*"], days_ago=4)
    fill(alice, [{"tenure": {"odd": 1}}] * 20, scores(20, 8), days_ago=5)
    told = verdict(alice)
    assert (told["window"]["rows"], told["window"]["erased"], told["window"]["unreadable"]) == (620, 300, 20)
    assert (told["verdict"], moved(told)) == ("none", [])


def test_a_window_too_large_is_read_from_its_newest_rows(alice: Company) -> None:
    version(alice)
    fill(alice, records(300, 5), scores(300, 6), days_ago=1)
    fill(alice, records(300, 5), scores(300, 6, lower=20.0), days_ago=9)
    told = verdict(alice, most=300)
    assert (told["window"]["rows"], told["window"]["whole"], told["verdict"]) == (300, False, "none")
    assert verdict(alice, days=5)["window"]["rows"] == 300


def test_an_artifact_that_is_gone_and_one_without_counts_are_unknown(alice: Company, bob: Company) -> None:
    version(alice)
    fill(alice, records(300, 5), scores(300, 6))
    artifacts.delete(company_id=alice.pk, predictor="churn", version="v1")
    assert (verdict(alice)["verdict"], "missing" in verdict(alice)["reasons"][0]) == ("unknown", True)
    version(bob, kept=False)
    fill(bob, records(300, 5), scores(300, 6))
    told = verdict(bob)
    assert (told["verdict"], told["input"]["state"], told["output"]["state"]) == ("unknown", "unknown", "unknown")


@pytest.mark.parametrize("days", [0, -1, 367])
def test_days_that_cannot_be_are_refused(alice: Company, days: int) -> None:
    with pytest.raises(InputInvalid, match="from 1 to 366"):
        verdict(alice, days=days)


def test_no_such_predictor_is_not_found(alice: Company) -> None:
    with company_in_force(alice.pk), pytest.raises(NotFound):
        drift.verdict("nothing")


def test_a_text_is_compared_with_the_window_before(alice: Company) -> None:
    answers = [
        {"label": "positive", "score": 0.5, "probability": 0.8},
        {"label": "negative", "score": -0.5, "probability": 0.2},
    ]
    for days_ago, texts in ((40, answers), (3, answers[1:] * 2)):
        rows = fill(
            alice, [{"text": "short words"}] * 300, [0.5] * 300, days_ago=days_ago, predictor="sentiment",
            version="untrained", version_company=None,
        )  # fmt: skip
        for k, row in enumerate(rows):
            row.output = texts[k % 2]
        with company_in_force(alice.pk):
            type(rows[0]).objects.bulk_update(rows, ["output"])
    with company_in_force(alice.pk):
        told = drift.verdict("sentiment", until=NOW)
    assert (told["verdict"], told["reference"]["kind"]) == ("drift", "earlier")
    assert "Scores moved: negative was 50% of the rows, now 100%" in " ".join(told["reasons"])


@pytest.mark.parametrize(
    ("predictor", "why"), [("comprehensive", "joins other answers"), ("sales-forecast", "forecast")]
)
def test_what_cannot_be_compared_says_why(alice: Company, predictor: str, why: str) -> None:
    with company_in_force(alice.pk):
        told = drift.verdict(predictor, until=NOW)
    assert told["verdict"] == "unknown"
    assert why in told["reasons"][0]


def test_the_shared_version_is_compared_too(alice: Company) -> None:
    version(None)
    fill(alice, records(300, 5), scores(300, 6), version_company=None)
    told = verdict(alice)
    assert (told["verdict"], told["shared"]) == ("none", True)
