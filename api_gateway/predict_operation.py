"""The operation of one predictor's path, from its declaration and from what serves the company that asks."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from api_gateway.operations import Operation, Schema, query
from api_gateway.schemas import COMPONENTS, record, ref, text
from ml_services import identity, registry, schema, serving
from ml_services.base import Field, Predictor
from platform_core.errors import NoCompanyInForce, NoModel, NotFound
from platform_core.tenancy import current_company

MOST_RECORDS = 1000
EXPLAIN = query(
    "explain", {"type": "boolean", "default": True}, "false: without `reasons`, `base` and `raw`, and faster."
)
HOW = (
    'Takes one record, or `{{"records": [...]}}` with up to {most:,}: then the answer is `{{"results": [...]}}` in the '
    "same order, and a bad record gets its own `errors` while the good ones are answered."
)


def serving_inputs(name: str) -> tuple[tuple[Field, ...], Collection[str], str]:
    """The fields that the asking company's version takes, the columns it lets pass, and its name; signed out, those
    of the shared version; where nothing serves, the declared ones."""
    try:
        company: int | None = current_company()
    except NoCompanyInForce:
        company = None
    try:
        slot = serving.find(company, name)
    except (NoModel, NotFound):
        return registry.predictor(name).inputs, (), ""
    return slot.model.fields, getattr(slot.model, "extras", ()), str(slot.info["version"])


def outputs_schema(predictor: Predictor) -> Schema:
    """The schema of an answer's own fields; a composite's are the answers of its parts."""
    own: Schema = schema.json_schema_of_outputs(predictor.outputs)
    known = registry.all_predictors()
    if not predictor.parts or not known.keys() >= set(predictor.parts):
        return own
    parts = {name: explained(outputs_schema(known[name])) for name in predictor.parts}
    return {**own, "properties": {**own["properties"], **parts}}


def explained(own: Schema) -> Schema:
    """An answer's own fields, with those that explain it."""
    more: Schema = {
        "reasons": {"type": "array", "items": ref("Reason"), "description": "The strongest, for and against."},
        "raw": {"description": "The model's raw output, before calibration."},
        "base": {"description": "The raw output before any input is known."},
        "other_effects": {"type": "number", "description": "What all inputs not among the reasons add together."},
    }
    return {**own, "properties": {**own["properties"], **more}}


def answer_schema(predictor: Predictor) -> Schema:
    """The schema of one whole answer."""
    own = explained(outputs_schema(predictor))
    common: Schema = {"prediction_id": text(format="uuid"), "model": ref("ModelInfo")}
    return {
        **own,
        "properties": {**common, **own["properties"]},
        "required": [*common, *own.get("required", ())],
    }


def predict_operation(name: str) -> Operation:
    """What `POST /api/predict/<name>/` takes and answers."""
    predictor = registry.predictor(name)
    fields, extras, version = serving_inputs(name)
    stem = "".join(part.title() for part in name.split("-"))
    one, answer = f"{stem}Record", f"{stem}Answer"
    refused = record({"errors": COMPONENTS["Errors"]["properties"]["errors"]}, additionalProperties=False)
    many = {
        "type": "array", "minItems": 1, "maxItems": MOST_RECORDS,
        "items": {"anyOf": [ref(one), {"type": "object", "description": "Anything else gets its own errors."}]},
    }  # fmt: skip
    results = {"type": "array", "items": {"anyOf": [ref(answer), refused]}}
    example: dict[str, Any] = schema.example_record(fields)
    served = f"Inputs of version {version}." if version else "Nothing serves yet: the declared inputs are shown."
    return Operation(
        id=f"predict_{name.replace('-', '_')}",
        summary=predictor.title,
        description=f"{predictor.question}\n\n{HOW.format(most=MOST_RECORDS)}\n\n{served}",
        tag="Predictions",
        body={"anyOf": [ref(one), ref(f"{stem}Batch")]},
        body_examples={"one": example, "several": {"records": [example, example]}},
        answer={"anyOf": [ref(answer), record({"results": results})]},
        queries=(EXPLAIN,),
        components={
            one: identity.with_key(schema.json_schema(fields, extras)),
            f"{stem}Batch": record({"records": many}, additionalProperties=False),
            answer: answer_schema(predictor),
        },
    )


__all__ = ["EXPLAIN", "MOST_RECORDS", "predict_operation"]
