"""People: registering, their passwords, what they are called."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from api_gateway import account_schemas as schemas
from api_gateway.endpoint import Endpoint
from api_gateway.operations import Operation
from api_gateway.schemas import ref
from api_gateway.views.tokens import TAG, SignInEndpoint, operation, person_of
from platform_core.addresses import client_site
from platform_core.tenancy import current_company
from users import account_fields as fields
from users import company_settings, passwords, people, registration, sessions
from users.input_fields import read
from users.models import Membership, User
from users.roles import Act


def company_line(place: Membership) -> dict[str, Any]:
    """A company of a person, and what they are there."""
    return {"id": place.company_id, "slug": place.company.slug, "name": place.company.name, "role": place.role}


def person_line(person: User, company_id: int) -> dict[str, Any]:
    """A person, with their companies."""
    lines = [company_line(place) for place in people.memberships(person)]
    return {
        "id": person.pk,
        "email": person.email,
        "full_name": person.full_name,
        "companies": lines,
        "company": next(line for line in lines if line["id"] == company_id),
    }


class RegisterView(SignInEndpoint):
    """A new person with a company of their own."""

    operations = {
        "post": operation(
            "register",
            "Register a company",
            {
                "email": {**schemas.EMAIL, "pattern": schemas.ADDRESS},
                "password": schemas.NEW_PASSWORD,
                "company_name": {**schemas.FULL_NAME, "pattern": schemas.FILLED, "examples": ["Example Ltd"]},
                "full_name": schemas.FULL_NAME,
                "currency": {"type": "string", "pattern": "^[A-Z]{3}$", "examples": ["EUR"]},
                "time_zone": {"enum": list(company_settings.time_zones())},
            },
            ref("Registered"),
            optional=("full_name", "currency", "time_zone"),
            status=201,
            errors=(403, 409),
            public=True,
        )
    }

    def post(self, request: Request) -> Response:
        asked = read(request.data, fields.REGISTER, required=("email", "password", "company_name"))
        place = registration.register(site=client_site(request), **asked)
        person = person_line(place.user, place.company_id)
        return Response({"user": person, "company": company_line(place), **sessions.pair(place)}, status=201)


class ForgotView(SignInEndpoint):
    """A letter with a link for a new password, if the address is somebody's."""

    operations = {
        "post": operation(
            "password_forgot",
            "Forgot the password",
            {"email": {**schemas.EMAIL, "pattern": schemas.ADDRESS}},
            schemas.DONE,
            status=202,
            description="The same answer, after the same time, whether or not the address is somebody's.",
            public=True,
        )
    }

    def post(self, request: Request) -> Response:
        asked = read(request.data, fields.FORGOT, required=("email",))
        passwords.forgot(email=asked["email"], site=client_site(request))
        return Response({}, status=202)


class ResetView(SignInEndpoint):
    """A new password by the token of the mailed link."""

    operations = {
        "post": operation(
            "password_reset",
            "A new password by the mailed link",
            {"token": schemas.TOKEN, "password": schemas.NEW_PASSWORD},
            schemas.DONE,
            description="The token works once, for an hour. Every other session of the person ends.",
            public=True,
        )
    }

    def post(self, request: Request) -> Response:
        asked = read(request.data, fields.RESET, required=("token", "password"))
        passwords.reset(site=client_site(request), **asked)
        return Response({})


class ChangeView(Endpoint):
    """A new password for one who knows the old one."""

    signs_in = shown_once = True
    acts = {"post": Act.OWN_ACCOUNT}
    operations = {
        "post": operation(
            "password_change",
            "Change the password",
            {"old_password": schemas.PASSWORD, "new_password": schemas.NEW_PASSWORD},
            ref("TokenPair"),
            description="Every session of the person ends, this one too: the answer is a new pair to go on with.",
        )
    }

    def post(self, request: Request) -> Response:
        asked = read(request.data, fields.CHANGE, required=("old_password", "new_password"))
        person = passwords.change(
            request=request._request, person=person_of(request), old=asked["old_password"], new=asked["new_password"]
        )
        return Response(sessions.pair(sessions.membership(person, current_company())))


class MeView(Endpoint):
    """The person who is signed in."""

    acts = {"get": Act.OWN_ACCOUNT, "patch": Act.OWN_ACCOUNT}
    operations = {
        "get": Operation(id="me", summary="Who am I?", tag=TAG, answer=ref("Person"), components=schemas.COMPONENTS),
        "patch": operation(
            "me_change", "Change my name", {"full_name": schemas.FULL_NAME}, ref("Person"), optional=("full_name",)
        ),
    }

    def get(self, request: Request) -> Response:
        return Response(person_line(person_of(request), current_company()))

    def patch(self, request: Request) -> Response:
        person = people.change(person=person_of(request), **read(request.data, fields.PERSON))
        return Response(person_line(person, current_company()))
