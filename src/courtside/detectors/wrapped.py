"""What detectors share that ask another one."""

from __future__ import annotations

from courtside.detectors.protocol import Detector


class WrappedDetector:
    """A detector around another one, whose network and input it has.

    Args:
        detector: the detector that is asked.
    """

    def __init__(self, detector: Detector) -> None:
        self.detector = detector

    @property
    def architecture(self) -> str:
        """The wrapped detector's."""
        return self.detector.architecture

    @property
    def image_size(self) -> int:
        """Longer side of the input for whole frames, in pixels."""
        return self.detector.image_size

    @image_size.setter
    def image_size(self, value: int) -> None:
        self.detector.image_size = value

    @property
    def transferred(self) -> float:
        """The wrapped detector's."""
        return self.detector.transferred
