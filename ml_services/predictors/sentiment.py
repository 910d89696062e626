"""Does this text praise or complain?"""

from __future__ import annotations

from ml_services.base import Model, Output, Predictor, Progress, Trained, TrainingData, TrainingOptions, silent
from ml_services.texts.polarity import PolarityModel
from ml_services.texts.records import text_field


class Sentiment(Predictor):
    """Before anything was learned, the opinion lexicon answers alone. Trained on labelled texts (two labels,
    positive/neutral/negative, -1/0/1 or stars), its words and the company's own add up."""

    name = "sentiment"
    title = "Sentiment"
    question = "Does this text praise or complain?"
    grain = "text"
    task = "polarity"
    route = "nlp"
    target = "label"
    inputs = (text_field(),)
    outputs = (
        Output("label", "string", "What the text says", choices=("positive", "neutral", "negative")),
        Output("score", "number", "From -1, all blame, to 1, all praise"),
        Output("probability", "number", "Calibrated chance that the text is positive rather than negative"),
    )
    sample_file = "reviews.csv"

    def train(self, data: TrainingData, options: TrainingOptions, progress: Progress = silent) -> Trained:
        from ml_services.texts.polarity_training import train_polarity

        return train_polarity(self.name, data, options, progress)

    def sample_options(self) -> TrainingOptions:
        """Synthetic sentences teach the lexicon's weights, the calibration and the band of neutral; their few
        phrases would teach no words that hold elsewhere."""
        return TrainingOptions(target=self.target, declared=True, settings={"candidates": ("opinion lexicon",)})

    def untrained(self) -> Model:
        return PolarityModel()
