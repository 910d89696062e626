"""The forms of a company: its settings, a member's role, an invitation, a key. The services check what is typed; a
form only asks, and puts each refusal beside its control."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils import timezone

from platform_core.errors import PlatformError, RecordInvalid
from users.company_settings import MOST_PACKAGES, time_zones
from users.currencies import CODES
from users.models import Company, Role, Scope

EMPTY_ROWS = 3
"""Rows for new packages below those that are there."""
LIVES = ((30, "30 days"), (90, "90 days"), (365, "a year"), (0, "until it is revoked"))
SCOPES = {
    Scope.PREDICT: "ask for predictions",
    Scope.UPLOAD: "score files",
    Scope.RECORDS: "read and write customer records",
    Scope.MODELS: "train models and let them serve",
    Scope.CONNECTORS: "connect other systems",
    Scope.ADMIN: "everything, keys and members too",
}
ROLES = {
    Role.OWNER: "Owner: everything",
    Role.ADMIN: "Admin: everything but making owners",
    Role.ANALYST: "Analyst: predicts and trains",
    Role.VIEWER: "Viewer: looks",
}


class AskingForm(forms.Form):
    """Takes texts as they are; the service that gets them refuses."""

    def text(self, name: str) -> str:
        """What was typed, trimmed."""
        return str(self.data.get(name, "")).strip()

    def refuse(self, problem: PlatformError) -> None:
        """Puts each problem beside its control, or above the form."""
        self.full_clean()
        if isinstance(problem, RecordInvalid):
            for found in problem.problems:
                self._place(found.field, found.detail)
        else:
            self._place(problem.attr or "", problem.detail)

    def _place(self, field: str, detail: str) -> None:
        name, _, place = field.partition(".")
        said = detail.removeprefix(f"{field} ") if field else detail
        self.add_error(name if name in self.fields else None, said if not place else f"{place}: {said}")


def amount(text: str) -> str:
    """A typed amount with a point for the decimals: much of the world types a comma there."""
    return text.replace(",", ".") if text.count(",") == 1 and "." not in text else text


def _asked(label: str, widget: forms.Widget | None = None, help_text: str = "") -> forms.CharField:
    return forms.CharField(label=label, required=False, widget=widget or forms.TextInput(), help_text=help_text)


def _select(choices: Any) -> forms.Select:
    return forms.Select(choices=list(choices))


class SettingsForm(AskingForm):
    """A company's settings. Packages are rows of three controls."""

    name = _asked("Name", help_text="As people read it, in letters too.")
    slug = _asked("Short name", help_text="As commands name it: lower-case letters, digits, hyphens.")
    time_zone = _asked("Time zone", _select((zone, zone.replace("_", " ")) for zone in time_zones()))
    currency = _asked("Currency", _select((code, code) for code in CODES))
    retention_days = _asked(
        "Keep predictions for", forms.TextInput(attrs={"inputmode": "numeric"}), "Days, from 1 to 3650."
    )
    webhook_urls = _asked(
        "Webhook addresses",
        forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        "One https address of the public internet a line, ten at most.",
    )

    notify_by_email = forms.BooleanField(
        label="Tell people by e-mail",
        required=False,
        help_text="Whoever sent a file or started a training, when it ended; owners and admins, of drift.",
    )

    def __init__(self, company: Company, data: Any = None) -> None:
        shown = {name: getattr(company, name) for name in self.base_fields}
        super().__init__(data, initial={**shown, "webhook_urls": "\n".join(company.webhook_urls)})
        self.kept = company.packages
        self.package_problem = ""

    def rows(self) -> Iterator[dict[str, Any]]:
        """The packages as typed, else as kept, and empty rows for more."""
        typed = self._typed() if self.is_bound else [self._row(one) for one in self.kept]
        room = max(0, MOST_PACKAGES - len(typed))
        for place, row in enumerate([*typed, *[("", "", "")] * min(EMPTY_ROWS, room)]):
            yield {"place": place, "name": row[0], "monthly_price": row[1], "setup_fee": row[2]}

    def given(self) -> dict[str, Any]:
        """The settings as a program would send them."""
        plain = {name: self.text(name) for name in ("name", "slug", "time_zone", "currency")}
        days = self.text("retention_days")
        return {
            **plain,
            "retention_days": int(days) if days.isascii() and days.isdecimal() and len(days) < 6 else days,
            "webhook_urls": self.text("webhook_urls").split(),
            "notify_by_email": self.text("notify_by_email") != "",
            "packages": [
                {"name": name, "monthly_price": amount(price), "setup_fee": amount(fee) or None}
                for name, price, fee in self._typed()
            ],
        }

    def _typed(self) -> list[tuple[str, str, str]]:
        rows = (
            tuple(self.text(f"package_{place}_{part}") for part in ("name", "monthly_price", "setup_fee"))
            for place in range(MOST_PACKAGES + EMPTY_ROWS)
        )
        return [(row[0], row[1], row[2]) for row in rows if any(row)]

    def _row(self, package: dict[str, Any]) -> tuple[str, str, str]:
        return package["name"], package["monthly_price"], package.get("setup_fee") or ""

    def _place(self, field: str, detail: str) -> None:
        if not field.startswith("packages"):
            return super()._place(field, detail)
        _, place, part = [*field.split("."), "", ""][:3]
        where = f"Row {int(place) + 1}, {part.replace('_', ' ')}: " if place.isdecimal() else ""
        self.package_problem = where + detail.removeprefix(f"{field} ")
        return self.add_error(None, "The price list is not right: see below.")


class InvitationForm(AskingForm):
    """Whom to invite, as what."""

    email = _asked("E-mail", forms.EmailInput(attrs={"autocomplete": "off", "maxlength": 254}))

    def __init__(self, roles: list[str], data: Any = None) -> None:
        super().__init__(data, initial={"role": Role.VIEWER})
        self.fields["role"] = _asked("Role", _select((role, ROLES[Role(role)]) for role in roles))

    def given(self) -> dict[str, Any]:
        """The invitation as a program would send it."""
        return {"email": self.text("email"), "role": self.text("role")}


class KeyForm(AskingForm):
    """A new key's name, scopes and life."""

    name = _asked("Name", help_text="What it is for: the shop, the nightly job.")
    scopes = forms.MultipleChoiceField(
        label="It may",
        required=False,
        choices=list(SCOPES.items()),
        widget=forms.CheckboxSelectMultiple(),
        initial=[Scope.PREDICT],
    )
    days = _asked("It works", _select(LIVES))

    def given(self) -> dict[str, Any]:
        """The key as a program would ask for it."""
        asked: dict[str, Any] = {"name": self.text("name"), "scopes": cast(QueryDict, self.data).getlist("scopes")}
        days = next((days for days, _ in LIVES if str(days) == self.text("days")), LIVES[0][0])
        if days:
            asked["expires_at"] = (timezone.now() + timedelta(days=days)).isoformat()
        return asked


__all__ = ["ROLES", "InvitationForm", "KeyForm", "SettingsForm", "amount"]
