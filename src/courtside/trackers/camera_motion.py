"""How the camera moved from frame to frame, from where corners of the picture went (sparse optical flow).

Corners (Shi and Tomasi 1994) outside the boxes of what moves by itself are followed by Lucas and Kanade's method in
pyramids (Bouguet 2001); RANSAC finds the shift, turn and zoom that most of them agree on. So do BoT-SORT (Aharon et al.
2022, section 3.2) and OpenCV's video stabilisation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside import boxes as boxes_table
from courtside.tables import Schema, conform, read_table, write_table
from courtside.trackers.keep import keep, key
from courtside.video.reader import read_luma

Affine = NDArray[np.float64]
Cameras = dict[int, Affine]
Gray = NDArray[np.uint8]

_COLUMNS = ("xx", "xy", "x", "yx", "yy", "y")
_SCHEMA: Schema = {"frame": pl.Int32, **dict.fromkeys(_COLUMNS, pl.Float64)}


@dataclass(frozen=True)
class CameraSettings:
    """How the camera's motion is measured.

    Attributes:
        height: of the picture that is looked at, in pixels; a higher frame is scaled down to it. 240–540.
        corners: how many corners are followed at most; 100–400.
        minimum_corners: where fewer agree, the camera counts as still; 6–30.
        quality: the weakest corner's strength as a share of the strongest's; 0.005–0.05.
        distance: of corners from each other, in pixels of the scaled picture; 5–15.
        tolerance: how far a corner may be from where the camera's motion takes it, in those pixels; 1–3.
        margin: how much wider and higher than a box the masked region is, as a share; 0–0.3.
    """

    height: int = 360
    corners: int = 200
    minimum_corners: int = 10
    quality: float = 0.01
    distance: float = 8.0
    tolerance: float = 1.5
    margin: float = 0.1


DEFAULT = CameraSettings()


def still() -> Affine:
    """Return the map of a camera that did not move, (2, 3)."""
    return np.eye(2, 3)


def estimate(
    previous: Gray,
    current: Gray,
    boxes: NDArray[np.floating] | None = None,
    settings: CameraSettings = DEFAULT,
) -> Affine:
    """Return the affine map from a frame's pixels to those of the frame after it.

    Args:
        previous: a frame, (height, width) uint8.
        current: the frame after it, of the same size.
        boxes: (n, 4) x1, y1, x2, y2 in pixels of ``previous``: what moves by itself.
        settings: how it is measured.

    Returns:
        (2, 3) float64: a shift, a turn and a zoom; that of a still camera where too few corners agree.

    Raises:
        ValueError: when the frames have two sizes.
    """
    if previous.shape != current.shape:
        raise ValueError(f"the camera's motion is between frames of one size, not {previous.shape} and {current.shape}")
    scale = _scale(previous, settings)
    return _between(_scaled(previous, scale), _scaled(current, scale), boxes, scale, settings)


def camera_motion(
    path: Path,
    frames: Sequence[int],
    boxes: pl.DataFrame | None = None,
    settings: CameraSettings = DEFAULT,
    *,
    report: Callable[[int, int], None] | None = None,
) -> Cameras:
    """Return how the camera moved before each of some frames of a video.

    Args:
        path: a video file or a folder of images.
        frames: which, ascending.
        boxes: boxes table of what moves by itself, of this video alone.
        settings: how it is measured.
        report: called with frames done and frames in all.

    Returns:
        For each frame but the first, the affine map (2, 3) from the pixels of the one before it in ``frames``, as
        ``track_boxes(cameras=…)`` takes it. A frame that is damaged or of another size than the one before has none,
        and the next is compared with the last that could be read.

    Raises:
        UserError: when the video cannot be read.
    """
    wanted = set(frames)
    corners_of = _corners_of(boxes)
    result: Cameras = {}
    before: tuple[int, Gray, tuple[int, ...]] | None = None
    for luma in read_luma(path, min(wanted), max(wanted) + 1) if wanted else ():
        if luma.index not in wanted:
            continue
        scale = _scale(luma.image, settings)
        small = _scaled(luma.image, scale)
        if before is not None and before[2] == luma.image.shape:
            result[luma.index] = _between(before[1], small, corners_of.get(before[0]), scale, settings)
        before = (luma.index, small, luma.image.shape)
        if report is not None:
            report(len(result) + 1, len(wanted))
    return result


def kept_camera_motion(
    folder: Path,
    path: Path,
    frames: Sequence[int],
    boxes: pl.DataFrame | None = None,
    settings: CameraSettings = DEFAULT,
) -> Cameras:
    """Do what :func:`camera_motion` does, and keep it in a folder: the same question is answered from there."""
    name = key("camera", path, list(frames), boxes, asdict(settings))
    return keep(folder / f"{name}.parquet", lambda: camera_motion(path, frames, boxes, settings), read, write)


def write(target: Path, cameras: Cameras) -> None:
    """Write the camera's motion as a Parquet table, a row a frame, atomically."""
    rows = [(frame, *cameras[frame].ravel().tolist()) for frame in sorted(cameras)]
    write_table(target, pl.DataFrame(rows, schema=_SCHEMA, orient="row"))


