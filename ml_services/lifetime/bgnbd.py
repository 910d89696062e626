"""Buy till you die: how often a customer comes back (BG/NBD), and what a visit is worth (Gamma-Gamma).

BG/NBD: Fader, Hardie and Lee, "Counting Your Customers the Easy Way: An Alternative to the Pareto/NBD Model",
Marketing Science 24(2), 2005; equation numbers are theirs. Gamma-Gamma: Fader, Hardie and Lee, Journal of Marketing
Research 42, 2005, and Fader and Hardie, "The Gamma-Gamma Model of Monetary Value", 2013 (brucehardie.com/notes/025).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml_services.lifetime.rfm import Floats

LARGEST_LOG = 9.0
"""Parameters stay within exp(±9) of the data's own scale: beyond, the likelihood is flat."""
LARGEST_EXPONENT = 50.0
FEWEST_EXPECTED = 1e-4
"""Purchases: nobody is given up for good, and logarithms stay finite."""
NO_AMOUNTS = (1.0, 2.0, 1.0)
"""Gamma-gamma where nobody has spent anything yet: a mean of one unit."""
SINGULAR = 1e-4
"""Equation 10 divides by a - 1; its limit at a = 1 is approached to this."""


@dataclass(frozen=True, slots=True)
class PurchaseModel:
    """`r`, `alpha` (days): gamma of purchase rates. `a`, `b`: beta of the chance to stay away for good after a
    purchase. `p`, `q`, `v` (currency): gamma-gamma of amounts. X is (n, at least 4) as in `rfm.fields`."""

    r: float
    alpha: float
    a: float
    b: float
    p: float
    q: float
    v: float

    def log_dead_odds(self, X: Floats) -> Floats:
        """Logarithm of the odds that a customer is gone (from equation 10's denominator); -inf before a repeat."""
        x, age = X[:, 0], X[:, 2]
        tenure = np.where(x > 0, np.maximum(age - X[:, 1], 0.0), 0.0)
        odds = np.log(self.a / (self.b + np.maximum(x, 1.0) - 1.0)) + (self.r + x) * (
            np.log(self.alpha + age) - np.log(self.alpha + tenure)
        )
        return np.where(x > 0, np.clip(odds, -LARGEST_EXPONENT, LARGEST_EXPONENT), -np.inf)

    def log_purchases(self, X: Floats, days: float) -> Floats:
        """Logarithm of the purchases expected within `days` (equation 10, its hypergeometric function turned by
        Pfaff's transformation, which takes the power in front of it away and stays finite)."""
        from scipy.special import hyp2f1

        x, age = X[:, 0], X[:, 2]
        a = self.a if abs(self.a - 1.0) > SINGULAR else 1.0 + SINGULAR
        c = a + self.b + x - 1.0
        expected = c / (a - 1.0) * (1.0 - hyp2f1(self.r + x, a - 1.0, c, -days / (self.alpha + age)))
        at_most = (self.r + x) / (self.alpha + age) * days
        expected = np.where(np.isfinite(expected) & (expected > 0), np.minimum(expected, at_most), at_most)
        alive = 1.0 / (1.0 + np.exp(self.log_dead_odds(X)))
        return np.log(np.maximum(expected * alive, FEWEST_EXPECTED))

    def log_amount(self, X: Floats) -> Floats:
        """Logarithm of the mean amount of later purchases: the customer's own mean, drawn to everybody's."""
        n = X[:, 0] + 1.0
        return np.log(self.p * (self.v + n * np.maximum(X[:, 3], 0.0)) / (self.p * n + self.q - 1.0))

    def log_value(self, X: Floats, days: float) -> Floats:
        """Logarithm of the amount expected within `days`."""
        return self.log_purchases(X, days) + self.log_amount(X)


def fit_purchase_model(X: Floats) -> PurchaseModel:
    """Maximum likelihood of both parts; X is (n, at least 4) as in `rfm.fields`."""
    return PurchaseModel(*_fit_bgnbd(X), *_fit_gamma_gamma(X))


def _minimize(loss: object, start: list[float]) -> Floats:
    from scipy.optimize import minimize
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    with threadpool_limits(1):  # matrices of four rows: waking other threads costs more than the sums
        found = minimize(loss, np.log(start), method="L-BFGS-B", bounds=[(-LARGEST_LOG, LARGEST_LOG)] * len(start))
    return np.exp(np.asarray(found.x, dtype=np.float64))


def _fit_bgnbd(X: Floats) -> tuple[float, float, float, float]:
    """Equation 6, customers with the same numbers taken together."""
    from scipy.special import gammaln

    scale = max(float(X[:, 2].max()), 1.0)
    tenure = np.where(X[:, 0] > 0, X[:, 2] - X[:, 1], 0.0)
    alike, weight = np.unique(np.column_stack([X[:, 0], tenure / scale, X[:, 2] / scale]), axis=0, return_counts=True)
    x, last, age = alike.T
    weight = weight / weight.sum()

    def loss(logs: Floats) -> float:
        r, alpha, a, b = np.exp(logs)
        both = gammaln(r + x) - gammaln(r) + r * logs[1]
        both += gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x)
        alive = -(r + x) * np.log(alpha + age)
        dead = logs[2] - np.log(b + np.maximum(x, 1.0) - 1.0) - (r + x) * np.log(alpha + last)
        return -float(weight @ (both + np.logaddexp(alive, np.where(x > 0, dead, -np.inf))))

    r, alpha, a, b = _minimize(loss, [1.0, 1.0, 1.0, 1.0])
    return float(r), float(alpha * scale), float(a), float(b)


def _fit_gamma_gamma(X: Floats) -> tuple[float, float, float]:
    """Equation 1a of the 2013 note, one-time buyers included; q above 1, so that the mean exists."""
    from scipy.special import gammaln

    spent = X[:, 3] > 0
    if not spent.any():
        return NO_AMOUNTS
    n, mean = X[spent, 0] + 1.0, X[spent, 3]
    scale = float(mean.mean())
    mean = mean / scale

    def loss(logs: Floats) -> float:
        p, above, v = np.exp(logs)
        q, pn = 1.0 + above, p * n
        likelihood = gammaln(pn + q) - gammaln(pn) - gammaln(q) + q * logs[2]
        likelihood += (pn - 1.0) * np.log(mean) + pn * np.log(n) - (pn + q) * np.log(v + mean * n)
        return -float(likelihood.mean())

    p, above, v = _minimize(loss, [1.0, 1.0, 1.0])
    return float(p), float(1.0 + above), float(v * scale)


__all__ = ["PurchaseModel", "fit_purchase_model"]
