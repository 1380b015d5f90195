"""Under which conditions each true box stands on its frame, from the truth and the measures of the frames.

Measures first, thresholds later: another threshold reads nothing again. The conditions are those attributes of tracking
benchmarks that can be measured: OTB (Wu, Lim and Yang, PAMI 2015, table 2), LaSOT (Fan et al., CVPR 2019, table 2) and
GOT-10k (Huang et al., PAMI 2021, section 3.2), which measures occlusion and speed as we do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside import boxes as boxes_table
from courtside.errors import UserError

CONDITIONS = (
    "occlusion",
    "crowding",
    "scale_change",
    "fast_motion",
    "small",
    "illumination_change",
    "blur",
    "camera_pan",
)
# Those of whole frames, where false positives have the condition, too.
FRAME_CONDITIONS = ("illumination_change", "blur", "camera_pan")
KEY = ("video", "frame", "label", "track")


@dataclass(frozen=True)
class ConditionLimits:
    """From which measure on a condition holds.

    Attributes:
        hidden: share of the object that cannot be seen: ``occlusion``; GOT-10k grades it in eighths.
        covered: share of the box that boxes of others cover: ``crowding``, and ``occlusion`` where nobody said how much
            can be seen.
        scale_ratio: size (root of the area) against the track's median, or a second before, either way:
            ``scale_change``; OTB and LaSOT take 2 against the first frame, which no player in a game reaches.
        speed: movement of the centre in own sizes a frame: ``fast_motion``; LaSOT takes 1, OTB 20 pixels.
        small_px: area in pixels below which an object is ``small``; OTB takes 400, LaSOT 1000.
        brightness_levels: brightness of the frame against the mean of the second before, in levels of 255, either way:
            ``illumination_change``.
        sharpness_share: sharpness (variance of the Laplacian) against the shot's median, below which a frame is a
            ``blur``.
        pan_share: movement of the picture's centre in a frame as a share of its width: ``camera_pan``.
        pan_similarity: where nobody measured the camera: similarity of a frame to the next (SSIM) below which all
            of the picture moves.
    """

    hidden: float = 0.25
    covered: float = 0.25
    scale_ratio: float = 1.4
    speed: float = 0.5
    small_px: float = 400.0
    brightness_levels: float = 10.0
    sharpness_share: float = 0.6
    pan_share: float = 0.002
    pan_similarity: float = 0.7


def box_measures(truth: pl.DataFrame, frames_per_second: float, shots: Mapping[int, int] | None = None) -> pl.DataFrame:
    """Measure each true box.

    Args:
        truth: boxes table of one video with ``track`` set.
        frames_per_second: of the video.
        shots: the shot of each frame: what changes over a cut is no motion and no change of scale; None takes one shot.

    Returns:
        A row a true box with its key and

        - ``hidden``: share that cannot be seen, 0–1; null where nobody said,
        - ``covered``: largest share that one box of another object covers, 0–1,
        - ``scale_ratio``: larger over smaller size, against the track's median in its shot or a second before, ≥ 1,
        - ``speed``: movement of the centre since the object's last box, in own sizes a frame; null on its first, and
          after a second without one,
        - ``area_px``.

    Raises:
        UserError: when a box has no identity.
    """
    table = boxes_table.check(truth)
    if table["track"].null_count():
        raise UserError("the truth has boxes without identity; conditions are measured along tracks")
    second = max(1, round(frames_per_second))
    own = pl.struct("label", "track", "shot")
    shot = pl.lit(0) if shots is None else pl.col("frame").replace_strict(dict(shots), default=0, return_dtype=pl.Int64)
    measured = table.with_columns(
        area_px=((pl.col("x2") - pl.col("x1")) * (pl.col("y2") - pl.col("y1"))).cast(pl.Float64),
        x=(pl.col("x1") + pl.col("x2")).cast(pl.Float64) / 2,
        y=(pl.col("y1") + pl.col("y2")).cast(pl.Float64) / 2,
        hidden=1.0 - pl.col("visibility").cast(pl.Float64),
        covered=pl.Series(_covered(table)),
        shot=shot,
    ).with_columns(size=pl.col("area_px").sqrt())
    before = measured.select("video", "label", "track", "shot", frame=pl.col("frame") + second, size_before="size")
    measured = measured.join(before, on=[*KEY, "shot"], how="left", maintain_order="left").with_columns(
        steps=(pl.col("frame") - pl.col("frame").shift(1)).over(own),
        moved=((pl.col("x") - pl.col("x").shift(1)) ** 2 + (pl.col("y") - pl.col("y").shift(1)) ** 2).sqrt().over(own),
        of_median=(pl.col("size") / pl.col("size").median()).log().abs().over(own),
        of_before=(pl.col("size") / pl.col("size_before")).log().abs(),
    )
    return measured.select(
        *KEY,
        "hidden",
        "covered",
        scale_ratio=pl.max_horizontal("of_median", "of_before").exp(),
        speed=pl.when(pl.col("steps") <= second).then(pl.col("moved") / pl.col("steps") / pl.col("size")),
        area_px="area_px",
    )


def frame_measures(
    frames: pl.DataFrame,
    frames_per_second: float,
    *,
    width: int,
    height: int,
    cameras: Mapping[int, NDArray[np.float64]] | None = None,
) -> pl.DataFrame:
    """Measure each frame of a video.

    Args:
        frames: frames table of one video, or any table with its ``frame``, ``shot``, ``blur``, ``brightness`` and
            ``ssim_1``.
        frames_per_second: of the video.
        width: pixels of the picture.
        height: pixels of the picture.
        cameras: for frames, the affine map (2, 3) from the pixels of the frame before.

    Returns:
        A row a frame: ``frame``, ``brightness_change`` (levels, against the mean of the second before in its shot),
        ``sharpness_share`` (of the shot's median), ``pan_share`` (of the width; null where nobody measured it) and
        ``similarity`` (to the next frame, null where unknown).
    """
    second = max(1, round(frames_per_second))
    middle = np.array([width / 2, height / 2, 1.0])
    moved = {
        frame: float(np.linalg.norm(np.asarray(camera) @ middle - middle[:2])) / width
        for frame, camera in (cameras or {}).items()
    }
    earlier = pl.col("brightness").shift(1).rolling_mean(second, min_samples=1).over("shot")
    usual = pl.col("blur").median().over("shot")
    return frames.sort("frame").select(
        "frame",
        brightness_change=(pl.col("brightness") - earlier).abs().fill_null(0.0),
        sharpness_share=pl.when(usual > 0).then(pl.col("blur") / usual).otherwise(1.0),
        pan_share=pl.col("frame").replace_strict(moved, default=None, return_dtype=pl.Float64)
        if moved
        else pl.lit(None, dtype=pl.Float64),
        similarity=pl.col("ssim_1").cast(pl.Float64),
    )


def conditions_of(
    of_boxes: pl.DataFrame, of_frames: pl.DataFrame, limits: ConditionLimits | None = None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Judge measures.

    Args:
        of_boxes: what :func:`box_measures` returns.
        of_frames: what :func:`frame_measures` returns of the same video.
        limits: from where on a condition holds.

    Returns:
        Two tables of truth values: a row a true box with its key and a column for each of :data:`CONDITIONS`, and a row
        a frame with ``frame`` and one for each of :data:`FRAME_CONDITIONS`. What nobody measured does not hold.
    """
    limit = limits or ConditionLimits()
    frames = of_frames.select(
        "frame",
        illumination_change=pl.col("brightness_change") >= limit.brightness_levels,
        blur=pl.col("sharpness_share") < limit.sharpness_share,
        camera_pan=pl.coalesce(
            pl.col("pan_share") >= limit.pan_share, pl.col("similarity") < limit.pan_similarity
        ).fill_null(value=False),
    ).with_columns(pl.col(FRAME_CONDITIONS).fill_null(value=False))
    covered = pl.col("covered") >= limit.covered
    own = of_boxes.select(
        *KEY,
        occlusion=pl.coalesce(pl.col("hidden") >= limit.hidden, covered),
        crowding=covered,
        scale_change=pl.col("scale_ratio") >= limit.scale_ratio,
        fast_motion=(pl.col("speed") >= limit.speed).fill_null(value=False),
        small=pl.col("area_px") < limit.small_px,
    )
    joined = own.join(frames, on="frame", how="left", maintain_order="left")
    boxes = joined.select(*KEY, *(pl.col(name).fill_null(value=False) for name in CONDITIONS))
    return boxes, frames


def _covered(table: pl.DataFrame) -> NDArray[np.float64]:
    """Return the largest share of each box that another one on its frame covers; rows are sorted by frame."""
    result = np.zeros(table.height)
    corners = boxes_table.corners(table).astype(np.float64)
    frames = table["frame"].to_numpy()
    begins = np.flatnonzero(np.diff(frames, prepend=-1))
    for begin, end in zip(begins, [*begins[1:], len(frames)], strict=True):
        own = corners[begin:end]
        shared = np.clip(
            np.minimum(own[:, None, 2:], own[None, :, 2:]) - np.maximum(own[:, None, :2], own[None, :, :2]), 0, None
        ).prod(axis=2)
        np.fill_diagonal(shared, 0.0)
        result[begin:end] = shared.max(axis=1) / (own[:, 2:] - own[:, :2]).prod(axis=1)
    return result
