"""All scores of a tracker on one video: CLEAR MOT, identity and HOTA."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import motmetrics
import numpy as np
import polars as pl
from motmetrics.lap import linear_sum_assignment
from numpy.typing import NDArray
from trackers.eval import compute_hota_metrics

from courtside import boxes as boxes_table
from courtside.errors import UserError

_NAMES = {
    "mota": "MOTA",
    "idf1": "IDF1",
    "precision": "precision",
    "recall": "recall",
    "num_false_positives": "false_positives",
    "num_misses": "false_negatives",
    "num_switches": "switches",
    "num_fragmentations": "fragmentations",
    "mostly_tracked": "mostly_tracked",
    "partially_tracked": "partially_tracked",
    "mostly_lost": "mostly_lost",
}


def evaluate_tracks(
    truth: pl.DataFrame,
    predictions: pl.DataFrame,
    labels: Sequence[str],
    frames: int | Iterable[int],
    *,
    minimum_visibility: float = 0.0,
    iou_threshold: float = 0.5,
) -> dict[str, dict[str, float | int | None]]:
    """Score the tracks of one video, overall and for each label.

    A prediction can only match truth of its own label. MOTA, MOTP, precision, recall, switches and the
    rest are those of CLEAR MOT (Bernardin & Stiefelhagen 2008), IDF1 that of Ristani et al. 2016, both by
    py-motmetrics; HOTA, DetA and AssA are those of Luiten et al. 2021 over the overlaps 0.05–0.95, by
    ``trackers.eval``, which follows TrackEval. True boxes that are hardly visible are ignored as in the
    MOTChallenge: within each frame, predictions that pair with one at ``iou_threshold`` are left out with
    it, before anything is scored.

    Args:
        truth: boxes table of one video with ``track`` set.
        predictions: boxes table of the same video with ``track`` set.
        labels: the labels to score; boxes with other labels take no part.
        frames: which frames are scored: their number, counted from 0, or the frames themselves. Boxes on
            other frames take no part.
        minimum_visibility: true boxes with a visibility below it are ignored, 0–1.
        iou_threshold: what overlap is a match, 0–1.

    Returns:
        ``overall`` and one entry a label, each with ``MOTA, IDF1, HOTA, precision, recall,
        false_positives, false_negatives, switches, fragmentations, mostly_tracked, partially_tracked,
        mostly_lost`` and beside them ``MOTP`` (mean overlap of the matches, 0–1; None without a match),
        ``DetA``, ``AssA``, ``truth_boxes`` and ``truth_tracks``. ``precision`` is 0 where nothing was
        predicted. ``mostly_tracked`` counts the true tracks found in at least 80 % of their frames,
        ``mostly_lost`` those in less than 20 %. Fractions, not percentages.

    Raises:
        UserError: when the truth holds no box that counts, a label that is asked for has none, or an
            identity is null or stands in a frame twice.
        ValueError: when the predictions do, there is more than one video, or a label is called overall.
    """
    names = list(labels)
    if not names or len(set(names)) != len(names) or "overall" in names:
        raise ValueError(f"labels must be given once each and none be called overall, not {names}")
    frame_numbers = sorted(set(range(frames) if isinstance(frames, int) else frames))
    there = _rows(truth, names, frame_numbers, UserError, "truth")
    said = _rows(predictions, names, frame_numbers, ValueError, "predictions")
    videos = sorted({*there["video"].unique(), *said["video"].unique()})
    if len(videos) > 1:
        raise ValueError(f"tracks are scored one video at a time, not {', '.join(videos)} at once")
    there = there.with_columns(counts=pl.col("visibility").is_null() | (pl.col("visibility") >= minimum_visibility))
    for label in names:
        if not there.filter(pl.col("counts") & (pl.col("label") == label)).height:
            raise UserError(
                f"the truth of {videos[0] if videos else 'the video'} has no {label} with a visibility of at least "
                f"{minimum_visibility:g} on the {len(frame_numbers)} frames scored; it has: "
                f"{', '.join(sorted(truth['label'].unique())) or 'nothing'}. Leave {label} out, or correct the truth"
            )
    pairs = _similarities(there, said, names, frame_numbers, iou_threshold)
    result = {"overall": _score(pairs, iou_threshold)}
    for number, label in enumerate(names):
        result[label] = _score([pair.of_label(number) for pair in pairs], iou_threshold)
    return result


@dataclass(frozen=True)
class _Frame:
    """One frame after clean-up: identities (n,) and (m,), their labels, and overlaps (n, m)."""

    frame: int
    true_ids: NDArray[np.int64]
    true_labels: NDArray[np.int64]
    said_ids: NDArray[np.int64]
    said_labels: NDArray[np.int64]
    overlap: NDArray[np.float64]

    def of_label(self, label: int) -> _Frame:
        true_rows, said_rows = self.true_labels == label, self.said_labels == label
        return _Frame(
            self.frame,
            self.true_ids[true_rows],
            self.true_labels[true_rows],
            self.said_ids[said_rows],
            self.said_labels[said_rows],
            self.overlap[np.ix_(true_rows, said_rows)],
        )


def _rows(
    table: pl.DataFrame, labels: Sequence[str], frames: Sequence[int], error: type[Exception], name: str
) -> pl.DataFrame:
    rows = boxes_table.check(table).filter(
        pl.col("label").is_in(labels), pl.col("frame").is_in(pl.Series(frames, dtype=pl.Int32).implode())
    )
    for wrong, what in (
        (rows.filter(pl.col("track").is_null()), "no track identity"),
        (rows.filter(pl.struct("video", "frame", "label", "track").is_duplicated()), "the same track twice"),
    ):
        if wrong.height:
            row = wrong.row(0, named=True)
            track = "" if row["track"] is None else f" {row['track']}"
            raise error(
                f"{name}: {row['label']}{track} in {row['video']}, frame {row['frame']}, has {what}; correct it"
            )
    return rows


def _similarities(
    there: pl.DataFrame, said: pl.DataFrame, labels: Sequence[str], frames: Sequence[int], iou_threshold: float
) -> list[_Frame]:
    numbers = {label: number for number, label in enumerate(labels)}
    there_of, said_of = (
        {key[0]: rows for key, rows in _numbered(table, numbers).partition_by("frame", as_dict=True).items()}
        for table in (there, said)
    )
    no_truth, no_prediction = _numbered(there.clear(), numbers), _numbered(said.clear(), numbers)
    result = []
    for frame in frames:
        true_boxes, predicted = there_of.get(frame, no_truth), said_of.get(frame, no_prediction)
        true_labels, said_labels = true_boxes["number"].to_numpy(), predicted["number"].to_numpy()
        overlap = boxes_table.iou(boxes_table.corners(true_boxes), boxes_table.corners(predicted))
        overlap[true_labels[:, None] != said_labels[None, :]] = 0.0
        counts = true_boxes["counts"].to_numpy().astype(np.bool_)
        kept = _not_on_ignored(overlap, counts, iou_threshold)
        result.append(
            _Frame(
                frame,
                true_boxes["identity"].to_numpy()[counts],
                true_labels[counts],
                predicted["identity"].to_numpy()[kept],
                said_labels[kept],
                overlap[np.ix_(counts, kept)],
            )
        )
    return result


def _numbered(table: pl.DataFrame, numbers: dict[str, int]) -> pl.DataFrame:
    """Add the label's number, and an identity that two labels never share."""
    return table.with_columns(
        number=pl.col("label").replace_strict(numbers, return_dtype=pl.Int64),
    ).with_columns(identity=pl.col("track").cast(pl.Int64) * len(numbers) + pl.col("number"))


