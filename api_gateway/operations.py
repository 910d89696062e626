"""What an operation takes and answers, said once, beside its view; `openapi.py` writes the document from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from api_gateway.problems import body, one

Schema = dict[str, Any]
JSON = "application/json"
FORM = "multipart/form-data"

EXAMPLES: dict[int, tuple[str, str, str, str | None]] = {
    400: (
        "The request is wrong; every wrong field is named.",
        "required",
        "tenure_months is required.",
        "tenure_months",
    ),
    401: ("Not signed in.", "not_authenticated", "Authentication credentials were not provided.", None),
    403: ("Not allowed.", "permission_denied", "This key does not have the scope that this needs.", None),
    404: ("There is nothing of that name, or it is another company's.", "not_found", "There is no version 7.", None),
    409: ("That conflicts with what is there.", "conflict", "No earlier version of churn has served.", None),
    411: ("The body has no length.", "length_required", "Send Content-Length.", None),
    413: ("The body is too large.", "too_large", "The body is larger than 2560 KB.", None),
    415: ("Another kind of body is needed.", "unsupported_media_type", "Send Content-Type: application/json.", None),
    429: (
        "A limit is reached.",
        "throttled",
        "The limit of 600 predictions a minute for a key is reached. Try …",
        None,
    ),
    503: ("Cannot be answered now.", "no_model", "There is no model of churn yet. Train one: …", None),
}
"""Per status: what it means, and an error of it."""

HEADERS: dict[str, Schema] = {
    "X-Request-ID": {"schema": {"type": "string"}, "description": "By which this request is found in the log."},
    "RateLimit-Limit": {"schema": {"type": "string"}, "description": "The limit that is nearest to being reached."},
    "RateLimit-Remaining": {"schema": {"type": "string"}, "description": "What of it remains."},
    "RateLimit-Reset": {"schema": {"type": "string"}, "description": "Seconds until its window is over."},
}
"""What every answer may carry."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path. `answer`: the schema of its `status`, None where it has no body; `errors`: what else it
    may answer, beside 400 (any request may be malformed), 429, 401 and 403 where it is not `public`, and 413 and 415
    where it takes a `body`.
    `json_body`: what it takes as JSON instead of a form.
    `components`: the named schemas that its own refer to, beside those of `schemas.COMPONENTS`."""

    id: str
    summary: str
    tag: str
    answer: Schema | None
    status: int = 200
    description: str = ""
    answer_type: str = JSON
    body: Schema | None = None
    body_type: str = JSON
    json_body: Schema | None = None
    body_examples: dict[str, Any] = field(default_factory=dict)
    body_required: bool = True
    queries: tuple[Schema, ...] = ()
    errors: tuple[int, ...] = ()
    public: bool = False
    components: dict[str, Schema] = field(default_factory=dict)

    def statuses(self) -> list[int]:
        """The statuses of its errors, ascending."""
        found = {400, 429, *self.errors}
        if not self.public:
            found |= {401, 403, 503}
        if self.body is not None:
            found |= {413, 415}
        return sorted(found)


def query(name: str, schema: Schema, description: str) -> Schema:
    """One optional parameter of the query string."""
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": description}


def response(description: str, schema: Schema | None, example: Any = None, *, kind: str = JSON) -> Schema:
    """One answer with the headers that all have; without a schema, one without a body."""
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in HEADERS}
    found: Schema = {"description": description, "headers": headers}
    if schema is not None:
        found["content"] = {kind: {"schema": schema, **({} if example is None else {"example": example})}}
    return found


def error_response(status: int) -> Schema:
    """The answer of an error status, with an example in the one shape."""
    description, code, detail, attr = EXAMPLES[status]
    example = body(status, [one(code, detail, attr)], validation=status == 400)
    found = response(description, {"$ref": "#/components/schemas/Errors"}, example)
    if status in {429, 503}:
        found["headers"]["Retry-After"] = {"schema": {"type": "string"}, "description": "Seconds to wait."}
    return found


__all__ = ["FORM", "HEADERS", "JSON", "Operation", "Schema", "error_response", "query", "response"]
