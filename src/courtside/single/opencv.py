"""The trackers of OpenCV behind one protocol.

CSRT: Lukežič et al., "Discriminative Correlation Filter with Channel and Spatial Reliability" (CVPR 2017). KCF:
Henriques et al., "High-Speed Tracking with Kernelized Correlation Filters" (PAMI 2015). MIL: Babenko et al., "Visual
Tracking with Online Multiple Instance Learning" (CVPR 2009). MOSSE: Bolme et al., "Visual Object Tracking using
Adaptive Correlation Filters" (CVPR 2010). Median Flow: Kalal et al., "Forward-Backward Error" (ICPR 2010). Vit and Nano
are Siamese networks whose weights OpenCV's model zoo has as ONNX.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from courtside.errors import UserError
from courtside.single.protocol import Box, Image

# The filters of KCF and MOSSE have no size, and those of Median Flow no points, in boxes of fewer pixels.
_SMALLEST_PX = 4


class OpenCVTracker:
    """One of OpenCV's trackers.

    Args:
        name: its name in the configuration.
        create: makes a fresh tracker of OpenCV; called at each start, because most cannot be started twice.
    """

    def __init__(self, name: str, create: Callable[[], Any]) -> None:
        self._name = name
        self._create = create
        self._tracker: Any = None

    @property
    def name(self) -> str:
        """Name in the configuration."""
        return self._name

    def start(self, image: Image, box: Box) -> None:
        """Begin at a box; see :class:`courtside.single.protocol.SingleTracker`.

        Raises:
            UserError: when the box has next to nothing of the picture in it.
        """
        height, width = image.shape[:2]
        x1, y1, x2, y2 = (round(float(value)) for value in box)
        left, top = min(max(x1, 0), width - _SMALLEST_PX), min(max(y1, 0), height - _SMALLEST_PX)
        right, bottom = min(max(x2, left + _SMALLEST_PX), width), min(max(y2, top + _SMALLEST_PX), height)
        if x2 <= 0 or y2 <= 0 or x1 >= width or y1 >= height or left < 0 or top < 0:
            raise UserError(
                f"{self._name} cannot start at the box {x1}, {y1}, {x2}, {y2}: it lies outside the picture of "
                f"{width} × {height} pixels; give a box of what is to be followed"
            )
        self._tracker = self._create()
        self._tracker.init(image, (left, top, right - left, bottom - top))

    def update(self, image: Image) -> Box | None:
        """Return the box in the next picture; see :class:`courtside.single.protocol.SingleTracker`.

        Raises:
            ValueError: when the tracker was never started.
        """
        if self._tracker is None:
            raise ValueError(f"{self._name} was asked for a box before it was started")
        try:
            found, (left, top, width, height) = self._tracker.update(image)
        except cv2.error:
            return None  # a box that left the picture, or shrank to nothing: the filters then have nothing to look at
        if not found or width < 1 or height < 1:
            return None
        return np.array([left, top, left + width, top + height], dtype=np.float64)


def csrt(weights: Path | None = None) -> OpenCVTracker:
    """Make CSRT."""
    return OpenCVTracker("csrt", cv2.TrackerCSRT.create)


def kcf(weights: Path | None = None) -> OpenCVTracker:
    """Make KCF."""
    return OpenCVTracker("kcf", cv2.TrackerKCF.create)


def mil(weights: Path | None = None) -> OpenCVTracker:
    """Make MIL; OpenCV draws its features by the clock, so no two runs are alike."""
    return OpenCVTracker("mil", cv2.TrackerMIL.create)


def mosse(weights: Path | None = None) -> OpenCVTracker:
    """Make MOSSE."""
    return OpenCVTracker("mosse", cv2.legacy.TrackerMOSSE.create)


def medianflow(weights: Path | None = None) -> OpenCVTracker:
    """Make Median Flow."""
    return OpenCVTracker("medianflow", cv2.legacy.TrackerMedianFlow.create)


def vit(weights: Path | None = None) -> OpenCVTracker:
    """Make OpenCV's TrackerVit.

    Args:
        weights: ``object_tracking_vittrack_….onnx`` of OpenCV's model zoo.

    Raises:
        UserError: when the file is missing or no such network.
    """
    path = _network(weights, "vit", "object_tracking_vittrack_2023sep.onnx")

    def create() -> Any:
        parameters = cv2.TrackerVit.Params()
        parameters.net = str(path)
        return cv2.TrackerVit.create(parameters)

    return _tried("vit", create, path)


def nano(weights: Path | None = None) -> OpenCVTracker:
    """Make OpenCV's TrackerNano.

    Args:
        weights: a folder with ``nanotrack_backbone_sim.onnx`` and ``nanotrack_head_sim.onnx``.

    Raises:
        UserError: when a file is missing or no such network.
    """
    folder = weights or Path()
    backbone = _network(weights and folder / "nanotrack_backbone_sim.onnx", "nano", "nanotrack_backbone_sim.onnx")
    head = _network(weights and folder / "nanotrack_head_sim.onnx", "nano", "nanotrack_head_sim.onnx")

    def create() -> Any:
        parameters = cv2.TrackerNano.Params()
        parameters.backbone, parameters.neckhead = str(backbone), str(head)
        return cv2.TrackerNano.create(parameters)

    return _tried("nano", create, folder)


def _network(path: Path | None, name: str, usual: str) -> Path:
    where = f"single.weights.{name}"
    if path is None:
        raise UserError(f"the tracker {name} needs weights; name the file in {where}, {usual} of OpenCV's model zoo")
    if not path.is_file():
        raise UserError(f"{path} does not exist; put {usual} of OpenCV's model zoo there, or correct {where}")
    return path


def _tried(name: str, create: Callable[[], Any], path: Path) -> OpenCVTracker:
    """Load the network and follow grey once: a later error would be taken for a lost object, frame by frame."""
    grey = np.full((128, 128, 3), 128, dtype=np.uint8)
    try:
        tracker = create()
        tracker.init(grey, (48, 48, 32, 32))
        tracker.update(grey)
    except (cv2.error, SystemError) as error:
        reason = str(getattr(error, "err", error)).splitlines()[0]
        raise UserError(f"{path} is no network that the tracker {name} can load ({reason}); fetch it again") from None
    return OpenCVTracker(name, create)
