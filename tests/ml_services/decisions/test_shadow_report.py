"""The shadow and what serves, compared over the predictions that both answered."""

from __future__ import annotations

import pytest

from ml_services.decisions import shadow_queue
from tests.conftest import ApiClient
from tests.ml_services.decisions.conftest import REPORT, ask
from tests.ml_services.decisions.versions import version
from users.models import Company


def test_both_are_compared(bob: Company, alice_api: ApiClient, bob_api: ApiClient, shadowed: None) -> None:
    assert alice_api.get(REPORT).json()["verdict"] == "unknown"
    marks = [ask(alice_api, plan)["prediction_id"] for plan in ["basic"] * 3 + ["pro"]]
    shadow_queue.flush()
    told = alice_api.get(REPORT).json()
    assert (told["serving"], told["shadow"], told["rows"], told["verdict"]) == ("v1", "v2", 4, "compared")
    assert told["agreement"] == 0.25
    assert told["matrix"] == [[1, 0, 0], [0, 0, 0], [0, 3, 0]]
    assert told["mean_difference"] == pytest.approx(-0.225)
    assert told["outcomes"] is None, "too few have happened"
    assert len(marks) == 4
    version(bob, "b1")
    assert bob_api.get(REPORT).json()["rows"] == 0


def test_with_outcomes_both_are_judged_on_the_same_rows(alice_api: ApiClient, shadowed: None) -> None:
    for plan, outcomes in (("basic", [True] * 9 + [False] * 21), ("pro", [True] * 3 + [False] * 27)):
        for outcome in outcomes:
            mark = ask(alice_api, plan)["prediction_id"]
            alice_api.post_json("/api/outcomes/", {"prediction_id": mark, "outcome": outcome})
    shadow_queue.flush()
    judged = alice_api.get(REPORT).json()["outcomes"]
    assert judged["rows"] == 60
    assert judged["shadow"]["log_loss"] < judged["serving"]["log_loss"], "of basic plans, three in ten left"
    gap = judged["log_loss_difference"]
    assert gap["low"] < gap["value"] < 0
    assert gap["value"] == pytest.approx(judged["shadow"]["log_loss"] - judged["serving"]["log_loss"], abs=1e-5)
