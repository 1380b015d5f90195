"""The questions of a task one after another, and which of them are still open."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from typing import NamedTuple


class Key(NamedTuple):
    """A frame of a video, the frame counted from 0."""

    video: str
    frame: int


class Questions:
    """Frames to ask about in an order, without those that are answered.

    Going on costs nothing that grows with their number, except where many answered ones lie between.

    Args:
        keys: the frames, each once, in the order of asking.
        answered: those answered already; kept, not copied: what is answered elsewhere later is not asked here.
        changes: returns how often that has changed, so that they need not be counted each time; None counts them.
    """

    def __init__(self, keys: Sequence[Key], answered: Set[Key], changes: Callable[[], int] | None = None) -> None:
        self._keys = list(keys)
        self._places = {key: place for place, key in enumerate(self._keys)}
        self._answered = answered
        self._passed: set[Key] = set()
        self._place = 0
        self._changes = changes
        self._counted_at = -1
        self._done = 0

    @property
    def total(self) -> int:
        """How many there are, answered or not."""
        return len(self._keys)

    @property
    def done(self) -> int:
        """How many of them are answered."""
        changes = -1 if self._changes is None else self._changes()
        if changes < 0 or changes != self._counted_at:
            self._done = sum(map(self._answered.__contains__, self._keys))
            self._counted_at = changes
        return self._done

    @property
    def left(self) -> int:
        """How many are neither answered nor passed over."""
        return self.total - self.done - self.passed

    def note(self, key: Key, was_answered: bool) -> None:
        """Count on after the answer to one frame was given or taken back, which was the last change."""
        if self._changes is not None and key in self and self._counted_at >= self._changes() - 1:
            self._done += (key in self._answered) - was_answered
            self._counted_at = self._changes()

    @property
    def passed(self) -> int:
        """How many have been passed over and are not answered."""
        return sum(key not in self._answered for key in self._passed)

    def __contains__(self, key: object) -> bool:
        return key in self._places

    def current(self) -> Key | None:
        """Return the frame to ask about now; None when none is open."""
        return next(iter(self.ahead(1)), None)

    def ahead(self, count: int) -> list[Key]:
        """Return the frames to ask about next, the current one first."""
        found: list[Key] = []
        place = self._place
        while place < len(self._keys) and len(found) < count:
            if self._is_open(self._keys[place]):
                if not found:
                    self._place = place
                found.append(self._keys[place])
            place += 1
        if not found:
            self._place = place
        return found

    def pass_over(self, key: Key) -> None:
        """Leave a frame out until the next start."""
        self._passed.add(key)

    def return_to(self, key: Key) -> None:
        """Ask about a frame now, and then about what is open after it."""
        if key in self._places:
            self._passed.discard(key)
            self._place = self._places[key]

    def _is_open(self, key: Key) -> bool:
        return key not in self._answered and key not in self._passed
