"""Small tables with a known truth for the tests of training."""

import numpy as np
import pyarrow as pa

from ml_services.base import TrainingData


def customers(n=600, seed=0, strength=1.0):
    """Columns of each kind and a yes/no `left`; with strength 0 nothing says anything about it."""
    rng = np.random.default_rng(seed)
    tenure = rng.integers(1, 73, n)
    plan = rng.choice(["basic", "plus", "pro"], n)
    calls = rng.poisson(1.5, n)
    logit = strength * (1.0 - 0.06 * tenure + 0.7 * calls + 1.2 * (plan == "basic")) - 1.0
    left = rng.random(n) < 1 / (1 + np.exp(-logit))
    return {
        "customer_id": [f"C{k:05d}" for k in range(n)],
        "tenure": [str(v) for v in tenure],
        "plan": plan.tolist(),
        "calls": ["" if rng.random() < 0.05 else str(v) for v in calls],
        "left": np.where(left, "yes", "no").tolist(),
    }


def data(columns, name="file.csv"):
    """The columns as a file that was read."""
    return TrainingData(pa.table({key: pa.array(values) for key, values in columns.items()}), name, "0" * 64)