def read(source: Path) -> Cameras:
    """Read what :func:`write` wrote.

    Raises:
        UserError: when the file is missing or damaged.
        ValueError: when it is another table.
    """
    table = conform(read_table(source), _SCHEMA, frozenset(_SCHEMA), "camera")
    maps = table.select(_COLUMNS).to_numpy().reshape(-1, 2, 3)
    return dict(zip(table["frame"].to_list(), maps, strict=True))


def _between(
    previous: Gray, current: Gray, boxes: NDArray[np.floating] | None, scale: float, settings: CameraSettings
) -> Affine:
    corners = cv2.goodFeaturesToTrack(
        previous,
        maxCorners=settings.corners,
        qualityLevel=settings.quality,
        minDistance=settings.distance,
        mask=_mask(previous.shape, boxes, scale, settings.margin),
    )
    if corners is None or len(corners) < settings.minimum_corners:
        return still()
    moved, found, _ = cv2.calcOpticalFlowPyrLK(previous, current, corners, None)  # type: ignore[call-overload]
    kept = found.ravel() == 1
    if kept.sum() < settings.minimum_corners:
        return still()
    affine, agree = cv2.estimateAffinePartial2D(
        corners[kept], moved[kept], method=cv2.RANSAC, ransacReprojThreshold=settings.tolerance
    )
    if affine is None or agree.sum() < settings.minimum_corners:
        return still()
    result: Affine = np.asarray(affine, dtype=np.float64)
    # Pixel centres lie half a pixel off the corner that coordinates count from, at both scales.
    result[:, 2] += (np.eye(2) - result[:, :2]) @ (0.5, 0.5)
    result[:, 2] /= scale
    return result


def _scale(image: Gray, settings: CameraSettings) -> float:
    return float(min(1.0, settings.height / image.shape[0]))


def _scaled(image: Gray, scale: float) -> Gray:
    if scale == 1:
        return image.copy()  # the reader may write its next picture to the same place
    height, width = image.shape
    size = (round(width * scale), round(height * scale))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _mask(shape: tuple[int, ...], boxes: NDArray[np.floating] | None, scale: float, margin: float) -> Gray | None:
    if boxes is None or not len(boxes):
        return None
    mask = np.full(shape, 255, dtype=np.uint8)
    size = boxes[:, 2:] - boxes[:, :2]
    first = np.floor((boxes[:, :2] - size * margin / 2) * scale).astype(int).clip(0)
    last = np.ceil((boxes[:, 2:] + size * margin / 2) * scale).astype(int).clip(0)
    for (x1, y1), (x2, y2) in zip(first, last, strict=True):
        mask[y1:y2, x1:x2] = 0
    return mask


def _corners_of(boxes: pl.DataFrame | None) -> dict[int, NDArray[np.float32]]:
    if boxes is None:
        return {}
    parts = boxes.partition_by("frame", as_dict=True)
    return {int(frame): boxes_table.corners(rows) for (frame,), rows in parts.items()}
