"""What people said of their business in a form, beside the package that their payments show they took."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from ml_services.datasets.packages import packages_paid
from platform_core.samples.subscriptions import PRICES, SETUP_FEE

_PACKAGES = {price + fee: name for name, price in PRICES.items() for fee in (SETUP_FEE, 0)}


def plan_choices_table(form_submissions: Mapping[str, Any], charges: Mapping[str, Any]) -> pa.Table:
    """Columns business_type, business_size, package; one row for each e-mail address that is in both files.

    The newest form of an address counts, and the package paid most often (of equals the newest); failed and refunded
    payments, and amounts that are no package's price, say nothing.
    """
    packages = _packages(charges["data"])
    newest = {_address(form.get("email")): form for form in sorted(form_submissions["submissions"], key=_moment)}
    joined = [(form, packages[address]) for address, form in newest.items() if address in packages]
    return pa.table(
        {
            "business_type": pa.array(
                [str(form.get("business_type") or "").strip() for form, _ in joined], pa.string()
            ),
            "business_size": pa.array(
                [str(form.get("business_size") or "").strip() for form, _ in joined], pa.string()
            ),
            "package": pa.array([package for _, package in joined], pa.string()),
        }
    )


def _moment(form: Mapping[str, Any]) -> str:
    return str(form.get("_date") or "")


def _address(email: Any) -> str:
    return str(email or "").strip().casefold()


def _packages(charges: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The package of each address."""
    newest = sorted(charges, key=lambda charge: -int(charge.get("created") or 0))
    good = (charge for charge in newest if charge.get("paid") and not charge.get("refunded"))
    paid = ((_address((one.get("billing_details") or {}).get("email")), one.get("amount")) for one in good)
    return packages_paid(((who, amount) for who, amount in paid if isinstance(amount, int)), _PACKAGES)
