"""The model card: what was learned from what, how good it is, and what to doubt. JSON, and a page for the terminal."""

from __future__ import annotations

import platform
import textwrap
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

WIDTH, LABEL = 100, 14
CANDIDATE_FIGURES = (
    "roc_auc", "pr_auc", "log_loss", "brier", "ece", "mae", "rmse", "spearman", "top_decile_capture", "deviance",
    "silhouette", "stability", "mase",
)  # fmt: skip
LIBRARIES = ("scikit-learn", "xgboost", "xgboost-cpu", "lightgbm", "numpy", "scipy", "pyarrow", "pandas")


def library_versions() -> dict[str, str]:
    """Python and the libraries that the model stands on."""
    found = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def rounded(value: Any, digits: int = 6) -> Any:
    """JSON-ready: floats rounded to significant digits, NaN and infinity as None, numpy scalars as Python's."""
    if isinstance(value, Mapping):
        return {str(key): rounded(item, digits) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(item, digits) for item in value]
    if hasattr(value, "item") and not isinstance(value, str | bytes):
        value = value.item()
    if isinstance(value, float):
        return None if value != value or value in (float("inf"), float("-inf")) else float(f"{value:.{digits}g}")
    return value


def render(card: Mapping[str, Any]) -> str:
    """The card as text of at most 100 columns."""
    parts = [_head(card), _columns(card), _doubts(card), _candidates(card), _figures(card), _table(card), _notes(card)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _line(label: str, text: str) -> str:
    return f"{label:<{LABEL}}{text}"


def _clip(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _number(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.4f}" if abs(value) < 100 else f"{value:,.2f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _head(card: Mapping[str, Any]) -> str:
    data, holdout = card["data"], card["holdout"]
    lines = [
        f"{card['predictor']}: model card" + (f", version {card['version']}" if card.get("version") else ""),
        "=" * WIDTH,
        _line("Evidence", str(card["evidence"])),
        _line("Data", f"{data['rows']:,} rows, {data['columns']} columns, sha256 {str(data['sha256'])[:16]}…"),
    ]
    balance = card.get("class_balance")
    if balance:
        total = sum(balance.values())
        shares = ", ".join(f"{label}: {count:,} ({count / total:.1%})" for label, count in balance.items())
        lines.append(_line("Target", _clip(f"{card['target']['name']}: {shares}", WIDTH - LABEL)))
    judged = f"{holdout['rows']:,} rows held out, split: {holdout['split']}" if holdout["rows"] else holdout["split"]
    lines.append(_line("Judged on", judged))
    lines.append(_line("Took", f"{card['seconds']:.1f} s, seed {card['seed']}"))
    if card.get("libraries"):
        named = ", ".join(f"{name} {number}" for name, number in card["libraries"].items())
        first, *more = textwrap.wrap(named, WIDTH - LABEL)
        lines += [_line("Made with", first), *(_line("", text) for text in more)]
    return "\n".join(lines)


def _columns(card: Mapping[str, Any]) -> str:
    used = [column for column in card["columns"] if column["used"]]
    ignored = [column for column in card["columns"] if not column["used"]]
    lines = [f"Columns used ({len(used)})"]
    for kind in dict.fromkeys(column["kind"] for column in used):
        names = ", ".join(column["name"] for column in used if column["kind"] == kind)
        lines += _wrapped(f"  {kind}: {names}")
    if ignored:
        lines.append(f"Columns left out ({len(ignored)})")
        lines += [_clip(f"  {column['name']}: {column['reason']}", WIDTH) for column in ignored]
    return "\n".join(lines)


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent="    ", initial_indent="  ") or []


def _doubts(card: Mapping[str, Any]) -> str:
    lines = [f"  EXCLUDED {one['column']}: {one['reason']}" for one in card["excluded"]]
    lines += [f"  QUESTION {one['column']}: {one['reason']}" for one in card["asked_about"]]
    if not lines:
        return ""
    return "\n".join(["!" * WIDTH, *[part for line in lines for part in _wrapped(line)], "!" * WIDTH])


def _candidates(card: Mapping[str, Any]) -> str:
    rows = [(one["name"], one["metrics"], one["fit_s"]) for one in card["candidates"]]
    if not rows:
        return ""
    names = [name for name in CANDIDATE_FIGURES if name in rows[0][1]]
    lines = [
        "Candidates, cross-validated",
        f"  {'':<22}" + "".join(f"{_clip(name, 12):>13}" for name in names[:5]) + f"{'fit s':>8}",
    ]
    for name, metrics, fit_s in rows:
        mark = " *" if name == card["champion"] else "  "
        figures = "".join(f"{_number(metrics.get(key)):>13}" for key in names[:5])
        lines.append(f"{mark}{_clip(name, 22):<22}{figures}{fit_s:>8.2f}")
    return "\n".join(lines)


def _figures(card: Mapping[str, Any]) -> str:
    metrics, guess, rule = dict(card["metrics"]), card["guessing"], card["single_column_rule"]
    lines = [f"Figures{'':<15}{'model':>12}{'guessing':>12}{'best column':>14}"]
    low, high = metrics.pop("roc_auc_low", None), metrics.pop("roc_auc_high", None)
    for name, value in metrics.items():
        text = f"  {name:<20}{_number(value):>12}{_number(guess.get(name)):>12}{_number(rule.get(name)):>14}"
        if name == "roc_auc" and low is not None:
            text += f"   95 %: {low:.4f} to {high:.4f}"
        lines.append(text)
    if rule.get("column"):
        lines.append(_clip(f"  (best single column: {rule['column']})", WIDTH))
    return "\n".join(lines)


def _table(card: Mapping[str, Any]) -> str:
    lines: list[str] = []
    if card.get("calibration_table"):
        lines.append("Calibration      said     came      rows")
        for row in card["calibration_table"]:
            lines.append(
                f"  {row['from']:.1f}-{row['to']:.1f}      {row['said']:7.3f}  {row['came']:7.3f}  {row['rows']:>8,}"
            )
    for place, band in enumerate(card.get("bands") or ()):
        lines += [] if place else ["", "Bands         from     said     came     95 % interval      rows"]
        interval = f"{_number(band['low'])} to {_number(band['high'])}" if band["rows"] else "-"
        lines.append(
            f"  {band['band']:<8}{band['from']:>8.4f}{_number(band['expected']):>9}{_number(band['observed']):>9}"
            f"  {interval:<18}{band['rows']:>8,}"
        )
    strongest: Sequence[Mapping[str, Any]] = card.get("strongest_features", ())
    if strongest:
        lines += ["", "Strongest features (mean size of effect on the raw score)"]
        most = max(one["effect"] for one in strongest) or 1.0
        for one in strongest:
            bar = "#" * round(30 * one["effect"] / most)
            lines.append(f"  {_clip(str(one['feature']), 40):<42}{one['effect']:>9.4f}  {bar}")
    return "\n".join(lines)


def _notes(card: Mapping[str, Any]) -> str:
    if not card.get("notes"):
        return ""
    return "\n".join(["Notes", *[part for note in card["notes"] for part in _wrapped(f"- {note}")]])
