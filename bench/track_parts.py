"""What each part of our tracker of many objects is worth on the data that its defaults were set on.

``python bench/track_parts.py --data FOLDER --sample FOLDER --detections FOLDER``, folders as for ``bench/track.py``,
follows drawn scenes, the development videos of SportsMOT, also with every second and every third frame alone, and the
sample's learning games: with all parts, with some left out, and by ``trackers``' ByteTrack. Tables go to
``bench/results/track_parts.json`` and docs/trackers.md. Nothing that ``bench/track.py`` reports is looked at here.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import clean
import numpy as np
import polars as pl
import track
import trackers
from numpy.typing import NDArray

from courtside.apps.markdown import replace_section, table
from courtside.errors import UserError
from courtside.files import write_json

SEEDS = (500, 600)  # of the drawn detector on SportsMOT
DRAWN_SEED = 5000
SPORTSMOT = ("v_-6Os86HzwCs", "v_1LwtoLPw2TU")
GAMES = ("harbor", "canyon", "garden", "forge")
WITHOUT_COST: dict[str, Any] = {"unseen_cost": 0.0}
WITHOUT_ADAPTATION: dict[str, Any] = {"adaptation": 0.0}
FASTER = 0.02  # heights a frame
VARIANTS: dict[str, track.Contender] = {
    "Courtside": track.courtside_core,
    "without `unseen_cost`": partial(track.courtside_core, **WITHOUT_COST),
    "without adaptation": partial(track.courtside_core, **WITHOUT_ADAPTATION),
    "without both": partial(track.courtside_core, **WITHOUT_COST, **WITHOUT_ADAPTATION),
    f"`acceleration` {FASTER} for good": partial(track.courtside_core, acceleration=FASTER, **WITHOUT_ADAPTATION),
    "trackers, ByteTrack": partial(track.package, trackers.ByteTrackTracker),
}


def material(data: Path, sample: Path, detections: Path) -> Iterator[tuple[str, list[track.Data]]]:
    """Return the data by the heading of their row; those of one row differ in what chance decided."""
    yield "drawn, 11 players", [track.drawn(11, 4, 300, DRAWN_SEED)]
    yield "drawn, 100 players", [track.drawn(100, 1, 200, DRAWN_SEED)]
    yield "the sample's learning games", [track.sample(sample, detections, GAMES)]
    for video in SPORTSMOT:
        for every in (1, 2, 3):
            frames = {1: "", 2: ", every second frame", 3: ", every third frame"}[every]
            yield f"{video}{frames}", [track.sportsmot(data, (video,), every, seed) for seed in SEEDS]


def changes_of_velocity(truth: pl.DataFrame) -> NDArray[np.float64]:
    """Return how much the velocity of true centres changes from frame to frame, (n,), in heights of the box."""
    centres = truth.sort("video", "track", "frame").select(
        "video",
        "track",
        frame=pl.col("frame"),
        x=(pl.col("x1") + pl.col("x2")) / 2,
        y=(pl.col("y1") + pl.col("y2")) / 2,
        height=pl.col("y2") - pl.col("y1"),
    )
    steps = centres.with_columns(pl.col("x", "y", "frame").diff(2).over("video", "track").name.suffix("_two"))
    one = pl.col("x", "y").diff().over("video", "track").name.suffix("_one")
    steps = steps.with_columns(one).filter(pl.col("frame_two") == 2)
    x, y = (2 * steps[f"{axis}_one"] - steps[f"{axis}_two"] for axis in "xy")
    return np.hypot(x, y) / steps["height"].to_numpy()


def measure(name: str, parts: list[track.Data]) -> dict[str, Any]:
    """Return a row: how fast velocities change, and the means over ``parts`` of what each tracker scores."""
    changes = np.concatenate([changes_of_velocity(data.truth) for data in parts])
    scores: dict[str, dict[str, float]] = {}
    for variant, follow in VARIANTS.items():
        each = []
        for data in parts:
            found = [follow(part.arrays())[1] for part in data.parts]
            each.append(track.score(data, [track.tracked(*pair) for pair in zip(data.parts, found, strict=True)]))
        scores[variant] = {key: float(np.mean([one[key] for one in each])) for key in ("HOTA", "IDF1", "switches")}
    row = {"data": name, "changes": [float(np.quantile(changes, share)) for share in (0.5, 0.99)], "scores": scores}
    print(row, flush=True)
    return row


def publish(rows: list[dict[str, Any]]) -> None:
    """Write the results file and the tables."""
    result = {**clean.origin(), "rows": rows}
    write_json(track.ROOT / "bench/results/track_parts.json", result)
    head = ["HOTA / IDF1 / switches", "change of velocity, median", "99 %", *VARIANTS]
    lines = []
    for row in rows:
        scores = [row["scores"][name] for name in VARIANTS]
        cells = [f"{one['HOTA']:.3f} / {one['IDF1']:.3f} / {one['switches']:.0f}" for one in scores]
        lines.append([row["data"], *(f"{share:.3f}" for share in row["changes"]), *cells])
    text = f"{table(head, lines)}\n\n{result['date']}, commit {result['commit']}, {result['machine']}."
    replace_section(track.ROOT / "docs/trackers.md", "track parts", text)


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="a folder of SportsMOT sequences, each with gt/gt.txt")
    parser.add_argument("--sample", type=Path, required=True, help="the sample's games, each with gt/gt.txt")
    parser.add_argument("--detections", type=Path, required=True, help="boxes tables of the sample's games")
    options = parser.parse_args()
    try:
        rows = material(options.data, options.sample, options.detections)
        publish([measure(name, parts) for name, parts in rows])
    except UserError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
