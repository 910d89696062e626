"""What is asked about a customer, once for churn, clv, segment and comprehensive: the columns of customers.csv."""

from __future__ import annotations

from ml_services.base import Field

WINDOW_DAYS = 365
"""Days that frequency and monetary look back."""
PLANS = ("Basic", "Standard", "Premium")
CONTRACTS = ("Month-to-month", "One year", "Two year")

CUSTOMER_FIELDS: tuple[Field, ...] = (
    Field("tenure_months", "number", "Months since the first purchase or sign-up", "months", 0, 1200, example=14),
    Field("recency_days", "number", "Days since the last purchase", "days", 0, 36500, nullable=True, example=21),
    Field("frequency", "number", f"Purchases in the last {WINDOW_DAYS} days", "purchases", 0, 100_000, example=9),
    Field("monetary", "number", f"Spent in the last {WINDOW_DAYS} days", "currency units", 0, 1e9, example=640.0),
    Field(
        "avg_order_value", "number", "Mean amount of a purchase", "currency units", 0, 1e9, nullable=True, example=71.1
    ),
    Field("support_tickets_90d", "number", "Support tickets in the last 90 days", "tickets", 0, 10_000, example=2),
    Field("late_payments", "number", "Payments made after their due date", "payments", 0, 10_000, example=1),
    Field("logins_30d", "number", "Logins in the last 30 days", "logins", 0, 100_000, nullable=True, example=6),
    Field("nps", "number", "Last answer to: would you recommend us?", "of 10", 0, 10, nullable=True, example=7),
    Field("plan", "category", "The plan the customer is on", choices=PLANS, example="Standard"),
    Field("contract", "category", "How long the customer is bound", choices=CONTRACTS, example="Month-to-month"),
    Field("country", "category", "Country of the customer, ISO 3166 alpha-2", nullable=True, example="DE"),
    Field("marketing_opt_in", "yes_no", "May be sent marketing", choices=("no", "yes"), truthy="yes", example="yes"),
)

__all__ = ["CONTRACTS", "CUSTOMER_FIELDS", "PLANS", "WINDOW_DAYS"]
