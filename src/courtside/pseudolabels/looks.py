"""Drops boxes that look like nothing the surest boxes of their label look like.

A score says how sure the network is of a box by itself; this asks whether it looks, to the same network, like the boxes
it is surest of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside import boxes as boxes_table
from courtside.errors import UserError
from courtside.pseudolabels.limits import per_label

METHODS = ("isolation_forest", "clusters", "mahalanobis")
_TREES = 200
_ORDINARY = 0.9
_ROW = "_row"
_BOX = ["video", "frame", "label", *boxes_table.CORNERS]


@dataclass(frozen=True)
class LookSettings:
    """What looks like nothing else.

    Attributes:
        labels: whose boxes are judged, each label by itself; none leaves the step out.
        method: ``isolation_forest``, how few random cuts set a box apart (Liu, Ting and Zhou 2008, "Isolation Forest");
            ``clusters``, how far it is from the nearest of the sure boxes' k-means clusters; ``mahalanobis``, how far
            it is from their mean, in standard deviations (their covariance shrunk as Ledoit and Wolf 2004).
        components: principal components that embeddings are reduced to; fewer where there are few sure boxes.
        clusters: how many, for ``clusters``.
        tolerance: how odd a box may be and stay: 0 is the middle one of the sure boxes, 1 is odder than nine of ten of
            them, 2 twice as far from the middle, and so on; 0 or more.
        minimum_reference: sure boxes of a label without which none of it is judged.
    """

    labels: tuple[str, ...] = ()
    method: Literal["isolation_forest", "clusters", "mahalanobis"] = "mahalanobis"
    components: int = 64
    clusters: int = 8
    tolerance: float = 2.0
    minimum_reference: int = 50

    def __post_init__(self) -> None:
        """Check the ranges.

        Raises:
            UserError: naming the value that is out of range.
        """
        if self.method not in METHODS:
            raise UserError(f"label.looks.method: {self.method!r} is none of {', '.join(METHODS)}")
        for name, lowest in (("components", 1), ("clusters", 1), ("tolerance", 0), ("minimum_reference", 2)):
            if getattr(self, name) < lowest:
                raise UserError(f"label.looks.{name} must be at least {lowest}, not {getattr(self, name)}")


def oddness(
    embeddings: NDArray[np.floating], reference: NDArray[np.bool_], settings: LookSettings, seed: int = 0
) -> NDArray[np.float64]:
    """Return how unlike the reference each box looks; what the numbers mean depends on the method.

    Args:
        embeddings: (n, d), a row a box.
        reference: (n,), which boxes are what they are taken for; at least 2.
        settings: how to judge.
        seed: of trees and clusters; the same seed gives the same numbers.

    Returns:
        (n,) float64, larger is odder.
    """
    from sklearn.cluster import KMeans  # takes a second
    from sklearn.covariance import LedoitWolf
    from sklearn.decomposition import PCA
    from sklearn.ensemble import IsolationForest

    plain = np.asarray(embeddings, dtype=np.float64)
    components = min(settings.components, plain.shape[1], int(reference.sum()) - 1)
    reduced = PCA(components, svd_solver="full").fit(plain[reference]).transform(plain)
    known = reduced[reference]
    if settings.method == "isolation_forest":
        forest = IsolationForest(n_estimators=_TREES, random_state=seed).fit(known)
        result = -forest.score_samples(reduced)
    elif settings.method == "clusters":
        means = KMeans(min(settings.clusters, len(known)), n_init=4, random_state=seed).fit(known)
        result = means.transform(reduced).min(axis=1)
    else:
        result = np.sqrt(LedoitWolf().fit(known).mahalanobis(reduced))  # scikit-learn returns its square
    return np.asarray(result, dtype=np.float64)


def remove_odd(
    boxes: pl.DataFrame,
    seen: pl.DataFrame,
    embeddings: NDArray[np.floating],
    settings: LookSettings,
    *,
    sure_confidence: float,
    sure_confidences: Mapping[str, float] | None = None,
    seed: int = 0,
) -> pl.DataFrame:
    """Drop boxes that look odd beside the sure ones of their label, which stay themselves.

    Which boxes are sure is decided by their score alone. Boxes that a person drew would be a cleaner reference, but a
    round looks at hand-labelled frames in validation only, and those audit the labels: they may not shape them.

    Args:
        boxes: boxes table.
        seen: boxes table as the detector found it, with at least these boxes; others stay, as nobody knows their look.
        embeddings: (n, d), how the boxes of ``seen`` look, a row a box in its order.
        settings: how to judge; a label with fewer sure boxes than ``settings.minimum_reference`` stays as it is.
        sure_confidence: score from which a box is sure, 0–1.
        sure_confidences: the same for single labels.
        seed: of trees and clusters.

    Raises:
        ValueError: when there is another number of embeddings than of boxes seen.
    """
    if len(embeddings) != seen.height:
        raise ValueError(f"{len(embeddings)} embeddings for {seen.height} boxes")
    place = seen.select(_BOX).with_columns(pl.int_range(pl.len()).alias(_ROW)).unique(_BOX, keep="first")
    placed = boxes.join(place, on=_BOX, how="left", maintain_order="left")
    rows, known = placed[_ROW].fill_null(0).to_numpy(), placed[_ROW].is_not_null().to_numpy()
    sure = placed.select(pl.col("score") >= per_label(sure_confidence, sure_confidences)).to_series().to_numpy()
    keep = np.ones(boxes.height, dtype=np.bool_)
    for label in settings.labels:
        judged = np.flatnonzero(known & (boxes["label"] == label).to_numpy())
        reference = sure[judged]
        if reference.sum() >= settings.minimum_reference:
            odd = oddness(embeddings[rows[judged]], reference, settings, seed)
            middle, ordinary = np.quantile(odd[reference], [0.5, _ORDINARY])
            keep[judged] = reference | (odd <= middle + settings.tolerance * (ordinary - middle))
    return boxes.filter(keep)
