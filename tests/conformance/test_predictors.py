"""What every predictor must pass, whoever writes it: its sample model learns, answers, explains and travels."""

from __future__ import annotations

import pickle
from dataclasses import replace
from typing import Any

import jsonschema
import pytest

from ml_services import registry, schema
from ml_services.base import Model, Predictor, RecordInvalid, Trained
from platform_core.samples.tables import sample_data

BUDGET_S = 2.0
FEW_ROWS = 400
LEARNING = sorted(name for name, one in registry.all_predictors().items() if one.sample_file)
ALL = sorted(registry.all_predictors())
CARD_KEYS = {"data", "columns", "champion", "candidates", "holdout", "metrics", "seconds", "seed"}
_trained: dict[str, Trained] = {}


def trained(name: str) -> Trained:
    """The sample training of a predictor, once for all tests here."""
    if name not in _trained:
        predictor = registry.predictor(name)
        _trained[name] = predictor.train(sample_data(predictor), replace(predictor.sample_options(), budget_s=BUDGET_S))
    return _trained[name]


def model_of(predictor: Predictor) -> Model:
    if predictor.parts:
        return predictor.compose({part: model_of(registry.predictor(part)) for part in predictor.parts})
    untrained = None if predictor.sample_file else predictor.untrained()
    return untrained or trained(predictor.name).model


def _travelled(model: Model) -> Model:
    copy: Model = pickle.loads(pickle.dumps(model))  # noqa: S301 - our own, from a line above
    return copy


def example(name: str) -> dict[str, Any]:
    predictor = registry.predictor(name)
    return schema.example_record(model_of(predictor).fields)


@pytest.mark.parametrize("name", ALL)
def test_a_predictor_declares_itself(name: str) -> None:
    predictor = registry.predictor(name)
    assert predictor.title and predictor.question
    assert predictor.inputs, "no inputs"
    assert predictor.outputs, "no outputs"
    assert all(field.description for field in predictor.inputs)


@pytest.mark.parametrize("name", LEARNING)
def test_the_card_says_on_what_and_how_well_it_learned(name: str) -> None:
    found = trained(name)
    assert set(found.card) >= CARD_KEYS
    assert {"rows", "columns", "sha256"} <= set(found.card["data"])
    assert found.evidence in {"provisional", "standard", "full"}
    assert found.card["metrics"]


@pytest.mark.parametrize("name", ALL)
def test_the_example_fits_the_schema_and_is_answered_with_the_declared_fields(name: str) -> None:
    predictor, record = registry.predictor(name), example(name)
    model = model_of(predictor)
    jsonschema.validate(record, schema.json_schema(model.fields))
    answer = model.answer(record, explain=False)
    assert {one.name for one in predictor.outputs if not one.nullable} <= set(answer)


@pytest.mark.parametrize("name", ALL)
def test_reasons_add_up_to_the_raw_output(name: str) -> None:
    answer = model_of(registry.predictor(name)).answer(example(name), explain=True)
    assert isinstance(answer["reasons"], list)
    parts = [answer] if "raw" in answer else [part for part in answer.values() if isinstance(part, dict)]
    checked = [part for part in parts if "raw" in part and "base" in part]
    for part in checked:
        total = part["base"] + part.get("other_effects", 0.0) + sum(one["effect"] for one in part["reasons"])
        assert total == pytest.approx(part["raw"], abs=1e-6)
    assert checked or name == "tag"


@pytest.mark.parametrize("name", ALL)
def test_a_model_survives_its_artifact(name: str) -> None:
    model, record = model_of(registry.predictor(name)), example(name)
    assert _travelled(model).answer(record, explain=False) == model.answer(record, explain=False)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("record", [{}, {"no_such_field": 1}], ids=["empty", "unknown"])
def test_a_bad_record_names_its_fields(name: str, record: dict[str, Any]) -> None:
    with pytest.raises(RecordInvalid) as caught:
        model_of(registry.predictor(name)).answer(record, explain=False)
    assert all(problem.field and problem.detail for problem in caught.value.problems)


@pytest.mark.parametrize("name", [name for name in LEARNING if registry.predictor(name).grain == "row"])
def test_many_records_and_a_table_give_what_one_record_gives(name: str) -> None:
    model = model_of(registry.predictor(name))
    table = sample_data(registry.predictor(name)).table.slice(0, 40)
    answered = model.answer_table(table, explain=False)
    assert len(answered.positions) + len({reject.position for reject in answered.rejects}) == 40
    assert all(len(column) == len(answered.positions) for column in answered.columns.values())
    record = example(name)
    assert model.answers([record, {"nonsense": 1}], explain=False)[0] == model.answer(record, explain=False)


@pytest.mark.parametrize("name", LEARNING)
def test_the_same_data_and_seed_give_the_same_model(name: str) -> None:
    predictor = registry.predictor(name)
    data = sample_data(predictor)
    few = replace(data, table=data.table.slice(0, FEW_ROWS))
    # The clock cuts nothing: then the plan of trials depends on the data alone.
    options = replace(predictor.sample_options(), hurried=False)
    first, second = predictor.train(few, options), predictor.train(few, options)
    record = schema.example_record(first.model.fields)
    assert first.model.answer(record, explain=False) == second.model.answer(record, explain=False)
