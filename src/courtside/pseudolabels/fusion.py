"""Fuses what several detectors found on the same frames: an ensemble is surer than each of its members."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from courtside import boxes as boxes_table

FUSED = "fused"
_FRAME = ["video", "frame"]


def fuse(detections: Sequence[pl.DataFrame], *, minimum_overlap: float = 0.55) -> pl.DataFrame:
    """Return the weighted box fusion of detections.

    Boxes of a label that overlap become one, their mean weighted by their scores; its score is their mean, less what
    share of the detectors did not see it. Solovyev, Wang & Gabruseva, "Weighted boxes fusion: Ensembling boxes from
    different object detection models" (2021), by the package of its authors.

    Args:
        detections: a boxes table for each detector; all of them looked at every frame of the tables.
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


def fuse_where_both_looked(
    found: pl.DataFrame, asked: pl.DataFrame, others: pl.DataFrame, others_asked: pl.DataFrame
) -> pl.DataFrame:
    """Fuse the detections of a round with those of another on the frames that both looked at; elsewhere keep its own.

    Args:
        found: boxes table of the round.
        asked: ``video`` and ``frame`` of the frames it looked at.
        others: boxes table of the other round.
        others_asked: the frames that one looked at.
    """
    both = asked.select(_FRAME).join(others_asked, on=_FRAME, how="semi")
    fused = fuse([table.join(both, on=_FRAME, how="semi") for table in (found, others)])
    return boxes_table.check(pl.concat([fused, boxes_table.check(found).join(both, on=_FRAME, how="anti")]))
