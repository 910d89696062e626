"""Every error that a person may see, as one family: a code for programs, a status for HTTP, a text for people.

Texts say what is wrong, where, and what to do. They never hold a traceback, SQL, a secret or another system's
body: one handler turns them into answers, and the log gets the code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


class PlatformError(Exception):
    """Something went wrong that we can name."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    default: ClassVar[str] = "Something went wrong."
    retry_after_s: int | None = None
    """After how many seconds the same may work, where that is known."""

    def __init__(self, detail: str = "", *, attr: str | None = None) -> None:
        super().__init__(detail or self.default)
        self.detail = detail or self.default
        self.attr = attr


class SettingInvalid(PlatformError):
    """A setting in the environment is wrong or missing."""

    code = "invalid_setting"
    default = "A setting is wrong."


class DatabaseUnavailable(PlatformError):
    """The database cannot be reached or started."""

    code = "database_unavailable"
    status = 503
    default = "The database cannot be reached."


class NoCompanyInForce(PlatformError):
    """A tenant table was queried without saying for whom. A bug in the caller: nothing was read."""

    code = "no_company"
    default = "No company is in force."


class NotSignedIn(PlatformError):
    """Nobody known asks."""

    code = "not_authenticated"
    status = 401
    default = "Sign in first."


class NotAllowed(PlatformError):
    """Whoever asks may not do this."""

    code = "permission_denied"
    status = 403
    default = "Not allowed."


class NotFound(PlatformError):
    """There is nothing of that name here, or it is another company's."""

    code = "not_found"
    status = 404
    default = "Not found."


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong with one field of one record. `code` is one of required, unknown, wrong_type, out_of_range,
    not_a_choice, too_long, null."""

    field: str
    code: str
    detail: str


class RecordInvalid(PlatformError):
    """A record does not fit the schema of the version that serves."""

    code = "invalid"
    status = 400
    default = "The record does not fit the schema."

    def __init__(self, problems: list[FieldProblem]) -> None:
        super().__init__("; ".join(problem.detail for problem in problems))
        self.problems = problems


class InputInvalid(PlatformError):
    """A request or an option is wrong."""

    code = "invalid"
    status = 400
    default = "The request is wrong."


class FileRefused(PlatformError):
    """A file cannot be read as a table. The text says why and what to do."""

    code = "invalid_file"
    status = 400
    default = "The file cannot be read as a table."


class FileTooLarge(PlatformError):
    """A file is larger than this installation takes."""

    code = "too_large"
    status = 413
    default = "The file is larger than this installation takes."


class TrainingRefused(PlatformError):
    """A model cannot be learned from what was given. The text says why and what to do."""

    code = "training_refused"
    status = 400
    default = "A model cannot be learned from this data."


class NoModel(PlatformError):
    """No model version can serve."""

    code = "no_model"
    status = 503
    default = "There is no model yet."


class ArtifactRefused(PlatformError):
    """A stored model is missing, changed, or made by other library versions: it is not loaded."""

    code = "artifact_refused"
    status = 503
    default = "The stored model cannot be trusted."


class Conflict(PlatformError):
    """The thing changed meanwhile, or exists already."""

    code = "conflict"
    status = 409
    default = "That conflicts with what is there."


class KeyReused(Conflict):
    """An Idempotency-Key came again with another request."""

    code = "idempotency_key_reused"
    default = "This Idempotency-Key was used for another request. Use a new key for each."


class InProgress(Conflict):
    """The same request is being done at this moment."""

    code = "in_progress"
    default = "The request with this Idempotency-Key is still being done. Ask again for its answer."
    retry_after_s = 2


class Throttled(PlatformError):
    """A limit is reached. The text says which one, and when or how to come again."""

    code = "throttled"
    status = 429
    default = "Too many requests."

    def __init__(self, detail: str = "", *, retry_after_s: int) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


__all__ = [
    "ArtifactRefused",
    "Conflict",
    "DatabaseUnavailable",
    "FieldProblem",
    "FileRefused",
    "FileTooLarge",
    "InProgress",
    "InputInvalid",
    "KeyReused",
    "NoCompanyInForce",
    "NoModel",
    "NotAllowed",
    "NotFound",
    "NotSignedIn",
    "PlatformError",
    "RecordInvalid",
    "SettingInvalid",
    "Throttled",
    "TrainingRefused",
]
