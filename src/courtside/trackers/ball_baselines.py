"""What is done for want of a ball tracker: one box a frame, chosen by a rule of thumb."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside import boxes as boxes_table
from courtside.errors import UserError
from courtside.trackers.parameters import check_range, values_for
from courtside.trackers.protocol import NOTHING, Scene, check_one_frame

Float = NDArray[np.float64]


@dataclass
class _OneBall:
    """Chooses at most one box a frame of each label that it follows; all it chooses in a shot is one object.

    Attributes:
        frames_per_second: of the video; every tracker is told, this one has no use for it.
        labels_followed: the labels that are balls.
        minimum_score: weaker boxes are no candidates, 0–1.
        labels: for single labels, values of the parameters that differ for them.

    Raises:
        UserError: when a parameter is unknown, of another type or out of range.
    """

    name: ClassVar[str] = ""

    frames_per_second: float = 30.0
    labels_followed: Sequence[str] = field(default_factory=lambda: ["ball"])
    minimum_score: float = 0.15
    labels: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check every value once."""
        if isinstance(self.labels_followed, str) or not self.labels_followed:
            raise UserError(f"trackers.{self.name}.labels_followed must be a list of labels, such as [ball]")
        for label in (None, *self.labels):
            values = values_for(self, label)
            where = f"trackers.{self.name}" + ("" if label is None else f".labels.{label}")
            check_range(f"{where}.minimum_score", values["minimum_score"], 0, 1)
            self._check(values, where)
        self._given = 0
        self._identities: dict[str, int] = {}
        self._memories: dict[str, deque[Float]] = {}
        self._missed: dict[str, int] = {}

    def update(self, boxes: pl.DataFrame, scene: Scene = NOTHING) -> pl.DataFrame:
        """Choose among the boxes of the next frame; see :class:`courtside.trackers.protocol.Tracker`.

        Raises:
            ValueError: when the boxes are of more than one frame.
        """
        check_one_frame(boxes)
        corners = boxes_table.corners(boxes).astype(np.float64)
        centres, scores = (corners[:, :2] + corners[:, 2:]) / 2, boxes["score"].to_numpy()
        labels = boxes["label"].to_list()
        chosen: dict[int, int] = {}
        for label in self.labels_followed:
            values = values_for(self, label)
            own = [
                row
                for row, of in enumerate(labels)
                if of == label and scores[row] >= np.float32(values["minimum_score"])
            ]
            memory = self._memories.setdefault(label, deque(maxlen=self._remembered(values)))
            place = self._choose(centres[own], scores[own], memory, values) if own else None
            self._missed[label] = self._missed.get(label, 0) + 1
            if place is None:
                if self._missed[label] >= self._forgotten_after(values):
                    memory.clear()
                continue
            self._missed[label] = 0
            memory.append(centres[own[place]])
            if label not in self._identities:
                self._given += 1
                self._identities[label] = self._given
            chosen[own[place]] = self._identities[label]
        rows = sorted(chosen)
        return boxes[rows].with_columns(pl.Series("track", [chosen[row] for row in rows], dtype=pl.Int32))

    def reset(self) -> None:
        """Forget where the ball was, but not which identities were given."""
        self._identities.clear()
        self._memories.clear()
        self._missed.clear()

    def _check(self, values: Mapping[str, Any], where: str) -> None:
        """Check the ranges of what a rule adds."""

    def _remembered(self, values: Mapping[str, Any]) -> int:
        """Return how many positions the rule looks back on."""
        return 1

    def _forgotten_after(self, values: Mapping[str, Any]) -> float:
        """Return after how many frames without a choice the rule forgets where the ball was."""
        return float("inf")

    def _choose(self, centres: Float, scores: Float, memory: Sequence[Float], values: Mapping[str, Any]) -> int | None:
        """Return which candidate is the ball, None for none."""
        return int(scores.argmax())


@dataclass
class HighestScore(_OneBall):
    """Takes the box of highest score, wherever it is."""

    name: ClassVar[str] = "highest_score"


@dataclass
class NearestToMean(_OneBall):
    """Takes the box whose centre is nearest to the mean of the last positions, however far; at first the surest.

    Attributes:
        remembered: how many positions the mean is of, 1 or more.
    """

    name: ClassVar[str] = "nearest_to_mean"

    remembered: int = 10

    def _check(self, values: Mapping[str, Any], where: str) -> None:
        check_range(f"{where}.remembered", values["remembered"], 1, 1e4)

    def _remembered(self, values: Mapping[str, Any]) -> int:
        return int(values["remembered"])

    def _choose(self, centres: Float, scores: Float, memory: Sequence[Float], values: Mapping[str, Any]) -> int | None:
        if not memory:
            return int(scores.argmax())
        return int(np.linalg.norm(centres - np.mean(memory, axis=0), axis=1).argmin())


@dataclass
class SurestInRadius(_OneBall):
    """Takes the box of highest score within a radius of the last position, none where there is none.

    Attributes:
        radius_px: of the circle, pixels, above 0.
        forget_after: frames without a box in the circle after which the surest counts again, wherever it is.
    """

    name: ClassVar[str] = "surest_in_radius"

    radius_px: float = 100.0
    forget_after: int = 5

    def _check(self, values: Mapping[str, Any], where: str) -> None:
        check_range(f"{where}.radius_px", values["radius_px"], 1e-3, 1e6)
        check_range(f"{where}.forget_after", values["forget_after"], 1, 1e6)

    def _choose(self, centres: Float, scores: Float, memory: Sequence[Float], values: Mapping[str, Any]) -> int | None:
        if not memory:
            return int(scores.argmax())
        near = np.linalg.norm(centres - memory[-1], axis=1) <= values["radius_px"]
        return int(np.where(near, scores, -1).argmax()) if near.any() else None

    def _forgotten_after(self, values: Mapping[str, Any]) -> float:
        return float(values["forget_after"])
