"""How well the camera's motion is measured, and what it is worth to BoT-SORT, with repeated pictures waited out or not.

``python bench/camera.py --root FOLDER`` takes a repository in which the sample ran with the stage `observe` for all its
games. What was measured is held against the motion of the camera that drew each game, at the places of its players.
Tables go to ``bench/results/camera.json`` and docs/trackers.md.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import clean
import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside import boxes, layout
from courtside.apps.markdown import replace_section, table
from courtside.apps.params import read_params
from courtside.config import Config
from courtside.errors import UserError
from courtside.files import write_json
from courtside.formats.mot import read_ground_truth
from courtside.sample.looks import named_looks
from courtside.sample.script import write_script
from courtside.sample.settings import GameSettings
from courtside.sample.simulation import simulate
from courtside.trackers.comparison import DETECTIONS, TRUTH, Contestant, Seen, compare, oracle
from courtside.trackers.observed import read_seen

ROOT = Path(__file__).resolve().parent.parent
CLASSES = {1: "ball", 2: "player", 3: "referee"}
LEARN, TEST = ("harbor", "canyon", "garden", "forge"), ("summit", "tidal")
NO_COURT = ("close_up", "crowd")
"""Kinds of shot that are drawn without the camera's picture of the court."""

Array = NDArray[np.float64]


def true_motion(config: Config, name: str, frames: list[int]) -> tuple[dict[int, Array], set[int]]:
    """Return the homography from the frame before to each frame that shows the court, and the repeated frames."""
    game = config.sample.games[name]
    settings = GameSettings(name, game.seed, game.seconds, named_looks()[game.look], 1, 1)
    streams = np.random.default_rng(settings.seed).spawn(6)  # as courtside.sample.drawing.Broadcast does
    script = write_script(
        settings, simulate(streams[0], settings.frames + 250, settings.look.ball_radius_m), streams[1]
    )
    maps, repeated = {}, set()
    for before, frame in itertools.pairwise(frames):
        first, then = script.effects[before], script.effects[frame]
        if script.shot_of[before] != script.shot_of[frame]:
            continue
        if first.source == then.source:
            repeated.add(frame)
        shot = script.shots[int(script.shot_of[frame])]
        if shot.kind not in NO_COURT and not (first.card or then.card):
            camera = shot.path.at(first.source - shot.start)
            maps[frame] = camera.turn_homography(shot.path.at(then.source - shot.start))
    return maps, repeated


def moved(matrix: Array, points: Array) -> Array:
    """Return where a homography or an affine map takes points."""
    there = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    return np.asarray(there if matrix.shape[0] == 2 else there[:, :2] / there[:, 2:])


def errors(config: Config, name: str, seen: Seen, truth: pl.DataFrame) -> dict[str, Any]:
    """Return how far, in pixels at the players' places, the picture moved and how far what was measured is off."""
    frames = list(seen.frames)
    maps, repeated = true_motion(config, name, frames)
    before = dict(zip(frames[1:], frames[:-1], strict=True))
    players = truth.filter((pl.col("label") == "player") & (pl.col("visibility") >= config.track.minimum_visibility))
    by_frame = {frame: boxes.corners(rows) for (frame,), rows in players.partition_by("frame", as_dict=True).items()}
    motion, off = [], []
    for frame, matrix in maps.items():
        corners = by_frame.get(before[frame])
        if corners is not None and seen.cameras and frame in seen.cameras:
            centres = (corners[:, :2] + corners[:, 2:]).astype(np.float64) / 2
            there = moved(matrix, centres)
            motion.append(float(np.linalg.norm(there - centres, axis=1).mean()))
            off.append(float(np.linalg.norm(moved(seen.cameras[frame], centres) - there, axis=1).mean()))
    return {
        "game": name,
        "pairs": len(off),
        "repeated": len(repeated),
        "motion": [float(np.percentile(motion, share)) for share in (50, 90, 100)],
        "error": [float(np.percentile(off, share)) for share in (50, 90, 100)],
    }


