"""Which package suits this business?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from ml_services.base import Field, Output, TrainingOptions
from ml_services.presentation import Learned, TabularPredictor
from platform_core.errors import InputInvalid

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

SAMPLE_PACKAGES: Mapping[str, int] = {"Business": 150, "Elite": 250, "MVP": 350, "Now": 500}
SAMPLE_SETUP_FEE = 399
SAMPLE_CURRENCY = "USD"
TYPES = (
    "Medical", "Dental", "Legal", "Home Services", "Real Estate", "Fitness", "Education", "Ecommerce", "Automotive",
    "Restaurant",
)  # fmt: skip
SIZES = ("Solo", "Small", "Medium", "Large", "Enterprise")
CENT = Decimal("0.01")


@dataclass(frozen=True)
class PlanAnswer:
    """`classes` in the order of the outputs; `prices` and one-time `fees` of each as text, None where the company
    named none."""

    classes: tuple[str, ...]
    prices: tuple[str | None, ...]
    fees: tuple[str | None, ...]
    currency: str
    subject: str = "the chance of this package"

    def one(self, calibrated: npt.NDArray[np.float64], raw: npt.NDArray[np.float64]) -> dict[str, Any]:
        shares = [float(share) for share in calibrated]
        best = shares.index(max(shares))
        return {
            "predicted_package": self.classes[best],
            "probability": shares[best],
            "probabilities": dict(zip(self.classes, shares, strict=True)),
            "monthly_price": self.prices[best],
            "setup_fee": self.fees[best],
            "currency": self.currency,
        }

    def many(self, calibrated: npt.NDArray[np.float64], raw: npt.NDArray[np.float64]) -> dict[str, pa.Array]:
        import pyarrow as pa

        best, rows = calibrated.argmax(axis=1), len(calibrated)
        columns = {
            "predicted_package": pa.array(self.classes, pa.string()).take(pa.array(best)),
            "probability": pa.array(calibrated.max(axis=1)),
        }
        for k, name in enumerate(self.classes):
            columns[f"probabilities_{name}"] = pa.array(calibrated[:, k])
        columns["monthly_price"] = pa.array(self.prices, pa.string()).take(pa.array(best))
        columns["setup_fee"] = pa.array(self.fees, pa.string()).take(pa.array(best))
        columns["currency"] = pa.array([self.currency] * rows, pa.string())
        return columns


class PlanTier(TabularPredictor):
    """Packages and prices are the company's: settings `packages` {name: monthly price}, `setup_fee`, `currency`."""

    name = "plan-tier"
    title = "Plan tier"
    question = "Which package suits this business?"
    task = "classes"
    target = "package"
    inputs = (
        Field("business_type", "category", "Kind of business", choices=TYPES, closed=True, example="Dental"),
        Field("business_size", "category", "Size of the business", choices=SIZES, example="Small"),
    )
    outputs = (
        Output("predicted_package", "string", "The likeliest package"),
        Output("probability", "number", "Calibrated chance of that package"),
        Output("probabilities", "object", "Calibrated chance of each package, by name"),
        Output("monthly_price", "string", "Price of the package, null where none is set", "a month", nullable=True),
        Output("setup_fee", "string", "One-time set-up fee, null where none is set", nullable=True),
        Output("currency", "string", "ISO 4217"),
    )
    sample_file = "form_submissions.json"

    def presentation(self, learned: Learned) -> PlanAnswer:
        settings = learned.settings
        own = settings.get("packages")
        fee = settings.get("setup_fee", SAMPLE_SETUP_FEE if own is None else None)
        known = {
            _plain(name): (price, fee) for name, price, fee in _priced(SAMPLE_PACKAGES if own is None else own, fee)
        }
        found = [known.get(_plain(name), (None, None)) for name in learned.classes]
        currency = str(settings.get("currency", SAMPLE_CURRENCY))
        return PlanAnswer(learned.classes, tuple(p for p, _ in found), tuple(f for _, f in found), currency)

    def sample_options(self) -> TrainingOptions:
        prices = {"packages": SAMPLE_PACKAGES, "setup_fee": SAMPLE_SETUP_FEE, "currency": SAMPLE_CURRENCY}
        return TrainingOptions(target=self.target, declared=True, budget_s=5.0, settings=prices)


def _priced(packages: Any, fee: Any) -> list[tuple[str, str, str | None]]:
    """(name, price, fee) of each: from a company's price list [{name, monthly_price, setup_fee}], from {name: price},
    or from a command's option `MVP:350,Now:500`. `fee` is that of packages that name none."""
    if isinstance(packages, str):
        pairs = [pair.rpartition(":") for pair in packages.split(",") if pair.strip()]
        packages = {name: price.strip() for name, _, price in pairs}
    if isinstance(packages, Mapping):
        packages = [{"name": name, "monthly_price": price} for name, price in packages.items()]
    try:
        rows = [(str(row["name"]), row.get("monthly_price"), row.get("setup_fee", fee)) for row in packages]
    except (TypeError, KeyError, AttributeError) as error:
        raise InputInvalid("packages needs a name and a price for each package.") from error
    return [(name, _money(price), None if own is None else _money(own)) for name, price, own in rows]


def _plain(name: str) -> str:
    return name.strip().casefold()


def _money(amount: Any) -> str:
    try:
        price = Decimal(str(amount)).quantize(CENT)
    except InvalidOperation as error:
        raise InputInvalid(f"{amount!r} is not a price.") from error
    if not price.is_finite() or price < 0:
        raise InputInvalid(f"{amount!r} is not a price.")
    return str(price)
