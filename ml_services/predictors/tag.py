"""What is this text about?"""

from __future__ import annotations

from ml_services.base import Model, Output, Predictor, Progress, Trained, TrainingData, TrainingOptions, silent
from ml_services.texts.records import text_field
from ml_services.texts.tagging import KeyphraseModel


class Tag(Predictor):
    """Without training: the text's own keyphrases. Trained on texts with one or several labels each (separated by
    ';' or '|'): the company's labels, each with its probability."""

    name = "tag"
    title = "Tags"
    question = "What is this text about?"
    grain = "text"
    task = "tags"
    route = "nlp"
    target = "tags"
    inputs = (text_field(),)
    outputs = (
        Output(
            "tags",
            "array",
            "Best first; at most ten",
            parts=(
                Output("tag", "string", "A phrase of the text, or, when trained, one of the company's labels"),
                Output("score", "number", "From 0 to 1: of a phrase beside the strongest, of a label its probability"),
            ),
        ),
    )

    def train(self, data: TrainingData, options: TrainingOptions, progress: Progress = silent) -> Trained:
        from ml_services.texts.tag_training import train_tags

        return train_tags(self.name, data, options, progress)

    def untrained(self) -> Model:
        return KeyphraseModel()
