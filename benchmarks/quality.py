"""Ours against the peers on real files: `python -m benchmarks.quality [FILE …] [--seed N] [--live]`.

Each file is split 80/20 (stratified, seed 42, as the peers' figures were), trained by `manage.py train_models` on the
larger part and scored by `manage.py predict` on the smaller one. Peers' figures (FLAML with 60 s, AutoGluon with 120 s,
default LightGBM and others) were measured on the same split; `--live` measures default LightGBM, and FLAML where it is
installed, again. Files are looked for in ../shared/data beside the project, or in the folder SHARED_DATA.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split

from ml_services.evaluation import classification_figures

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("SHARED_DATA", ROOT.parent / "shared" / "data"))
WITHIN = 0.003
"""ROC AUC that ours may lie below the best peer's."""
LARGEST_ECE = 0.03
MOST_SECONDS = 60
WRITTEN_LATER = (
    "Tags", "Lead Quality", "Lead Profile", "Last Activity", "Last Notable Activity", "Asymmetrique Activity Index",
    "Asymmetrique Profile Index", "Asymmetrique Activity Score", "Asymmetrique Profile Score",
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One file. `peers`: (ROC AUC, log loss) as measured; `log_loss`: the best of them."""

    path: str
    predictor: str
    target: str
    peers: dict[str, tuple[float, float]]
    separator: str = ","
    positive: str = ""
    drop: tuple[str, ...] = ()

    @property
    def best_auc(self) -> float:
        return max(auc for auc, _ in self.peers.values())

    @property
    def log_loss(self) -> float:
        return min(loss for _, loss in self.peers.values())


CASES = {
    "telco": Case("churn/telco_ibm.csv", "churn", "Churn", {
        "FLAML": (0.8475, 0.4150), "AutoGluon": (0.8330, 0.4363), "LightGBM": (0.8325, 0.4392)}, positive="Yes"),
    "iranian": Case("churn/iranian_churn.csv", "churn", "Churn", {
        "XGBoost": (0.9930, 0.0781), "LightGBM": (0.9921, 0.0860), "random forest": (0.9883, 0.1077)}, positive="1"),
    "orange": Case("churn/orange_bigml_80.csv", "churn", "Churn", {}, ";", "VRAI"),
    "x_education": Case("lead/x_education_leads_fixed.csv", "lead-score", "Converted", {
        "FLAML": (0.8579, 0.4531), "AutoGluon": (0.8595, 0.4500), "LightGBM": (0.8617, 0.4534)},
        positive="1", drop=WRITTEN_LATER),
    "bank": Case("lead/bank_additional_full.csv", "lead-score", "y", {
        "FLAML": (0.8167, 0.2628), "AutoGluon": (0.8034, 0.2704), "LightGBM": (0.8097, 0.2641)},
        ";", "yes", ("duration",)),
    "segments": Case("plan/av_segmentation_train.csv", "plan-tier", "Segmentation", {
        "FLAML": (0.7952, 1.0285), "AutoGluon": (0.7959, 1.0352), "LightGBM": (0.7867, 1.0531)}),
    "telecust": Case("plan/telecust1000t.csv", "plan-tier", "custcat", {
        "FLAML": (0.6797, 1.2748), "AutoGluon": (0.6834, 1.2893), "LightGBM": (0.6274, 1.7654)}),
}  # fmt: skip


@dataclass
class Parts:
    """A file split: the larger part with its target, the smaller one without, and the truth as class codes."""

    train: pd.DataFrame
    test: pd.DataFrame
    truth: np.ndarray[Any, np.dtype[np.float64]]
    classes: list[str]


def split(case: Case, seed: int) -> Parts:
    frame = pd.read_csv(DATA / case.path, sep=case.separator, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    frame = frame[frame[case.target].str.strip() != ""].reset_index(drop=True).drop(columns=list(case.drop))
    classes = sorted(frame[case.target].unique())
    codes = frame[case.target].map({name: k for k, name in enumerate(classes)}).to_numpy(dtype=np.float64)
    train, test = train_test_split(np.arange(len(frame)), test_size=0.2, stratify=codes, random_state=seed)
    truth = (frame[case.target].iloc[test] == case.positive).to_numpy(np.float64) if case.positive else codes[test]
    return Parts(frame.iloc[train], frame.iloc[test].drop(columns=case.target), truth, classes)


def run(*arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments], check=False, cwd=ROOT, capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(f"manage.py {' '.join(arguments)}: {done.stderr[-2000:]}")


def ours(case: Case, parts: Parts, budget_s: float) -> dict[str, Any]:
    """Trained and scored by the commands."""
    with tempfile.TemporaryDirectory() as folder:
        train, test, out, card = (Path(folder) / name for name in ("train.csv", "test.csv", "out.csv", "card.json"))
        parts.train.to_csv(train, index=False)
        parts.test.to_csv(test, index=False)
        started = time.perf_counter()
        positive = ["--positive", case.positive] if case.positive else []
        run("train_models", case.predictor, "--data", str(train), "--target", case.target, "--card", str(card),
            "--budget-s", str(budget_s), *positive)  # fmt: skip
        seconds = time.perf_counter() - started
        run("predict", case.predictor, "--input", str(test), "--output", str(out))
        answers, told = pd.read_csv(out), json.loads(card.read_text())
    if len(answers) != len(parts.truth):
        raise SystemExit(f"{len(parts.truth) - len(answers)} rows were rejected")
    if case.positive:
        said = answers["prediction_probability"].to_numpy()
    else:
        said = answers[[f"prediction_probabilities_{name}" for name in parts.classes]].to_numpy()
    asked = [one["column"] for one in told["asked_about"]]
    return classification_figures(parts.truth, said) | {
        "seconds": seconds, "champion": told["champion"], "asked": asked,
        "excluded": [one["column"] for one in told["excluded"]],
    }  # fmt: skip


def live(case: Case, parts: Parts) -> dict[str, tuple[float, float]]:
    """Default LightGBM here and now, and FLAML with 60 s where installed, on plainly coded columns."""
    from lightgbm import LGBMClassifier

    whole = pd.concat([parts.train.drop(columns=case.target), parts.test])
    coded = whole.apply(lambda column: pd.to_numeric(column, errors="coerce"))
    for name in coded.columns[coded.isna().mean() > 0.5]:
        coded[name] = whole[name].astype("category").cat.codes
    coded.columns = [f"c{k}" for k in range(coded.shape[1])]
    y = parts.train[case.target]
    y = (y == case.positive).astype(int) if case.positive else y.map({name: k for k, name in enumerate(parts.classes)})
    train, test = coded.iloc[: len(parts.train)], coded.iloc[len(parts.train) :]
    models: dict[str, Any] = {"LightGBM (live)": LGBMClassifier(verbose=-1, n_jobs=2)}
    try:
        from flaml import AutoML
    except ImportError:
        print("FLAML is not installed: left out", file=sys.stderr)
    else:
        models["FLAML (live)"] = AutoML(task="classification", time_budget=60, metric="log_loss", n_jobs=2, verbose=0)
    found = {}
    for name, model in models.items():
        said = model.fit(train, y).predict_proba(test)
        figures = classification_figures(parts.truth, said[:, 1] if case.positive else said)
        found[name] = (figures["roc_auc"], figures["log_loss"])
    return found


def report(name: str, case: Case, own: dict[str, Any], peers: dict[str, tuple[float, float]]) -> bool:
    """Prints the lines of one file; whether ours meets every goal that there is for it."""
    print(f"{name:<12}{'ours':<16}{own['roc_auc']:.4f}  {own['log_loss']:.4f}  ece {own['ece']:.3f}  "
          f"{own['seconds']:5.1f} s  {own['champion']}  asked {own['asked']} excluded {own['excluded']}")  # fmt: skip
    for peer, (auc, loss) in peers.items():
        gaps = f"{own['roc_auc'] - auc:+.4f}  {own['log_loss'] - loss:+.4f}"
        print(f"{'':<12}{peer:<16}{auc:.4f}  {loss:.4f}  ours {gaps}")
    goals = {"ECE": own["ece"] <= LARGEST_ECE, "seconds": own["seconds"] <= MOST_SECONDS}
    if case.peers:
        goals |= {"ROC AUC": own["roc_auc"] >= case.best_auc - WITHIN, "log loss": own["log_loss"] <= case.log_loss}
    missed = [goal for goal, met in goals.items() if not met]
    print(f"{'':<12}{'missed: ' + ', '.join(missed) if missed else 'all goals met'}", flush=True)
    return not missed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", choices=[*CASES, []], help="which; all where none is named")
    parser.add_argument("--seed", type=int, default=42, help="of the split; the peers' figures hold for 42 only")
    parser.add_argument("--budget-s", type=float, default=60.0)
    parser.add_argument("--live", action="store_true", help="measure the peers that are installed, too")
    parser.add_argument("--challengers", action="store_true", help="how often the gate of promotion is wrong, instead")
    options = parser.parse_args()
    if options.challengers:
        from benchmarks import challengers

        challengers.main()
        return
    met = 0
    names = options.files or list(CASES)
    for name in names:
        case, parts = CASES[name], split(CASES[name], options.seed)
        peers = dict(case.peers) if options.seed == 42 else {}
        own = ours(case, parts, options.budget_s)
        met += report(name, case, own, peers | (live(case, parts) if options.live else {}))
    print(f"{met} of {len(names)} files meet every goal")


if __name__ == "__main__":
    main()
