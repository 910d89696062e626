"""The OpenAPI 3.1 document: each view says its operations (`Endpoint.describe`), this writes them down."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry, ResolvedComponent

from api_gateway.operations import HEADERS, JSON, Operation, Schema, error_response, response
from api_gateway.schemas import COMPONENTS, SLUG
from ml_services import registry as predictors

SECURITY: dict[str, Schema] = {
    "ApiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "A company's key, by scopes."},
    "Bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "From /api/auth/token/."},
}
IDEMPOTENCY_KEY: Schema = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
    "description": "Within 24 h the same key with the same request gets the first answer again, with "
    "`Idempotency-Replayed: true`; with another request it gets 409.",
}
POINTER = "#/components/schemas/"


def path_parameter(name: str) -> Schema:
    """What a path's variable may be."""
    known: dict[str, Schema] = {
        "predictor": {"type": "string", "enum": list(predictors.all_predictors())},
        "version": {"type": "string", "pattern": SLUG},
        **{key: {"type": "string", "format": "uuid"} for key in ("prediction", "delivery", "upload")},
    }
    return {"name": name, "in": "path", "required": True, "schema": known.get(name, {"type": "integer", "minimum": 0})}


def named(schema: Any) -> Iterator[str]:
    """The names of the components that a schema refers to."""
    if isinstance(schema, dict):
        pointer = schema.get("$ref")
        if isinstance(pointer, str) and pointer.startswith(POINTER):
            yield pointer.removeprefix(POINTER)
        for value in schema.values():
            yield from named(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from named(value)


class PlatformSchema(AutoSchema):
    """Asks the view what it does; adds what every operation may answer."""

    def get_operation(
        self, path: str, path_regex: str, path_prefix: str, method: str, registry: ComponentRegistry
    ) -> Schema | None:
        # Not by type: importing the view's class here would close a circle, as it asks for this class.
        describe = getattr(self.view, "describe", None)
        if describe is None:
            return None
        operation: Operation = describe(method.lower())
        self.path, self.path_regex, self.path_prefix, self.method = path, path_regex, path_prefix, method.upper()
        self.registry = registry
        written = self._written(operation)
        self._add_components(written, {**COMPONENTS, **operation.components})
        return written

    def _written(self, operation: Operation) -> Schema:
        variables = [part[1:-1] for part in self.path.split("/") if part.startswith("{")]
        parameters = [*map(path_parameter, variables), *operation.queries]
        statuses = set(operation.statuses())
        if self.method == "POST" and not operation.public:
            parameters.append(IDEMPOTENCY_KEY)
            statuses.add(409)
        errors = {str(status): error_response(status) for status in sorted(statuses)}
        written: Schema = {
            "operationId": operation.id,
            "summary": operation.summary,
            "description": operation.description,
            "tags": [operation.tag],
            "parameters": parameters,
            "security": [] if operation.public else [{name: []} for name in SECURITY],
            "responses": {
                str(operation.status): response("Done.", operation.answer, kind=operation.answer_type),
                **errors,
            },
        }
        if operation.body is not None:
            examples = {name: {"value": value} for name, value in operation.body_examples.items()}
            content = {"schema": operation.body, **({"examples": examples} if examples else {})}
            bodies = {operation.body_type: content}
            if operation.json_body is not None:
                bodies[JSON] = {"schema": operation.json_body}
            written["requestBody"] = {"required": operation.body_required, "content": bodies}
        return {key: value for key, value in written.items() if value or key == "security"}

    def _add_components(self, written: Schema, known: dict[str, Schema]) -> None:
        waiting, seen = list(named(written)), set[str]()
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            self._register(name, ResolvedComponent.SCHEMA, known[name])
            waiting.extend(named(known[name]))
        for name, scheme in SECURITY.items():
            self._register(name, ResolvedComponent.SECURITY_SCHEMA, scheme)
        for name, header in HEADERS.items():
            self._register(name, "headers", header)

    def _register(self, name: str, kind: str, schema: Schema) -> None:
        self.registry.register_on_missing(ResolvedComponent(name=name, type=kind, schema=schema, object=name))  # type: ignore[no-untyped-call]


__all__ = ["PlatformSchema"]
