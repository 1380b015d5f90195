"""What classifiers that learned from the same examples are compared by."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside.classifiers.examples import KEY, class_numbers
from courtside.classifiers.protocol import Classifier, ClassifierEpoch, Examples
from courtside.metrics.classification import ClassScores, cross_entropy, score_classes
from courtside.tables import Schema, conform

ITEMS: Schema = {
    "video": pl.String,
    "frame": pl.Int32,
    "split": pl.String,
    "label": pl.String,
    "predicted": pl.String,
    "probability": pl.Float64,
    "loss": pl.Float64,
}
"""The columns of :func:`items`."""


@dataclass(frozen=True)
class Trained:
    """A trained classifier, and what it says of the frames it learned from and was validated on.

    Attributes:
        name: in the configuration.
        classifier: with the weights of its best epoch.
        history: all its epochs.
        probabilities: for ``train`` and ``val``, (n, labels).
        scores: for both, on pictures as they are: the two losses can be compared.
        images_per_s: validation pictures a second through the network, without reading and shrinking them.
    """

    name: str
    classifier: Classifier
    history: Sequence[ClassifierEpoch]
    probabilities: Mapping[str, NDArray[np.float64]]
    scores: Mapping[str, ClassScores]
    images_per_s: float

    @property
    def rank(self) -> tuple[float, int]:
        """Orders by validation loss; below a thousandth nothing differs, and then the smaller network is better."""
        return round(self.scores["val"].loss, 3), self.classifier.parameters

    def row(self) -> dict[str, Any]:
        """Return the row of the comparison: plain values, scores on validation."""
        figures = self.scores["val"].as_dict(self.classifier.labels)
        return {
            "name": self.name,
            "architecture": self.classifier.architecture,
            "image_size": self.classifier.image_size,
            "parameters": self.classifier.parameters,
            "transferred": self.classifier.transferred,
            "epochs": len(self.history),
            "train_loss": self.scores["train"].loss,
            "val_loss": figures.pop("loss"),
            "images_per_s": self.images_per_s,
            **figures,
        }


def evaluate(
    name: str,
    classifier: Classifier,
    history: Sequence[ClassifierEpoch],
    sets: Mapping[str, Examples],
    batch: int,
) -> Trained:
    """Score a trained classifier on the examples of ``train`` and ``val``."""
    probabilities = {"train": classifier.predict(sets["train"], batch)}  # and the network is warm for the clock
    began = time.perf_counter()
    probabilities["val"] = classifier.predict(sets["val"], batch)
    seconds = time.perf_counter() - began
    scores = {split: score_classes(sets[split].classes, found) for split, found in probabilities.items()}
    return Trained(name, classifier, history, probabilities, scores, len(sets["val"]) / seconds)


def items(known: pl.DataFrame, trained: Trained) -> pl.DataFrame:
    """Return what a classifier says of every sorted frame, for a person to look for wrong labels.

    As fastai's ``ImageClassifierCleaner`` does, frames of training carry the loss of the very classifier that learned
    from them: a wrong label that it has learned by heart has a small one. Cross-validation would find more of those,
    at the price of several trainings.

    Args:
        known: ``video``, ``frame``, ``split``, ``label`` of the examples, in their order.
        trained: the classifier.

    Returns:
        Table with the columns of :data:`ITEMS`, sorted by key: ``probability`` is that of the label ``predicted``,
        ``loss`` the cross-entropy of ``label``.
    """
    labels = trained.classifier.labels
    parts = []
    for split, probabilities in trained.probabilities.items():
        own = known.filter(pl.col("split") == split).select(*KEY, "split", "label")
        losses = cross_entropy(class_numbers(own["label"], labels), probabilities)
        predicted = [labels[k] for k in probabilities.argmax(axis=1)]
        found = {"predicted": predicted, "probability": probabilities.max(axis=1), "loss": losses}
        parts.append(own.with_columns(pl.Series(name, values) for name, values in found.items()))
    return conform(pl.concat(parts), ITEMS, frozenset(ITEMS), "items").sort(KEY)
