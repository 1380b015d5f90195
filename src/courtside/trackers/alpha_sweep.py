"""What the weight between overlap and looks does to a tracker's scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside.metrics.tracking import evaluate_tracks
from courtside.trackers.registry import create
from courtside.trackers.run import track_boxes

ALPHAS = tuple(np.linspace(0, 1, 11).round(1).tolist())
SCORES = ("HOTA", "AssA", "MOTA", "IDF1", "switches")


@dataclass(frozen=True)
class Game:
    """A video that trackers are tried on.

    Attributes:
        name: of the video.
        boxes: boxes table of what a detector found.
        truth: boxes table with ``track``.
        frames: those that are followed through and scored, ascending.
        shots: the shot of each frame.
        features: how the boxes look, a row a box; None where nobody looked.
        cameras: how the camera moved before each frame; None where nobody measured it.
        frames_per_second: of the video.
    """

    name: str
    boxes: pl.DataFrame
    truth: pl.DataFrame
    frames: Sequence[int]
    shots: Mapping[int, int]
    features: NDArray[np.float32] | None = None
    cameras: Mapping[int, NDArray[np.float64]] | None = None
    frames_per_second: float = 30.0


def tracked(name: str, parameters: Mapping[str, object], game: Game) -> pl.DataFrame:
    """Return the tracks of a fresh tracker on a game."""
    values = {"frames_per_second": game.frames_per_second, **parameters}
    return track_boxes(
        game.boxes, game.frames, create(name, values), game.shots, features=game.features, cameras=game.cameras
    )


def sweep_alpha(
    name: str,
    parameters: Mapping[str, object],
    games: Sequence[Game],
    alphas: Sequence[float] = ALPHAS,
    *,
    labels: Sequence[str] = ("player",),
    minimum_visibility: float = 0.0,
) -> pl.DataFrame:
    """Return the scores of a tracker for each weight of overlap against looks.

    Args:
        name: a tracker with the parameter ``overlap_weight``.
        parameters: its others; what is said for single labels overrules the weight there.
        games: what it is tried on, with features.
        alphas: the weights, 0–1: at 0 looks decide, at 1 overlap.
        labels: whose tracks are scored together; all have truth in every game.
        minimum_visibility: true boxes of which less can be seen do not count, 0–1.

    Returns:
        A row a weight and game: ``alpha``, ``video`` and :data:`SCORES`.

    Raises:
        UserError: when the tracker has no such parameter, or needs features and a game has none.
    """
    rows = []
    for alpha in alphas:
        for game in games:
            tracks = tracked(name, {**parameters, "overlap_weight": float(alpha)}, game)
            scores = evaluate_tracks(game.truth, tracks, labels, game.frames, minimum_visibility=minimum_visibility)[
                "overall"
            ]
            rows.append({"alpha": float(alpha), "video": game.name, **{score: scores[score] for score in SCORES}})
    return pl.DataFrame(rows)
