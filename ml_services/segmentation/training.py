"""From a table to segments with names: columns, scale, number of segments, ids, personas."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from ml_services.base import Evidence, Predictor, Progress, Trained, TrainingData, TrainingOptions
from ml_services.columns import ColumnReport, profile
from ml_services.encoding import Encoder
from ml_services.segmentation.card import make_card
from ml_services.segmentation.identity import assign_ids, levels_of
from ml_services.segmentation.model import Segment, SegmentModel
from ml_services.segmentation.personas import find_roles, name_by_columns, name_by_role, plain
from ml_services.segmentation.search import MOST_K, Tried, choose, cluster, try_all
from ml_services.segmentation.space import Floats, Space
from ml_services.training_quantiles import training_quantiles
from platform_core.errors import InputInvalid, TrainingRefused

FEWEST_ROWS, STANDARD_ROWS, FULL_ROWS = 30, 100, 500
"""Rows from which segments are provisional, standard, full."""
MOST_FIT_ROWS = 100_000
MOST_DESCRIBED = 3
LARGEST_K = 20


def train_segments(
    predictor: Predictor, data: TrainingData, options: TrainingOptions, progress: Progress, extras: Sequence[str] = ()
) -> Trained:
    """`extras`: fields beside the predictor's inputs that a record may hold when these are declared."""
    started = time.monotonic()
    k = asked_k(options.settings)
    reports, encoder = learn_columns(predictor, data.table, options, extras)
    X, positions, _ = encoder.encode_table(data.table)
    if len(X) < FEWEST_ROWS:
        raise TrainingRefused(f"Segments need at least {FEWEST_ROWS} rows that can be read; there are {len(X)}.")
    space = Space.fit(encoder.features, X)
    if not space.axes:
        raise TrainingRefused("No column is left to tell customers apart: each is an id, constant, text or excluded.")
    Z, roles = space.many(X), find_roles(space.axes)
    tried = try_all(Z, options.seed, lambda share: progress("segments", 0.1 + 0.7 * share, "how many"))
    taken, how = take(tried, k, len(Z), bool(roles))
    progress("segments", 0.8, f"{taken}")
    rows = np.random.default_rng(options.seed).permutation(len(Z))[:MOST_FIT_ROWS]
    found = cluster(Z[np.sort(rows)], taken, options.seed)
    model = name_segments(encoder, space, found.cluster_centers_, X, Z, options)
    level: Evidence = "full" if len(X) >= FULL_ROWS else "standard" if len(X) >= STANDARD_ROWS else "provisional"
    card = make_card(predictor, data, options, reports, model, tried, (taken, how), Z)
    card |= {"evidence": level, "seconds": round(time.monotonic() - started, 3)}
    card["data"]["rows_used"] = len(positions)
    sizes = np.bincount(model.nearest(Z)[0], minlength=len(model.segments)).tolist()
    named = {segment.id: size for segment, size in zip(model.segments, sizes, strict=True)}
    card["quantiles"] = training_quantiles(X, encoder.features, options.seed, said=named)
    progress("done", 1.0, f"{card['seconds']:.1f} s")
    return Trained(model, card, level)


def asked_k(settings: Mapping[str, Any]) -> int:
    """The setting `k`, 0 where there is none."""
    if settings.get("k") is None:
        return 0
    try:
        k = int(settings["k"])
    except (TypeError, ValueError):
        k = 0
    if not 2 <= k <= LARGEST_K:
        raise InputInvalid(f"k must be a whole number from 2 to {LARGEST_K}.")
    return k


def learn_columns(
    predictor: Predictor, table: pa.Table, options: TrainingOptions, extras: Sequence[str]
) -> tuple[list[ColumnReport], Encoder]:
    """Numbers, categories, yes/no and dates; free text is left out."""
    if options.declared:
        wanted = {field.name: field for field in predictor.inputs}
        reports = [
            ColumnReport(name, wanted[name].kind, True, "asked for by the predictor", wanted[name])
            if name in wanted
            else ColumnReport(name, "unused", False, "not asked for by the predictor")
            for name in table.column_names
        ]
        encoder = Encoder.declared(predictor.inputs, table, seed=options.seed)
        return reports, Encoder(encoder.columns, extras=extras)
    unknown = [name for name in (*options.exclude, options.id_column) if name and name not in table.column_names]
    if unknown:
        raise TrainingRefused(f"The file has no column {', '.join(map(repr, unknown))}.", attr="columns")
    given = options.target if options.target in table.column_names else ""
    reports = profile(table, target=given, id_column=options.id_column, exclude=options.exclude)
    reports = [
        dataclasses.replace(report, used=False, field=None, reason="free text: says little about distance")
        if report.used and report.kind == "text"
        else report
        for report in reports
    ]
    if not any(report.used for report in reports):
        raise TrainingRefused("No column is left to tell customers apart: each is an id, constant, text or excluded.")
    return reports, Encoder.fit(reports, table, seed=options.seed)


def take(tried: list[Tried], k: int, rows: int, continuum: bool) -> tuple[int, str]:
    """The number of segments, and why."""
    if k:
        if k > rows // 2:
            raise TrainingRefused(f"{k} segments need at least {2 * k} rows; there are {rows}.")
        return k, "asked for"
    if not tried:
        raise TrainingRefused(f"The rows differ too little to tell 2 to {MOST_K} segments apart.")
    chosen, decided = choose(tried, continuum=continuum)
    return chosen.k, "by silhouette and stability" if decided else "the default: no number stands out"


def name_segments(
    encoder: Encoder, space: Space, centres: Floats, X: Floats, Z: Floats, options: TrainingOptions
) -> SegmentModel:
    """The model, its segments in the order of their ids."""
    blank = SegmentModel(encoder, space, [Segment("", "", "", 0.0, tuple(centre)) for centre in centres.tolist()])
    best, _, _ = blank.nearest(Z)
    sizes = np.bincount(best, minlength=len(centres)).astype(np.float64)
    levels = levels_of(space, encoder.features)
    ids = assign_ids(centres, sizes, space, levels, options.previous)
    roles = find_roles(space.axes)
    named = name_by_role(centres, roles) if roles else [(n, "") for n in name_by_columns(centres, space.axes, levels)]
    segments = [
        Segment(
            ids[k],
            name,
            f"{text} {told(space, centres[k], X, best == k)}".strip(),
            float(sizes[k] / len(Z)),
            tuple(centre),
        )
        for k, ((name, text), centre) in enumerate(zip(named, centres.tolist(), strict=True))
    ]
    return SegmentModel(encoder, space, sorted(segments, key=lambda segment: int(segment.id[1:])))


def told(space: Space, centre: Floats, X: Floats, mine: Any) -> str:
    """The columns on which a segment differs most from all, with medians."""
    order = [place for place in np.argsort(-np.abs(centre), kind="stable").tolist() if space.axes[place].level < 0]
    parts = []
    for axis in [space.axes[place] for place in order[:MOST_DESCRIBED]]:
        values = X[:, axis.feature]
        own = values[mine & ~np.isnan(values)]
        if len(own):
            parts.append(f"{plain(axis.field)} about {_short(np.median(own))} (all: {_short(np.nanmedian(values))})")
    said = "; ".join(parts)
    return f"{said[:1].upper()}{said[1:]}." if said else ""


def _short(value: Any) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


__all__ = ["train_segments"]
