"""How fast a falling ball gets faster in the picture: a belief to begin with, refined by every flight that is seen."""

from __future__ import annotations

import numpy as np

WINDOW = 6
"""Frames over which acceleration is taken: from three points, each so far from the next as half of them."""
PRIOR_FLIGHTS = 10.0
"""How many looks at a flight the belief counts for."""


class Gravity:
    """Gravity in sides of the ball's box a frame², from its second differences in flight.

    Args:
        prior: what it is believed to be.
    """

    def __init__(self, prior: float) -> None:
        self._prior = prior
        self._sum, self._weight = prior * PRIOR_FLIGHTS, PRIOR_FLIGHTS
        self._heights: list[tuple[float, float]] = []

    @property
    def value(self) -> float:
        """The mean of the belief and of what was seen."""
        return self._sum / self._weight

    def see(self, time: float, y: float, side: float, flies: bool) -> None:
        """Take in where the ball is.

        Args:
            time: the frame.
            y: height of its centre in the picture, pixels, downwards.
            side: of its box, pixels.
            flies: whether it flew from the frame before to this one.
        """
        if not flies or (self._heights and time - self._heights[-1][0] != 1):
            self._heights.clear()
        self._heights.append((time, y))
        if len(self._heights) > WINDOW:
            half = WINDOW // 2
            recent = [height for _, height in self._heights[-WINDOW - 1 :: half]]
            seen = (recent[2] - 2 * recent[1] + recent[0]) / half**2 / side
            # A ball that rolls or is carried shows none, and nothing falls upwards.
            self._sum += float(np.clip(seen, 0.0, 4 * self._prior))
            self._weight += 1.0


def prior_gravity(frames_per_second: float, diameter_m: float) -> float:
    """Return gravity in diameters of a ball a frame² at true speed, seen from the side."""
    return 9.81 / diameter_m / frames_per_second**2
