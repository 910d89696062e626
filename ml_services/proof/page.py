"""The proof as one page of text, at most 100 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

WIDTH, LABEL = 100, 14
MOST_FIGURES = 12


def page(proof: Mapping[str, Any]) -> str:
    """For a terminal or a letter."""
    parts = [_head(proof), _figures(proof), _calibration(proof), _deciles(proof), _weak(proof), _stability(proof),
             _costs(proof), _foot(proof)]  # fmt: skip
    return "\n\n".join(part for part in parts if part) + "\n"


def _number(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4f}" if abs(value) < 100 else f"{value:,.1f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _line(label: str, text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=f"{label:<{LABEL}}", subsequent_indent=" " * LABEL)


def _clip(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _head(proof: Mapping[str, Any]) -> str:
    data, holdout = proof["data"], proof.get("holdout") or {"rows": 0, "split": "none"}
    lines = [f"{proof['predictor']}: proof", "=" * WIDTH]
    lines += _line("Data", f"{data['name']}: {data['rows']:,} rows, {data['columns']} columns, sha256 {data['sha256']}")
    if balance := proof.get("class_balance"):
        shares = ", ".join(f"{name}: {count:,}" for name, count in balance.items())
        lines += _line("Target", _clip(f"{proof['target']['name']}: {shares}", 2 * (WIDTH - LABEL)))
    judged = f"{holdout['rows']:,} rows held out, {holdout['split']}" if holdout["rows"] else str(holdout["split"])
    lines += _line("Judged on", f"{judged}; seed {proof.get('seed')}")
    lines += _line("Evidence", f"{proof.get('evidence')}; the champion is {proof.get('champion')}")
    for one in [*proof.get("excluded", []), *proof.get("asked_about", [])]:
        lines += _line("Doubt", f"{one['column']}: {one['reason']}")
    return "\n".join(lines)


def _figures(proof: Mapping[str, Any]) -> str:
    metrics, rule = dict(proof["metrics"]), proof.get("single_column_rule") or {}
    low, high = metrics.pop("roc_auc_low", None), metrics.pop("roc_auc_high", None)
    columns = [("model", metrics), ("guessing", proof.get("guessing") or {}), ("best column", rule)]
    columns += [(one["name"].split(",")[0], one["metrics"]) for one in proof.get("peers", [])]
    columns = [(name, found) for name, found in columns if found]
    lines = ["Quality" + " " * 12 + "".join(f"{_clip(name, 14):>16}" for name, _ in columns)]
    for name in [name for name in metrics if not isinstance(metrics[name], dict | list)][:MOST_FIGURES]:
        lines.append(f"  {_clip(name, 16):<17}" + "".join(f"{_number(found.get(name)):>16}" for _, found in columns))
    if low is not None:
        lines.append(f"  ROC AUC of the model, 95 % interval: {low:.4f} to {high:.4f}")
    for one in proof.get("peers", []):
        inside = one["metrics"]
        if "roc_auc_low" in inside:
            lines.append(f"  {one['name']}: {inside['roc_auc_low']:.4f} to {inside['roc_auc_high']:.4f}")
    if rule.get("column"):
        lines.append(f"  best single column: {_clip(str(rule['column']), 60)}")
    return "\n".join(lines)


def _calibration(proof: Mapping[str, Any]) -> str:
    lines = []
    if found := proof.get("calibration"):
        lines.append(
            f"Calibration: ECE {found['ece']:.4f} ({found['low']:.4f} to {found['high']:.4f}); a perfect model would "
            f"show {found['by_chance_alone']:.4f}"
        )
        lines.append(f"  on as many rows by chance alone, and seldom more than {found['by_chance_at_most']:.4f}")
    for row in proof.get("calibration_table") or []:
        lines.append(f"  {row['from']:.1f}-{row['to']:.1f}  said {row['said']:.3f}  came {row['came']:.3f}"
                     f"  {row['rows']:>9,} rows")  # fmt: skip
    return "\n".join(lines)


def _deciles(proof: Mapping[str, Any]) -> str:
    if not proof.get("deciles"):
        return ""
    lines = ["Tenths, highest first       rows        said        came    lift   captured"]
    for one in proof["deciles"]:
        lines.append(f"  {one['tenth']:>2}               {one['rows']:>12,}{_number(one['said']):>12}"
                     f"{_number(one['came']):>12}{one['lift']:>8.2f}{one['captured']:>10.1%}")  # fmt: skip
    return "\n".join(lines)


def _weak(proof: Mapping[str, Any]) -> str:
    spots = proof.get("weak_spots")
    if not spots or not spots["worst"]:
        return ""
    lines = [f"Weak spots: worst of {spots['looked_at']} segments with {spots['fewest_rows']} rows or more; "
             "skill 0: no better than its average"]  # fmt: skip
    for one in spots["worst"]:
        name = _clip(f"{one['column']} = {one['value']}", 44)
        lines.append(f"  {name:<45}{one['rows']:>7,} rows  skill {one['skill']:>7.3f}  said {_number(one['said'])} "
                     f"came {_number(one['came'])}")  # fmt: skip
    return "\n".join(line[:WIDTH] for line in lines)


def _stability(proof: Mapping[str, Any]) -> str:
    found = proof["stability"]
    if found["runs"] < 2:
        return "Stability: not measured (--repeats 0)" if found["runs"] else ""
    name = proof["headline"]["metric"]
    return (f"Stability: {name} over {found['runs']} seeds (split and model): mean {_number(found['mean'])}, deviation "
            f"{_number(found['deviation'])},\n  {_number(found['low'])} to {_number(found['high'])}")  # fmt: skip


def _costs(proof: Mapping[str, Any]) -> str:
    found = proof["costs"]
    speeds = [("µs an answer", found["answer_us"]), ("µs with reasons", found["answer_with_reasons_us"]),
              ("rows/s in a batch", found["batch_rows_per_second"])]  # fmt: skip
    speed = ", ".join(f"{value:,.0f} {what}" for what, value in speeds if value is not None)
    peak = f"peak {found['peak_mb']:,.0f} MB of the training process, " if found["peak_mb"] else ""
    return "\n".join([
        *_line("Speed", speed or "not measured"),
        *_line("Memory", f"{peak}{found['artifact_bytes'] / 1e3:,.0f} kB of model on disk"),
        *_line("Took", f"{found['training_s']:.1f} s to train, {proof['seconds']:.1f} s in all"),
    ])  # fmt: skip


def _foot(proof: Mapping[str, Any]) -> str:
    named = ", ".join(f"{name} {number}" for name, number in (proof.get("libraries") or {}).items())
    lines = _line("Made with", named) if named else []
    for note in proof.get("notes") or []:
        lines += _line("Note", note)
    return "\n".join(lines)


__all__ = ["page"]