def _not_on_ignored(overlap: NDArray[np.float64], counts: NDArray[np.bool_], threshold: float) -> NDArray[np.bool_]:
    kept = np.ones(overlap.shape[1], dtype=np.bool_)
    if not counts.all() and kept.size:
        rows, columns = linear_sum_assignment(np.where(overlap >= threshold, 1.0 - overlap, 1.0))
        matched = overlap[rows, columns] >= threshold
        kept[columns[matched & ~counts[rows]]] = False
    return kept


def _score(frames: Sequence[_Frame], iou_threshold: float) -> dict[str, float | int | None]:
    accumulator = motmetrics.MOTAccumulator()
    for frame in frames:
        # motmetrics 1.4 computes distances with np.asfarray, which NumPy 2 has not; hence our own.
        distance = np.where(frame.overlap >= iou_threshold, 1.0 - frame.overlap, np.nan)
        accumulator.update(frame.true_ids, frame.said_ids, distance, frameid=frame.frame)
    host = motmetrics.metrics.create()
    wanted = [*_NAMES, "motp", "num_objects", "num_unique_objects"]
    values: dict[str, Any] = host.compute(accumulator, metrics=wanted, return_dataframe=False)
    hota = compute_hota_metrics(
        [frame.true_ids for frame in frames],
        [frame.said_ids for frame in frames],
        [frame.overlap for frame in frames],
    )
    result = {ours: _plain(values[theirs]) for theirs, ours in _NAMES.items()}
    distance_of_matches = _plain(values["motp"])
    return {
        **result,
        "precision": result["precision"] or 0.0,
        "HOTA": float(hota["HOTA"]),
        "DetA": float(hota["DetA"]),
        "AssA": float(hota["AssA"]),
        "MOTP": None if distance_of_matches is None else 1.0 - distance_of_matches,
        "truth_boxes": int(values["num_objects"]),
        "truth_tracks": int(values["num_unique_objects"]),
    }


def _plain(value: Any) -> float | int | None:
    if isinstance(value, (int, np.integer)):
        return int(value)
    return float(value) if np.isfinite(value) else None
