"""customers.csv: a customer base with Pareto spending, zero inflation, churn and what each spent the year after."""

from __future__ import annotations

import numpy as np

from platform_core.samples.cells import Row, blank, in_dollars, padded, sigmoid, soil

PLANS = {"Basic": 0.5, "Standard": 0.35, "Premium": 0.15}
CONTRACTS = {"Month-to-month": 0.55, "One year": 0.28, "Two year": 0.17}
COUNTRIES = {"US": 0.4, "GB": 0.16, "DE": 0.16, "FR": 0.1, "ES": 0.07, "NL": 0.06, "SE": 0.05}
STAY = {"Month-to-month": 0.0, "One year": -0.9, "Two year": -1.6}
RANK = {"Basic": 0.2, "Standard": 0.0, "Premium": -0.3}
BASE = -1.15
"""About one customer in four leaves."""
WINDOW_DAYS = 365


def customers(rows: int, seed: int) -> list[Row]:
    rng = np.random.default_rng([seed, 2])
    made = [_customer(number, rng) for number in range(1, rows + 1)]
    for column, share in (("nps", 0.4), ("logins_30d", 0.05), ("country", 0.02)):
        blank(made, column, share, rng)
    blank(made, "churned", 0.003, rng)
    soil(made, "monetary", in_dollars, rng)
    soil(made, "country", padded, rng)
    soil(made, "nps", lambda _: "n/a", rng)
    return made


def _pick(weights: dict[str, float], rng: np.random.Generator) -> str:
    return str(rng.choice(list(weights), p=list(weights.values())))


def _customer(number: int, rng: np.random.Generator) -> Row:
    plan, contract = _pick(PLANS, rng), _pick(CONTRACTS, rng)
    tenure = int(min(1 + rng.exponential(22), 120))
    warmth = rng.normal()
    rate = np.exp(1.3 + 0.6 * warmth + rng.normal(0, 0.7))
    frequency = int(rng.poisson(rate * min(tenure, 12) / 12))
    # A Pareto tail of shape 2.2: the top fifth of customers brings well over half of the revenue.
    order_value = round(18 * (1 + rng.pareto(2.2)) * (1.6 if plan == "Premium" else 1.0), 2)
    monetary = round(frequency * order_value * rng.lognormal(0, 0.15), 2)
    recency = min(rng.exponential(WINDOW_DAYS / (frequency + 1)), 30.4 * tenure) if frequency else 30.4 * tenure
    tickets = int(rng.poisson(np.exp(-0.3 - 0.35 * warmth)))
    late = int(rng.negative_binomial(0.6, 0.5)) if rng.random() < 0.4 else 0
    logins = int(rng.poisson(np.exp(1.6 + 0.8 * warmth)))
    logit = BASE + STAY[contract] + RANK[plan] - 0.75 * warmth + 0.28 * tickets + 0.3 * late
    logit += 0.006 * min(recency, 365) - 0.012 * min(tenure, 72)
    churned = rng.random() < sigmoid(logit)
    return {
        "customer_id": f"C{number:05d}",
        "tenure_months": str(tenure),
        "recency_days": f"{recency:.0f}" if frequency else "",
        "frequency": str(frequency),
        "monetary": f"{monetary:.2f}",
        "avg_order_value": f"{monetary / frequency:.2f}" if frequency else "",
        "support_tickets_90d": str(tickets),
        "late_payments": str(late),
        "logins_30d": str(logins),
        "nps": str(int(np.clip(round(7 + 1.6 * warmth - 0.6 * tickets + rng.normal(0, 1.3)), 0, 10))),
        "plan": plan,
        "contract": contract,
        "country": _pick(COUNTRIES, rng),
        "marketing_opt_in": "yes" if rng.random() < 0.6 else "no",
        "churned": "yes" if churned else "no",
        "value_next_365d": f"{_next_year(rate, order_value, bool(churned), rng):.2f}",
    }


def _next_year(rate: float, order_value: float, churned: bool, rng: np.random.Generator) -> float:
    """Purchases of the next year times their amount; who left buys little or nothing more."""
    purchases = rng.poisson(rate * (0.12 if churned else 0.95))
    return float(purchases * order_value * rng.lognormal(0, 0.2))
