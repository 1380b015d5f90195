"""Trackers of a single object by the name they have in the configuration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from courtside.errors import UserError
from courtside.single import opencv
from courtside.single.protocol import SingleTracker

TRACKERS: Mapping[str, Callable[[Path | None], SingleTracker]] = {
    maker.__name__: maker
    for maker in (opencv.csrt, opencv.kcf, opencv.mil, opencv.mosse, opencv.medianflow, opencv.vit, opencv.nano)
}
NEED_WEIGHTS = frozenset({"vit", "nano"})


def create(name: str, weights: Path | None = None) -> SingleTracker:
    """Make a tracker.

    Args:
        name: one of :data:`TRACKERS`.
        weights: of those of :data:`NEED_WEIGHTS`: a file for ``vit``, a folder for ``nano``.

    Raises:
        UserError: when the name is unknown, or the weights are missing or no such network.
    """
    if name not in TRACKERS:
        raise UserError(f"tracker {name!r} is unknown; of a single object there are: {', '.join(TRACKERS)}")
    return TRACKERS[name](weights)
