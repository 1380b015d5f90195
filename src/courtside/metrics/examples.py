"""Draws truth and prediction on test frames, for a person to judge with their own eyes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside import boxes
from courtside.files import atomic_path, write_json
from courtside.video.reader import read_selected

TRUTH = (255, 255, 255)
COLOURS = ((0, 140, 255), (255, 170, 60), (120, 220, 60), (220, 90, 220), (60, 220, 220))
DASH_PX = 7
JPEG_QUALITY = 85


def write_examples(
    target: Path,
    frames: pl.DataFrame,
    truth: pl.DataFrame,
    predictions: pl.DataFrame,
    videos: Mapping[str, Path],
    count: int,
    confidence: float,
) -> None:
    """Write up to ``count`` JPEG pictures and ``examples.json`` into a folder that appears whole or not at all.

    The frames are spread evenly over those that hold truth, in the order of the table, so that nobody chose
    them by how well they look. Truth is drawn dashed and white, predictions solid in the colour of their label.

    Args:
        target: the folder.
        frames: ``video`` and ``frame`` of the test set.
        truth: boxes table.
        predictions: boxes table; boxes below ``confidence`` are not drawn.
        videos: where the videos are.
        count: number of pictures.
        confidence: 0–1.
    """
    key = ["video", "frame"]
    holding = frames.join(truth.select(key).unique(), on=key, how="semi").sort(key)
    places = np.unique(np.linspace(0, holding.height - 1, min(count, holding.height)).round().astype(np.int64))
    chosen = holding[places] if holding.height else holding
    shown = predictions.filter(pl.col("score") >= confidence)
    labels = sorted(set(truth["label"]) | set(shown["label"]))
    colours = {label: COLOURS[number % len(COLOURS)] for number, label in enumerate(labels)}
    entries = []
    with atomic_path(target) as folder:
        folder.mkdir()
        for (video,), rows in chosen.partition_by("video", as_dict=True, maintain_order=True).items():
            for frame in read_selected(videos[str(video)], rows["frame"].to_list()):
                here = (pl.col("video") == video) & (pl.col("frame") == frame.index)
                own_truth, own_boxes = truth.filter(here), shown.filter(here)
                picture = draw(frame.image, own_truth, own_boxes, colours)
                name = f"{video}_{frame.index:06d}.jpg"
                cv2.imwrite(str(folder / name), picture, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
                entries.append(
                    {
                        "file": name,
                        "video": video,
                        "frame": frame.index,
                        "caption": f"{video}, frame {frame.index}: {own_truth.height} true boxes, "
                        f"{own_boxes.height} found at confidence {confidence:.2f} or more",
                    }
                )
        write_json(folder / "examples.json", entries)


def draw(
    image: NDArray[np.uint8],
    truth: pl.DataFrame,
    predictions: pl.DataFrame,
    colours: Mapping[str, tuple[int, int, int]],
) -> NDArray[np.uint8]:
    """Return a copy of a BGR picture with both sets of boxes drawn in."""
    picture = image.copy()
    for row in predictions.iter_rows(named=True):
        corner, other = _corners(row)
        cv2.rectangle(picture, corner, other, colours[row["label"]], 2, cv2.LINE_AA)
        text = f"{row['label']} {row['score']:.2f}"
        cv2.putText(
            picture, text, (corner[0], corner[1] - 4), cv2.FONT_HERSHEY_SIMPLEX, 0.42, (0, 0, 0), 3, cv2.LINE_AA
        )
        cv2.putText(
            picture,
            text,
            (corner[0], corner[1] - 4),
            cv2.FONT_HERSHEY_SIMPLEX,
            0.42,
            colours[row["label"]],
            1,
            cv2.LINE_AA,
        )
    for row in truth.iter_rows(named=True):
        _dashed(picture, *_corners(row))
    return picture


def _corners(row: Mapping[str, float]) -> tuple[tuple[int, int], tuple[int, int]]:
    x1, y1, x2, y2 = (round(row[corner]) for corner in boxes.CORNERS)
    return (x1, y1), (x2, y2)


def _dashed(picture: NDArray[np.uint8], corner: tuple[int, int], other: tuple[int, int]) -> None:
    (x1, y1), (x2, y2) = corner, other
    for x in range(x1, x2, 2 * DASH_PX):
        for y in (y1, y2):
            cv2.line(picture, (x, y), (min(x + DASH_PX, x2), y), TRUTH, 1, cv2.LINE_AA)
    for y in range(y1, y2, 2 * DASH_PX):
        for x in (x1, x2):
            cv2.line(picture, (x, y), (x, min(y + DASH_PX, y2)), TRUTH, 1, cv2.LINE_AA)
