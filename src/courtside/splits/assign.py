"""Who trains, who validates: whole shots, never single frames."""

from __future__ import annotations

from collections.abc import Sequence

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

    Pictures that look alike have to be kept together too, in one folder and across folders: where the table has a
    column ``group``, whole groups take the place of shots. A group of several videos is on the side that the first
    of them gave it, and a video of a single group is not divided.

    Args:
        frames: frames table of the learning videos, with verdicts, and for folders of pictures the column ``group``
            (:func:`courtside.splits.twins.twin_groups`; null elsewhere, and where a frame is not usable).
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
    sides: dict[int, str] = {}
    parts = []
    for number, video in enumerate(marked.partition_by("video", maintain_order=True)):
        random = np.random.default_rng([seed, number])
        if "group" in video.columns and video["group"].count():
            parts.append(_assign_groups(video, val_share, random, sides))
        else:
            parts.append(_assign_video(video, val_share, random))
    return pl.concat(parts).drop("labelled") if parts else frames


def _assign_video(video: pl.DataFrame, val_share: float, random: np.random.Generator) -> pl.DataFrame:
    play = pl.coalesce("replay_of", "shot") if "replay_of" in video.columns else pl.col("shot")
    weight = pl.col("labelled") if video["labelled"].any() else pl.col("verdict") == "usable"
    plays = _weights(video, play, weight)
    if plays.height < 2:
        return _assign_in_time(video, val_share)
    order = random.permutation(plays.height)[:-1]
    chosen = _choose([plays.row(int(index)) for index in order], val_share * int(plays["weight"].sum()))
    return video.with_columns(split=pl.when(play.is_in(chosen)).then(pl.lit("val")).otherwise(pl.lit("train")))


def _assign_groups(
    video: pl.DataFrame, val_share: float, random: np.random.Generator, sides: dict[int, str]
) -> pl.DataFrame:
    """Divide a video by its groups; ``sides`` holds those that earlier videos divided, and gains the others."""
    groups = _weights(video, pl.col("group"), pl.col("group").is_not_null())
    known = groups["play"].replace_strict(sides, default=None, return_dtype=pl.String)
    held = int(groups.filter(known == "val")["weight"].sum())
    free = groups.filter(known.is_null())
    order = random.permutation(free.height)
    if not (known == "train").any():
        order = order[:-1]  # one has to train
    chosen = set(_choose([free.row(int(index)) for index in order], val_share * int(groups["weight"].sum()), held))
    sides |= {group: "val" if group in chosen else "train" for group in free["play"].to_list()}
    side = pl.col("group").replace_strict(sides, default=None, return_dtype=pl.String)
    return video.with_columns(split=side.fill_null("train"))  # what is not usable is not looked at


def _weights(video: pl.DataFrame, play: pl.Expr, weight: pl.Expr) -> pl.DataFrame:
    """Return ``play`` and its ``weight``, the number of frames that count, of all plays that have some."""
    return (
        video.group_by(play.alias("play"), maintain_order=True)
        .agg(weight.sum().alias("weight"))
        .filter(pl.col("weight") > 0)
    )


def _choose(plays: Sequence[tuple[int, int]], wanted: float, held: int = 0) -> list[int]:
    """Return the plays that validate; those of other videos hold ``held`` frames already."""
    chosen: list[int] = []
    for play, count in plays:
        # Taking one must bring the share nearer to what is wanted, except that one has to be taken.
        if not (chosen or held) or held + count / 2 <= wanted:
            chosen.append(play)
            held += count
    return chosen


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
