"""Who trains, who validates: whole shots, never single frames."""

from __future__ import annotations

import numpy as np
import polars as pl

GUARD_S = 1.0


def assign(frames: pl.DataFrame, labelled: pl.DataFrame, *, val_share: float, seed: int) -> pl.DataFrame:
    """Fill the ``split`` of learning videos with ``train`` or ``val``.

    Neighbouring frames are near-copies, so a random split of frames would put the twin of nearly every
    validation frame into training. Here each video gives whole shots to validation, in random order and a
    replay together with what it shows again (``replay_of``), until they hold ``val_share`` of its
    human-labelled frames (of its usable frames where it has no labels). A video of a single shot is divided
    in time instead, its last part validating; one second between the parts belongs to neither.

    Args:
        frames: frames table of the learning videos, with verdicts.
        labelled: the (video, frame) pairs a person has looked at.
        val_share: share of each video that validates, 0–1.
        seed: of the random order of shots.

    Returns:
        The frames table with ``split`` filled; null on guard frames.
    """
    marked = frames.join(
        labelled.select("video", "frame").unique().with_columns(labelled=pl.lit(True)),
        on=["video", "frame"],
        how="left",
        maintain_order="left",
    ).with_columns(pl.col("labelled").fill_null(False) & (pl.col("verdict") == "usable"))
    parts = [
        _assign_video(video, val_share, np.random.default_rng([seed, number]))
        for number, video in enumerate(marked.partition_by("video", maintain_order=True))
    ]
    return pl.concat(parts).drop("labelled") if parts else frames


def _assign_video(video: pl.DataFrame, val_share: float, random: np.random.Generator) -> pl.DataFrame:
    weight = pl.col("labelled") if video["labelled"].any() else pl.col("verdict") == "usable"
    play = pl.coalesce("replay_of", "shot") if "replay_of" in video.columns else pl.col("shot")
    shots = (
        video.group_by(play.alias("play"), maintain_order=True)
        .agg(weight.sum().alias("weight"))
        .filter(pl.col("weight") > 0)
    )
    if shots.height < 2:
        return _assign_in_time(video, val_share)
    wanted = val_share * int(shots["weight"].sum())
    chosen: list[int] = []
    held = 0
    for index in random.permutation(shots.height)[:-1]:
        shot, count = shots.row(int(index))
        # Taking a shot must bring the share nearer to what is wanted, except that one has to be taken.
        if not chosen or held + count / 2 <= wanted:
            chosen.append(shot)
            held += count
    return video.with_columns(split=pl.when(play.is_in(chosen)).then(pl.lit("val")).otherwise(pl.lit("train")))


def _assign_in_time(video: pl.DataFrame, val_share: float) -> pl.DataFrame:
    times = video["time_s"].to_numpy()
    border = float(np.quantile(times, 1 - val_share)) if len(times) else 0.0
    return video.with_columns(
        split=pl.when(pl.col("time_s") >= border)
        .then(pl.lit("val"))
        .when(pl.col("time_s") < border - GUARD_S)
        .then(pl.lit("train"))
        .otherwise(None)
    )


def assign_at_random(frames: pl.DataFrame, *, seed: int) -> pl.DataFrame:
    """Deal the values of ``split`` out anew among single frames, as one should not; for comparison alone.

    Args:
        frames: frames table with ``split`` filled.
        seed: of the shuffle.

    Returns:
        The same rows, with as many frames of each split as before.
    """
    order = np.random.default_rng(seed).permutation(frames.height)
    return frames.with_columns(split=frames["split"].gather(order))
