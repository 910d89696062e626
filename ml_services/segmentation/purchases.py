"""A table of purchases made into one of customers, to be told apart by recency, frequency and spending."""

from __future__ import annotations

from dataclasses import replace

from ml_services.base import TrainingData, TrainingOptions
from ml_services.lifetime.model import frame_table
from ml_services.lifetime.rfm import fields, frame_before
from ml_services.lifetime.transactions import find_reader

ASKED = 4
"""The first fields of `rfm.fields`: frequency, recency, age, mean amount."""


def customers_of(data: TrainingData, options: TrainingOptions) -> tuple[TrainingData, TrainingOptions]:
    """The same, unless customer, day and amount are named and customers come more than once."""
    if options.declared or not (options.target and options.id_column and options.time_column):
        return data, options
    reader = find_reader(data.table, options)
    if reader is None:
        return data, options
    reading = reader.read(data.table)
    frame = frame_before(reading.purchases, reading.newest_day + 1)
    table = frame_table(fields(units=False)[:ASKED], frame)
    left_out = len({reject.position for reject in reading.rejects})
    note = f"{data.table.num_rows:,} purchases made into {table.num_rows:,} customers as of the newest day"
    notes = (*data.notes, note + (f"; {left_out:,} rows could not be read." if left_out else "."))
    settled = replace(options, target="", id_column="", time_column="", exclude=())
    return replace(data, table=table, notes=notes), settled


__all__ = ["customers_of"]
