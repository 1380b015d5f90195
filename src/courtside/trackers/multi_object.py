"""The core of our multi-object tracker: arrays of a frame in, identities out."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp

import numpy as np
from numba import njit
from numpy.typing import NDArray

from courtside.trackers import kalman
from courtside.trackers.matching import assign, not_covered, similarities
from courtside.trackers.still import standing

Float = NDArray[np.float64]
Integer = NDArray[np.int64]

_NOBODY = 0
SURPRISING_SHARE = 0.25  # of the boxes lies beyond ``surprise`` where the acceleration is right


@dataclass(frozen=True)
class Settings:
    """What a tracker goes by; :class:`courtside.trackers.courtside.CourtsideTracker` says what each means."""

    lost_track_buffer: int
    high_confidence_threshold: float
    low_confidence_threshold: float
    track_activation_threshold: float
    minimum_evidence: float
    weak_boxes_for: int
    minimum_similarity: float
    distance_weight: float
    gate: float
    unseen_cost: float
    duplicate_overlap: float
    measurement_noise: float
    acceleration: float
    maximum_acceleration: float
    surprise: float
    adaptation: float
    velocity_kept: float
    alpha: float
    feature_memory: float
    longest_repeat: int


class Identities:
    """Gives out identities from 1 upwards, each once; trackers that share it share no identity."""

    def __init__(self) -> None:
        self._given = 0

    def take(self, count: int) -> Integer:
        """Return the next ones, (count,) int64."""
        self._given += count
        return np.arange(self._given - count + 1, self._given + 1, dtype=np.int64)


class MultiObjectTracker:
    """Follows many objects of several classes at once; classes never mix.

    A frame is settled in a cascade, as in ByteTrack (Zhang et al., ECCV 2022): sure boxes for the tracks that have an
    identity, seen lately or lost; weak boxes for those of them seen lately; what is left of both for the tracks that
    have none yet. A sure box that is left then begins a track, unless it shows what a joined box shows. A track that is
    found again after a gap runs through the gap once more, along the line from where it was to where it is, so that the
    filter forgets what it made up (observation-centric re-update: Cao et al., OC-SORT, CVPR 2023, section 4.1).

    How fast objects change their velocity is another thing in each video, above all where the camera follows the play,
    so the filters' acceleration goes by how often a box surprises (continuous adjustment of the noise level:
    Bar-Shalom et al., 2001, section 11.2.2); all tracks share it.

    A picture that shows the one before over again tells nothing new: identities are carried over, and the next picture
    is as many frames later. Otherwise all seem to stop, and then to run.

    Args:
        settings: see :class:`Settings`.
        identities: where identities come from.
    """

    def __init__(self, settings: Settings, identities: Identities | None = None) -> None:
        self._settings = settings
        self._identities = identities or Identities()
        self.reset()

    def reset(self) -> None:
        """Forget what is being followed, but not which identities were given."""
        self._states = np.zeros((0, 4, 5))
        self._last_states = np.zeros((0, 4, 5))  # of the frame on which each was seen last
        self._last_boxes = np.zeros((0, 4))
        self._ages = np.zeros(0, np.int64)  # frames since then
        self._evidence = np.zeros(0)  # sum of the scores
        self._classes = np.zeros(0, np.int64)
        self._tracks = np.zeros(0, np.int64)  # identities; _NOBODY until it is clear that there is an object
        self._features: NDArray[np.float32] | None = None
        self._acceleration = self._settings.acceleration
        self._first = True
        self._before: tuple[Float, Integer, Integer] | None = None  # boxes, classes and identities of the last picture
        self._repeats = 0

    def update(
        self,
        corners: NDArray[np.float32],
        scores: NDArray[np.floating],
        classes: Integer,
        features: NDArray[np.float32] | None = None,
        camera: Float | None = None,
    ) -> Integer:
        """Take the boxes of the next frame.

        Args:
            corners: (n, 4), x1, y1, x2, y2 in pixels.
            scores: (n,), 0–1.
            classes: (n,), int64.
            features: (n, d), each of length 1, or None.
            camera: (2, 3), the affine map of the previous frame's pixels to this frame's, or None.

        Returns:
            The identity of each box, (n,) int64; −1 for those that are not tracked.
        """
        settings = self._settings
        boxes: Float = corners.astype(np.float64)
        confidences: Float = scores.astype(np.float64)
        sure = confidences >= settings.high_confidence_threshold
        known = self._carried(boxes, classes, sure)
        if known is not None:
            return known
        box_of = np.full(len(self._states), -1, np.int64)
        left = np.ones(len(boxes), np.bool_)
        if len(self._states):
            if camera is not None:
                kalman.warp(self._states, camera)
                kalman.warp(self._last_states, camera)
                _warp_boxes(self._last_boxes, camera)
            for _ in range(1 + self._repeats):
                kalman.predict(self._states, self._acceleration, self._ages, settings.velocity_kept)
            self._ages += 1
            if len(boxes):
                similarity = self._similarities(boxes, classes, features)
                self._cascade(similarity, sure, confidences >= settings.low_confidence_threshold, left, box_of)
        found = np.full(len(boxes), -1, np.int64)
        rows = np.flatnonzero(box_of >= 0)
        if rows.size:
            columns = box_of[rows]
            self._see(rows, columns, boxes, confidences, features)
            given = self._tracks[rows]
            found[columns] = np.where(given == _NOBODY, -1, given)
        alive = np.where(self._tracks == _NOBODY, self._ages == 0, self._ages <= settings.lost_track_buffer)
        if not alive.all():
            self._keep(alive)
        new = left & (confidences >= settings.track_activation_threshold)
        if new.any():
            self._begin(new, ~left, boxes, confidences, classes, features, found)
        self._first = False
        self._before, self._repeats = (boxes, classes, found), 0
        return found

    def _carried(self, boxes: Float, classes: Integer, sure: NDArray[np.bool_]) -> Integer | None:
        """Return the identities of a picture that shows the one before over again, None of a new one."""
        if self._before is None or self._repeats >= self._settings.longest_repeat or not len(boxes):
            return None
        before, of_classes, identities = self._before
        partners = standing(before, of_classes, boxes, classes, sure)
        if not partners.size:
            return None
        self._repeats += 1
        found: Integer = np.where(partners >= 0, identities[partners], -1)
        return found

    def _similarities(self, boxes: Float, classes: Integer, features: NDArray[np.float32] | None) -> Float:
        settings = self._settings
        similarity: Float = similarities(
            self._states,
            self._classes,
            boxes,
            classes,
            settings.measurement_noise,
            settings.gate,
            settings.distance_weight,
            self._ages,
            settings.unseen_cost,
        )
        if features is not None and self._features is not None and settings.alpha < 1:
            # The distance of features is 1 − cosine, and a cost is 1 − similarity.
            looks = np.clip(self._features @ features.T, 0.0, 1.0)
            similarity = np.where(similarity > 0, settings.alpha * similarity + (1 - settings.alpha) * looks, 0.0)
        return similarity

    def _cascade(
        self,
        similarity: Float,
        sure: NDArray[np.bool_],
        enough: NDArray[np.bool_],
        left: NDArray[np.bool_],
        box_of: Integer,
    ) -> None:
        """Fill ``box_of`` and clear what is joined in ``left``."""
        settings = self._settings
        weak = enough & ~sure
        known = self._tracks != _NOBODY
        lately = self._ages <= settings.weak_boxes_for
        for tracks, boxes in ((known, sure), (known & lately, weak), (~known, sure), (~known, weak)):
            free_boxes = boxes & left
            if not free_boxes.any():
                continue
            assign(similarity, tracks & (box_of < 0), free_boxes, settings.minimum_similarity, box_of)
            left[box_of[box_of >= 0]] = False

    def _see(
        self,
        rows: Integer,
        columns: Integer,
        boxes: Float,
        scores: Float,
        features: NDArray[np.float32] | None,
    ) -> None:
        settings = self._settings
        expected, surprising = _correct(
            self._states,
            self._last_states,
            self._last_boxes,
            self._ages,
            self._evidence,
            rows,
            columns,
            boxes,
            scores,
            settings.measurement_noise,
            self._acceleration,
            settings.surprise,
        )
        if expected:
            self._adapt(surprising / expected)
        if self._features is not None and features is not None:
            mixed = settings.feature_memory * self._features[rows]
            mixed += (1 - settings.feature_memory) * features[columns]
            self._features[rows] = mixed / np.maximum(np.linalg.norm(mixed, axis=1, keepdims=True), 1e-9)
        fresh = rows[self._tracks[rows] == _NOBODY]
        if fresh.size:
            fresh = fresh[self._evidence[fresh] >= settings.minimum_evidence]
            self._tracks[fresh] = self._identities.take(fresh.size)

    def _adapt(self, share: float) -> None:
        """Let the acceleration follow the share of a frame's boxes that surprised, 0–1.

        Only whether each did counts, not how much: a box of somebody else may lie anywhere.
        """
        settings = self._settings
        change = settings.adaptation * (share / SURPRISING_SHARE - 1)
        changed = self._acceleration * exp(change)
        self._acceleration = min(max(changed, settings.acceleration), settings.maximum_acceleration)

    def _begin(
        self,
        new: NDArray[np.bool_],
        joined: NDArray[np.bool_],
        boxes: Float,
        scores: Float,
        classes: Integer,
        features: NDArray[np.float32] | None,
        found: Integer,
    ) -> None:
        settings = self._settings
        rows = not_covered(boxes, classes, new, joined, settings.duplicate_overlap)
        if not rows.size:
            return
        states = kalman.begin(boxes[rows], settings.measurement_noise, 5 * self._acceleration)
        tracks = np.zeros(rows.size, np.int64)
        if self._first:  # the shot begins with them in sight, so there is nothing to wait for
            tracks = self._identities.take(rows.size)
            found[rows] = tracks
        # Nobody knows the looks of who was seen while nobody looked: zeros are like nothing.
        if features is not None:
            known = np.zeros((len(self._states), features.shape[1])) if self._features is None else self._features
            self._features = np.concatenate([known, features[rows]]).astype(np.float32)
        elif self._features is not None:
            looks = np.zeros((rows.size, self._features.shape[1]), np.float32)
            self._features = np.concatenate([self._features, looks])
        self._states = np.concatenate([self._states, states])
        self._last_states = np.concatenate([self._last_states, states])
        self._last_boxes = np.concatenate([self._last_boxes, boxes[rows]])
        self._ages = np.concatenate([self._ages, np.zeros(rows.size, np.int64)])
        self._evidence = np.concatenate([self._evidence, scores[rows]])
        self._classes = np.concatenate([self._classes, classes[rows]])
        self._tracks = np.concatenate([self._tracks, tracks])

    def _keep(self, alive: NDArray[np.bool_]) -> None:
        self._states = self._states[alive]
        self._last_states = self._last_states[alive]
        self._last_boxes = self._last_boxes[alive]
        self._ages = self._ages[alive]
        self._evidence = self._evidence[alive]
        self._classes = self._classes[alive]
        self._tracks = self._tracks[alive]
        if self._features is not None:
            self._features = self._features[alive]


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _correct(
    states: Float,
    last_states: Float,
    last_boxes: Float,
    ages: Integer,
    evidence: Float,
    rows: Integer,
    columns: Integer,
    corners: Float,
    scores: Float,
    noise: float,
    acceleration: float,
    surprise: float,
) -> tuple[int, int]:
    """Let tracks ``rows`` see boxes ``columns``, in place.

    Returns:
        How many of them were seen on the frame before, too, and how many of those boxes lie further from where they
        were expected than ``surprise``, a squared distance in standard deviations.
    """
    expected, surprising = 0, 0
    for number in range(len(rows)):
        track, box = rows[number], columns[number]
        gap = ages[track]
        if gap > 1:
            states[track] = last_states[track]
            for step in range(1, gap + 1):
                between = last_boxes[track] + (corners[box] - last_boxes[track]) * (step / gap)
                kalman.advance(states, track, acceleration, 1.0)
                kalman.correct(states, track, between, noise)
        else:
            expected += 1
            surprising += kalman.squared_distance(states, track, corners[box], noise) > surprise
            kalman.correct(states, track, corners[box], noise)
        last_states[track] = states[track]
        last_boxes[track] = corners[box]
        ages[track] = 0
        evidence[track] += scores[box]
    return expected, surprising


def _warp_boxes(boxes: Float, camera: Float) -> None:
    """Move corners (n, 4) with the picture, in place: their centres by the map, their sides by its scale."""
    linear = camera[:, :2]
    scale = np.sqrt(abs(np.linalg.det(linear)))
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    half = (boxes[:, 2:] - boxes[:, :2]) / 2 * scale
    moved = centres @ linear.T + camera[:, 2]
    boxes[:, :2], boxes[:, 2:] = moved - half, moved + half
