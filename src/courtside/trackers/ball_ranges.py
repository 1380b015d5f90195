"""The ranges of the ball tracker's parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from courtside.trackers.parameters import check_range

RANGES: Mapping[str, tuple[float, float]] = {
    "frames_per_second": (1e-3, 1e4),
    "diameter_m": (0.01, 10),
    "maximum_count": (1, 100),
    "minimum_score": (0, 1),
    "even_score": (0, 1),
    "sure_score": (0, 1),
    "sure_share": (0, 1),
    "least_sure_score": (0, 1),
    "sure_boxes": (0, 1e4),
    "minimum_value": (0, 1e4),
    "position_noise": (1e-3, 10),
    "size_spread": (1e-3, 10),
    "flight_noise": (1e-4, 10),
    "handled_speed": (1e-3, 100),
    "handled_frames": (0.1, 1e4),
    "bounce_share": (0, 1),
    "clutter": (1e-6, 1e3),
    "gap_cost": (0, 100),
    "hidden_cost": (0, 100),
    "turn_cost": (0, 100),
    "bounce_cost": (0, 100),
    "birth_cost": (0, 100),
    "doubt_cost": (0, 100),
    "far_cost": (0, 100),
    "lost_cost": (0, 100),
    "gate": (0.1, 100),
    "reach": (0.1, 1000),
    "maximum_gap": (0, 1e4),
    "fill_gaps_up_to": (0, 1e4),
    "maximum_uncertainty": (0, 1e3),
    "jerk": (1e-4, 100),
    "filled_score": (0, 1),
}


def check_values(values: Mapping[str, Any], where: str) -> None:
    """Check that every number lies within its range.

    Args:
        values: the parameters of :class:`courtside.trackers.ball.Ball`.
        where: what they are called before their name.

    Raises:
        UserError: naming the first that does not.
    """
    for name, (low, high) in RANGES.items():
        check_range(f"{where}.{name}", values[name], low, high)
