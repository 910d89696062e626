"""What pages show of a predictor's bands, its money, and the versions that could serve."""

from __future__ import annotations

from typing import Any

from dashboard.decision_forms import PredictorSettingsForm
from ml_services import registry
from ml_services.decisions import evidence, money, predictor_settings
from ml_services.models import ModelVersion
from platform_core.errors import InputInvalid, NoModel, NotFound
from platform_core.tenancy import current_company

WIDTH, HEIGHT = 300.0, 100.0
"""Of a curve's drawing, in its own units."""
PAGE_OUTCOMES = 5_000
"""The newest outcomes that the page puts into bands: more would keep it waiting."""


def decisions(name: str) -> dict[str, Any]:
    """What stands on a predictor's page beside its card."""
    try:
        bands: dict[str, Any] | None = evidence.table(name, most=PAGE_OUTCOMES)
    except (InputInvalid, NoModel, NotFound):
        bands = None
    plan, predictor = money.of_judged(name), registry.predictor(name)
    counted = sum(one["outcomes"].get("rows") or 0 for one in bands["bands"]) if bands else 0
    return {
        "bands": bands,
        "bands_newest": counted if counted >= PAGE_OUTCOMES else None,
        "plan": plan and with_curve(plan),
        "yes_no": predictor.task == "binary",
        "moving": predictor.banded is not None,
    }


def settings_form(name: str, data: Any = None) -> PredictorSettingsForm:
    """The form of the settings, as kept or as typed. Raises NotFound."""
    told = predictor_settings.told(name)
    yes_no = registry.predictor(name).task == "binary"
    return PredictorSettingsForm(told, own_versions(name), yes_no=yes_no, data=data)


def own_versions(name: str) -> list[str]:
    """The company's own versions that do not serve, newest first."""
    rows = ModelVersion.objects.filter(company_id=current_company(), predictor=name, serving=False)
    return list(rows.order_by("-created_at").values_list("version", flat=True)[:50])


def with_curve(plan: dict[str, Any]) -> dict[str, Any]:
    """A plan with its curve as points of a drawing: from left to right more are acted on, upwards is more money."""
    heights = [point["money"] for point in plan["curve"]]
    low, high = min(0.0, *heights), max(0.0, *heights)
    span, most = (high - low) or 1.0, plan["records"] or 1

    def place(acted_on: float, amount: float) -> tuple[float, float]:
        return WIDTH * acted_on / most, HEIGHT * (high - amount) / span

    points = " ".join("{:.2f},{:.2f}".format(*place(one["acted_on"], one["money"])) for one in plan["curve"])
    across, down = place(plan["acted_on"], plan["money"])
    return {**plan, "points": points, "across": across, "down": down, "zero": HEIGHT * high / span}


__all__ = ["decisions", "own_versions", "settings_form", "with_curve"]
