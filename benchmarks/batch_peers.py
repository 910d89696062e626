"""The batch ways of BentoML and MLflow on the same file and the same booster, where their environments are there.

Each runs in its own environment (see `benchmarks.peers`), in a process of its own; the time is of the work, without
imports and start. What they read is the file that ours reads; what they write is one column of probabilities.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

HOME = Path(os.environ.get("PEERS") or Path.home() / ".cache" / "prediction-peers")
COMMON = """
import json, sys, time, warnings
warnings.filterwarnings("ignore")
import lightgbm as lgb, numpy as np, pandas as pd
folder = sys.argv[1]
features = json.load(open(folder + "/levels.json"))
class Churn:
    def __init__(self):
        self.booster = lgb.Booster(model_file=folder + "/booster.txt")
    def predict(self, df):
        X = np.empty((len(df), len(features)))
        for k, feature in enumerate(features):
            column = df[feature["name"]]
            if feature["levels"]:
                codes = {level: code for code, level in enumerate(feature["levels"])}
                column = column.astype(str).map(codes)
            X[:, k] = pd.to_numeric(column, errors="coerce")
        return self.booster.predict(X, num_threads=2)
"""
MLFLOW = (
    COMMON
    + """
import mlflow
class Wrapped(mlflow.pyfunc.PythonModel):
    def load_context(self, context): self.model = Churn()
    def predict(self, context, model_input, params=None): return self.model.predict(model_input)
import logging; logging.disable(logging.CRITICAL)
import shutil; shutil.rmtree(folder + "/mlflow", ignore_errors=True)
mlflow.pyfunc.save_model(folder + "/mlflow", python_model=Wrapped(), pip_requirements=["lightgbm"])
served = mlflow.pyfunc.load_model(folder + "/mlflow")
started = time.perf_counter()
df = pd.read_csv(folder + "/score.csv")
pd.DataFrame({"probability": served.predict(df)}).to_csv(folder + "/mlflow.csv", index=False)
print(json.dumps({"rows": len(df), "seconds": time.perf_counter() - started}))
"""
)
BENTOML = (
    COMMON
    + """
import bentoml
@bentoml.service
class Service:
    def __init__(self): self.model = Churn()
    @bentoml.api
    def batch(self, path: str, out: str) -> int:
        df = pd.read_csv(path)
        pd.DataFrame({"probability": self.model.predict(df)}).to_csv(out, index=False)
        return len(df)
service = Service()
started = time.perf_counter()
rows = service.batch(folder + "/score.csv", folder + "/bento.csv")
print(json.dumps({"rows": rows, "seconds": time.perf_counter() - started}))
"""
)
WAYS = {"MLflow": ("mlflow", MLFLOW), "BentoML": ("bentoml", BENTOML)}


def measured(folder: Path) -> dict[str, float]:
    """Rows a second of each peer that is there; empty, and said, where none is."""
    found = {}
    for name, (environment, script) in WAYS.items():
        python = HOME / environment / "bin" / "python"
        if not python.exists():
            print(f"{name} is not measured: {python} is not there.")
            continue
        done = subprocess.run(
            [python, "-c", script, str(folder)], capture_output=True, text=True, check=False, cwd=folder
        )
        if done.returncode:
            print(f"{name} is not measured: {done.stderr.strip()[-300:]}")
            continue
        figures = json.loads(done.stdout.splitlines()[-1])
        found[name] = figures["rows"] / figures["seconds"]
    return found


__all__ = ["measured"]
