"""Fuses what several detectors found on the same frames: an ensemble is surer than each of its members."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from courtside import boxes as boxes_table
from courtside.tables import read_table, write_table

FUSED = "fused"
_FRAME = ["video", "frame"]


LOOKED = {"video": pl.String, "frame": pl.Int32, "detectors": pl.Int32}
"""Schema of a table of the frames that detectors looked at, and how many of them did."""


@dataclass(frozen=True)
class Ensemble:
    """What several detectors found together.

    Attributes:
        boxes: boxes table: on each frame the fusion of what all that looked at it found.
        looked: the frames that were looked at, see :data:`LOOKED`; also those on which nothing was found.
    """

    boxes: pl.DataFrame
    looked: pl.DataFrame

    def joined_by(self, found: pl.DataFrame, asked: pl.DataFrame) -> Ensemble:
        """Return the ensemble with one more detector.

        Each detector counts alike, however many came before: fused boxes weigh as much as those that they are of. So
        the result is what fusing all of them at once gives, where the same boxes overlap. On a frame that the ensemble
        did not look at, its new member is alone; on one that only the others looked at, they are.

        Args:
            found: boxes table of the new member.
            asked: ``video`` and ``frame`` of the frames that it looked at.
        """
        asked = asked.select(_FRAME).unique()
        both = self.looked.join(asked, on=_FRAME, how="semi")
        tables = [
            boxes_table.check(found).join(both, on=_FRAME, how="anti"),
            self.boxes.join(both, on=_FRAME, how="anti"),
        ]
        for (number,), frames in both.partition_by("detectors", as_dict=True).items():
            members = [table.join(frames, on=_FRAME, how="semi") for table in (found, self.boxes)]
            tables.append(fuse(members, weights=[1, number]))
        more = pl.concat([self.looked, asked.with_columns(detectors=pl.lit(1, pl.Int32))])
        looked = more.group_by(_FRAME).agg(pl.col("detectors").sum()).sort(_FRAME)
        return Ensemble(boxes_table.check(pl.concat(tables)), looked)


def nobody() -> Ensemble:
    """Return an ensemble without members."""
    return Ensemble(boxes_table.empty(), pl.DataFrame(schema=LOOKED))


def write_ensemble(folder: Path, ensemble: Ensemble) -> None:
    """Write an ensemble into a folder, as two tables."""
    boxes_table.write(folder / "boxes.parquet", ensemble.boxes)
    write_table(folder / "looked.parquet", ensemble.looked)


def read_ensemble(folder: Path) -> Ensemble:
    """Read what :func:`write_ensemble` wrote."""
    return Ensemble(boxes_table.read(folder / "boxes.parquet"), read_table(folder / "looked.parquet"))


def fuse(
    detections: Sequence[pl.DataFrame], *, weights: Sequence[float] | None = None, minimum_overlap: float = 0.55
) -> pl.DataFrame:
    """Return the weighted box fusion of detections.

    Boxes of a label that overlap become one, their mean weighted by their scores; its score is their mean, less what
    share of the detectors did not see it. Solovyev, Wang & Gabruseva, "Weighted boxes fusion: Ensembling boxes from
    different object detection models" (2021), by the package of its authors.

    Args:
        detections: a boxes table for each detector; all of them looked at every frame of the tables.
        weights: how much each detector counts; None for all alike.
        minimum_overlap: IoU above which boxes are one, 0–1.

    Returns:
        Boxes table with the source ``fused``.
    """
    from ensemble_boxes import weighted_boxes_fusion  # brings pandas, which takes a second

    every = pl.concat([table.with_columns(_detector=pl.lit(number)) for number, table in enumerate(detections)])
    if every.is_empty():
        return boxes_table.empty()
    labels = every["label"].unique().sort().to_list()
    size = float(boxes_table.corners(every).max())  # the package wants coordinates within 0–1; IoU knows no scale
    tables = [boxes_table.empty()]
    for (video, frame), group in every.group_by(_FRAME, maintain_order=True):
        members = [group.filter(pl.col("_detector") == number) for number in range(len(detections))]
        corners, scores, numbers = weighted_boxes_fusion(
            [boxes_table.corners(member) / size for member in members],
            [member["score"].to_numpy() for member in members],
            [[labels.index(label) for label in member["label"]] for member in members],
            weights=weights,
            iou_thr=minimum_overlap,
            skip_box_thr=0.0,
        )
        found = {name: corners[:, column] * size for column, name in enumerate(boxes_table.CORNERS)}
        table = pl.DataFrame(
            {
                "video": [video] * len(scores),
                "frame": [frame] * len(scores),
                **found,
                "label": [labels[int(number)] for number in numbers],
                "score": np.minimum(scores, 1.0),
                "source": [FUSED] * len(scores),
            }
        )
        tables.append(table.with_columns(pl.col("frame").cast(pl.Int32), pl.col(*found, "score").cast(pl.Float32)))
    return boxes_table.check(pl.concat([boxes_table.check(table) for table in tables]))
