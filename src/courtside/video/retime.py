"""The frames of a video at another rate: each moment shows the frame nearest to it in time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from courtside.video.reader import Frame


def at_rate(frames: Iterable[Frame], rate: Fraction | int, last_s: float) -> Iterator[tuple[Frame, int]]:
    """Yield every frame with how often it is shown: 0 where it is skipped, 2 and more where it is held.

    Args:
        frames: consecutive frames; the first is shown at time 0. Its neighbours stand for a damaged one.
        rate: pictures a second.
        last_s: how long the last frame is shown, in seconds.
    """
    step = 1 / Fraction(rate)
    begin: float | None = None
    held: Frame | None = None
    shown = 0

    def until(time_s: float) -> int:
        """Return how many pictures come before a time, not counting those that were shown."""
        # Rounded, or 0.1 s at 30 a second would be 2.9999 pictures.
        return max(0, -int(-round(time_s / float(step), 6) // 1) - shown)

    for frame in frames:
        if begin is None:
            begin = frame.time_s
        if held is not None:
            times = until((held.time_s + frame.time_s) / 2 - begin)
            shown += times
            yield held, times
        held = frame
    if held is not None and begin is not None:
        # As many pictures as the length is nearest to, and one at least.
        yield held, max(0, max(1, round((held.time_s + last_s - begin) / float(step))) - shown)


def at_own_rate(frames: Iterable[Frame], start: int) -> Iterator[tuple[Frame, int]]:
    """Yield every frame with how often it is shown so that no damaged one shortens the video.

    Args:
        frames: consecutive frames but for damaged ones; a missing one's place is taken by the next.
        start: number of the first frame.
    """
    shown = 0
    for frame in frames:
        times = frame.index - start + 1 - shown
        shown += times
        yield frame, times
