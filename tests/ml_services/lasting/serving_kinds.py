"""Those models at work for a company, and predictions asked of them."""

from __future__ import annotations

from typing import Any

from ml_services import artifacts, services
from ml_services.base import Field, Model, Trained
from ml_services.encoded_columns import NumberColumn
from ml_services.encoding import Encoder
from ml_services.models import ModelVersion, PredictorSetting
from ml_services.tabular import TabularModel
from ml_services.training_quantiles import training_quantiles
from tests.conftest import ApiClient
from tests.ml_services.lasting.kinds import NAMES, columns, model
from tests.ml_services.scorer_kinds import rows
from tests.stored import made
from users.models import Company

CHURN = "/api/predict/churn/"


def serves(company: Company, name: str, trained: Model, predictor: str = "churn") -> ModelVersion:
    """Keeps a model as a version with what its training rows looked like, and lets it serve."""
    encoder = getattr(trained, "encoder", None)
    quantiles = training_quantiles(rows(3), encoder.features, 42) if encoder and len(encoder.features) == 6 else {}
    card: dict[str, Any] = {"metrics": {}, "quantiles": quantiles}
    artifacts.save(company_id=company.pk, predictor=predictor, version=name, trained=Trained(trained, card, "standard"))
    row = made(ModelVersion, company=company, predictor=predictor, version=name, evidence="standard", card={})
    return services.promote(version=row)


def asked(client: ApiClient, record: dict[str, Any], path: str = CHURN) -> str:
    """The id of a prediction."""
    answer = client.post_json(path, record)
    assert answer.status_code == 200, answer.content
    return str(answer.json()["prediction_id"])


def happened(client: ApiClient, mark: str, outcome: Any) -> None:
    assert client.post_json("/api/outcomes/", {"prediction_id": mark, "outcome": outcome}).status_code == 200


def changeable(company: Company, *fields: str, predictor: str = "churn") -> None:
    """Marks fields as what the company can act on."""
    made(PredictorSetting, company=company, predictor=predictor, changeable=list(fields))


def asking_email(kind: str = "additive") -> TabularModel:
    """One of the kinds, whose last field is personal."""
    own = columns()
    own[-1] = NumberColumn(Field(NAMES[-1], "number", nullable=True, personal=True))
    return model(kind, encoder=Encoder(own))
