"""How alike tracks and boxes are, and which of them belong together."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from courtside.trackers.kalman import POSITION, POSITION_VARIANCE

Float = NDArray[np.float64]
Integer = NDArray[np.int64]
Flags = NDArray[np.bool_]

LEAST = 1e-6  # a pair inside the gate is worth at least this; 0 says that it may not be


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def similarities(
    states: Float,
    classes_of_tracks: Integer,
    corners: Float,
    classes: Integer,
    noise: float,
    gate: float,
    distance_weight: float,
    ages: Integer,
    unseen_cost: float,
) -> Float:
    """Return how much each box looks like each track's next one: 0 where it cannot be, up to 1.

    It is the mean, by ``distance_weight``, of two measures. One is the overlap (IoU). The other falls linearly, from 1
    where the centre is where the filter says it is to 0 at the gate: the squared Mahalanobis distance of the centre,
    which knows how long nobody saw the object. By that distance alone all is near to who is hidden, because nobody
    knows where he is; ``unseen_cost`` says how much less likely it is that he is back than that somebody who was seen
    still is. Boxes that do not overlap cannot be.

    Args:
        states: (n, 4, 5), predicted; see :mod:`courtside.trackers.kalman`.
        classes_of_tracks: (n,).
        corners: (m, 4), x1, y1, x2, y2 in pixels.
        classes: (m,); pairs of two classes cannot be.
        noise: standard deviation of a measured centre, heights.
        gate: squared distance from which a pair cannot be; 9.21 holds 99 % of a filter that is right.
        distance_weight: 0–1.
        ages: (n,), frames since each was seen, 1 for the frame before.
        unseen_cost: squared distance that is added where that is more than 1.
    """
    result = np.zeros((len(states), len(corners)))
    for track in range(len(states)):
        width, height = states[track, 2, POSITION], states[track, 3, POSITION]
        for box in range(len(corners)):
            if classes[box] != classes_of_tracks[track]:
                continue
            wide, high = corners[box, 2] - corners[box, 0], corners[box, 3] - corners[box, 1]
            away_x = abs((corners[box, 0] + corners[box, 2]) / 2 - states[track, 0, POSITION])
            away_y = abs((corners[box, 1] + corners[box, 3]) / 2 - states[track, 1, POSITION])
            common_x = min((width + wide) / 2 - away_x, width, wide)
            common_y = min((height + high) / 2 - away_y, height, high)
            if common_x <= 0 or common_y <= 0:
                continue
            measured = (noise * high) ** 2
            distance = away_x**2 / (states[track, 0, POSITION_VARIANCE] + measured)
            distance += away_y**2 / (states[track, 1, POSITION_VARIANCE] + measured)
            if distance >= gate:
                continue
            if ages[track] > 1:
                distance = min(distance + unseen_cost, gate)
            common = common_x * common_y
            overlap = common / (width * height + wide * high - common)
            value = (1 - distance_weight) * overlap + distance_weight * (1 - distance / gate)
            result[track, box] = max(value, LEAST)
    return result


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def settle(
    similarity: Float, free_tracks: Flags, free_boxes: Flags, least: float, box_of: Integer
) -> tuple[Integer, Integer]:
    """Join tracks and boxes that have no other choice, and return the tracks and boxes that have one.

    What can only be one pair is a connected component of its own, so the best assignment holds it.

    Args:
        similarity: (n, m).
        free_tracks: (n,), which take part; those joined are cleared.
        free_boxes: (m,), the same.
        least: what a pair must be worth.
        box_of: (n,), where the box of a joined track is written to.
    """
    tracks, boxes = similarity.shape
    choices_of_track, choices_of_box = np.zeros(tracks, np.int64), np.zeros(boxes, np.int64)
    for track in range(tracks):
        if free_tracks[track]:
            for box in range(boxes):
                if free_boxes[box] and similarity[track, box] >= least:
                    choices_of_track[track] += 1
                    choices_of_box[box] += 1
    for track in range(tracks):
        if choices_of_track[track] == 1:
            for box in range(boxes):
                if free_boxes[box] and similarity[track, box] >= least and choices_of_box[box] == 1:
                    box_of[track] = box
                    free_tracks[track], free_boxes[box] = False, False
                    choices_of_track[track], choices_of_box[box] = 0, 0
                    break
    return np.flatnonzero(choices_of_track), np.flatnonzero(choices_of_box)


def assign(similarity: Float, free_tracks: Flags, free_boxes: Flags, least: float, box_of: Integer) -> None:
    """Join tracks and boxes so that the sum of the similarities is the largest; what is below ``least`` stays apart.

    Args:
        similarity: (n, m), 0 or more.
        free_tracks: (n,), which take part; those joined are cleared.
        free_boxes: (m,), the same.
        least: what a pair must be worth, above 0.
        box_of: (n,), where the box of a joined track is written to.
    """
    tracks, boxes = settle(similarity, free_tracks, free_boxes, least, box_of)
    if not tracks.size:
        return
    values = similarity[tracks[:, None], boxes]
    values[values < least] = 0.0
    rows, columns = linear_sum_assignment(values, maximize=True)
    joined = values[rows, columns] > 0
    rows, columns = tracks[rows[joined]], boxes[columns[joined]]
    box_of[rows] = columns
    free_tracks[rows] = False
    free_boxes[columns] = False


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def not_covered(corners: Float, classes: Integer, candidates: Flags, others: Flags, overlap: float) -> Integer:
    """Return the candidates that overlap none of the others of their class by so much, ascending.

    Args:
        corners: (m, 4), pixels.
        classes: (m,).
        candidates: (m,).
        others: (m,).
        overlap: IoU from which a box shows the same object, 0–1.
    """
    free = np.zeros(len(corners), np.bool_)
    for one in range(len(corners)):
        if not candidates[one]:
            continue
        free[one] = True
        area = (corners[one, 2] - corners[one, 0]) * (corners[one, 3] - corners[one, 1])
        for other in range(len(corners)):
            if not others[other] or classes[one] != classes[other]:
                continue
            wide = min(corners[one, 2], corners[other, 2]) - max(corners[one, 0], corners[other, 0])
            high = min(corners[one, 3], corners[other, 3]) - max(corners[one, 1], corners[other, 1])
            if wide > 0 and high > 0:
                size = (corners[other, 2] - corners[other, 0]) * (corners[other, 3] - corners[other, 1])
                if wide * high >= overlap * (area + size - wide * high):
                    free[one] = False
                    break
    return np.flatnonzero(free)
