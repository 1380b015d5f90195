"""How a ball is held through time: how long it is lost, how soon it is found again, under how many identities."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from courtside.metrics.ball_tracking_matches import NOTHING, Balls, Matches


@dataclass(frozen=True)
class Runs:
    """What one video says of it; frames are frames scored.

    Attributes:
        longest_gap: the longest run of frames of one true ball without a match. Frames on which the truth does not have
            the ball neither count nor end it.
        waits: for each time a true ball comes back after frames on which the truth does not have it, the frames until
            it is matched: 0 at once; where it is not found before it goes again, the frames it was there.
        never: how many of those were never.
        identities: predicted identities; None where predictions have none.
        holding: those of them that are ever matched.
        switches: how often a true ball is matched with another identity than at its match before.
    """

    longest_gap: int
    waits: list[int]
    never: int
    identities: int | None
    holding: int | None
    switches: int | None


def runs_of(balls: Balls, matches: Matches, counts: NDArray[np.bool_]) -> Runs:
    """Return how the balls of a video were held.

    Args:
        balls: of the video.
        matches: which of them were found.
        counts: shape (n,): the true balls that count; for the others the ball is not there.
    """
    longest, waits, never, switches = 0, [], 0, 0
    for track in _tracks(balls, counts):
        found = matches.rows[track] != NOTHING
        longest = max(longest, _longest(~found))
        starts = np.flatnonzero(np.diff(balls.places[track]) > 1) + 1
        for part in np.split(found, starts)[1:]:
            waits.append(int(part.argmax()) if part.any() else len(part))
            never += not part.any()
        names = balls.said_tracks[matches.rows[track][found]]
        switches += int((names[1:] != names[:-1]).sum())
    if (balls.said_tracks == NOTHING).any():
        return Runs(longest, waits, never, None, None, None)
    holding = len(np.unique(balls.said_tracks[matches.rows[matches.rows != NOTHING]]))
    return Runs(longest, waits, never, len(np.unique(balls.said_tracks)), holding, switches)


def _tracks(balls: Balls, counts: NDArray[np.bool_]) -> Iterator[NDArray[np.int64]]:
    """Yield the rows of each true ball, in the order of the frames."""
    for track in np.unique(balls.tracks[counts]):
        yield np.flatnonzero(counts & (balls.tracks == track))


def _longest(marked: NDArray[np.bool_]) -> int:
    edges = np.diff(np.concatenate([[0], marked.astype(np.int64), [0]]))
    lengths = np.flatnonzero(edges == -1) - np.flatnonzero(edges == 1)
    return int(lengths.max(initial=0))


def summary(runs: Sequence[Runs]) -> dict[str, float | int | None]:
    """Return the runs of one or several videos as numbers; the longest gap is that of all, identities are added up."""
    waits = [wait for each in runs for wait in each.waits]
    identities = [each.identities for each in runs]
    known = None not in identities
    return {
        "longest_gap_frames": max((each.longest_gap for each in runs), default=0),
        "reappearances": len(waits),
        "reappearances_never_found": sum(each.never for each in runs),
        "frames_until_found_median": float(np.median(waits)) if waits else None,
        "frames_until_found_most": max(waits, default=None),
        "identities": sum(each.identities or 0 for each in runs) if known else None,
        "identities_on_a_ball": sum(each.holding or 0 for each in runs) if known else None,
        "switches": sum(each.switches or 0 for each in runs) if known else None,
    }
