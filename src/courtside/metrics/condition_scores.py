"""How trackers do under each condition, and where they first fail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import polars as pl

from courtside import boxes as boxes_table
from courtside.metrics.conditions import CONDITIONS, FRAME_CONDITIONS, KEY
from courtside.metrics.single_tracking import FAILED_BELOW, OVERLAPS, overlaps_and_distances
from courtside.metrics.tracking_matches import NOTHING, clear_matches
from courtside.metrics.tracking_pairs import pair

ALL, NONE = "all", "none"
_OUTCOMES = {"video": pl.String, "frame": pl.Int32, "label": pl.String, "track": pl.Int32} | dict.fromkeys(
    ("found", "lost", "switched"), pl.Boolean
)
_SCHEMA = {
    "condition": pl.String,
    "boxes": pl.Int64,
    "recall": pl.Float64,
    "recall_otherwise": pl.Float64,
    "precision": pl.Float64,
    "switches": pl.Int64,
    "switches_per_thousand": pl.Float64,
    "first_miss": pl.Int64,
    "first_loss": pl.Int64,
    "first_switch": pl.Int64,
}


def box_outcomes(
    truth: pl.DataFrame,
    predictions: pl.DataFrame,
    frames: Iterable[int],
    *,
    minimum_visibility: float = 0.0,
    iou_threshold: float = 0.5,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Say of every true box whether it was found, lost or had its identity switched there.

    Matches are those of CLEAR MOT (Bernardin and Stiefelhagen 2008) as py-motmetrics counts them: a match goes on while
    it can. A label's boxes match boxes of that label only.

    Args:
        truth: boxes table of one video with ``track`` set.
        predictions: boxes table of the same video with ``track`` set.
        frames: the frames that are scored.
        minimum_visibility: true boxes of which less can be seen do not count, 0–1, nor does what is predicted there.
        iou_threshold: what overlap is a match, 0–1.

    Returns:
        A row a true box that counts: ``video, frame, label, track, found, lost, switched``, where lost is what was not
        found, but was in the frame before that holds the object; and a row a frame: ``frame``,
        ``predicted`` and ``right``, the predictions that count and those of them that match.
    """
    numbers = np.unique(np.fromiter(frames, dtype=np.int64))
    among = pl.col("frame").is_in(pl.Series(numbers, dtype=pl.Int32).implode())
    there, said = boxes_table.check(truth).filter(among), boxes_table.check(predictions).filter(among)
    parts = [pl.DataFrame(schema=_OUTCOMES)]
    counts = np.zeros((len(numbers), 2), dtype=np.int64)
    for label in there["label"].unique().sort().to_list():
        own, theirs = (table.filter(pl.col("label") == label) for table in (there, said))
        pairs = pair(own, theirs, numbers, minimum_visibility=minimum_visibility, iou_threshold=iou_threshold)
        matches = clear_matches(pairs, iou_threshold)
        found = matches != NOTHING
        who = pl.Series("said", np.where(found, pairs.said_ids[matches] if len(pairs.said_ids) else 0, 0))
        visible = pl.col("visibility").is_null() | (pl.col("visibility") >= minimum_visibility)
        rows = own.filter(visible).select(*KEY).with_columns(who, found=found)
        # Another identity than at the last match, however long ago, is a switch.
        before = pl.when("found").then("said").forward_fill().shift(1).over("track")
        switched = (pl.col("found") & (pl.col("said") != before)).fill_null(value=False)
        lost = ~pl.col("found") & pl.col("found").shift(1, fill_value=False).over("track")
        parts.append(rows.with_columns(lost=lost, switched=switched).select(*_OUTCOMES))
        counts[:, 0] += np.diff(pairs.said_starts)
        counts[:, 1] += np.diff(np.concatenate([[0], np.cumsum(found)])[pairs.true_starts])
    per_frame = pl.DataFrame(
        {"frame": pl.Series(numbers, dtype=pl.Int32), "predicted": counts[:, 0], "right": counts[:, 1]}
    )
    return pl.concat(parts).sort("frame", "label", "track"), per_frame


