"""What lies in the folder that keeps what the champion saw on a video; beside it nothing of trackers is imported."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_BEFORE_KIND, _AFTER_KIND = "features_", ".parquet"


@dataclass(frozen=True)
class ObservedFiles:
    """Files of a video.

    Attributes:
        folder: of that video alone.
    """

    folder: Path

    @property
    def boxes(self) -> Path:
        """Boxes table of what the champion finds, whatever its score."""
        return self.folder / "boxes.parquet"

    @property
    def cameras(self) -> Path:
        """How the picture moved from frame to frame, where that was asked for."""
        return self.folder / "cameras.parquet"

    def features(self, kind: str) -> Path:
        """Embeddings table of the boxes: how they look, to the detector's neck or to something else."""
        return self.folder / f"{_BEFORE_KIND}{kind}{_AFTER_KIND}"

    def kinds(self) -> list[str]:
        """Return the kinds of features that are there."""
        names = sorted(path.name for path in self.folder.glob(f"{_BEFORE_KIND}*{_AFTER_KIND}"))
        return [name.removeprefix(_BEFORE_KIND).removesuffix(_AFTER_KIND) for name in names]
