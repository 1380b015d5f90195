"""What is counted of tracks, so that labels and videos are combined by adding, and the scores made of the counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

import numpy as np
from motmetrics.lap import linear_sum_assignment
from numba import njit
from numpy.typing import NDArray
from trackers.eval import compute_hota_metrics

from courtside.metrics.tracking_matches import NOTHING, clear_matches
from courtside.metrics.tracking_pairs import Pairs

Scores = dict[str, float | int | None]

# What py-motmetrics calls mostly tracked and mostly lost: at least, and less than, so much of a true track's boxes.
_MOSTLY_TRACKED = 0.8
_MOSTLY_LOST = 0.2


@dataclass(frozen=True)
class Counts:
    """Sums over one or several labels and videos.

    Attributes:
        truth_boxes: true boxes that count.
        truth_tracks: true identities.
        predicted_boxes: predicted boxes that count.
        predicted_tracks: predicted identities.
        matches: true boxes that are matched (CLEAR), those with another identity than before too.
        overlap: the summed overlap of these matches.
        switches: matches with another identity than the true track's match before.
        fragmentations: how often a true track is found again after it was missed.
        mostly_tracked: true tracks that are matched in at least 80 % of their boxes.
        partially_tracked: those between.
        mostly_lost: those in less than 20 %.
        identity_matches: IDTP, matches when every true track is given one predicted track at most.
        hota_matches: shape (19,), float64: HOTA's true positives at each overlap 0.05–0.95.
        association: shape (19,), float64: the summed association score of these.
        localization: shape (19,), float64: their summed overlap.
    """

    truth_boxes: int
    truth_tracks: int
    predicted_boxes: int
    predicted_tracks: int
    matches: int
    overlap: float
    switches: int
    fragmentations: int
    mostly_tracked: int
    partially_tracked: int
    mostly_lost: int
    identity_matches: int
    hota_matches: NDArray[np.float64]
    association: NDArray[np.float64]
    localization: NDArray[np.float64]


def combine(parts: Iterable[Counts]) -> Counts:
    """Return the counts of several labels or videos together; every one of them is a sum.

    Raises:
        ValueError: when there is none.
    """
    given = list(parts)
    if not given:
        raise ValueError("there are no counts to combine")
    return Counts(**{field.name: sum(getattr(part, field.name) for part in given) for field in fields(Counts)})


def count(pairs: Pairs, threshold: float) -> Counts:
    """Count one label of one video.

    Args:
        pairs: its boxes.
        threshold: the least overlap of a match, 0–1; HOTA has its own nineteen.
    """
    matches = clear_matches(pairs, threshold)
    order = np.argsort(pairs.true_ids, kind="stable")
    found = np.flatnonzero(matches[order] != NOTHING)
    true_ids, said_ids = pairs.true_ids[order][found], pairs.said_ids[matches[order][found]]
    same = true_ids[1:] == true_ids[:-1]
    boxes_of_track = np.bincount(pairs.true_ids)
    share = np.bincount(true_ids, minlength=len(boxes_of_track)) / boxes_of_track
    return Counts(
        truth_boxes=len(pairs.true_ids),
        truth_tracks=len(boxes_of_track),
        predicted_boxes=len(pairs.said_ids),
        predicted_tracks=int(pairs.said_ids.max(initial=-1)) + 1,
        matches=len(found),
        overlap=float(pairs.overlap_with(matches)[matches != NOTHING].sum()),
        switches=int((same & (said_ids[1:] != said_ids[:-1])).sum()),
        fragmentations=int((same & (np.diff(found) > 1)).sum()),
        mostly_tracked=int((share >= _MOSTLY_TRACKED).sum()),
        partially_tracked=int(((share >= _MOSTLY_LOST) & (share < _MOSTLY_TRACKED)).sum()),
        mostly_lost=int((share < _MOSTLY_LOST).sum()),
        identity_matches=_identity_matches(pairs, threshold),
        **_hota(pairs),
    )


def _identity_matches(pairs: Pairs, threshold: float) -> int:
    """Return IDTP: Ristani et al., "Performance Measures and a Data Set for Multi-Target …" (2016), section 4.

    The fewest false positives and negatives together are the most true positives, since either is what is left of a
    fixed number of boxes.
    """
    shape = (int(pairs.true_ids.max(initial=-1)) + 1, int(pairs.said_ids.max(initial=-1)) + 1)
    together = np.zeros(shape, dtype=np.int64)
    _count_together(
        pairs.true_ids, pairs.true_starts, pairs.said_ids, pairs.said_starts, pairs.overlap, threshold, together
    )
    rows, columns = linear_sum_assignment(-together)
    return int(together[rows, columns].sum())


@njit(cache=True)  # type: ignore[untyped-decorator]
def _count_together(
    true_ids: NDArray[np.int64],
    true_starts: NDArray[np.int64],
    said_ids: NDArray[np.int64],
    said_starts: NDArray[np.int64],
    overlap: NDArray[np.float64],
    threshold: float,
    together: NDArray[np.int64],
) -> None:
    """Count on how many frames a true and a predicted identity overlap enough, (identities, identities)."""
    place = 0
    for frame in range(len(true_starts) - 1):
        for row in range(true_starts[frame], true_starts[frame + 1]):
            for column in range(said_starts[frame], said_starts[frame + 1]):
                if overlap[place] >= threshold:
                    together[true_ids[row], said_ids[column]] += 1
                place += 1


def _hota(pairs: Pairs) -> dict[str, NDArray[np.float64]]:
    """Return what HOTA sums (Luiten et al. 2021), by ``trackers.eval``, which follows TrackEval."""
    # A frame without a box says nothing, and an empty list is what the library does not expect.
    frames = np.flatnonzero((np.diff(pairs.true_starts) > 0) | (np.diff(pairs.said_starts) > 0)).tolist()
    values = compute_hota_metrics(
        [pairs.true_ids[pairs.true_starts[frame] : pairs.true_starts[frame + 1]] for frame in frames],
        [pairs.said_ids[pairs.said_starts[frame] : pairs.said_starts[frame + 1]] for frame in frames],
        [pairs.overlap_of(frame) for frame in frames],
    )
    found = values["HOTA_TP_array"]
    return {
        "hota_matches": found,
        "association": values["AssA_array"] * found,
        "localization": values["LocA_array"] * found,
    }


def scores(counts: Counts) -> Scores:
    """Return the scores that the counts make; see :func:`courtside.metrics.tracking.evaluate_tracks`."""
    truth, said, found = counts.truth_boxes, counts.predicted_boxes, counts.matches
    misses, alarms = truth - found, said - found
    hota = counts.hota_matches
    detection = hota / np.maximum(truth + said - hota, 1)
    association = counts.association / np.maximum(hota, 1)
    # At overlaps that nothing reaches TrackEval sets the overlap of the matches to 1.
    localization = np.where(hota > 0, counts.localization / np.maximum(hota, 1), 1.0)
    return {
        "MOTA": _share(truth - misses - alarms - counts.switches, truth),
        "MOTP": _share(counts.overlap, found),
        "IDF1": _share(2 * counts.identity_matches, truth + said) if truth else None,
        "IDP": _precision(counts.identity_matches, said, truth),
        "IDR": _share(counts.identity_matches, truth),
        "HOTA": float(np.sqrt(detection * association).mean()) if truth else None,
        "DetA": float(detection.mean()) if truth else None,
        "AssA": float(association.mean()) if truth else None,
        "LocA": float(localization.mean()) if hota.any() else None,
        "precision": _precision(found, said, truth),
        "recall": _share(found, truth),
        "false_positives": alarms,
        "false_negatives": misses,
        "switches": counts.switches,
        "fragmentations": counts.fragmentations,
        "mostly_tracked": counts.mostly_tracked,
        "partially_tracked": counts.partially_tracked,
        "mostly_lost": counts.mostly_lost,
        "truth_boxes": truth,
        "truth_tracks": counts.truth_tracks,
        "predicted_boxes": said,
        "predicted_tracks": counts.predicted_tracks,
    }


def _share(part: float, whole: int) -> float | None:
    return float(part / whole) if whole else None


def _precision(found: int, said: int, truth: int) -> float | None:
    """Return 0 where there was something to find and nothing was said, None where there was neither."""
    if said:
        return found / said
    return 0.0 if truth else None
