"""sample_leads.csv: leads with what is known before the sale, and whether they became customers."""

from __future__ import annotations

import numpy as np

from platform_core.samples.cells import Row, blank, in_dollars, padded, sigmoid, soil

SOURCES = {
    "Website": (0.34, 0.0), "Referral": (0.1, 1.1), "Search ads": (0.2, 0.1), "Social media": (0.14, -0.5),
    "Email campaign": (0.1, 0.2), "Event": (0.05, 0.6), "Cold outreach": (0.07, -1.2),
}  # fmt: skip
INDUSTRIES = {
    "Software": 0.4, "Retail": 0.0, "Healthcare": 0.3, "Construction": -0.3, "Education": -0.4, "Finance": 0.5,
    "Hospitality": -0.2, "Manufacturing": 0.1,
}  # fmt: skip
SIZES = {
    "1-10": (0.42, -0.3),
    "11-50": (0.28, 0.1),
    "51-200": (0.17, 0.4),
    "201-1000": (0.09, 0.3),
    "1001+": (0.04, -0.1),
}
ROLES = {
    "C-level": (0.14, 0.8), "VP": (0.08, 0.6), "Director": (0.14, 0.4), "Manager": (0.3, 0.0),
    "Specialist": (0.22, -0.4), "Other": (0.12, -0.6),
}  # fmt: skip
COUNTRIES = {"US": 0.45, "GB": 0.14, "DE": 0.12, "CA": 0.1, "FR": 0.08, "AU": 0.06, "IN": 0.05}
BASE = -2.6
"""About one lead in five converts."""


def leads(rows: int, seed: int) -> list[Row]:
    rng = np.random.default_rng([seed, 1])
    made = [_lead(number, rng) for number in range(1, rows + 1)]
    for column, share in (("industry", 0.06), ("company_size", 0.04), ("role_level", 0.05), ("country", 0.03)):
        blank(made, column, share, rng)
    blank(made, "time_on_site_s", 0.08, rng)
    blank(made, "budget", 0.35, rng)
    blank(made, "converted", 0.004, rng)
    soil(made, "budget", in_dollars, rng)
    soil(made, "industry", padded, rng)
    soil(made, "country", lambda _: "N/A", rng)
    return made


def _pick(weights: dict[str, float], rng: np.random.Generator) -> str:
    shares = np.array(list(weights.values()))
    return str(rng.choice(list(weights), p=shares / shares.sum()))


def _lead(number: int, rng: np.random.Generator) -> Row:
    source = _pick({name: share for name, (share, _) in SOURCES.items()}, rng)
    size = _pick({name: share for name, (share, _) in SIZES.items()}, rng)
    role = _pick({name: share for name, (share, _) in ROLES.items()}, rng)
    industry = str(rng.choice(list(INDUSTRIES)))
    interest = rng.normal()
    pages = int(rng.poisson(np.exp(1.2 + 0.6 * interest)))
    seconds = pages * rng.lognormal(3.6, 0.6)
    opens = int(rng.negative_binomial(1.2, 1.2 / (1.2 + np.exp(0.4 + 0.5 * interest))))
    budget = 10 * round(rng.lognormal(8.0, 0.9) / 10)
    demo = rng.random() < sigmoid(-1.9 + 0.9 * interest)
    days = int(rng.exponential(18))
    logit = BASE + SOURCES[source][1] + INDUSTRIES[industry] + SIZES[size][1] + ROLES[role][1]
    logit += 0.85 * interest + 1.1 * demo + 0.25 * min(opens, 6) - 0.03 * min(days, 60) + 0.3 * np.log(budget / 3000)
    return {
        "lead_id": f"L{number:05d}",
        "source": source,
        "industry": industry,
        "company_size": size,
        "role_level": role,
        "country": _pick(COUNTRIES, rng),
        "pages_viewed": str(pages),
        "time_on_site_s": f"{seconds:.0f}",
        "email_opens": str(opens),
        "budget": str(budget),
        "requested_demo": "yes" if demo else "no",
        "days_since_contact": str(days),
        "converted": "yes" if rng.random() < sigmoid(logit) else "no",
    }
