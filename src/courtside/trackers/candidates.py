"""The boxes that may be the ball, as the search takes them; and the picture's own movement taken out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]

NEAR_A_PLAYER = 0.5
"""How far around a player's box the ball is still at that player, as a share of the box's width."""


@dataclass(frozen=True)
class Belief:
    """What a score says.

    Attributes:
        even_score: score at which a box by itself is as likely the ball as not, 0–1.
        sure_score: score from which a box is sure, 0–1.
    """

    even_score: float
    sure_score: float


class Sureness:
    """From which score a box is sure, for a detector whose scores nobody knows yet.

    Detectors differ in how high their scores are: what is weak from one is the best that another one gives. So a box is
    sure, too, when it comes near the best seen so far; nothing of what comes is looked at.

    Args:
        score: from which a box is sure whatever was seen, 0–1.
        least: below which none is, whatever was seen, 0–1.
        share: of the highest score so far from which it is sure in between, 0–1.
    """

    def __init__(self, score: float, least: float, share: float) -> None:
        self._score, self._least, self._share, self._highest = score, least, share, 0.0

    def after(self, scores: Float) -> float:
        """Take the scores (n,) of the next frame and return from which of them on a box is sure."""
        self._highest = max(self._highest, float(scores.max(initial=0.0)))
        return min(self._score, max(self._least, self._share * self._highest))


def candidates_of(corners: Float, scores: Float, others: Float, belief: Belief, camera: Float | None) -> Float:
    """Return the boxes of a frame as :func:`courtside.trackers.hypotheses.extend` takes them.

    Args:
        corners: (n, 4), x1, y1, x2, y2 in pixels.
        scores: (n,), 0–1.
        others: (m, 4), the boxes of other labels: those who may have the ball.
        belief: what a score says.
        camera: (2, 3), from the frame's pixels to those of the shot's first frame; None leaves them.

    Returns:
        (n, 6): centre, side, log-odds of the score against those of ``even_score``, whether it is sure, and whether it
        lies at a player.
    """
    centres = (corners[:, :2] + corners[:, 2:]) / 2
    sides = np.sqrt((corners[:, 2:] - corners[:, :2]).prod(axis=1))
    margin = NEAR_A_PLAYER * (others[:, 2:3] - others[:, :1])
    low, high = others[:, :2] - margin, others[:, 2:] + margin
    inside = np.logical_and(centres[:, None] >= low, centres[:, None] <= high).all(axis=2)
    if camera is not None:
        centres, sides = moved(centres, camera), sides * scale_of(camera)
    worth = log_odds(scores) - log_odds(np.array(belief.even_score))
    sure, at_player = scores >= belief.sure_score, np.any(inside, axis=1)
    return np.column_stack([centres, sides, worth, sure, at_player]).astype(np.float64)


def log_odds(scores: Float) -> Float:
    """Return the log-odds of scores, those of 0 and 1 finite."""
    clipped = np.clip(scores, 1e-2, 1 - 1e-2)
    odds: Float = np.log(clipped / (1 - clipped))
    return odds


def moved(points: Float, camera: Float) -> Float:
    """Return points (n, 2) after an affine map (2, 3)."""
    result: Float = points @ camera[:, :2].T + camera[:, 2]
    return result


def scale_of(camera: Float) -> float:
    """Return how much larger an affine map makes things."""
    return float(np.sqrt(abs(np.linalg.det(camera[:, :2]))))


def chained(before: Float | None, camera: Float | None) -> Float | None:
    """Return the map from a frame's pixels to the first frame's.

    Args:
        before: that of the frame before; None for no movement.
        camera: from the pixels of the frame before to this one's; None for no movement.
    """
    if camera is None:
        return before
    back = inverse(camera)
    if before is None:
        return back
    return np.hstack([before[:, :2] @ back[:, :2], moved(back[:, 2][None], before).T])


def inverse(camera: Float) -> Float:
    """Return the affine map (2, 3) the other way round."""
    turned = np.linalg.inv(camera[:, :2])
    return np.hstack([turned, -turned @ camera[:, 2:]])
