"""What looking at tiles costs and gains, beside larger inputs for the whole frame, on a video whose balls are known.

``python bench/tiles.py --video VIDEO.mp4 --truth gt.txt --weights weights.pt`` detects in each way of :data:`WAYS`,
prints a table, and writes it to ``bench/results/tiles.json``, one entry a video and weights. Frames are decoded before;
what is timed is the detector alone, in seconds of one core's work, which other programs on the machine hardly change.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from courtside import boxes
from courtside.apps.markdown import table
from courtside.detectors.build import build_detector, tiled
from courtside.detectors.protocol import Detections
from courtside.detectors.weights import load_weights
from courtside.errors import UserError
from courtside.files import read_json, write_json
from courtside.formats.labels import read_labels
from courtside.metrics.detection import DetectionScores, evaluate_detections
from courtside.runs import git_commit
from courtside.video.reader import Frame, read_selected
from courtside.video.source import probe
from courtside.video.tiling import regions

ROOT = Path(__file__).resolve().parent.parent
RESULT = ROOT / "bench" / "results" / "tiles.json"
MINIMUM_CONFIDENCE = 0.001
MINIMUM_VISIBILITY = 0.3


@dataclass(frozen=True)
class Way:
    """One way to look at a frame.

    Attributes:
        input: longer side of the whole frame's input, in pixels.
        tile: side of the tiles, in pixels of the frame; None for none.
        overlap: of neighbouring tiles, in pixels.
    """

    input: int
    tile: int | None = None
    overlap: int = 0

    @property
    def title(self) -> str:
        """How the way is called in the table."""
        return f"whole at {self.input}" + (f", tiles of {self.tile}" if self.tile else "")


WAYS = (Way(640), Way(960), Way(1280), Way(640, 720, 128), Way(640, 480, 64), Way(640, 320, 64), Way(1280, 480, 64))


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--video", type=Path, default=ROOT / "data/sample/summit/video.mp4")
    parser.add_argument("--truth", type=Path, default=ROOT / "data/sample/summit/gt/gt.txt", help="MOTChallenge")
    parser.add_argument("--weights", type=Path, default=ROOT / "data/weights/yolov8n_drawn.pt")
    parser.add_argument("--about", default="taught on drawn games", help="what the weights are (default: %(default)s)")
    parser.add_argument("--classes", type=int, nargs="+", default=[1], help="those of the truth that are balls")
    parser.add_argument("--every", type=int, default=3, help="every n-th frame (default: %(default)s)")
    options = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    try:
        result = measure(options)
    except UserError as error:
        sys.exit(f"error: {error}")
    known = read_json(RESULT) if RESULT.is_file() else []
    same = [entry for entry in known if (entry["video"], entry["weights"]) != (result["video"], result["weights"])]
    write_json(RESULT, [*same, result])
    rows = [
        [way["title"], way["looks"], f"{way['seconds_a_frame']:.3f}", f"{way['mAP50']:.3f}", f"{way['mAP50-95']:.3f}"]
        + [f"{way['recall'][size]:.2f} of {result['balls'][size]}" for size in result["balls"]]
        for way in result["ways"]
    ]
    sizes = [f"recall {size}" for size in result["balls"]]
    print(table([result["video"], "looks", "s/frame", "mAP50", "mAP50-95", *sizes], rows))


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Detect in each way and score."""
    total = probe(options.video).frames
    classes = dict.fromkeys(options.classes, "ball")
    truth = read_labels(options.truth, "video", classes, None, None, 0.0, total).boxes
    frames = list(read_selected(options.video, range(0, total, options.every)))
    chosen = pl.DataFrame({"video": "video", "frame": pl.Series([frame.index for frame in frames], dtype=pl.Int32)})
    truth = truth.join(chosen, on=["video", "frame"], how="semi")
    weights = load_weights(options.weights)
    ways = []
    for way in WAYS:
        detector = build_detector(weights.architecture, weights.labels, way.input, weights)
        looking = tiled(detector, way.tile, way.overlap)
        list(looking.predict(frames[:2], MINIMUM_CONFIDENCE))
        start = time.process_time()
        found = list(looking.predict(frames, MINIMUM_CONFIDENCE))
        seconds = time.process_time() - start
        balls = _table(found, weights.labels)
        scores = _score(truth, balls, chosen)
        ways.append(
            {
                "title": way.title,
                "input": way.input,
                "tile": way.tile,
                "overlap": way.overlap,
                "looks": _looks(way, frames[0]),
                "seconds_a_frame": seconds / len(frames),
                "mAP50": scores.mean_average_precision_50,
                "mAP50-95": scores.mean_average_precision_50_95,
                "precision": scores.precision,
                "confidence": scores.confidence,
                "recall": {
                    size: _score(part, balls, chosen, scores.confidence).recall
                    for size, part in _by_size(truth).items()
                },
            }
        )
        print(f"{way.title}: {seconds:.1f} s", file=sys.stderr)
    return {
        "video": options.video.parent.name if options.video.stem == "video" else options.video.name,
        "weights": f"{weights.architecture}, {options.about}, at {weights.image_size} px",
        "frames": len(frames),
        "balls": {size: part.height for size, part in _by_size(truth).items()},
        "ways": ways,
        "commit": git_commit(ROOT),
        "machine": f"{platform.machine()}, one core",
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
    }


def _score(
    truth: pl.DataFrame, found: pl.DataFrame, frames: pl.DataFrame, confidence: float | None = None
) -> DetectionScores:
    return evaluate_detections(
        truth, found, frames, ["ball"], confidence=confidence, minimum_visibility=MINIMUM_VISIBILITY
    )


def _looks(way: Way, frame: Frame) -> int:
    height, width = frame.image.shape[:2]
    return 1 + (len(regions(width, height, way.tile, way.overlap)) if way.tile else 0)


def _by_size(truth: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Return the balls that can be seen, those below 24 px and the others, as far as there are any."""
    truth = truth.filter(pl.col("visibility").fill_null(1.0) >= MINIMUM_VISIBILITY)
    width = pl.col("x2") - pl.col("x1")
    parts = {"all": truth, "below 24 px": truth.filter(width < 24), "from 24 px": truth.filter(width >= 24)}
    return {name: part for name, part in parts.items() if part.height}


def _table(found: Sequence[Detections], labels: Sequence[str]) -> pl.DataFrame:
    counts = [len(entry.scores) for entry in found]
    corners = np.concatenate([entry.corners for entry in found])
    table = pl.DataFrame(
        {
            "video": ["video"] * sum(counts),
            "frame": np.repeat(np.array([entry.frame for entry in found], dtype=np.int32), counts),
            **{name: corners[:, number] for number, name in enumerate(boxes.CORNERS)},
            "label": [labels[number] for entry in found for number in entry.classes],
            "score": np.minimum(np.concatenate([entry.scores for entry in found]), 1),
            "source": ["tiles"] * sum(counts),
            "track": [None] * sum(counts),
            "visibility": [None] * sum(counts),
        },
        schema=boxes.SCHEMA,
    )
    return table.filter(pl.col("label") == "ball")


if __name__ == "__main__":
    main()
