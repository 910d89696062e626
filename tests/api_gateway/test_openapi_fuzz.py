"""schemathesis over the OpenAPI document: no 5xx, no answer that is not in it, no wrong request let through."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from file_uploads import training
from ml_services import serving
from ml_services.models import TrainingRun
from platform_core.wsgi import application
from tests.api_gateway.conftest import let_all_serve
from tests.stored import made
from users import keys
from users.models import Company, Scope

EXAMPLES = 25
"""Random requests of each operation, beside those that schemathesis derives one by one from the schema."""


REFUSED = ["400", "401", "403", "404", "405", "409", "413", "415", "429"]
UNSAID = {
    "/api/predict/sales-forecast/": "no two dates of a history fall into one period",
    "/api/auth/register/": "a password is neither common nor like the person",
    "/api/auth/password/reset/": "the token is one that we signed",
    "/api/company/": "each package has a name of its own",
    "/api/company/invitations/accept/": "the token is one that we signed",
    "/api/upload/": "the file is a table with the columns that the model asks for",
    "/api/keys/": "a key expires in the future",
    "/api/models/{predictor}/settings/": "cuts ascend, as many as the predictor has; fields and versions are there",
    "/api/models/{predictor}/capacity/": "there are probabilities, and the predictor answers yes or no",
    "/api/models/{predictor}/bands/": "the predictor has bands",
    "/api/models/{predictor}/versions/{version}/movers/": "the predictor has bands",
}
"""Rules which no JSON Schema can state: there a request that fits the schema may be refused."""
CONFIG = schemathesis.Config.from_dict(
    {
        "checks": {
            # The defaults leave out 413: a thousand long texts are too large, whether right or wrong otherwise.
            "negative_data_rejection": {"expected-statuses": REFUSED},
            "positive_data_acceptance": {"expected-statuses": ["2xx", "401", "403", "404", "409", "413", "429"]},
        }
    }
)


def document() -> schemathesis.BaseSchema:
    """The document as it is while the canned models serve; made at collection, a test for each operation."""
    let_all_serve()
    try:
        found = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(public=True), config=CONFIG)
    finally:
        serving.forget()
    found.app = application
    return found


@pytest.fixture
def key(alice: Company, all_serve: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A key that may do everything; the application runs within the test's transaction and starts no process."""

    def no_process(*, company_id: int, predictor: str, **more: Any) -> TrainingRun:
        run: TrainingRun = made(TrainingRun, company_id=company_id, predictor=predictor)
        return run

    monkeypatch.setattr(training, "start", no_process)
    monkeypatch.setattr(training, "start_from_records", no_process)
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield keys.create(company=alice, name="fuzz", scopes=list(Scope.values))[1]
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


pytestmark = pytest.mark.slow
api = document()


@api.parametrize()
@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_operation_answers_as_documented(case: schemathesis.Case, key: str) -> None:
    unsaid = [positive_data_acceptance] if case.operation.path in UNSAID else []
    case.call_and_validate(headers={"X-API-Key": key}, excluded_checks=unsaid)
