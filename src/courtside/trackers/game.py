"""Ours for a whole game: the ball by a tracker for balls, all else by a tracker for what overlaps itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import polars as pl

from courtside import boxes as boxes_table
from courtside.errors import UserError
from courtside.trackers.ball import Ball
from courtside.trackers.courtside import CourtsideTracker
from courtside.trackers.protocol import NOTHING, Scene


@dataclass
class Game:
    """Follows the ball with :class:`courtside.trackers.ball.Ball` and the people with ``courtside``.

    The ball's tracker is given the people too, for a ball is passed by somebody.

    Attributes:
        frames_per_second: of the video, above 0; what either tracker says of it counts for that one.
        fill_gaps_up_to: frames that a person may have no box on and be given one at the end of the shot; 0 for none.
        people: parameters of :class:`courtside.trackers.courtside.CourtsideTracker`.
        ball: parameters of :class:`courtside.trackers.ball.Ball`.

    Raises:
        UserError: when a parameter is unknown, of another type or out of range.
    """

    name: ClassVar[str] = "game"

    frames_per_second: float = 30.0
    fill_gaps_up_to: int = 0
    people: Mapping[str, Any] = field(default_factory=dict)
    ball: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make both trackers, so that a wrong value fails here and not in a frame."""
        rate = {"frames_per_second": self.frames_per_second}
        try:
            self._people = CourtsideTracker(**{**rate, **self.people, "fill_gaps_up_to": self.fill_gaps_up_to})
            self._ball = Ball(**{**rate, **self.ball})
        except TypeError as error:
            raise UserError(f"trackers.{self.name}: {error}") from None
        self._identities: dict[tuple[str, int], int] = {}

    def update(self, boxes: pl.DataFrame, scene: Scene = NOTHING) -> pl.DataFrame:
        """Give the boxes of the next frame their identities; see :class:`courtside.trackers.protocol.Tracker`."""
        of_people = ~boxes["label"].is_in(list(self._ball.labels_followed))
        rows = of_people.to_numpy().astype(bool)
        features = None if scene.features is None else scene.features[rows]
        people = self._people.update(boxes.filter(of_people), Scene(features, scene.camera))
        return self._numbered(people, self._ball.update(boxes, scene))

    def finish(self, frames: Sequence[int]) -> pl.DataFrame:
        """Return the tracks of the shot that ended; see :class:`courtside.trackers.protocol.OfflineTracker`."""
        ball = self._ball.finish(frames)
        return boxes_table.check(self._numbered(self._people.finish(frames), ball))

    def reset(self) -> None:
        """Forget what is being followed, but not which identities were given."""
        self._people.reset()
        self._ball.reset()

    def _numbered(self, people: pl.DataFrame, ball: pl.DataFrame) -> pl.DataFrame:
        """Return both with identities that no two things share."""
        parts = [
            table.with_columns(
                pl.Series("track", [self._identity(kind, track) for track in table["track"]], dtype=pl.Int32)
            )
            for kind, table in (("people", people), ("ball", ball))
        ]
        return pl.concat(parts)

    def _identity(self, kind: str, track: int) -> int:
        return self._identities.setdefault((kind, track), len(self._identities) + 1)
