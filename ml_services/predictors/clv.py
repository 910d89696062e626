"""What will this customer be worth?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ml_services.base import Output, Progress, Trained, TrainingData, TrainingOptions, silent
from ml_services.customer_fields import CUSTOMER_FIELDS
from ml_services.presentation import Learned, TabularPredictor
from platform_core.errors import InputInvalid

if TYPE_CHECKING:
    from ml_services.lifetime.model import ValueAnswer

HORIZON_DAYS = 365
LONGEST_HORIZON_DAYS = 3650
CURRENCY = "USD"


class Clv(TabularPredictor):
    """Learns from customers (a row each, the target is their value) or from purchases (a row each, the target is the
    amount; `--id-column` names the customer, `--time-column` the day). Settings: `horizon_days`, `currency`, and
    `route` (fields or transactions) where the file leaves it open."""

    name = "clv"
    title = "Customer lifetime value"
    question = "How much will this customer spend within the horizon?"
    task = "value"
    target = "value_next_365d"
    inputs = CUSTOMER_FIELDS
    outputs = (
        Output("value", "string", "Amount expected within the horizon, a decimal number", "currency"),
        Output("currency", "string", "ISO 4217"),
        Output("horizon_days", "integer", "How far the value looks ahead", "days"),
        Output(
            "interval",
            "object",
            "Where the amount that comes will lie, with the probability `level`",
            parts=(
                Output("low", "string", "Lower end, a decimal number", "currency"),
                Output("high", "string", "Upper end, a decimal number", "currency"),
                Output("level", "number", "Probability"),
            ),
        ),
    )
    sample_file = "customers.csv"

    def presentation(self, learned: Learned) -> ValueAnswer:
        from ml_services.lifetime.model import ValueAnswer

        settings = learned.settings
        return ValueAnswer(currency(settings), horizon_days(settings), settings["interval"], subject="the value")

    def train(self, data: TrainingData, options: TrainingOptions, progress: Progress = silent) -> Trained:
        from ml_services.lifetime.training import train_purchases
        from ml_services.lifetime.transactions import find_reader

        answer = horizon_days(options.settings), currency(options.settings)
        reader = None if options.declared else find_reader(data.table, options)
        if reader is None:
            return super().train(data, options, progress)
        return train_purchases(self, data, options, reader, answer, progress)


def horizon_days(settings: Mapping[str, Any]) -> int:
    """Raises InputInvalid where the setting is no whole number of days."""
    try:
        days = int(settings.get("horizon_days", HORIZON_DAYS))
    except (TypeError, ValueError):
        days = 0
    if not 1 <= days <= LONGEST_HORIZON_DAYS:
        raise InputInvalid(f"horizon_days must be a whole number from 1 to {LONGEST_HORIZON_DAYS}.")
    return days


def currency(settings: Mapping[str, Any]) -> str:
    """Raises InputInvalid where the setting is no ISO 4217 code."""
    code = str(settings.get("currency", CURRENCY)).strip().upper()
    if not (len(code) == 3 and code.isascii() and code.isalpha()):
        raise InputInvalid("currency must be a three-letter code of ISO 4217, such as USD.")
    return code
