"""What every tracker of a single object is."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Box = NDArray[np.float64]


class SingleTracker(Protocol):
    """Follows what is in one box from picture to picture; pictures are BGR, (height, width, 3), uint8."""

    @property
    def name(self) -> str:
        """Name in the configuration."""
        ...

    def start(self, image: Image, box: Box) -> None:
        """Begin to follow, or begin anew.

        Args:
            image: the picture.
            box: corners x1, y1, x2, y2 in pixels, shape (4,), with some of the picture in it.
        """
        ...

    def update(self, image: Image) -> Box | None:
        """Return where the object is in the next picture, corners of shape (4,); None where the tracker gives up.

        That a box comes back says little: most trackers return one whatever they see.
        """
        ...
