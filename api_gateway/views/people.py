"""A person's data in the company: to see it, to have it erased."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from api_gateway.endpoint import Endpoint
from api_gateway.operations import Operation, query
from api_gateway.schemas import TIME, or_null, record, text
from platform_core.errors import InputInvalid
from platform_core.tenancy import current_company
from users import erasure
from users.receipts import receipt_line
from users.roles import Act

TAG = "Privacy"
PATTERN = r"^[a-z0-9]{1,30}@[a-z]{1,20}\.(com|org)$"
"""Of addresses, some that all are taken; which ones else, no pattern says (`users.emails`)."""
EMAIL = {
    **query("email", {"type": "string", "pattern": PATTERN}, "The person's address, in any spelling."),
    "required": True,
    "example": "ann@example.com",
}
VERSION = record(
    {
        "predictor": text(),
        "version": text(),
        "trained_at": TIME,
        "serving": {"type": "boolean"},
        "certain": {"type": "boolean", "description": "False: trained before it was noted whose data a version saw."},
        "trained_after_erasure": {"type": "boolean", "description": "From a file that still told of the person."},
    },
    optional=("certain", "trained_after_erasure"),
)
RECEIPT = record(
    {
        "id": text(format="uuid"),
        "at": TIME,
        "person": text("The address as a keyed digest: the same for each receipt of one person in one company."),
        "asker": or_null("string", description="Who had it done: person:3, key:7."),
        "erased": {"type": "object", "description": "By place, how many of what: {ledger: {predictions: 3}}."},
        "kept": {"type": "object", "description": "By place, what stays and why."},
        "model_versions": {"type": "array", "items": VERSION, "description": "Trained with the person's data."},
    }
)
EXPORT = record(
    {
        "email": text("The address as it is compared."),
        "person": text("Its keyed digest."),
        "exported_at": TIME,
        "identifiers": {"type": "array", "items": text(), "description": "What else the company knows them by."},
        "held": {"type": "object", "description": "By place, what is held."},
        "receipts": {"type": "array", "items": RECEIPT, "description": "Of earlier erasures."},
    }
)


def address(request: Request) -> str:
    """The address asked for. Raises InputInvalid."""
    given: str = request.query_params.get("email", "")
    if not given:
        raise InputInvalid("Say whose data: ?email=ann@example.com", attr="email")
    return given


class PeopleView(Endpoint):
    """One person, by their e-mail address."""

    acts = {"get": Act.SEE_PERSON, "delete": Act.ERASE_PERSON}
    operations = {
        "get": Operation(
            id="person_export",
            summary="What is held of a person",
            tag=TAG,
            description="Everything in one document. That it was asked for is in the audit.",
            answer=EXPORT,
            queries=(EMAIL,),
        ),
        "delete": Operation(
            id="person_erase",
            summary="Erase a person",
            tag=TAG,
            description="Reaches records, the ledger, files and invitations. Leaves a receipt without the data, also "
            "where nothing was held; asked again, it changes nothing and leaves one more receipt.",
            answer=RECEIPT,
            queries=(EMAIL,),
        ),
    }

    def get(self, request: Request) -> Response:
        return Response(erasure.export(company_id=current_company(), email=address(request)))

    def delete(self, request: Request) -> Response:
        return Response(receipt_line(erasure.erase(company_id=current_company(), email=address(request))))


__all__ = ["PeopleView"]
