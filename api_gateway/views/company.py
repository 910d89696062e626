"""The company in force and its people."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from api_gateway.company_schemas import COMPONENTS
from api_gateway.endpoint import Endpoint
from api_gateway.operations import Operation
from api_gateway.pagination import PAGE_QUERIES, page_of, paged
from api_gateway.schemas import ref
from platform_core.tenancy import current_company
from users import company_settings, members
from users.models import Company, Membership
from users.permissions import who
from users.roles import Act

TAG = "Company"


def company_line(row: Company) -> dict[str, Any]:
    """A company and its settings."""
    return {"id": row.pk, **{name: getattr(row, name) for name in company_settings.RULES}, "created_at": row.created_at}


def member_line(row: Membership) -> dict[str, Any]:
    """A member."""
    return {
        "id": row.pk,
        "user_id": row.user_id,
        "email": row.user.email,
        "full_name": row.user.full_name,
        "role": row.role,
        "joined_at": row.created_at,
    }


def _operation(name: str, summary: str, **more: Any) -> Operation:
    return Operation(id=name, summary=summary, tag=TAG, components=COMPONENTS, **more)


class CompanyView(Endpoint):
    """The company in force and its settings."""

    acts = {"get": Act.SEE_COMPANY, "patch": Act.CHANGE_COMPANY}
    operations = {
        "get": _operation("company", "The company and its settings", answer=ref("Company")),
        "patch": _operation(
            "company_change",
            "Change settings",
            body=ref("CompanyChange"),
            answer=ref("Company"),
            errors=(409,),
        ),
    }

    def get(self, request: Request) -> Response:
        return Response(company_line(Company.objects.get(pk=current_company())))

    def patch(self, request: Request) -> Response:
        return Response(company_line(company_settings.change(company_id=current_company(), given=request.data)))


class MembersView(Endpoint):
    """The people of the company."""

    acts = {"get": Act.SEE_MEMBERS}
    operations = {
        "get": _operation("members", "Its people", answer=paged(ref("Member")), queries=PAGE_QUERIES, errors=(404,))
    }

    def get(self, request: Request) -> Response:
        return page_of(request, members.members(), member_line)


class MemberView(Endpoint):
    """One membership: another role, or its end. One's own may be ended by everybody: that is leaving."""

    acts = {"patch": Act.MANAGE_MEMBERS, "delete": Act.MANAGE_MEMBERS}
    operations = {
        "patch": _operation(
            "member_change",
            "Another role",
            description="Only an owner makes or unmakes owners, and the last owner stays one (409).",
            body=ref("MemberChange"),
            answer=ref("Member"),
            errors=(404, 409),
        ),
        "delete": _operation(
            "member_remove",
            "Remove a member, or leave",
            description="Everybody may end their own membership; the last owner may not (409).",
            answer=None,
            status=204,
            errors=(404, 409),
        ),
    }

    def check_permissions(self, request: Request) -> None:
        if members.is_own(request.user, self.kwargs["member"]):
            self.acts = {**self.acts, "delete": Act.LEAVE}  # type: ignore[misc]
        super().check_permissions(request)

    def patch(self, request: Request, member: int) -> Response:
        return Response(member_line(members.change_role(member_id=member, given=request.data, by=who(request))))

    def delete(self, request: Request, member: int) -> Response:
        members.remove(member_id=member, by=who(request))
        return Response(status=204)
