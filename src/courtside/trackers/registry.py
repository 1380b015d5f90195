"""Trackers by the name they have in the configuration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from courtside.errors import UserError
from courtside.trackers.ball import Ball
from courtside.trackers.ball_baselines import HighestScore, NearestToMean, SurestInRadius
from courtside.trackers.botsort import BotSort
from courtside.trackers.bytetrack import ByteTrack
from courtside.trackers.courtside import CourtsideTracker
from courtside.trackers.deepsort import DeepSort
from courtside.trackers.fairmot import FairMot
from courtside.trackers.game import Game
from courtside.trackers.motion_appearance import MotionAppearance
from courtside.trackers.ocsort import OcSort
from courtside.trackers.parameters import PER_LABEL, check_names, defaults_of
from courtside.trackers.protocol import Tracker
from courtside.trackers.sort import Sort

_KINDS = (
    Game,
    CourtsideTracker,
    ByteTrack,
    Sort,
    OcSort,
    BotSort,
    DeepSort,
    FairMot,
    MotionAppearance,
    Ball,
    NearestToMean,
    SurestInRadius,
    HighestScore,
)
TRACKERS: Mapping[str, Callable[..., Tracker]] = {kind.name: kind for kind in _KINDS}


def create(name: str, parameters: Mapping[str, object] | None = None) -> Tracker:
    """Make a tracker.

    Args:
        name: one of :data:`TRACKERS`.
        parameters: what differs from the defaults of the tracker's class, and under ``labels`` what
            differs for single labels: ``{"minimum_overlap": 0.2, "labels": {"ball": {"overlap": "diou"}}}``.

    Raises:
        UserError: when the name or a parameter is unknown, or a value out of range.
    """
    if name not in TRACKERS:
        raise UserError(f"tracker {name!r} is unknown; there are: {', '.join(TRACKERS)}")
    kind: Any = TRACKERS[name]
    values: dict[str, Any] = dict(parameters or {})
    where = f"trackers.{name}"
    check_names(values, (*defaults_of(kind), PER_LABEL), where)
    per_label = values.get(PER_LABEL, {})
    if not isinstance(per_label, Mapping) or not all(isinstance(own, Mapping) for own in per_label.values()):
        raise UserError(f"{where}.{PER_LABEL} must map labels to parameters, such as ball: {{minimum_overlap: 0.05}}")
    tracker: Tracker = kind(**values)
    return tracker
