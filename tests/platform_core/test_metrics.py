"""What /metrics/ says: to whom, of what, and that several processes are added up, dead ones included."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from platform_core import env, metrics
from tests.api_gateway.asking import refused
from tests.conftest import ApiClient

TOKEN = "a-token-for-the-scraper"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
PROCESS = """
import sys
from pathlib import Path
from platform_core import metrics
metrics.begin(Path(sys.argv[1]), int(sys.argv[2]))
for _ in range(int(sys.argv[3])):
    metrics.meters().count("POST", "predict-churn", 200, 0.003)
"""


@pytest.fixture(autouse=True)
def _own_meters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(metrics._state, "meters", metrics.Meters())
    monkeypatch.setitem(metrics._state, "folder", None)


@pytest.fixture
def _open(settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN


def samples(text: str) -> dict[tuple[str, ...], float]:
    """Each sample's value by its name and its labels' values in order of their names."""
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found[(sample.name, *(sample.labels[name] for name in sorted(sample.labels)))] = sample.value
    return found


def scraped() -> dict[tuple[str, ...], float]:
    answer = Client().get("/metrics/", headers=BEARER)
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain; version=0.0.4")
    return samples(answer.content.decode())


def test_without_a_token_in_the_settings_there_is_nothing(settings: Any) -> None:
    settings.METRICS_TOKEN = ""
    refused(Client().get("/metrics/", headers={"Authorization": "Bearer "}), 404)


@pytest.mark.usefixtures("_open")
@pytest.mark.parametrize(
    "sent", ["", "Bearer", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", TOKEN, "Bearer é", "Basic x"]
)
def test_any_other_token_is_refused(sent: str) -> None:
    answer = Client().get("/metrics/", headers={"Authorization": sent})
    refused(answer, 401)
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert "platform_" not in answer.content.decode()


@pytest.mark.usefixtures("_open", "db")
def test_requests_are_counted_by_route_and_never_by_path(alice_api: ApiClient) -> None:
    for path in (
        "/api/models/",
        "/api/models/churn/versions/",
        "/api/models/clv/versions/",
        "/nothing/1",
        "/nothing/2",
    ):
        alice_api.get(path)
    Client().generic("PROPFIND", "/healthz/")
    Client().generic("MKCOL", "/healthz/")
    found = scraped()
    assert found["platform_requests_total", "GET", "models", "200"] == 1
    assert found["platform_requests_total", "GET", "model-versions", "200"] == 2
    assert found["platform_requests_total", "GET", "none", "404"] == 2
    assert found["platform_requests_total", "other", "healthz", "405"] == 2
    assert not [key for key in found if "nothing" in str(key) or "alice" in str(key).lower()]


def test_latencies_are_those_of_answered_predictions() -> None:
    meters = metrics.meters()
    meters.count("POST", "predict-churn", 200, 0.003)
    meters.count("POST", "predict-churn", 400, 0.5)
    meters.count("GET", "models", 200, 0.5)
    found = samples(generate_latest(metrics.registry()).decode())
    assert found["platform_prediction_seconds_count", "churn"] == 1
    assert found["platform_prediction_seconds_bucket", "0.0025", "churn"] == 0
    assert found["platform_prediction_seconds_bucket", "0.005", "churn"] == 1


def run(folder: Path, place: int, requests: int) -> None:
    arguments = [sys.executable, "-c", PROCESS, str(folder), str(place), str(requests)]
    subprocess.run(arguments, check=True, cwd=env.CHECKOUT)


def counted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[tuple[str, ...], float]:
    monkeypatch.setitem(metrics._state, "folder", folder)
    return samples(generate_latest(metrics.registry()).decode())


def test_processes_are_added_up_and_a_dead_ones_successor_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(tmp_path, 0, 3)
    run(tmp_path, 1, 4)
    found = counted(tmp_path, monkeypatch)
    assert found["platform_requests_total", "POST", "predict-churn", "200"] == 7
    assert found["platform_web_processes",] == 2
    metrics.end(tmp_path, 1)
    found = counted(tmp_path, monkeypatch)
    assert found["platform_requests_total", "POST", "predict-churn", "200"] == 7
    assert found["platform_web_processes",] == 1
    run(tmp_path, 1, 5)
    found = counted(tmp_path, monkeypatch)
    assert found["platform_requests_total", "POST", "predict-churn", "200"] == 12
    assert found["platform_prediction_seconds_count", "churn"] == 12
    assert found["platform_web_processes",] == 2
    assert found["platform_web_process_starts_total",] == 3


def test_folders_of_dead_servers_are_removed_and_of_living_ones_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(env, "make_home", lambda: tmp_path)
    first, held = metrics.make_folder()
    second, other = metrics.make_folder()
    assert first.exists()
    held.close()
    third, last = metrics.make_folder()
    assert not first.exists()
    assert second.exists()
    assert third.exists()
    other.close()
    last.close()


@pytest.mark.slow
def test_counting_costs_little() -> None:
    """Under 10 µs of CPU a request; measured at 3 µs, so a loaded machine may be three times slower."""
    meters, rounds = metrics.meters(), 20_000
    began = time.process_time()
    for _ in range(rounds):
        meters.count("POST", "predict-churn", 200, 0.003)
    assert (time.process_time() - began) / rounds < 10e-6
