"""How fast a tracker's output is scored, beside ``trackers.eval`` on the same files.

``python bench/track_evaluation.py`` writes MOTChallenge text of 1.2 million rows, truth and predictions together, once
as 200 sequences of 11 players and once as one file of 60 (or copies of real truth, with ``--truth FOLDER`` of
``NAME/gt/gt.txt``), lets both read and score it alternately, each in a process of its own, and writes the table to
``bench/results/track_evaluation.json`` and into the README. What is timed is from the files to CLEAR, identity and HOTA
of every sequence and of all combined; imports are left out.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import clean
import numpy as np
from numpy.typing import NDArray

from courtside.apps.markdown import replace_section, table
from courtside.errors import UserError
from courtside.files import write_json

ROOT = Path(__file__).resolve().parent.parent
CONTENDERS = {"courtside": "Courtside", "trackers": "`trackers.eval`"}
SHAPES = {"sequences": (200, 11), "one_file": (1, 60)}  # sequences, objects of each
SHARED = ("MOTA", "MOTP", "IDF1", "HOTA", "DetA", "AssA")


def courtside(folder: Path) -> dict[str, float]:
    """Read and score with Courtside."""
    from courtside.formats.mot import read_ground_truth
    from courtside.formats.mot_tracks import read_tracks
    from courtside.metrics.tracking import TrackedVideo, evaluate_videos

    start = time.perf_counter()
    videos = {}
    for path in sorted(folder.glob("truth/*/gt/gt.txt")):
        name = path.parent.parent.name
        truth = read_ground_truth(path, name, {1: "player"})
        predictions = read_tracks(folder / "tracks" / f"{name}.txt", name, {1: "player"})
        frames = int(max(truth["frame"].max(), predictions["frame"].max())) + 1
        videos[name] = TrackedVideo(truth, predictions, frames)
    scores = evaluate_videos(videos, ["player"]).combined["player"]
    return {"seconds": time.perf_counter() - start, **{key: scores[key] for key in SHARED}}


def trackers(folder: Path) -> dict[str, float]:
    """Read and score with ``trackers.eval``."""
    from trackers.eval import evaluate_mot_sequences

    start = time.perf_counter()
    found = evaluate_mot_sequences(folder / "truth", folder / "tracks", metrics=["CLEAR", "HOTA", "Identity"]).aggregate
    seconds = time.perf_counter() - start
    families = found.CLEAR.to_dict() | found.Identity.to_dict() | found.HOTA.to_dict()
    return {"seconds": seconds, **{key: families[key] for key in SHARED}}


def write_case(folder: Path, shape: str, rows: int, truth: Path | None, seed: int) -> int:
    """Write truth and predictions; return how many rows there are."""
    random = np.random.default_rng(seed)
    sequences, objects = SHAPES[shape]
    written, number = 0, 0
    real = sorted(truth.glob("*/gt/gt.txt")) if truth else []
    if truth and not real:
        raise UserError(f"{truth} holds no NAME/gt/gt.txt; name a folder of MOTChallenge truth")
    while (written < rows) if real else (number < sequences):
        if real:
            lines = np.loadtxt(real[number % len(real)], delimiter=",")[:, :6]
        else:
            lines = walk(random, round(rows / sequences / objects / 1.98), objects)
        said = tracked(random, lines)
        name = f"{number:04}"
        target = folder / "truth" / name / "gt"
        target.mkdir(parents=True)
        (folder / "tracks").mkdir(exist_ok=True)
        np.savetxt(target / "gt.txt", lines, fmt="%d,%d,%.2f,%.2f,%.2f,%.2f,1,1,1")
        np.savetxt(folder / "tracks" / f"{name}.txt", said, fmt="%d,%d,%.2f,%.2f,%.2f,%.2f,1,-1,-1,-1")
        written, number = written + len(lines) + len(said), number + 1
    return written


def walk(random: np.random.Generator, frames: int, objects: int) -> NDArray[np.float64]:
    """Return rows frame, identity, left, top, width, height of people who walk about in 1280 × 720."""
    steps = random.normal(0, 3, (frames, objects, 2)) + random.normal(0, 2, (1, objects, 2))
    # What walks out on one side of a mirror comes in on the other.
    room = np.array([1230.0, 600.0])
    places = np.cumsum(steps, axis=0) + random.uniform(0, 1, (1, objects, 2)) * room
    places = np.abs((places + room) % (2 * room) - room)
    sizes = random.uniform([30, 80], [50, 120], (objects, 2))
    frame, identity = np.meshgrid(np.arange(1, frames + 1), np.arange(1, objects + 1), indexing="ij")
    boxes = np.concatenate([places, np.broadcast_to(sizes, places.shape)], axis=2).reshape(-1, 4)
    return np.column_stack([frame.ravel(), identity.ravel(), boxes])


def tracked(random: np.random.Generator, truth: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what a middling tracker says: a tenth is missed, one in twenty is nobody, identities change by the way."""
    said = truth[random.random(len(truth)) < 0.9].copy()
    said[:, 2:4] += random.normal(0, 0.06, (len(said), 2)) * said[:, 4:6]
    said[:, 4:6] *= np.exp(random.normal(0, 0.05, (len(said), 2)))
    said[:, 1] += 100 * ((said[:, 0] + 37 * said[:, 1]) // 300)
    nobody = said[random.random(len(said)) < 0.08].copy()
    nobody[:, 2] += 200
    nobody[:, 1] += 10_000_000
    everything = np.concatenate([said, nobody])
    return everything[np.lexsort((everything[:, 1], everything[:, 0]))]


def run(name: str, folder: Path) -> dict[str, float]:
    """Run one contender in a fresh process."""
    command = [sys.executable, __file__, "--contender", name, "--folder", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise UserError(f"{name} failed: {done.stderr.strip().splitlines()[-1]}")
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def main() -> None:
    """Run both alternately, print and write the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_200_000, help="truth and predictions (default: %(default)s)")
    parser.add_argument("--truth", type=Path, metavar="FOLDER", help="real truth to copy instead of walks")
    parser.add_argument("--repeats", type=int, default=2, help="runs of each (default: %(default)s)")
    parser.add_argument("--shape", choices=list(SHAPES), action="append", help="only this one, and write nothing")
    parser.add_argument("--contender", choices=list(CONTENDERS), help="run only this one and print it as JSON")
    parser.add_argument("--folder", type=Path, help="what the contender reads")
    options = parser.parse_args()
    if options.contender:
        found = globals()[options.contender](options.folder)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps(found | {"memory_mb": round(memory)}))
        return
    try:
        results: dict[str, dict[str, Any]] = {}
        for shape in options.shape or (["sequences"] if options.truth else list(SHAPES)):
            with tempfile.TemporaryDirectory() as folder:
                rows = write_case(Path(folder), shape, options.rows, options.truth, seed=0)
                runs: dict[str, list[dict[str, float]]] = {name: [] for name in CONTENDERS}
                for _ in range(options.repeats):
                    for name, tried in runs.items():
                        tried.append(run(name, Path(folder)))
                        print(f"{shape}, {CONTENDERS[name]}: {tried[-1]['seconds']:.1f} s", flush=True)
            results[shape] = {"rows": rows} | {
                name: min(tried, key=lambda each: each["seconds"]) for name, tried in runs.items()
            }
        publish(results, options)
    except UserError as error:
        sys.exit(f"error: {error}")


def publish(results: dict[str, dict[str, Any]], options: argparse.Namespace) -> None:
    """Print the ratios; write the results file and the table in the README where everything was run."""
    for found in results.values():
        ours, theirs = found["courtside"], found["trackers"]
        found["ratio"] = round(theirs["seconds"] / ours["seconds"], 2)
        found["largest_difference"] = max(abs(ours[key] - theirs[key]) for key in SHARED)
    print(json.dumps({shape: [found["ratio"], found["largest_difference"]] for shape, found in results.items()}))
    if options.truth or options.shape:
        return
    result = {**clean.origin(), "cases": results}
    write_json(ROOT / "bench/results/track_evaluation.json", result)
    head = ["files", "rows"]
    head += ["Courtside, s", "`trackers.eval`, s", "times as fast", "Courtside, MB", "`trackers.eval`, MB"]
    titles = {shape: f"{count} of {objects} players" for shape, (count, objects) in SHAPES.items()}
    lines = [
        [
            titles[shape],
            f"{found['rows']:,}",
            *(f"{found[name]['seconds']:.1f}" for name in CONTENDERS),
            f"{found['ratio']:.1f} ×",
            *(found[name]["memory_mb"] for name in CONTENDERS),
        ]
        for shape, found in results.items()
    ]
    apart = max(found["largest_difference"] for found in results.values())
    text = table(head, lines)
    text += f"\n\n{result['date']}, commit {result['commit']}, {result['machine']}, fastest of {options.repeats} each; "
    text += f"{', '.join(SHARED)} differ by at most {apart:.5f}."
    replace_section(ROOT / "README.md", "bench track_evaluation", text)


if __name__ == "__main__":
    main()
