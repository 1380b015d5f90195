"""Where a camera shot ends and the next begins, from a thumbnail of each frame."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from courtside.quality.fingerprints import THUMBNAIL_HEIGHT, THUMBNAIL_WIDTH

# A camera pans at most this far from one frame to the next, in thumbnail pixels (a tenth of the picture).
_SHIFT_X, _SHIFT_Y = 3, 2
# Frames on each side of a cut that have to differ across it, so that a flash of one or two frames is none.
_SIDE = 3
_CHUNK = 2048
# Percent; a picture that changes less stands still. Compression alone changes a thumbnail by about 0.05.
_STILL = 0.15
# What stands still for longer is a camera at rest.
_LONGEST_FREEZE = 12
# How much faster than usual the motion may be that a frozen picture has missed.
_CATCH_UP = 1.5
# Percent; no motion around it makes a change of this size usual.
_CERTAIN = 30.0
# Brightening a nearly black picture more than this shows noise.
_LARGEST_GAIN = 4.0


def shot_numbers(
    signatures: NDArray[np.uint8],
    *,
    minimum_change: float = 12.0,
    change_ratio: float = 3.0,
    neighbourhood_frames: int = 12,
    blank_below: float = 8.0,
    black_below: float = 24.0,
    black_frames: int = 2,
    minimum_shot_frames: int = 6,
) -> NDArray[np.int32]:
    """Number the shots of a video from 0.

    The change between two frames is the mean difference of their thumbnails, in percent of their mean
    luma, under the shift of up to a tenth of the picture at which they differ least; so a moving camera
    and a change of light change little. A cut is where
    every frame shortly before differs from every frame shortly after by more than the usual change
    around it (the local median). Frames without structure, black or white, belong to the shot before;
    the frames on both sides of them are compared instead, so a flash begins no shot. After black, a new
    shot begins whatever is seen, because that is what a fade through black means.

    Args:
        signatures: what :func:`courtside.quality.fingerprints.signature` returns, of consecutive frames,
            shape (frames, 576), uint8.
        minimum_change: change in percent of the mean luma that a cut is at least; 10–18 is worth trying.
        change_ratio: how many times the median change nearby a cut changes at least; 2–5.
        neighbourhood_frames: frames on each side that count as nearby.
        blank_below: standard deviation of a thumbnail, in grey levels, below which it has no structure.
        black_below: mean of a blank thumbnail, in grey levels, below which it is black.
        black_frames: this many black frames in a row are a fade.
        minimum_shot_frames: of two shot beginnings closer than this the one with less change is dropped.

    Returns:
        Array of shape (frames,), int32, ascending by 0 or 1 a frame.
    """
    count = len(signatures)
    if count < 2:
        return np.zeros(count, dtype=np.int32)
    flat = signatures.astype(np.float32)
    blank = flat.std(axis=1) < blank_below
    black = blank & (flat.mean(axis=1) < black_below)
    seen = np.flatnonzero(~blank)
    begins: dict[int, float] = {}
    if len(seen) > 1:
        scores = _cut_scores(_even_exposure(signatures[seen]), minimum_change, change_ratio, neighbourhood_frames)
        begins = {int(seen[k]): float(score) for k, score in enumerate(scores) if score > 0}
        blacks_until = np.concatenate([[0], np.cumsum(black)])
        for before, after in pairwise(seen):
            if blacks_until[after] - blacks_until[before] >= black_frames:
                begins.setdefault(int(after), minimum_change)
    numbers = np.zeros(count, dtype=np.int32)
    numbers[_well_apart(begins, minimum_shot_frames)] = 1
    return np.cumsum(numbers, dtype=np.int32)


def _even_exposure(signatures: NDArray[np.uint8]) -> NDArray[np.int16]:
    """Return thumbnails of mean 100, so that a change of light, as in a fade, is no change of picture."""
    gains = np.minimum(100 / np.maximum(signatures.mean(axis=1), 1), _LARGEST_GAIN)
    even: NDArray[np.int16] = np.round(signatures * gains[:, None].astype(np.float32)).astype(np.int16)
    return even.reshape(-1, THUMBNAIL_HEIGHT, THUMBNAIL_WIDTH)


def _changes(thumbnails: NDArray[np.int16], first: NDArray[np.intp], second: NDArray[np.intp]) -> NDArray[np.float32]:
    """Return the change between pairs of thumbnails.

    Args:
        thumbnails: shape (frames, height, width), int16.
        first: positions of the pairs' first members, shape (pairs,).
        second: positions of the pairs' second members, shape (pairs,).

    Returns:
        Array of shape (pairs,), float32: mean absolute difference at the best shift.
    """
    result = np.empty(len(first), dtype=np.float32)
    height, width = thumbnails.shape[1:]
    for begin in range(0, len(first), _CHUNK):
        part = slice(begin, begin + _CHUNK)
        a = thumbnails[first[part]]
        b = thumbnails[second[part]]
        best = np.full(len(a), np.inf, dtype=np.float32)
        for dy in range(-_SHIFT_Y, _SHIFT_Y + 1):
            for dx in range(-_SHIFT_X, _SHIFT_X + 1):
                of_a = a[:, max(0, dy) : height + min(0, dy), max(0, dx) : width + min(0, dx)]
                of_b = b[:, max(0, -dy) : height + min(0, -dy), max(0, -dx) : width + min(0, -dx)]
                np.minimum(best, np.abs(of_a - of_b).mean(axis=(1, 2), dtype=np.float32), out=best)
        result[part] = best
    return result


def _cut_scores(
    thumbnails: NDArray[np.int16], minimum_change: float, change_ratio: float, neighbourhood: int
) -> NDArray[np.float32]:
    """Return, for each thumbnail, how much it differs from those before if a shot begins with it, else 0."""
    count = len(thumbnails)
    index = np.arange(count)
    scores = np.zeros(count, dtype=np.float32)
    step = _changes(thumbnails, index[:-1], index[1:])
    threshold = np.maximum(minimum_change, _unusual(step, change_ratio, neighbourhood))
    candidates = np.flatnonzero(step > threshold) + 1
    least = step[candidates - 1].copy()
    for distance in range(2, _SIDE + 1):
        for before in range(1, distance + 1):
            first = candidates - before
            second = first + distance
            inside = (first >= 0) & (second < count) & (second >= candidates)
            across = _changes(thumbnails, first[inside], second[inside])
            least[inside] = np.minimum(least[inside], across)
    scores[candidates] = np.where(least > threshold[candidates - 1], least, 0)
    _keep_one_a_transition(scores, step > minimum_change / 2)
    return scores


def _unusual(step: NDArray[np.float32], change_ratio: float, neighbourhood: int) -> NDArray[np.float32]:
    """Return the change above which each step stands out from those around it."""
    padded = np.pad(step, neighbourhood, mode="reflect" if len(step) > neighbourhood else "edge")
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * neighbourhood + 1)
    unusual: NDArray[np.float32] = (change_ratio * np.median(around, axis=1)).astype(np.float32)
    # A picture that froze for some frames catches up with all the motion it missed in one step.
    position = np.arange(len(step))
    last_moving = np.maximum.accumulate(np.where(step > _STILL, position, -1))
    frozen = position - 1 - np.concatenate([[-1], last_moving[:-1]])
    for place in np.flatnonzero((frozen > 0) & (frozen <= _LONGEST_FREEZE) & (step > _STILL)):
        others = np.delete(around[place], neighbourhood)
        motion = others[others > _STILL]
        if len(motion):
            unusual[place] = max(unusual[place], _CATCH_UP * (frozen[place] + 1) * np.median(motion))
    return np.minimum(unusual, _CERTAIN)


def _keep_one_a_transition(scores: NDArray[np.float32], large: NDArray[np.bool_]) -> None:
    """Of cuts with only large changes between them, as in a wipe, keep the one with most change."""
    kept = -1
    for cut in np.flatnonzero(scores).tolist():
        if kept >= 0 and large[kept : cut - 1].all():
            weaker = kept if scores[kept] < scores[cut] else cut
            scores[weaker] = 0
            kept = kept + cut - weaker
        else:
            kept = cut


def _well_apart(begins: dict[int, float], minimum: int) -> list[int]:
    """Return the beginnings, the weaker of two that are too close left out."""
    kept: list[int] = []
    for begin in sorted(begins):
        if kept and begin - kept[-1] < minimum:
            if begins[begin] > begins[kept[-1]]:
                kept[-1] = begin
        else:
            kept.append(begin)
    return kept
