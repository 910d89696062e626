"""Invitations to the company, and taking one up."""

from __future__ import annotations

from typing import Any

from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from api_gateway.company_schemas import COMPONENTS
from api_gateway.endpoint import Endpoint
from api_gateway.operations import Operation
from api_gateway.pagination import PAGE_QUERIES, page_of, paged
from api_gateway.schemas import record, ref, text
from api_gateway.views.company import TAG, member_line
from users import invitations, joining, sessions
from users.authentication import TokenAuthentication
from users.models import Invitation
from users.permissions import who
from users.roles import Act


def invitation_line(row: Invitation) -> dict[str, Any]:
    """An invitation, without its token: that is for whom it is mailed to."""
    by = row.invited_by
    return {
        "id": row.pk,
        "email": row.email,
        "role": row.role,
        "invited_by": {"kind": "person", "id": by.pk, "label": by.email} if by else None,
        "created_at": row.created_at,
        "expires_at": row.expires_at,
    }


def _operation(name: str, summary: str, **more: Any) -> Operation:
    return Operation(id=name, summary=summary, tag=TAG, components=COMPONENTS, **more)


class InvitationsView(Endpoint):
    """The open invitations; sending one."""

    acts = {"get": Act.SEE_INVITATIONS, "post": Act.INVITE}
    operations = {
        "get": _operation(
            "invitations", "Open invitations", answer=paged(ref("Invitation")), queries=PAGE_QUERIES, errors=(404,)
        ),
        "post": _operation(
            "invitation_send",
            "Invite by e-mail",
            description="The link is mailed, lives for 7 days and works once. Inviting an address again replaces its "
            "earlier invitation. Only an owner invites an owner.",
            body=ref("NewInvitation"),
            answer=ref("Invitation"),
            status=201,
            errors=(409,),
        ),
    }

    def get(self, request: Request) -> Response:
        return page_of(request, invitations.open_invitations(), invitation_line)

    def post(self, request: Request) -> Response:
        return Response(invitation_line(invitations.invite(given=request.data, by=who(request))), status=201)


class InvitationView(Endpoint):
    """One open invitation."""

    acts = {"delete": Act.INVITE}
    operations = {"delete": _operation("invitation_withdraw", "Withdraw it", answer=None, status=204, errors=(404,))}

    def delete(self, request: Request, invitation: int) -> Response:
        invitations.withdraw(invitation_id=invitation)
        return Response(status=204)


class AcceptView(Endpoint):
    """Taking up an invitation: open, since the token says who is invited; a known person also proves to be it."""

    authentication_classes = (TokenAuthentication,)
    permission_classes = (AllowAny,)
    signs_in = True
    operations = {
        "post": _operation(
            "invitation_accept",
            "Accept",
            description="A new person chooses a password. Whoever has an account is signed in as the invited address, "
            "or gives the account's password. A token that is unknown, expired, withdrawn or used is refused with 400, "
            "code `invalid_invitation`.",
            body=record(
                {
                    "token": text("From the link.", minLength=1, maxLength=joining.LONGEST_TOKEN),
                    "password": text(minLength=1, maxLength=joining.LONGEST_PASSWORD),
                    "full_name": text(maxLength=200),
                },
                optional=("password", "full_name"),
                additionalProperties=False,
            ),
            answer=record(
                {
                    "company": ref("CompanyName"),
                    "member": ref("Member"),
                    "access": text("For this company; lives 15 minutes."),
                    "refresh": text("Lives 7 days, works once."),
                }
            ),
            status=201,
            errors=(401, 409),
            public=True,
        )
    }

    def post(self, request: Request) -> Response:
        joined = joining.accept(given=request.data, request=request._request, signed_in=request.user)
        company = {name: getattr(joined.company, name) for name in ("id", "name", "slug")}
        return Response({"company": company, "member": member_line(joined), **sessions.pair(joined)}, status=201)
