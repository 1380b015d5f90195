"""How trackers do under each condition, and where they first fail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import motmetrics
import numpy as np
import polars as pl

from courtside import boxes as boxes_table
from courtside.metrics.conditions import CONDITIONS, FRAME_CONDITIONS
from courtside.metrics.single_tracking import FAILED_BELOW, OVERLAPS, overlaps_and_distances

ALL, NONE = "all", "none"
_SCHEMA = {
    "condition": pl.String,
    "boxes": pl.Int64,
    "recall": pl.Float64,
    "recall_otherwise": pl.Float64,
    "precision": pl.Float64,
    "switches": pl.Int64,
    "switches_per_thousand": pl.Float64,
    "first_miss": pl.Int64,
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
    """Say of every true box whether it was found and whether its identity was switched there.

    Matches are those of CLEAR MOT (Bernardin and Stiefelhagen 2008) by py-motmetrics: a match of the frame before goes
    on while it can. A label's boxes match boxes of that label only.

    Args:
        truth: boxes table of one video with ``track`` set.
        predictions: boxes table of the same video with ``track`` set.
        frames: the frames that are scored.
        minimum_visibility: true boxes of which less can be seen do not count, 0–1, nor does what is predicted there.
        iou_threshold: what overlap is a match, 0–1.

    Returns:
        A row a true box that counts: ``video, frame, label, track, found, switched``; and a row a frame: ``frame``,
        ``predicted`` and ``right``, the predictions that count and those of them that match.
    """
    numbers = sorted(set(frames))
    among = pl.col("frame").is_in(pl.Series(numbers, dtype=pl.Int32).implode())
    there, said = boxes_table.check(truth).filter(among), boxes_table.check(predictions).filter(among)
    outcomes: list[tuple[str, int, str, int, bool, bool]] = []
    counts = np.zeros((len(numbers), 2), dtype=np.int64)
    video = there["video"][0] if there.height else ""
    place = {frame: row for row, frame in enumerate(numbers)}
    for label in sorted({*there["label"], *said["label"]}):
        own = there.filter(pl.col("label") == label)
        theirs = said.filter(pl.col("label") == label)
        for frame, ids, events, extra in _events(own, theirs, numbers, minimum_visibility, iou_threshold):
            outcomes += [(video, frame, label, track, *events[track]) for track in ids]
            right = sum(found for found, _ in events.values())
            counts[place[frame]] += (right + extra, right)
    rows = pl.DataFrame(
        outcomes,
        schema={"video": pl.String, "frame": pl.Int32, "label": pl.String, "track": pl.Int32}
        | dict.fromkeys(("found", "switched"), pl.Boolean),
        orient="row",
    )
    per_frame = pl.DataFrame(
        {"frame": pl.Series(numbers, dtype=pl.Int32), "predicted": counts[:, 0], "right": counts[:, 1]}
    )
    return rows.sort("frame", "label", "track"), per_frame


def scores_by_condition(
    outcomes: pl.DataFrame, per_frame: pl.DataFrame, of_boxes: pl.DataFrame, of_frames: pl.DataFrame
) -> pl.DataFrame:
    """Score a multi-object tracker under each condition.

    Args:
        outcomes: what :func:`box_outcomes` returns of the boxes.
        per_frame: what it returns of the frames.
        of_boxes: the conditions of the true boxes, as :func:`courtside.metrics.conditions.conditions_of` returns them.
        of_frames: the conditions of the frames.

    Returns:
        Rows ``all`` (every box), ``none`` (boxes under no condition) and one a condition, with ``boxes``; ``recall``;
        ``recall_otherwise`` (of the boxes without the condition); ``precision`` for conditions of whole frames, null
        for others; ``switches`` and how many that is in a thousand boxes; and the frames of the ``first_miss`` and the
        ``first_switch``. Null where there is no box.
    """
    key = ["video", "frame", "label", "track"]
    table = outcomes.join(of_boxes, on=key, how="left", maintain_order="left").with_columns(
        pl.col(CONDITIONS).fill_null(value=False)
    )
    whole = per_frame.join(of_frames, on="frame", how="left")
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


def _events(
    truth: pl.DataFrame, predictions: pl.DataFrame, frames: Sequence[int], minimum_visibility: float, threshold: float
) -> Iterable[tuple[int, list[int], dict[int, tuple[bool, bool]], int]]:
    """Yield of each frame: its number, the true tracks that count, what became of each, and the false positives."""
    accumulator = motmetrics.MOTAccumulator()
    there, said = (
        {key[0]: rows for key, rows in table.partition_by("frame", as_dict=True).items()}
        for table in (truth, predictions)
    )
    counts_of: dict[int, set[int]] = {}
    for frame in frames:
        true, found = there.get(frame, truth.clear()), said.get(frame, predictions.clear())
        overlap = boxes_table.iou(boxes_table.corners(true), boxes_table.corners(found))
        # motmetrics 1.4 computes distances with np.asfarray, which NumPy 2 has not; hence our own.
        distance = np.where(overlap >= threshold, 1.0 - overlap, np.nan)
        accumulator.update(true["track"].to_list(), found["track"].to_list(), distance, frameid=frame)
        seen = true.filter(pl.col("visibility").is_null() | (pl.col("visibility") >= minimum_visibility))
        counts_of[frame] = set(seen["track"].to_list())
    events: dict[int, dict[int, tuple[bool, bool]]] = {frame: {} for frame in frames}
    extra = dict.fromkeys(frames, 0)
    for (frame, _), kind, true_track in _rows(accumulator):
        if kind == "FP":
            extra[frame] += 1
        elif kind in ("MATCH", "SWITCH", "MISS") and int(true_track) in counts_of[frame]:
            events[frame][int(true_track)] = (kind != "MISS", kind == "SWITCH")
    for frame in frames:
        yield frame, sorted(events[frame]), events[frame], extra[frame]


def _rows(accumulator: Any) -> Iterable[tuple[tuple[int, int], str, float]]:
    events = accumulator.mot_events
    return zip(events.index.tolist(), events["Type"].tolist(), events["OId"].tolist(), strict=True)
