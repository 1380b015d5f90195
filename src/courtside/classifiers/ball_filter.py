"""Whether a classifier of ball and no ball is good enough to take frames out, and from which probability."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from courtside.metrics.classification_bootstrap import least_gain

CONFIDENCE = 0.9


@dataclass(frozen=True)
class Decision:
    """Whether the filter acts.

    Attributes:
        applied: whether frames are taken out at all.
        reason: why or why not, a sentence without a full stop.
        empty_out, balls_out: validation frames without and with a ball that it would take out.
        gain: empty frames out, less ``cost`` for each ball out; keeping every frame has 0.
        least_gain: what the gain is at least, with a confidence of 90 %; None where it cannot be said.
    """

    applied: bool
    reason: str
    empty_out: int
    balls_out: int
    gain: float
    least_gain: float | None


def decide(
    there: NDArray[np.bool_],
    probability: NDArray[np.float64],
    shots: Sequence[object],
    *,
    threshold: float,
    cost: float,
    seed: int = 0,
) -> Decision:
    """Compare a filter with keeping every frame, on validation frames.

    Neighbouring frames are all but one picture, so a hundred empty frames of one shot prove no more than one of them.
    The gain over keeping everything is therefore resampled by shots, and the filter acts only where the gain is
    above zero in 90 of 100 resamples. That needs about three shots with empty frames: with fewer, too many resamples
    hold none.

    Args:
        there: shape (n,), whether each frame shows a ball.
        probability: shape (n,), the probability of a ball, 0–1.
        shots: the shot of each frame.
        threshold: frames of a lower probability are taken out.
        cost: how many empty frames that stay are as bad as one frame with a ball that is lost.
        seed: of the resampling.
    """
    out = probability < threshold
    gains = np.where(out, np.where(there, -cost, 1.0), 0.0)
    empty_out, balls_out = int((out & ~there).sum()), int((out & there).sum())
    gain = float(gains.sum())
    least = least_gain(gains, shots, level=CONFIDENCE, seed=seed)
    empty_shots = len({shot for shot, ball in zip(shots, there, strict=True) if not ball})
    applied = least is not None and least > 0
    found = f"of the validation frames it would take out {empty_out} without and {balls_out} with a ball"
    if applied:
        reason = f"{found}, which is better than keeping all"
    elif gain <= 0:
        reason = f"{found}, which is no better than keeping all where a lost ball counts {cost:g} times"
    else:
        shots_in_words = f"{empty_shots} shot" if empty_shots == 1 else f"{empty_shots} shots"
        reason = f"{found}, but with {shots_in_words} of those without that is not sure to be better than keeping all"
    return Decision(applied, reason, empty_out, balls_out, gain, least)
