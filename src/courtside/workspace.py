"""Where a stage reads and writes.

Under DVC both are the repository. In a sweep inputs still come from the repository, but outputs go to
the job's own folder below ``multirun/``, so that nothing DVC tracks changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Workspace:
    """Folders of one stage call.

    Attributes:
        root: the repository; inputs are named relative to it.
        outputs: the folder that outputs are named relative to; ``root`` except in a sweep.
        sweep: the folder of the whole sweep, or None outside one.
    """

    root: Path
    outputs: Path
    sweep: Path | None = None

    def input(self, name: str) -> Path:
        """Return the path of an input."""
        return self.root / name

    def output(self, name: str) -> Path:
        """Return the path of an output; its folder exists afterwards."""
        path = self.outputs / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def scratch(self, name: str) -> Path:
        """Return a folder for work that outlives a killed run; DVC neither tracks nor deletes it."""
        path = self.outputs / ".courtside" / name
        path.mkdir(parents=True, exist_ok=True)
        return path
