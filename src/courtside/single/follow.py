"""One object followed through a video from its first box, alone or many of them in processes of their own."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside import boxes as boxes_table
from courtside.errors import UserError
from courtside.executor import map_in_processes
from courtside.single.checked import CheckedTracker, State
from courtside.single.protocol import Box, SingleTracker
from courtside.single.registry import create
from courtside.single.settings import CheckSettings
from courtside.video.reader import read_frames


@dataclass(frozen=True)
class Followed:
    """One object through a video.

    Attributes:
        boxes: boxes table with a row a frame where the object is, ``score`` the confidence; no row where it is lost.
        frames: the frames that were looked at, (n,) int32; the first box was given on the first of them.
        confidence: of each of these frames, (n,) float64, 0–1; 1 throughout where nobody checked.
        lost: whether the tracker says on them that it has lost its object, (n,) bool.
        seconds: what tracker, check and search took; decoding is left out.
    """

    boxes: pl.DataFrame
    frames: NDArray[np.int32]
    confidence: NDArray[np.float64]
    lost: NDArray[np.bool_]
    seconds: float

    @property
    def frames_per_second(self) -> float:
        """Frames followed in a second, decoding left out."""
        return len(self.frames) / self.seconds if self.seconds else 0.0


@dataclass(frozen=True)
class Task:
    """One object of one video for one tracker.

    Attributes:
        path: the video.
        start: the frame on which the first box is given.
        stop: the frame after the last.
        first: boxes table with one row: the first box; its video, label and track become those of the result.
        tracker: name of the tracker.
        weights: of a tracker that needs them.
        check: when the tracker is believed; None takes its word.
        detections: boxes table of that video among which a lost object is looked for; None looks for its
            looks.
    """

    path: Path
    start: int
    stop: int
    first: pl.DataFrame
    tracker: str
    weights: Path | None = None
    check: CheckSettings | None = None
    detections: pl.DataFrame | None = None


def follow(
    path: Path,
    frames: range,
    first: pl.DataFrame,
    tracker: SingleTracker,
    *,
    check: CheckSettings | None = None,
    detections: pl.DataFrame | None = None,
) -> Followed:
    """Follow what is in a box through a video: one pass, with no help from the truth (OPE, Wu et al., CVPR 2013).

    Args:
        path: a video file or a folder of images.
        frames: consecutive frames; the first is the one on which the box is given.
        first: boxes table with one row.
        tracker: a tracker, which is started anew.
        check: when it is believed; None takes its word.
        detections: boxes table of the video; of those of the object's label the sure ones near its last place are where
            it is found again. None looks for what it looked like. Without a check they are not looked at.

    Raises:
        UserError: when the video cannot be read, its first frame is damaged, or the box lies outside the picture.
        ValueError: when there is more or less than one first box, or the frames are not consecutive.
    """
    if first.height != 1 or frames.step != 1 or not frames:
        raise ValueError("an object is followed from one box, through consecutive frames")
    of_frame = _candidates(first, detections)
    nothing = np.empty((0, 5))
    checked = None if check is None else CheckedTracker(tracker, check)
    states: dict[int, State] = {}
    seconds = 0.0
    for frame in read_frames(path, frames.start, frames.stop, threads=1):
        start = time.perf_counter()
        if not states:
            if frame.index != frames.start:
                raise UserError(f"{path}: frame {frames.start} cannot be decoded; follow from another")
            box = boxes_table.corners(first)[0].astype(np.float64)
            states[frame.index] = _start(tracker, checked, frame.image, box)
        elif checked is not None:
            candidates = None if of_frame is None else of_frame.get(frame.index, nothing)
            states[frame.index] = checked.update(frame.image, candidates)
        else:
            found = tracker.update(frame.image)
            states[frame.index] = State(found, 0.0 if found is None else 1.0, lost=found is None)
        seconds += time.perf_counter() - start
    if not states:
        raise UserError(f"{path} has no frame {frames.start}; check the frames to follow through")
    return _followed(states, first, tracker.name, seconds)


def follow_all(
    tasks: Sequence[Task], *, workers: int | None = None, report: Callable[[int, int], None] | None = None
) -> list[Followed]:
    """Return what :func:`follow` does for each task, several at a time in processes of their own.

    Args:
        tasks: what to follow.
        workers: how many processes; None takes one a core.
        report: called with (tasks done, tasks in all).
    """
    return map_in_processes(follow_task, tasks, workers=workers, report=report)


def follow_task(task: Task) -> Followed:
    """Follow one object; OpenCV's own threads are off, so that processes beside one another are not slowed by them."""
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        return follow(
            task.path,
            range(task.start, task.stop),
            task.first,
            create(task.tracker, task.weights),
            check=task.check,
            detections=task.detections,
        )
    finally:
        cv2.setNumThreads(threads)


def _start(tracker: SingleTracker, checked: CheckedTracker | None, image: NDArray[np.uint8], box: Box) -> State:
    if checked is not None:
        return checked.start(image, box)
    tracker.start(image, box)
    return State(box, 1.0, lost=False)


def _candidates(first: pl.DataFrame, detections: pl.DataFrame | None) -> dict[int, NDArray[np.float64]] | None:
    if detections is None:
        return None
    rows = detections.filter((pl.col("label") == first["label"][0]) & (pl.col("video") == first["video"][0]))
    return {
        int(key[0]): part.select(*boxes_table.CORNERS, "score").to_numpy().astype(np.float64)
        for key, part in rows.partition_by("frame", as_dict=True).items()
    }


def _followed(states: dict[int, State], first: pl.DataFrame, source: str, seconds: float) -> Followed:
    there = {frame: state for frame, state in states.items() if state.box is not None}
    corners = np.array([state.box for state in there.values()], dtype=np.float32).reshape(-1, 4)
    row = first.row(0, named=True)
    table = pl.DataFrame(
        {
            "video": [row["video"]] * len(there),
            "frame": np.array(list(there), dtype=np.int32),
            **{name: corners[:, column] for column, name in enumerate(boxes_table.CORNERS)},
            "label": [row["label"]] * len(there),
            "score": [state.confidence for state in there.values()],
            "source": [source] * len(there),
            "track": [row["track"]] * len(there),
        },
        schema_overrides={name: boxes_table.SCHEMA[name] for name in ("frame", "score", "track")},
    )
    return Followed(
        boxes_table.check(table),
        np.array(list(states), dtype=np.int32),
        np.array([state.confidence for state in states.values()]),
        np.array([state.lost for state in states.values()]),
        seconds,
    )
