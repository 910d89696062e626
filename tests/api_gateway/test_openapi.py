"""The OpenAPI document: whole, valid, and that of the company which asks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver
from jsonschema import Draft202012Validator

from api_gateway.endpoint import Endpoint
from ml_services import registry, serving
from tests.api_gateway.asking import refused
from tests.api_gateway.conftest import FIELDS, Canned
from tests.conftest import ApiClient
from users.models import Company

pytestmark = pytest.mark.usefixtures("all_serve")


@pytest.fixture
def document(all_serve: None) -> dict[str, Any]:
    """The document of somebody not signed in."""
    return dict(Client().get("/api/schema/").json())


def parts_of(value: Any, key: str) -> Iterator[Any]:
    if isinstance(value, dict):
        if key in value:
            yield value[key]
        for inner in value.values():
            yield from parts_of(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from parts_of(inner, key)


def api_views(patterns: Any) -> Iterator[type]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver) and "admin" not in str(pattern.pattern):
            yield from api_views(pattern.url_patterns)
        elif isinstance(pattern, URLPattern) and hasattr(pattern.callback, "cls"):
            yield pattern.callback.cls


def test_it_is_openapi_3_1_and_open_to_all(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    assert set(document["components"]["securitySchemes"]) == {"ApiKey", "Bearer"}


def test_every_view_of_the_api_is_in_it(document: dict[str, Any]) -> None:
    pages = {"SwaggerView", "RedocView"}
    assert {view.__name__ for view in api_views(get_resolver().url_patterns) if not issubclass(view, Endpoint)} == pages


def test_every_predictor_has_its_path_its_record_and_its_answer(document: dict[str, Any]) -> None:
    for name, predictor in registry.all_predictors().items():
        operation = document["paths"][f"/api/{predictor.route}/{name}/"]["post"]
        assert {"200", "400", "401", "403", "409", "413", "415", "429", "503"} == set(operation["responses"])
        answer = document["components"]["schemas"]["".join(part.title() for part in name.split("-")) + "Answer"]
        names = {output.name for output in predictor.outputs}
        assert names | {"prediction_id", "model", "reasons", "raw"} <= set(answer["properties"])


def test_every_schema_is_valid_and_every_pointer_leads_somewhere(document: dict[str, Any]) -> None:
    for schema in [*document["components"]["schemas"].values(), *parts_of(document["paths"], "schema")]:
        Draft202012Validator.check_schema(schema)
    for pointer in parts_of(document, "$ref"):
        place: Any = document
        for step in pointer.removeprefix("#/").split("/"):
            place = place[step]


def test_every_operation_has_an_id_of_its_own(document: dict[str, Any]) -> None:
    found = [operation["operationId"] for path in document["paths"].values() for operation in path.values()]
    assert len(found) == len(set(found))


def test_the_examples_are_answered(document: dict[str, Any], alice_api: ApiClient) -> None:
    for path in (path for path in document["paths"] if path.startswith(("/api/predict/", "/api/nlp/"))):
        body = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]
        for example in body["examples"].values():
            answer = alice_api.post_json(path, example["value"])
            assert answer.status_code == 200, (path, answer.content)
            assert "errors" not in answer.content.decode()


def test_a_company_sees_the_inputs_of_its_own_version(alice: Company, alice_api: ApiClient, bob_api: ApiClient) -> None:
    churn = registry.predictor("churn")
    info = {"name": "churn", "version": "alices", "trained_at": None, "evidence": "full"}
    model = Canned(FIELDS, churn.outputs)
    serving._slots[(alice.pk, "churn")] = serving.Slot(churn, model, info, alice.pk)
    own = alice_api.get("/api/schema/").json()["components"]["schemas"]["ChurnRecord"]["properties"]
    others = bob_api.get("/api/schema/").json()["components"]["schemas"]["ChurnRecord"]["properties"]
    assert set(own) == {"external_id", *(field.name for field in FIELDS)}
    assert set(others) == {"external_id", *(field.name for field in churn.inputs)}


def test_where_nothing_serves_the_declared_inputs_are_shown() -> None:
    del serving._slots[(None, "churn")]
    shown = Client().get("/api/schema/").json()["components"]["schemas"]["ChurnRecord"]["properties"]
    assert set(shown) == {"external_id", *(field.name for field in registry.predictor("churn").inputs)}


def test_a_wrong_key_is_told_here_too() -> None:
    refused(Client().get("/api/schema/", headers={"X-API-Key": "x"}), 401)
