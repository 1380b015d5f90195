"""Runs a detector over chosen frames of videos, straight from the video, into a boxes table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside import boxes, embeddings
from courtside.detectors.protocol import Detections, Detector
from courtside.video.ahead import read_ahead
from courtside.video.reader import read_selected

_AHEAD_FRAMES = 4


def detect(
    detector: Detector,
    frames: pl.DataFrame,
    videos: Mapping[str, Path],
    *,
    minimum_confidence: float,
    source: str,
    report: Callable[[int, int], None],
) -> pl.DataFrame:
    """Return the boxes that ``detector`` finds on ``frames``.

    Args:
        detector: a trained detector.
        frames: table with ``video`` and ``frame``.
        videos: where the source videos are.
        minimum_confidence: boxes below are left out, 0–1.
        source: what the boxes' ``source`` says, such as the round's name.
        report: called with frames done and frames in all.
    """
    found, _ = detect_and_embed(
        detector, frames, videos, minimum_confidence=minimum_confidence, source=source, report=report, embed=False
    )
    return found


def detect_and_embed(
    detector: Detector,
    frames: pl.DataFrame,
    videos: Mapping[str, Path],
    *,
    minimum_confidence: float,
    source: str,
    report: Callable[[int, int], None],
    embed: bool = True,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return what :func:`detect` does, and the embeddings table of these boxes from the same pass over the frames.

    Without ``embed`` the second table is empty, and the pass takes no longer than :func:`detect`.
    """
    tables, looks = [boxes.empty()], []
    done = 0
    for (video,), rows in frames.partition_by("video", as_dict=True, maintain_order=True).items():
        name = str(video)
        stream = read_ahead(read_selected(videos[name], rows["frame"].unique().sort().to_list()), _AHEAD_FRAMES)
        for found in detector.predict(stream, minimum_confidence, embed=embed):
            tables.append(boxes_of(found, name, detector.labels, source))
            if embed and len(found.scores):
                looks.append(embeddings.table(tables[-1], _embeddings(found, detector)))
            done += 1
            report(done, frames.height)
    # Sorted as the boxes are, whatever the order of the videos.
    together = pl.concat(looks).sort("video", "frame", maintain_order=True) if looks else embeddings.empty()
    return boxes.check(pl.concat(tables)), together


def _embeddings(found: Detections, detector: Detector) -> NDArray[np.float16]:
    if found.embeddings is None:
        raise ValueError(f"{detector.architecture} was asked for embeddings and gave none")
    return found.embeddings


def boxes_of(found: Detections, video: str, labels: tuple[str, ...], source: str) -> pl.DataFrame:
    """Return what a detector found on a frame as a boxes table.

    Args:
        found: its boxes.
        video: what the table calls the video.
        labels: the detector's, in the order of its classes.
        source: what the boxes' ``source`` says.
    """
    columns = {name: found.corners[:, number] for number, name in enumerate(boxes.CORNERS)}
    return pl.DataFrame(
        {
            "video": [video] * len(found.scores),
            "frame": np.full(len(found.scores), found.frame, dtype=np.int32),
            **columns,
            "label": [labels[number] for number in found.classes],
            "score": np.minimum(found.scores, 1.0),
            "source": [source] * len(found.scores),
            "track": [None] * len(found.scores),
            "visibility": [None] * len(found.scores),
        },
        schema=boxes.SCHEMA,
    )
