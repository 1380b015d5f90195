"""Boxes of frames a person has begun with and not finished: kept, but no labels yet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from courtside.errors import UserError
from courtside.files import read_json, write_json
from courtside.review.boxes import BoxOnFrame, from_json
from courtside.review.guard import Guard
from courtside.review.questions import Key


class Drafts:
    """Begun frames in a JSON file; every change is on the disk, whole, when :meth:`put` returns.

    Args:
        path: the file; it need not exist.
        labels: that a box may have; a begun frame with another one is begun anew.

    Raises:
        UserError: when the file is damaged.
    """

    def __init__(self, path: Path, labels: Sequence[str]) -> None:
        self._guard = Guard(path)
        self._begun: dict[Key, tuple[BoxOnFrame, ...]] = {}
        if path.exists():
            try:
                for video, frames in read_json(path).items():
                    for frame, drawn in frames.items():
                        if all(box["label"] in labels for box in drawn):
                            self._begun[Key(video, int(frame))] = tuple(from_json(box, labels) for box in drawn)
            except (UserError, AttributeError, KeyError, TypeError, ValueError):
                raise UserError(f"{path} is damaged; delete it, it holds frames begun and not accepted") from None

    def get(self, key: Key) -> tuple[BoxOnFrame, ...] | None:
        """Return the boxes of a begun frame; None where nothing was begun."""
        return self._begun.get(key)

    def put(self, key: Key, drawn: tuple[BoxOnFrame, ...] | None) -> None:
        """Keep the boxes of a frame, or with None forget what was begun.

        Raises:
            UserError: when another program has changed the file, or it cannot be written; then nothing is changed.
        """
        if drawn == self._begun.get(key):
            return
        begun = {**self._begun, key: drawn}
        kept = {place: boxes for place, boxes in begun.items() if boxes is not None}
        text: dict[str, dict[str, list[object]]] = {}
        for (video, frame), boxes in kept.items():
            text.setdefault(video, {})[str(frame)] = [box.to_json() for box in boxes]
        with self._guard.writing("nothing was changed"):
            write_json(self._guard.path, text)
        self._begun = kept
