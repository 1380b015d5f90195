"""Writes one game: the video and everything that is true about it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from courtside import boxes as boxes_table
from courtside.files import write_text
from courtside.formats import cvat, mot, sorted_frames
from courtside.sample.drawing import DrawnFrame, draw_frames
from courtside.sample.settings import GameSettings
from courtside.video.writer import VideoWriter

LABEL_IDS = {"ball": 1, "player": 2, "referee": 3}
KEYFRAME_INTERVAL = 50


def truth_boxes(video: str, drawn: Sequence[DrawnFrame]) -> pl.DataFrame:
    """Return the boxes table of drawn frames, one row an object, hidden ones included.

    Args:
        video: name of the video.
        drawn: frames of one game; their pixels are not looked at.
    """
    rows = [
        (video, frame.index, box.x1, box.y1, box.x2, box.y2, box.label, 1.0, "human", box.identity, box.visibility)
        for frame in drawn
        for box in frame.boxes
    ]
    return boxes_table.check(pl.DataFrame(rows, schema=boxes_table.SCHEMA, orient="row"))


def draw_game(settings: GameSettings, folder: Path, report: Callable[[int, int], None]) -> None:
    """Draw a game and write it with its truth into ``folder``.

    Writes ``video.mp4`` (H.264); ``gt/gt.txt`` and ``seqinfo.ini`` (MOTChallenge, every frame, every
    object with its visibility); ``annotations.xml`` (CVAT for video, every frame); ``labels.xml``
    (CVAT for images, the frames "labelled by hand"); ``sorted.csv`` (the frames "sorted by hand");
    ``defects.csv`` (shot, its kind and the defect of every frame).

    Args:
        settings: the game.
        folder: made where it is missing; files of these names are replaced.
        report: called with frames done and frames in all.
    """
    frames: list[DrawnFrame] = []
    with VideoWriter(
        folder / "video.mp4",
        settings.width,
        settings.height,
        settings.frames_per_second,
        crf=settings.constant_rate_factor,
        keyframe_interval=KEYFRAME_INTERVAL,
    ) as writer:
        for frame in draw_frames(settings):
            writer.write(frame.image)
            frames.append(replace(frame, image=frame.image[:0].copy()))
            report(frame.index + 1, settings.frames)
    write_truth(settings, frames, folder)


def write_truth(settings: GameSettings, frames: Sequence[DrawnFrame], folder: Path) -> None:
    """Write the files beside the video; see :func:`draw_game`.

    Args:
        settings: the game.
        frames: all its frames in order; their pixels are not looked at.
        folder: where to.
    """
    boxes = truth_boxes(settings.name, frames)
    size = (settings.width, settings.height)
    mot.write_ground_truth(folder / "gt" / "gt.txt", boxes, LABEL_IDS)
    mot.write_sequence_info(folder / "seqinfo.ini", settings.name, settings.frames_per_second, len(frames), *size)
    cvat.write_video(folder / "annotations.xml", boxes, len(frames), *size, settings.name)
    clear = boxes.filter(pl.col("visibility") >= settings.label_minimum_visibility)
    sound = [frame.index for frame in frames if frame.defect == "none"]
    labelled = sound[:: settings.label_every]
    cvat.write_images(
        folder / "labels.xml",
        clear.filter(pl.col("frame").is_in(labelled)),
        labelled,
        [f"frame_{frame:06d}.jpg" for frame in labelled],
        *size,
    )
    with_ball = set(clear.filter(pl.col("label") == "ball")["frame"].to_list())
    chosen = sound[:: settings.sort_every]
    sorted_frames.write(
        folder / "sorted.csv",
        pl.DataFrame(
            [
                (settings.name, frame, sorted_frames.BALL if frame in with_ball else sorted_frames.NO_BALL)
                for frame in chosen
            ],
            schema=sorted_frames.SCHEMA,
            orient="row",
        ),
    )
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(("frame", "shot", "shot_kind", "defect"))
    table.writerows((frame.index, frame.shot, frame.shot_kind, frame.defect) for frame in frames)
    write_text(folder / "defects.csv", text.getvalue())
