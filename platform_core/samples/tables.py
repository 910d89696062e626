"""The sample files as what each predictor learns from."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from file_uploads.reading import open_table
from ml_services.base import Predictor, TrainingData
from platform_core.samples.files import FOLDER


def sample_data(predictor: Predictor, folder: Path = FOLDER) -> TrainingData:
    """The predictor's sample file as training data; forms are joined with the payments of the same person."""
    path = folder / predictor.sample_file
    if predictor.sample_file != "form_submissions.json":
        source = open_table(path)
        return TrainingData(source.read(), predictor.sample_file, source.sha256, tuple(source.notes))
    from platform_core.samples.plan_choices import plan_choices_table

    payments = folder / "transactions.json"
    table = plan_choices_table(json.loads(path.read_text("utf-8")), json.loads(payments.read_text("utf-8")))
    digest = hashlib.sha256(path.read_bytes() + payments.read_bytes()).hexdigest()
    return TrainingData(table, "form_submissions.json + transactions.json", digest)
