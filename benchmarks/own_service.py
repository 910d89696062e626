"""What people write themselves: FastAPI, a joblib pipeline, a pydantic row, a DataFrame for each request.

    python own_service.py FOLDER ROWS       learns the pipeline; writes model.joblib, rows.csv and row.json there
    MODEL=FOLDER/model.joblib uvicorn own_service:app --workers 2

Runs in an environment of its own (see `benchmarks.own_peer`) and imports nothing of the project. It answers with the
bare probability: no key, no reasons, no version, nothing kept. Its rows are made up, from a seed.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from fastapi import FastAPI
from pydantic import create_model

TEXTS = {
    "gender": ["female", "male"],
    "contract": ["month-to-month", "one-year", "two-year"],
    "payment_method": ["card", "bank-transfer", "e-check", "mailed-check"],
    "internet": ["dsl", "fiber", "none"],
    "region": [f"region-{number:02d}" for number in range(12)],
    "plan": ["free", "basic", "plus", "pro", "team", "enterprise"],
    "channel": ["ads", "organic", "partner", "referral", "sales", "event", "email", "other"],
    "device": ["ios", "android", "web", "tv", "other"],
}
NUMBERS = [
    "tenure_months", "monthly_charge", "total_charge", "support_tickets", "logins_30d", "days_since_login", "seats",
    "discount_pct", "late_payments", "nps", "data_gb", "age",
]  # fmt: skip
TREES, DEPTH = 200, 6
SEED = 0


def made_up(count: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Customers of a subscription business, and whether they left (0 or 1)."""
    rng = np.random.default_rng(SEED)
    columns: dict[str, Any] = {name: rng.choice(levels, count) for name, levels in TEXTS.items()}
    tenure, charge = rng.integers(1, 73, count), rng.gamma(4, 18, count).round(2)
    columns |= {
        "tenure_months": tenure, "monthly_charge": charge, "total_charge": (tenure * charge).round(2),
        "support_tickets": rng.poisson(1.2, count), "logins_30d": rng.poisson(14, count),
        "days_since_login": rng.geometric(0.12, count), "seats": rng.integers(1, 60, count),
        "discount_pct": rng.choice([0, 5, 10, 15, 20], count), "late_payments": rng.poisson(0.4, count),
        "nps": rng.integers(0, 11, count), "data_gb": rng.gamma(2, 9, count).round(2),
        "age": rng.integers(18, 86, count),
    }  # fmt: skip
    frame = pd.DataFrame(columns)
    score = (
        -0.7 - 0.035 * tenure + 0.012 * charge + 0.35 * frame.support_tickets - 0.05 * frame.logins_30d
        + 0.04 * frame.days_since_login + 0.9 * (frame.contract == "month-to-month") + 0.45 * frame.late_payments
        + 0.5 * (frame.payment_method == "e-check") - 0.08 * frame.nps + rng.normal(0, 0.6, count)
    )  # fmt: skip
    return frame, (rng.random(count) < 1 / (1 + np.exp(-score))).astype(int)


def learn(folder: Path, count: int) -> None:
    """Writes the pipeline, the rows that it learned from with their target `left`, and one row as JSON."""
    from sklearn.compose import ColumnTransformer
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler
    from xgboost import XGBClassifier

    frame, left = made_up(count)
    encoded = ColumnTransformer(
        [("texts", OneHotEncoder(handle_unknown="ignore", sparse_output=False), list(TEXTS)),
         ("numbers", StandardScaler(), NUMBERS)]
    )  # fmt: skip
    model = XGBClassifier(n_estimators=TREES, max_depth=DEPTH, random_state=SEED)
    joblib.dump(Pipeline([("encoded", encoded), ("model", model)]).fit(frame, left), folder / "model.joblib")
    frame.assign(left=left).to_csv(folder / "rows.csv", index=False)
    (folder / "row.json").write_text(frame.iloc[:1].to_json(orient="records").strip("[]"), encoding="utf-8")


app = FastAPI()
pipeline = joblib.load(os.environ["MODEL"]) if "MODEL" in os.environ else None
Row = create_model("Row", **dict.fromkeys(TEXTS, (str, ...)), **dict.fromkeys(NUMBERS, (float, ...)))


@app.post("/predict")
def predict(row: Row) -> dict[str, float]:  # type: ignore[valid-type]
    """The probability that this customer leaves."""
    return {"probability": float(pipeline.predict_proba(pd.DataFrame([row.model_dump()]))[0, 1])}


if __name__ == "__main__":
    learn(Path(sys.argv[1]), int(sys.argv[2]))
