"""Packages and amounts that meet a champion: compared by their own measures, and judged by their own outcomes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from django.utils import timezone

from ml_services import artifacts, registry, services
from ml_services.base import TrainingOptions
from ml_services.models import ModelVersion
from tests.ml_services.champions.versions import few_settings, joined
from tests.ml_services.synthetic import data
from tests.stored import found, made
from users.models import Company

PACKAGES = ("Basic", "Plus", "Pro")
TARGETS = {"plan-tier": "tier", "clv": "value"}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    few_settings(monkeypatch)


def people(seed: int, n: int = 600, *, known: bool = True) -> dict[str, Any]:
    """Companies with their package and what they paid; with `known` False, nothing tells either."""
    rng = np.random.default_rng(seed)
    staff, branch = rng.integers(1, 100, n), rng.choice(["shop", "office", "factory"], n)
    told = (staff if known else rng.permutation(staff)) + 15 * (branch == "factory") + rng.normal(0, 15, n)
    value = np.round(np.maximum(told, 0) * 10 * rng.gamma(4, 0.25, n), 2)
    return {
        "customer": [f"{seed}-{k}" for k in range(n)],
        "staff": [str(one) for one in staff],
        "branch": branch.tolist(),
        "tier": [PACKAGES[int(one > 35) + int(one > 70)] for one in told],
        "value": [str(one) for one in value],
    }


def train(company: Company, predictor: str, columns: dict[str, Any], **more: Any) -> ModelVersion:
    """A training of one target; the other is left out."""
    target = TARGETS[predictor]
    other = ({"tier", "value"} - {target}).pop()
    row = services.train_version(
        predictor=registry.predictor(predictor), company_id=company.pk,
        data=data({name: values for name, values in columns.items() if name != other}),
        options=TrainingOptions(target=target, id_column="customer", budget_s=8.0), promote_it=None, **more,
    )[0]  # fmt: skip
    return found(ModelVersion, pk=row.pk)[0]


def told_later(row: ModelVersion, columns: dict[str, Any]) -> None:
    """Predictions for these companies, and what came of each."""
    from request_logs.models import Outcome, Prediction

    model = artifacts.load(company_id=row.company_id, predictor=row.predictor, version=row.version)
    for k, mark in enumerate(columns["customer"]):
        given = {"staff": int(columns["staff"][k]), "branch": columns["branch"][k]}
        kept = made(
            Prediction, company_id=row.company_id, asker_kind="key", asker_id=1, predictor=row.predictor, input=given,
            version=row.version, version_company=row.company_id, external_id=mark, latency_ms=1.0,
            output=model.answer(given, explain=False),
        )  # fmt: skip
        came = columns[TARGETS[row.predictor]][k]
        made(
            Outcome, company_id=row.company_id, prediction=kept, occurred_at=timezone.now(), current=True,
            value=came if row.predictor == "plan-tier" else float(came), asker_kind="key", asker_id=1,
        )  # fmt: skip


def compared(row: ModelVersion) -> dict[str, Any]:
    verdict: dict[str, Any] = row.comparison or {}
    return verdict


@pytest.mark.parametrize(("predictor", "metric"), [("plan-tier", "roc_auc"), ("clv", "spearman")])
def test_more_data_of_the_same_world_is_no_worse_and_serves(alice: Company, predictor: str, metric: str) -> None:
    train(alice, predictor, people(1))
    told = compared(later := train(alice, predictor, joined(people(1), people(2))))
    assert told["verdict"] in ("equal", "better"), told["reason"]
    assert (told["on"], told["metric"], later.serving) == ("locked hold-out", metric, True)
    assert told["low"] <= told["difference"] <= told["high"]
    assert 0.5 < told["champion"] < 1.0


@pytest.mark.parametrize("predictor", list(TARGETS))
def test_one_that_has_learned_nothing_is_worse_and_does_not_serve(alice: Company, predictor: str) -> None:
    first = train(alice, predictor, people(1))
    told_later(first, people(5, n=300))
    later = train(alice, predictor, people(2, known=False))
    told = compared(later)
    assert (told["verdict"], told["on"], told["rows"], later.serving) == ("worse", "outcomes", 300, False)
    assert found(ModelVersion, pk=first.pk)[0].serving


@pytest.mark.parametrize("predictor", list(TARGETS))
def test_outcomes_judge_where_enough_have_come_in(alice: Company, predictor: str) -> None:
    first = train(alice, predictor, people(1))
    told_later(first, people(5, n=300))
    told = compared(train(alice, predictor, joined(people(1), people(2))))
    assert (told["on"], told["rows"], told["against"]) == ("outcomes", 300, first.version)
    assert told["verdict"] in ("equal", "better"), told["reason"]


def test_packages_with_other_names_are_another_question(alice: Company) -> None:
    first = train(alice, "plan-tier", people(1))
    renamed = people(2)
    renamed["tier"] = [{"Basic": "S", "Plus": "M", "Pro": "L"}[one] for one in renamed["tier"]]
    later = train(alice, "plan-tier", renamed, by_person=False)
    assert compared(later)["verdict"] == "not_comparable"
    assert "knows none of the classes" in compared(later)["reason"]
    assert found(ModelVersion, pk=first.pk)[0].serving


def test_a_package_more_is_compared_on_rows_where_nothing_was_reported_of_it(alice: Company) -> None:
    first = train(alice, "plan-tier", people(1))
    grown, reported = people(2), people(5, n=300)
    grown["tier"] = [
        "Max" if int(staff) > 90 else one for staff, one in zip(grown["staff"], grown["tier"], strict=True)
    ]
    reported["tier"] = ["Gone" if k % 10 == 0 else one for k, one in enumerate(reported["tier"])]
    told_later(first, reported)
    told = compared(train(alice, "plan-tier", joined(people(1), grown)))
    assert told["verdict"] in ("equal", "better", "worse"), told["reason"]
    # Of Max nothing was reported yet, and it has too few rows for a hold-out.
    assert (told["on"], told["champion"] > 0.5) == ("cross-validation", True)