def scores_by_condition(
    outcomes: pl.DataFrame, per_frame: pl.DataFrame, of_boxes: pl.DataFrame, of_frames: pl.DataFrame
) -> pl.DataFrame:
    """Score a multi-object tracker under each condition.

    Args:
        outcomes: what :func:`box_outcomes` returns of the boxes.
        per_frame: what it returns of the frames.
        of_boxes: the conditions of the true boxes, as :func:`courtside.metrics.conditions.conditions_of` returns them.
        of_frames: the conditions of the frames. Of several videos one after the other, both tables of frames need
            ``video``; then "first" is the lowest number in any of them.

    Returns:
        Rows ``all`` (every box), ``none`` (boxes under no condition) and one a condition, with ``boxes``; ``recall``;
        ``recall_otherwise`` (of the boxes without the condition); ``precision`` for conditions of whole frames, null
        for others; ``switches`` and how many that is in a thousand boxes; and the frames of the ``first_miss``, of the
        ``first_loss`` (found a frame before) and of the ``first_switch``. Null where there is no box.
    """
    table = outcomes.join(of_boxes, on=list(KEY), how="left", maintain_order="left").with_columns(
        pl.col(CONDITIONS).fill_null(value=False)
    )
    place = [name for name in ("video", "frame") if name in per_frame.columns and name in of_frames.columns]
    whole = per_frame.join(of_frames, on=place, how="left")
    everything, nothing = pl.lit(value=True), ~pl.any_horizontal(CONDITIONS)
    parts: Mapping[str, pl.Expr] = {ALL: everything, NONE: nothing, **{name: pl.col(name) for name in CONDITIONS}}
    rows = []
    for name, holds in parts.items():
        inside, outside = table.filter(holds), table.filter(~holds)
        precision = None
        if name == ALL or name in FRAME_CONDITIONS:
            said = whole.filter(holds) if name != ALL else whole
            total = int(said["predicted"].sum())
            precision = int(said["right"].sum()) / total if total else None
        switches = int(inside["switched"].sum())
        rows.append(
            {
                "condition": name,
                "boxes": inside.height,
                "recall": inside["found"].mean(),
                "recall_otherwise": outside["found"].mean(),
                "precision": precision,
                "switches": switches,
                "switches_per_thousand": 1000 * switches / inside.height if inside.height else None,
                "first_miss": inside.filter(~pl.col("found"))["frame"].min(),
                "first_loss": inside.filter("lost")["frame"].min(),
                "first_switch": inside.filter("switched")["frame"].min(),
            }
        )
    return pl.DataFrame(rows, schema=_SCHEMA)


def success_by_condition(truth: pl.DataFrame, predictions: pl.DataFrame, of_boxes: pl.DataFrame) -> pl.DataFrame:
    """Score a tracker of a single object under each condition; the object's first box, which was given, does not count.

    Returns:
        Rows as in :func:`scores_by_condition`, with ``boxes``, ``success`` (area under the success curve),
        ``success_otherwise`` and ``first_failure`` (the first frame under that condition with an overlap below 0.1).
    """
    met = overlaps_and_distances(truth, predictions).slice(1)
    label, track = truth["label"][0], truth["track"][0]
    own = of_boxes.filter((pl.col("label") == label) & (pl.col("track") == track))
    table = met.join(own, on="frame", how="left", maintain_order="left").with_columns(
        pl.col(CONDITIONS).fill_null(value=False)
    )
    parts: Mapping[str, pl.Expr] = {
        ALL: pl.lit(value=True),
        NONE: ~pl.any_horizontal(CONDITIONS),
        **{name: pl.col(name) for name in CONDITIONS},
    }
    rows = []
    for name, holds in parts.items():
        inside, outside = table.filter(holds), table.filter(~holds)
        rows.append(
            {
                "condition": name,
                "boxes": inside.height,
                "success": _area(inside),
                "success_otherwise": _area(outside),
                "first_failure": inside.filter(pl.col("overlap") < FAILED_BELOW)["frame"].min(),
            }
        )
    schema = {"condition": pl.String, "boxes": pl.Int64, "success": pl.Float64, "success_otherwise": pl.Float64}
    return pl.DataFrame(rows, schema={**schema, "first_failure": pl.Int64})


def _area(met: pl.DataFrame) -> float | None:
    return float((met["overlap"].to_numpy()[:, None] > OVERLAPS).mean()) if met.height else None
