"""Numbers and names as people read them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template

from dashboard.answers import words

register = template.Library()
METRICS = {
    "roc_auc": ("ROC AUC", "how well it ranks: 0.5 is guessing, 1 perfect"),
    "pr_auc": ("PR AUC", "precision over recall; guessing gets the share of yes"),
    "log_loss": ("Log loss", "how far off its chances are: less is better"),
    "brier": ("Brier score", "mean squared error of its chances: less is better"),
    "ece": ("Calibration error", "how far what it says is from what came"),
    "lift_top_decile": ("Lift, top tenth", "times the average rate among the tenth it ranks highest"),
    "accuracy": ("Accuracy", "share answered rightly"),
    "macro_f1": ("Macro F1", "mean F1 of the classes"),
    "mae": ("Mean error", "mean absolute error, in the target's unit"),
    "rmse": ("RMSE", "root of the mean squared error"),
    "spearman": ("Rank correlation", "0 is guessing, 1 the right order"),
    "top_decile_capture": ("Top tenth holds", "share of all value in the tenth it ranks highest"),
    "total_ratio": ("Predicted / came", "total predicted over the total that came"),
    "interval_coverage": ("Interval coverage", "share of values inside their interval"),
    "mase": ("MASE", "error against the naive forecast: below 1 beats it"),
    "smape": ("sMAPE", "symmetric error in percent"),
    "coverage_80": ("80 % coverage", "share inside the 80 % interval"),
    "coverage_95": ("95 % coverage", "share inside the 95 % interval"),
    "silhouette": ("Silhouette", "how far apart the segments are, at most 1"),
    "spiegelhalter_z": ("Spiegelhalter's z", "from -2 to 2 its chances may be taken at their word"),
    "spiegelhalter_p": ("Its p-value", "how often right chances would miss by as much"),
    "micro_f1": ("F1 of tags", "tags found and given rightly, over all texts"),
    "f1_at_10": ("F1 at 10", "tags found, of those a person gave"),
}


@register.filter
def figure(value: Any) -> str:
    """A number in three to four digits."""
    if value is None or isinstance(value, bool | str):
        return "—" if value is None else str(value)
    number = float(value)
    if abs(number) >= 1000:
        return f"{number:,.0f}"
    return f"{number:.1f}" if abs(number) >= 100 else f"{number:.3f}" if abs(number) < 10 else f"{number:.2f}"


@register.filter
def count(value: Any) -> str:
    """A whole number with its thousands apart."""
    return "—" if value is None else f"{int(value):,}"


@register.filter
def percent(value: Any) -> str:
    """A share in percent."""
    return "—" if value is None else f"{100 * float(value):.1f} %"


@register.filter
def times100(value: Any) -> str:
    """A share as a coordinate from 0 to 100."""
    return f"{100 * min(max(float(value or 0), 0.0), 1.0):.2f}"


@register.filter
def coordinate(value: Any) -> str:
    """A number as SVG wants it, whatever the language."""
    return f"{float(value):.2f}"


@register.filter
def of_most(value: Any, rows: Any) -> str:
    """A feature's effect in percent of the largest."""
    most = max((abs(float(row["effect"])) for row in rows), default=1.0) or 1.0
    return f"{100 * abs(float(value)) / most:.2f}"


@register.filter
def metric(name: str) -> str:
    """A metric's name."""
    return METRICS.get(name, (words(name), ""))[0]


@register.filter
def metric_about(name: str) -> str:
    """What a metric means."""
    return METRICS.get(name, ("", ""))[1]


@register.filter
def spoken(name: Any) -> str:
    """A key as a person writes it."""
    return words(str(name))


@register.filter
def day(value: Any) -> str:
    """The day of an ISO time."""
    if not value:
        return "never"
    return datetime.fromisoformat(str(value).replace("Z", "+00:00")).strftime("%-d %B %Y")


__all__ = ["register"]
