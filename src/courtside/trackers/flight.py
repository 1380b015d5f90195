"""How a ball moves from one frame to the next: free flight, a bounce, or in somebody's hands."""

from __future__ import annotations

import math
from typing import NamedTuple

from numba import njit

FLIGHT, HANDLED, BOUNCE = 0, 1, 2
"""What a ball does between two frames: gravity alone moves it; hands, feet or rackets do; it hits the floor."""

State = tuple[float, float, float, float, float, float, float]
"""x, y, vx, vy (pixels, pixels a frame; y grows downwards), and the covariance of a position and its velocity, which
both directions share: its variance, the covariance of the two, the variance of the velocity."""


class Physics(NamedTuple):
    """How a ball moves and how well it is seen; lengths in sides of its box, times in frames.

    Attributes:
        position_noise: standard deviation of a detected centre.
        flight_noise: standard deviation of the velocity that a frame of flight adds.
        handled_speed: standard deviation of the velocity in hands.
        handled_frames: how long a velocity in hands lasts, frames (the time constant of its decay).
        bounce_share: of the vertical speed that a bounce leaves, 0–1.
    """

    position_noise: float
    flight_noise: float
    handled_speed: float
    handled_frames: float
    bounce_share: float


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def predict(state: State, side: float, frames: float, mode: int, gravity: float, physics: Physics) -> State:
    """Return where a ball will be.

    Flight is constant acceleration with white noise on it (Bar-Shalom, Li & Kirubarajan, "Estimation with Applications
    to Tracking and Navigation", 2001, section 6.2.2). Hands give a velocity that is forgotten again: an
    Ornstein–Uhlenbeck process, as Singer, "Estimating Optimal Tracking Filter Performance for Manned Maneuvering
    Targets", 1970, has it for acceleration. A bounce happens at an unknown moment of the step and turns the vertical
    velocity around.

    Args:
        state: now.
        side: of the box, pixels.
        frames: how far ahead, above 0.
        mode: :data:`FLIGHT`, :data:`HANDLED` or :data:`BOUNCE`.
        gravity: pixels a frame², downwards.
        physics: how it moves.
    """
    x, y, vx, vy, spread, joint, speed_spread = state
    if mode == HANDLED:
        lasting = physics.handled_frames
        left = math.exp(-frames / lasting)
        reach = lasting * (1 - left)
        variance = (physics.handled_speed * side) ** 2
        grown = variance * lasting**2 * (2 * frames / lasting - 3 + 4 * left - left**2)
        return (
            x + reach * vx,
            y + reach * vy,
            left * vx,
            left * vy,
            spread + 2 * reach * joint + reach**2 * speed_spread + max(grown, 0.0),
            left * (joint + reach * speed_spread) + variance * lasting * (1 - left) ** 2,
            left**2 * speed_spread + variance * (1 - left**2),
        )
    variance = (physics.flight_noise * side) ** 2
    spread = spread + 2 * frames * joint + frames**2 * speed_spread + variance * frames**3 / 3
    joint = joint + frames * speed_spread + variance * frames**2 / 2
    speed_spread = speed_spread + variance * frames
    if mode == BOUNCE:
        kept = physics.bounce_share
        # The moment of impact is anywhere in the step, each as likely.
        turned = (1 + kept) * vy * frames
        return (
            x + frames * vx,
            y + frames * vy * (1 - kept) / 2,
            vx,
            -kept * vy,
            spread + turned**2 / 12,
            joint,
            speed_spread + (0.3 * vy) ** 2,
        )
    return (
        x + frames * vx,
        y + frames * vy + gravity * frames**2 / 2,
        vx,
        vy + gravity * frames,
        spread,
        joint,
        speed_spread,
    )


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def correct(state: State, x: float, y: float, noise: float) -> State:
    """Return the state after the ball was seen at ``x``, ``y``, give or take a variance of ``noise`` (Kalman 1960)."""
    expected_x, expected_y, vx, vy, spread, joint, speed_spread = state
    gain, speed_gain = spread / (spread + noise), joint / (spread + noise)
    off_x, off_y = x - expected_x, y - expected_y
    return (
        expected_x + gain * off_x,
        expected_y + gain * off_y,
        vx + speed_gain * off_x,
        vy + speed_gain * off_y,
        (1 - gain) * spread,
        (1 - gain) * joint,
        speed_spread - speed_gain * joint,
    )
