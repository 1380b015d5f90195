"""The classes of frames as a person decides them, in the CSV files of sorted frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from courtside.formats import sorted_frames
from courtside.review.guard import Guard
from courtside.review.questions import Key


class SortedStore:
    """A label a frame, a file a video; every change is on the disk, whole, when :meth:`put` returns.

    Args:
        paths: the file of each video, as :mod:`courtside.formats.sorted_frames` has it; it need not exist.
        labels: the classes.
        begin_with: of some videos the file to begin with where theirs does not exist yet; it stays as it is.

    Attributes:
        labels: of each frame; change it with :meth:`put` alone.
        changes: how many there have been.

    Raises:
        UserError: when a file is damaged.
    """

    def __init__(
        self, paths: Mapping[str, Path], labels: Sequence[str], begin_with: Mapping[str, Path] | None = None
    ) -> None:
        self.labels: dict[Key, str] = {}
        self.changes = 0
        self._guards = {video: Guard(path) for video, path in paths.items()}
        self._of_video: dict[str, dict[int, str]] = {}
        for video, path in paths.items():
            first = (begin_with or {}).get(video)
            source = first if first is not None and not path.exists() else path
            known: dict[int, str] = {}
            if source.exists():
                known = dict(sorted_frames.read(source, video, labels).select("frame", "label").iter_rows())
            self._of_video[video] = known
            self.labels |= {Key(video, frame): label for frame, label in known.items()}

    def path(self, video: str) -> Path:
        """Return the file of a video."""
        return self._guards[video].path

    def put(self, key: Key, label: str | None) -> None:
        """Set the label of a frame, or take it away with None.

        Raises:
            UserError: when another program has changed the file, or it cannot be written; then nothing is changed.
        """
        known = self._of_video[key.video]
        before = known.get(key.frame)
        if label == before and self.path(key.video).exists():
            return
        with self._guards[key.video].writing():
            _set(known, key.frame, label)
            try:
                self._write(key.video)
            except BaseException:
                _set(known, key.frame, before)
                raise
        _set(self.labels, key, label)
        self.changes += 1

    def _write(self, video: str) -> None:
        known = self._of_video[video]
        table = pl.DataFrame(
            {"video": [video] * len(known), "frame": list(known), "label": list(known.values())},
            schema=sorted_frames.SCHEMA,
        )
        sorted_frames.write(self.path(video), table)


def _set(labels: dict[Any, str], key: Any, label: str | None) -> None:
    if label is None:
        labels.pop(key, None)
    else:
        labels[key] = label
