"""The page for a person who asks what is held of them, or to have it erased. Their address is sent in a form's body: it
stands in no address bar, history or log."""

from __future__ import annotations

from typing import Any

import msgspec
from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from dashboard.access import for_company, needs
from dashboard.account_forms import ServiceForm, email_field
from dashboard.audit import told
from dashboard.form_pages import asked
from users import erasure
from users.models import ErasureReceipt
from users.roles import Act

COUNTED = {
    "ledger predictions": "Predictions",
    "files batch jobs": "Files sent in, with their results",
    "answers answers": "Answers kept for a day",
    "account invitations": "Invitations",
}
"""What a receipt counts, as the page calls it."""
SURE = "Tick this to erase: what is erased does not come back."


class PersonForm(ServiceForm):
    """Whose data."""

    email = email_field()


class EraseForm(PersonForm):
    """The same, and that it is meant."""

    sure = forms.BooleanField(required=True, error_messages={"required": SURE})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_company
@needs(Act.SEE_PERSON, to_change=Act.ERASE_PERSON)
def privacy(request: HttpRequest, *, company: Any) -> HttpResponse:
    """Shows, hands out or erases what the company holds of a person."""
    wanted = request.POST.get("do", "show")
    context: dict[str, Any] = {"company": company, "form": PersonForm()}
    if request.method == "POST":
        context |= (erased if wanted == "erase" else looked_up)(request.POST, company.pk)
    if wanted == "download" and "document" in context:
        return download(context["document"])
    return render(request, "dashboard/privacy.html", context)


def looked_up(given: Any, company_id: int) -> dict[str, Any]:
    """What is held of the person in the form."""
    form = PersonForm(given)
    done, document = asked(form, lambda email: erasure.export(company_id=company_id, email=email))
    return {"form": form, **({"document": document, "found": shown(document)} if done else {})}


def erased(given: Any, company_id: int) -> dict[str, Any]:
    """The receipt, or, where it was not meant so, what would be erased."""
    form = EraseForm(given)
    done, receipt = asked(form, lambda email, sure: erasure.erase(company_id=company_id, email=email))
    return {"receipt": receipt_of(receipt)} if done else looked_up(given, company_id) | {"form": form}


def download(document: dict[str, Any]) -> HttpResponse:
    """The whole export as a file."""
    answer = HttpResponse(msgspec.json.format(msgspec.json.encode(document)), content_type="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="person-{document["person"][:8]}.json"'
    return answer


def shown(document: dict[str, Any]) -> dict[str, Any]:
    """An export in counts."""
    held = document["held"]
    account, ledger = held["account"], held["ledger"]
    lines = [
        (COUNTED["ledger predictions"], ledger["predictions_held"]),
        (COUNTED["files batch jobs"], sum(one["what"] == "batch job" for one in held["files"])),
        (COUNTED["answers answers"], len(held["answers"])),
        (COUNTED["account invitations"], len(account["invitations"])),
        ("Model versions trained with their data", len(held["models"])),
    ]
    return {
        "email": document["email"],
        "lines": lines,
        "identifiers": document["identifiers"],
        "membership": account["membership"],
        "training": sum(one["what"] == "training file" for one in held["files"]),
        "receipts": document["receipts"],
    }


def receipt_of(receipt: ErasureReceipt) -> dict[str, Any]:
    """A receipt as it is read."""
    return {
        "row": receipt,
        "erased": [(COUNTED.get(name, name), number) for name, number in told(receipt.erased)],
        "kept": [row["why"] for rows in receipt.kept.values() for row in rows],
    }


__all__ = ["privacy"]
