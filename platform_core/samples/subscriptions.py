"""form_submissions.json, as Formspree exports a form, and transactions.json, as Stripe lists charges: the same
people first fill in the form, then pay a set-up fee and a monthly price that tells the package they chose."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from platform_core.samples.people import address, code, firm, person

TYPES = {
    "Medical": 1.0, "Dental": 0.7, "Legal": 1.1, "Home Services": -0.6, "Real Estate": 0.5, "Fitness": -0.4,
    "Education": -0.5, "Ecommerce": 0.9, "Automotive": 0.0, "Restaurant": -0.9,
}  # fmt: skip
"""How much more than others a kind of business needs."""
SIZES = {
    "Solo": (0.25, -1.6),
    "Small": (0.35, -0.6),
    "Medium": (0.23, 0.5),
    "Large": (0.12, 1.5),
    "Enterprise": (0.05, 2.4),
}
PRICES = {"Business": 15000, "Elite": 25000, "MVP": 35000, "Now": 50000}
"""Monthly, in minor units."""
SETUP_FEE = 39900
STEPS = (-0.6, 0.7, 1.9)
"""Needs above these thresholds take Elite, MVP, Now."""
MESSAGES = (
    "We need more bookings from our website.", "Please call me about your packages.", "Looking for help with our ads.",
    "Can you start next month?", "How long does the set-up take?", "A friend told me about you.", "",
)  # fmt: skip
FIRST = datetime(2025, 9, 1, 8, tzinfo=UTC)
PERIOD_DAYS = 330
PAYING_SHARE = 0.8
MOST_MONTHS = 3
FAILED_SHARE, REFUNDED_SHARE = 0.03, 0.02


def form_submissions_and_charges(forms: int, seed: int) -> tuple[dict[str, Any], dict[str, Any]]:
    rng = np.random.default_rng([seed, 3])
    submissions: list[dict[str, Any]] = []
    charges: list[dict[str, Any]] = []
    moments = np.sort(rng.uniform(0, PERIOD_DAYS, forms))
    for number, days in enumerate(moments, start=1):
        when = (FIRST + timedelta(days=float(days))).replace(microsecond=0)
        form, need = _form(number, when, rng)
        submissions.append(form)
        if rng.random() < PAYING_SHARE:
            charges += _payments(form, need, when, rng)
    charges.sort(key=lambda charge: (-charge["created"], charge["id"]))
    fields = ["name", "email", "company", "business_type", "business_size", "message"]
    listed = {"object": "list", "url": "/v1/charges", "has_more": False, "data": charges}
    return {"fields": fields, "submissions": submissions}, listed


def _form(number: int, when: datetime, rng: np.random.Generator) -> tuple[dict[str, Any], float]:
    name = person(rng)
    kind = str(rng.choice(list(TYPES)))
    size = str(rng.choice(list(SIZES), p=[share for share, _ in SIZES.values()]))
    email = address(name, number)
    spelled = email.upper() if rng.random() < 0.02 else f" {email}" if rng.random() < 0.02 else email
    form = {
        "_date": when.isoformat(),
        "name": name,
        "email": spelled,
        "company": firm(rng),
        "business_type": kind,
        "business_size": size,
        "message": str(rng.choice(MESSAGES)),
    }
    return form, TYPES[kind] + SIZES[size][1] + float(rng.normal(0, 0.8))


def _payments(form: dict[str, Any], need: float, when: datetime, rng: np.random.Generator) -> list[dict[str, Any]]:
    package = list(PRICES)[sum(need > step for step in STEPS)]
    customer, email = code(rng, "cus_"), form["email"].strip().lower()
    start = when + timedelta(days=float(rng.exponential(6)), hours=1)
    months = int(rng.integers(1, MOST_MONTHS + 1))
    paid = [_charge(SETUP_FEE, "Set-up fee", start, customer, email, form["name"], rng)]
    for month in range(months):
        moment = start + timedelta(days=30.44 * month, minutes=2)
        paid.append(_charge(PRICES[package], f"{package} plan, monthly", moment, customer, email, form["name"], rng))
    return paid


def _charge(
    amount: int, what: str, when: datetime, customer: str, email: str, name: str, rng: np.random.Generator
) -> dict[str, Any]:
    failed = rng.random() < FAILED_SHARE
    refunded = not failed and rng.random() < REFUNDED_SHARE
    return {
        "id": code(rng, "ch_", 24),
        "object": "charge",
        "amount": amount,
        "amount_captured": 0 if failed else amount,
        "amount_refunded": amount if refunded else 0,
        "billing_details": {"email": email, "name": name},
        "created": int(when.timestamp()),
        "currency": "usd",
        "customer": customer,
        "description": what,
        "livemode": False,
        "paid": not failed,
        "refunded": refunded,
        "status": "failed" if failed else "succeeded",
    }
