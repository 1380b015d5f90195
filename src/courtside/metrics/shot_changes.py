"""How well the places where shots begin are found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class ShotChangeScores:
    """Counts of shot changes; several videos' are added with ``+``.

    Attributes:
        true: changes there are.
        found: changes that were reported.
        matched: changes of both.
    """

    true: int = 0
    found: int = 0
    matched: int = 0

    def __add__(self, other: ShotChangeScores) -> ShotChangeScores:
        return ShotChangeScores(self.true + other.true, self.found + other.found, self.matched + other.matched)

    @property
    def recall(self) -> float | None:
        """Share of the true changes that were found, 0–1; None where there are none."""
        return self.matched / self.true if self.true else None

    @property
    def precision(self) -> float | None:
        """Share of the reported changes that are true, 0–1; None where none was reported."""
        return self.matched / self.found if self.found else None


def score_shot_changes(true: Sequence[int], found: Sequence[int], tolerance: int = 2) -> ShotChangeScores:
    """Match reported to true shot changes, one to one and in order.

    Both lists ascend, so taking for each true change the first reported one that is near enough and not yet taken
    matches as many as can be matched.

    Args:
        true: first frames of shots, ascending, without the video's first.
        found: the same as reported.
        tolerance: frames by which they may be apart; a picture that fades in over two frames begins with any of them.
    """
    matched, place = 0, 0
    for change in true:
        while place < len(found) and found[place] < change - tolerance:
            place += 1
        if place < len(found) and found[place] <= change + tolerance:
            matched += 1
            place += 1
    return ShotChangeScores(len(true), len(found), matched)


def shot_changes(shots: Sequence[int]) -> list[int]:
    """Return the frames at which a new shot begins, the first frame left out, from the shot of every frame."""
    return [index for index in range(1, len(shots)) if shots[index] != shots[index - 1]]
