"""The form of a predictor's settings, and that of a plan. The services check what is typed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from dashboard.company_forms import AskingForm, amount
from ml_services.decisions.setting_rules import RETRAINING

GROUPS = (
    ("Bands", "Which probability is called low, medium or high.", "cuts"),
    (
        "Money and capacity", "Whom it pays to act on.",
        "value_per_win", "cost_per_action", "capacity",
    ),
    (
        "Outcomes and what-ifs", "When it is known what came, and what can be changed before.",
        "horizon_days", "silence_means_no", "changeable",
    ),
    (
        "Learning again",
        "Tick the first, then say what sets it off. A new version serves only where it is no worse than the last.",
        "enabled", "on_drift", "cron", "new_outcomes", "on_new_rows", "min_days",
    ),
    (
        "Shadow", "Try another version on real requests: its answers are kept and compared, nobody sees them.",
        "shadow_version", "shadow_share",
    ),
)  # fmt: skip
"""Of the settings: heading, what it is for, and the names of its controls."""


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

    value_per_win = _asked("Value of a win", "What one yes that you act on brings, in the company's currency.")
    cost_per_action = _asked("Cost of an action", "A call, a discount, a visit: for each record acted on.")
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
    horizon_days = _asked("Days until an outcome is known", "From 1 to 3650. Empty: as the version says.")
    changeable = _asked(
        "Fields you can act on", "One a line, for what-ifs.", forms.Textarea(attrs={"rows": 4, "spellcheck": "false"})
    )
    shadow_version = _asked("Shadow version", "It answers unseen beside the one that serves.", forms.Select())
    shadow_share = _asked("Share of requests it gets", "From 0 to 1.")
    enabled = forms.BooleanField(label="Learn again without being told", required=False)
    cron = _asked("At fixed times", "Minute, hour, day, month, weekday: 0 3 * * 1 is Mondays at 3. Empty: none.")
    on_drift = forms.BooleanField(label="When scores or outcomes drift", required=False)
    new_outcomes = _asked("After so many new outcomes", "Empty: not.")
    on_new_rows = _asked("After so many new or changed records", "Empty: not.")
    min_days = _asked("Days between two trainings, at least", "Empty: 7.")
    silence_means_no = forms.BooleanField(label="No outcome after these days means no", required=False)

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

    def groups(self) -> list[tuple[str, str, list[forms.BoundField]]]:
        """Heading, what it is for, and controls of each group that has any."""
        found = [
            (title, about, [self[name] for name in names if name in self.fields]) for title, about, *names in GROUPS
        ]
        return [group for group in found if group[2]]

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
