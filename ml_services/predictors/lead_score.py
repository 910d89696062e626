"""How likely is this lead to become a customer?"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ml_services.base import Banded, Field, Output
from ml_services.presentation import Learned, TabularPredictor, cuts_from, lift_cuts

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

GRADES = ("D", "C", "B", "A")
FULL_SCORE = 100.0
SOURCES = ("Website", "Referral", "Search ads", "Social media", "Email campaign", "Event", "Cold outreach")
SIZES = ("1-10", "11-50", "51-200", "201-1000", "1001+")
ROLES = ("C-level", "VP", "Director", "Manager", "Specialist", "Other")


@dataclass(frozen=True)
class LeadAnswer:
    """`cuts`: the probabilities from which the grade is C, B, A."""

    cuts: tuple[float, ...]
    subject: str = "the chance of converting"

    def one(self, calibrated: float, raw: float) -> dict[str, Any]:
        grade = GRADES[bisect_right(self.cuts, calibrated)]
        return {"score": FULL_SCORE * calibrated, "probability": calibrated, "grade": grade}

    def many(self, calibrated: npt.NDArray[np.float64], raw: npt.NDArray[np.float64]) -> dict[str, pa.Array]:
        import numpy as np
        import pyarrow as pa

        grades = pa.array(np.searchsorted(self.cuts, calibrated, side="right"))
        score = pa.array(FULL_SCORE * calibrated)
        return {"score": score, "probability": pa.array(calibrated), "grade": pa.array(GRADES).take(grades)}


class LeadScore(TabularPredictor):
    """Grades are told from the average: A from twice the average chance of converting (midway to certainty where
    twice is beyond it), B from the average, C from half of it. Setting `grade_cuts`: a company's own for C, B, A."""

    name = "lead-score"
    title = "Lead score"
    question = "How likely is this lead to become a customer?"
    task = "binary"
    target = "converted"
    inputs = (
        Field("source", "category", "Where the lead came from", choices=SOURCES, example="Referral"),
        Field("industry", "category", "Industry of the lead's company", nullable=True, example="Software"),
        Field("company_size", "category", "People in the company", choices=SIZES, nullable=True, example="51-200"),
        Field("role_level", "category", "Level of the lead's job", choices=ROLES, nullable=True, example="Director"),
        Field("country", "category", "Country, ISO 3166 alpha-2", nullable=True, example="US"),
        Field("pages_viewed", "number", "Pages viewed on the site", "pages", 0, 100_000, example=7),
        Field("time_on_site_s", "number", "Time spent on the site", "s", 0, 1e7, nullable=True, example=340),
        Field("email_opens", "number", "E-mails opened", "e-mails", 0, 100_000, example=3),
        Field("budget", "number", "Budget named", "currency units", 0, 1e9, nullable=True, example=5000),
        Field("requested_demo", "yes_no", "Asked for a demo", choices=("no", "yes"), truthy="yes", example="yes"),
        Field("days_since_contact", "number", "Days since the last contact", "days", 0, 36500, example=4),
    )
    outputs = (
        Output("score", "number", "Chance of converting, from 0 to 100"),
        Output("probability", "number", "Calibrated chance that the lead becomes a customer"),
        Output(
            "grade",
            "string",
            "By the company's cuts. At first A: at least twice the average chance; B: the average; C: half of it",
            choices=("A", "B", "C", "D"),
        ),
    )
    banded = Banded("grade", GRADES, "grade_cuts")
    sample_file = "sample_leads.csv"

    def presentation(self, learned: Learned) -> LeadAnswer:
        return LeadAnswer(cuts_from(learned.settings, "grade_cuts", lift_cuts(learned.share)))
