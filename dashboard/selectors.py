"""Queries for pages."""

from __future__ import annotations

from typing import Any

from ml_services import registry, selectors, serving
from ml_services.base import Field
from platform_core.errors import NoModel, NotFound
from platform_core.tenancy import current_company

FIRST = ("roc_auc", "accuracy", "macro_f1", "pr_auc", "log_loss", "brier", "ece", "lift_top_decile", "spearman", "mae")
"""The order in which a person reads metrics; the database keeps a card's keys in one of its own."""
MOST_VERSIONS = 20
MOST_ROUNDS = 6
"""The newest are listed."""


def predictor_page(name: str) -> dict[str, Any]:
    """What a predictor's page shows: what serves, its card, and the fields it asks for. Raises NotFound."""
    predictor = registry.predictor(name)
    row = selectors.serving_version(name)
    serves = row if row and row.company_id is not None else None
    # Cards are long, and only that of what serves is shown.
    own = list(selectors.own_versions(name).defer("card")[:MOST_VERSIONS])
    shown: dict[str, Any] = {
        "predictor": predictor,
        "status": selectors.status(name),
        "path": f"/api/{predictor.route}/{name}/",
        "own_versions": own,
        "rounds": list(selectors.runs(name).defer("version__card").exclude(report={})[:MOST_ROUNDS]),
        "own_serving": serves.version if serves else "",
        "compared": (serves.comparison or {}) if serves and (serves.comparison or {}).get("against") else None,
    }
    try:
        slot = serving.find(current_company(), name)
    except (NoModel, NotFound):
        return {**shown, "card": {}, "fields": ()}
    card = dict(row.card) if row and slot.info["version"] != "untrained" else {}
    return {
        **shown,
        "card": card,
        "figures": figures(card),
        "candidates": candidates(card),
        "fields": by_strength(slot.model.fields, card),
    }


def by_strength(fields: tuple[Field, ...], card: dict[str, Any]) -> list[Field]:
    """The fields, those on which the model leans most first."""
    order = {found["feature"]: place for place, found in enumerate(card.get("strongest_features") or ())}
    return sorted(fields, key=lambda field: order.get(field.name, len(order)))


def figures(card: dict[str, Any]) -> list[dict[str, Any]]:
    """Each metric beside guessing and beside the best single column."""
    metrics = card.get("metrics") or {}
    guessing, rule = card.get("guessing") or {}, card.get("single_column_rule") or {}
    return [
        {
            "name": name,
            "value": value,
            "low": metrics.get(f"{name}_low"),
            "high": metrics.get(f"{name}_high"),
            "guessing": guessing.get(name),
            "rule": rule.get(name),
        }
        for name, value in in_order(metrics)
    ]


def candidates(card: dict[str, Any]) -> list[dict[str, Any]]:
    """The families that competed, with their metrics in order."""
    return [
        {**one, "metrics": in_order(one.get("metrics") or {}), "chosen": one.get("name") == card.get("champion")}
        for one in card.get("candidates") or ()
    ]


def in_order(metrics: dict[str, Any]) -> list[tuple[str, Any]]:
    """Metrics without the ends of their intervals, the best known first."""
    places = {name: place for place, name in enumerate(FIRST)}
    shown = [(name, value) for name, value in metrics.items() if not name.endswith(("_low", "_high"))]
    return sorted(shown, key=lambda item: (places.get(item[0], len(places)), item[0]))
