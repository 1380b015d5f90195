"""Which pseudo-labelled frames a person should look at first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from courtside import boxes as boxes_table
from courtside.pseudolabels.merge import CARRIED
from courtside.quality.fingerprints import differing_bits, hash_words

KEY = ["video", "frame"]


def rank_frames(
    boxes: pl.DataFrame, frames: pl.DataFrame, labels: Sequence[str], expected_labels: Sequence[str] = ()
) -> pl.DataFrame:
    """Say of each frame how much a person's look at it would tell.

    A frame's uncertainty is the mean over the labels of the binary entropy, in bits, of the score of the label's least
    certain box: uncertainty sampling (Settles, "Active Learning Literature Survey", 2009, section 3.1), a label at a
    time so that a crowd of players does not drown one ball. An expected label without a box counts as fully uncertain.
    Detector and tracks disagree where a box was filled in because its object is there before and after, or carried
    over from the teacher.

    Args:
        boxes: boxes table of pseudo-labels.
        frames: ``video`` and ``frame`` of the frames that may be asked about; other columns are kept.
        labels: the labels that count.
        expected_labels: those of them that every frame should show.

    Returns:
        The frames with ``uncertainty`` (0–1), ``disagreement`` (0 or 1) and ``priority``, their sum; highest first, as
        listed among equals.
    """
    score = pl.col("score").cast(pl.Float64).clip(1e-9, 1 - 1e-9)
    entropy = -(score * score.log(2) + (1 - score) * (1 - score).log(2))
    told = (pl.col("source").is_in([boxes_table.INTERPOLATED, CARRIED])).cast(pl.Float64)
    counted = boxes.filter(pl.col("label").is_in(list(labels)))
    by_label = counted.group_by(*KEY, "label").agg(
        # The score of a box that nobody detected is no certainty of anybody.
        uncertainty=pl.when(told == 0).then(entropy).max().fill_null(0.0),
        disagreement=told.max(),
    )
    missing = pl.DataFrame({"label": list(expected_labels)}, schema={"label": pl.String})
    absent = (
        frames.select(KEY)
        .join(missing, how="cross")
        .join(by_label, on=[*KEY, "label"], how="anti")
        .with_columns(uncertainty=pl.lit(1.0), disagreement=pl.lit(0.0))
    )
    of_frame = (
        pl.concat([by_label, absent.select(by_label.columns)])
        .group_by(KEY)
        .agg(uncertainty=pl.col("uncertainty").sum() / max(len(labels), 1), disagreement=pl.col("disagreement").max())
    )
    return (
        frames.join(of_frame, on=KEY, how="left", maintain_order="left")
        .with_columns(pl.col("uncertainty", "disagreement").fill_null(0.0))
        .with_columns(priority=pl.col("uncertainty") + pl.col("disagreement"))
        .sort("priority", descending=True, maintain_order=True)
    )


def choose_frames(
    ranked: pl.DataFrame, seen: pl.DataFrame, budget: int, *, frames_apart: int = 25, bits_apart: int = 12
) -> pl.DataFrame:
    """Choose the frames to look at: those of highest priority, but no neighbours and from everywhere.

    One frame at a time: the one of highest priority divided by 1 + the number already chosen from its shot. What is
    near a chosen or seen frame, in time or in looks, is passed over, even when the budget is not used up.

    Args:
        ranked: what :func:`rank_frames` returns of a frames table, with ``shot`` and ``hash``.
        seen: ``video``, ``frame`` and ``hash`` of frames that a person has labelled.
        budget: how many frames to choose at most.
        frames_apart: frames of a video that are nearer to each other than this are neighbours.
        bits_apart: frames whose hashes differ in fewer of 256 bits look alike.

    Returns:
        The chosen rows of ``ranked``, in the order in which they were chosen.
    """
    if ranked.is_empty():
        return ranked
    numbers = ranked["frame"].to_numpy()
    videos, shots = ranked["video"].to_numpy(), ranked["shot"].to_numpy()
    words = hash_words(ranked["hash"].to_list())
    open_ = np.ones(ranked.height, dtype=bool)
    for video, frame in seen.select(KEY).iter_rows():
        open_ &= (videos != video) | (np.abs(numbers - frame) >= frames_apart)
    if seen.height:
        open_ &= differing_bits(words, hash_words(seen["hash"].to_list())).min(axis=1) >= bits_apart
    value = (
        ranked["priority"].to_numpy().astype(np.float64) + np.finfo(np.float64).tiny
    )  # so that among frames of no priority, too, every shot gets its turn
    weight = np.ones(ranked.height)
    chosen: list[int] = []
    while len(chosen) < budget and open_.any():
        best = int(np.where(open_, value / weight, -1.0).argmax())
        chosen.append(best)
        same_video = videos == videos[best]
        weight[same_video & (shots == shots[best])] += 1
        open_ &= ~same_video | (np.abs(numbers - numbers[best]) >= frames_apart)
        open_ &= differing_bits(words, words[best : best + 1])[:, 0] >= bits_apart
        open_[best] = False
    return ranked[chosen]