def scores(config: Config, seen: dict[str, Seen], truth: dict[str, pl.DataFrame]) -> list[dict[str, Any]]:
    """Return BoT-SORT's scores on what was found and on the true boxes, with and without the camera and waiting."""
    given = {
        DETECTIONS: {name: one.above(config.track.minimum_confidence) for name, one in seen.items()},
        TRUTH: {name: replace(one, boxes=_true(config, one, truth[name]), features={}) for name, one in seen.items()},
    }
    own = config.trackers["botsort"]
    rows = []
    for (kind, material), camera, longest in itertools.product(
        given.items(), (False, True), (0, own["longest_repeat"])
    ):
        shown = {name: replace(one, cameras=one.cameras if camera else None) for name, one in material.items()}
        contestant = Contestant("botsort", "botsort", {**own, "longest_repeat": longest})
        visible = config.track.minimum_visibility
        (result,) = compare([contestant], shown, truth, config.labels, kind, minimum_visibility=visible)
        row = {key: result.combined["overall"][key] for key in ("HOTA", "MOTA", "IDF1", "switches")}
        rows.append({"boxes": kind, "camera": camera, "longest_repeat": longest, **row})
        print(rows[-1], flush=True)
    return rows


def _true(config: Config, seen: Seen, truth: pl.DataFrame) -> pl.DataFrame:
    return oracle(truth.filter(pl.col("frame").is_in(list(seen.frames))), config.track.minimum_visibility)


def publish(measured: list[dict[str, Any]], tracked: dict[str, list[dict[str, Any]]]) -> None:
    """Write the results file and the tables."""
    origin = clean.origin()
    write_json(ROOT / "bench/results/camera.json", {**origin, "errors": measured, "tracked": tracked})
    shares = ["median", "90 %", "most"]
    head = [
        "game",
        "pairs of frames",
        "repeated frames",
        *(f"{of}: {at}" for of in ("motion", "error") for at in shares),
    ]
    lines = [
        [row["game"], row["pairs"], row["repeated"], *(f"{px:.2f}" for key in ("motion", "error") for px in row[key])]
        for row in measured
    ]
    text = f"The picture's motion and the error of what was measured, in pixels:\n\n{table(head, lines)}"
    text += "\n\nBoT-SORT, everything together, all games of a part counted as one:\n\n"
    names = {DETECTIONS: "detected", TRUTH: "true boxes"}
    body = [
        [part, names[row["boxes"]], "yes" if row["camera"] else "no", "yes" if row["longest_repeat"] else "no"]
        + [row[key] for key in ("HOTA", "MOTA", "IDF1", "switches")]
        for part, rows in tracked.items()
        for row in rows
    ]
    text += table(["games", "boxes", "camera", "waits", "HOTA", "MOTA", "IDF1", "switches"], body)
    text += f"\n\n{origin['date']}, commit {origin['commit']}, {origin['machine']}."
    replace_section(ROOT / "docs/trackers.md", "bench camera", text)


def main() -> None:
    """Measure and write the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--root", type=Path, default=ROOT, help="a repository in which the sample ran")
    root = parser.parse_args().root
    try:
        config = read_params(ROOT / "params.yaml")
        measured, tracked = [], {}
        for part, names in (("learning", LEARN), ("test", TEST)):
            seen, truth = {}, {}
            for name in names:
                facts = root / layout.extract_facts(name)
                seen[name] = read_seen(root / layout.observed(name), root / layout.extract_frames(name), facts)
                truth[name] = read_ground_truth(root / layout.SAMPLE / name / "gt/gt.txt", name, CLASSES)
                measured.append(errors(config, name, seen[name], truth[name]))
            tracked[part] = scores(config, seen, truth)
    except UserError as error:
        sys.exit(f"error: {error}")
    publish(measured, tracked)


if __name__ == "__main__":
    main()
