"""Who is this customer like?"""

from __future__ import annotations

from ml_services.base import Output, Predictor, Progress, Trained, TrainingData, TrainingOptions, silent
from ml_services.customer_fields import CUSTOMER_FIELDS

RFM = ("tenure_months", "recency_days", "frequency", "monetary")
SAMPLE_K = 5


class SegmentPredictor(Predictor):
    """Learns without a target: K-means on recency, frequency and spending, or on the columns given. A file with a row
    a purchase (customer, day and amount named by `--id-column`, `--time-column`, `--target`) is first made into
    customers. Setting `k`: a fixed number of segments. Retrained, a segment keeps its id where it is still there."""

    name = "segment"
    title = "Segment"
    question = "Which group of customers is this one like?"
    grain = "row"
    task = "cluster"
    inputs = tuple(field for field in CUSTOMER_FIELDS if field.name in RFM)
    outputs = (
        Output("segment", "string", "Id of the segment; stays the same when segments are learned again"),
        Output("persona", "string", "Its name, by rule from its centre"),
        Output("description", "string", "What sets it apart"),
        Output("confidence", "number", "0 on the border to the next segment, 1 at the centre"),
    )
    sample_file = "customers.csv"

    def train(self, data: TrainingData, options: TrainingOptions, progress: Progress = silent) -> Trained:
        from ml_services.segmentation.purchases import customers_of
        from ml_services.segmentation.training import train_segments

        others = [field.name for field in CUSTOMER_FIELDS if field.name not in RFM]
        data, options = customers_of(data, options)
        return train_segments(self, data, options, progress, others)

    def sample_options(self) -> TrainingOptions:
        return TrainingOptions(declared=True, budget_s=5.0, settings={"k": SAMPLE_K})
