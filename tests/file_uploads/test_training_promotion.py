"""A training by the API beside a version that serves: the comparison decides, unless the form does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ml_services import serving
from tests.conftest import ApiClient
from tests.file_uploads.trainings import Queue, post, trained
from tests.ml_services.champions.versions import few_settings
from tests.platform_core.test_commands import customers
from users.models import Company

pytestmark = pytest.mark.usefixtures("own_store")
TURNED = [[*row[:4], "no" if row[4] == "yes" else "yes"] for row in customers(700)]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    few_settings(monkeypatch)


def run(company: Company, api: ApiClient, tmp_path: Path, rows: list[list[Any]], **more: str) -> dict[str, Any]:
    """The version that a run made, as the API tells it."""
    opened = post(api, tmp_path, rows, **more).json()
    trained(company, opened["id"])
    done = api.get(f"/api/models/churn/runs/{opened['id']}/").json()
    assert done["status"] == "done", done["error"]
    answer: dict[str, Any] = api.get(f"/api/models/churn/versions/{done['version']}/").json()
    return answer


def serves(company: Company) -> Any:
    return serving.find(company.pk, "churn").info["version"]


def test_a_worse_version_is_kept_and_the_champion_goes_on(
    alice: Company, bob: Company, alice_api: ApiClient, queue: Queue, tmp_path: Path
) -> None:
    first = run(alice, alice_api, tmp_path, customers(700))
    assert first["comparison"]["verdict"] == "first"
    worse = run(alice, alice_api, tmp_path, TURNED)
    assert (worse["comparison"]["verdict"], worse["serving"]) == ("worse", False)
    assert "turned round" in worse["comparison"]["reason"]
    assert worse["comparison"]["against"] == first["version"] == serves(alice)
    listed = alice_api.get("/api/models/churn/versions/").json()["results"]
    assert [one["comparison"]["verdict"] for one in listed] == ["worse", "first"]


@pytest.mark.parametrize(("promote", "serving_after"), [("true", 1), ("false", 0)])
def test_the_form_decides_where_it_says_so(
    alice: Company, alice_api: ApiClient, queue: Queue, tmp_path: Path, promote: str, serving_after: int
) -> None:
    rows = TURNED if promote == "true" else customers(700)
    versions = [
        run(alice, alice_api, tmp_path, customers(700))["version"],
        run(alice, alice_api, tmp_path, rows, promote=promote)["version"],
    ]
    assert serves(alice) == versions[serving_after]
