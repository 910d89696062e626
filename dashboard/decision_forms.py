"""The form of a predictor's settings, and that of a plan. The services check what is typed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from dashboard.company_forms import AskingForm, amount
from ml_services.decisions.setting_rules import RETRAINING


def _asked(label: str, help_text: str = "", widget: forms.Widget | None = None) -> forms.CharField:
    return forms.CharField(label=label, required=False, widget=widget or forms.TextInput(), help_text=help_text)


def _number(text: str) -> Any:
    """A typed number as a program would send it; what is none is left for the service to refuse."""
    try:
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else float(amount(text))
    except ValueError:
        return text


class MoneyForm(AskingForm):
    """What a win is worth, what an action costs, and how many the team can take."""

    value_per_win = _asked("Value of a win", "In the company's currency.")
    cost_per_action = _asked("Cost of an action")
    capacity = _asked("Actions the team can take", "Empty: as many as pay.")

    def money(self) -> dict[str, Any]:
        """The three as a program would send them."""
        return {
            "value_per_win": amount(self.text("value_per_win")) or None,
            "cost_per_action": amount(self.text("cost_per_action")) or None,
            "capacity": _number(self.text("capacity")) if self.text("capacity") else None,
        }


class PredictorSettingsForm(MoneyForm):
    """What a company says of one predictor. Without bands there are no cuts, without yes and no there is no money."""

    cuts = _asked("Cuts of the bands")
    horizon_days = _asked("Days until an outcome is known", "From 1 to 3650; empty: not said.")
    changeable = _asked(
        "Fields you can act on", "One a line.", forms.Textarea(attrs={"rows": 2, "spellcheck": "false"})
    )
    shadow_version = _asked("Shadow", "A version that answers unseen, to be compared.", forms.Select())
    shadow_share = _asked("Share of requests for the shadow", "From 0 to 1.")
    enabled = forms.BooleanField(label="Train again by itself", required=False)
    cron = _asked("Turns", "Minute, hour, day, month, weekday: 0 3 * * 1. Empty: none.")
    on_drift = forms.BooleanField(label="… when scores or outcomes drift", required=False)
    new_outcomes = _asked("… after so many new outcomes", "Empty: not.")
    on_new_rows = _asked("… after so many new or changed records", "Empty: not.")
    min_days = _asked("Days between two trainings, at least", "Empty: 7.")
    silence_means_no = forms.BooleanField(label="A closed horizon without an outcome is a no", required=False)
    field_order = ("cuts", "value_per_win", "cost_per_action", "capacity", "horizon_days")

    def __init__(self, told: dict[str, Any], versions: Sequence[str], *, yes_no: bool, data: Any = None) -> None:
        shown = {**told, **told["retraining"], "changeable": "\n".join(told["changeable"])}
        shown["cuts"] = ", ".join(f"{cut:.6g}" for cut in told["cuts"] or ())
        super().__init__(data, initial=shown)
        names = told["band_names"]
        self.fields["cuts"].help_text = f"{len(names) - 1} probabilities, commas between: they part {', '.join(names)}."
        choices = [("", "none"), *((one, one) for one in versions)]
        self.fields["shadow_version"].widget = forms.Select(choices=choices)
        if not names:
            del self.fields["cuts"]
        if not yes_no:
            for name in ("value_per_win", "cost_per_action", "capacity", "silence_means_no"):
                del self.fields[name]

    def given(self) -> dict[str, Any]:
        """The settings as a program would send them."""
        days, cuts = self.text("horizon_days"), self.text("cuts")
        found: dict[str, Any] = {
            "horizon_days": _number(days) if days else None,
            "changeable": [line.strip() for line in self.text("changeable").splitlines() if line.strip()],
            "shadow_version": self.text("shadow_version"),
            "shadow_share": _number(self.text("shadow_share") or "0"),
            "retraining": {
                "enabled": self.text("enabled") != "",
                "cron": self.text("cron"),
                "on_drift": self.text("on_drift") != "",
                "new_outcomes": self._whole("new_outcomes"),
                "on_new_rows": self._whole("on_new_rows"),
                "min_days": self._whole("min_days", RETRAINING["min_days"]),
            },
        }
        if "value_per_win" in self.fields:
            found |= {**self.money(), "silence_means_no": self.text("silence_means_no") != ""}
        if "cuts" in self.fields and cuts and cuts != self.initial["cuts"]:
            found["cuts"] = [_number(one.strip()) for one in cuts.split(",")]
        return found

    def _whole(self, name: str, unsaid: Any = None) -> Any:
        return _number(self.text(name)) if self.text(name) else unsaid

    def _place(self, field: str, detail: str) -> None:
        super()._place(field.removeprefix("retraining."), detail)


__all__ = ["MoneyForm", "PredictorSettingsForm"]
