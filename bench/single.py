"""Trackers of a single object, alone and with our check and search, beside the published study.

``python bench/single.py --data FOLDER --root FOLDER`` follows each true ball of the real clips in FOLDER/video_truth,
and the ball and the player that are longest in one shot of the sample's test games below the second FOLDER, from the
first box on which they can be seen well. ``--detections`` names a folder of boxes tables ``VIDEO.parquet``; where a
video has one, a lost object is also looked for among them. Tables go to ``bench/results/single.json`` and
docs/trackers.md; with ``--trackers`` only some are run and the others' rows stay.

What is measured of an object is kept in ``.courtside/bench/single`` until its tracker's rows are written, so a killed
run goes on there. ``--seconds`` begins nothing new after that time, for a machine that is shared.
"""

from __future__ import annotations

import argparse
import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import clean
import numpy as np
import polars as pl

from courtside import boxes, frames, layout
from courtside.apps.markdown import replace_section, table
from courtside.errors import UserError
from courtside.executor import map_in_processes
from courtside.files import write_json
from courtside.formats.mot import read_ground_truth
from courtside.metrics.single_tracking import SingleScores, combine, evaluate_single
from courtside.single.follow import Task, follow_task
from courtside.single.objects import longest_objects
from courtside.single.registry import NEED_WEIGHTS, TRACKERS
from courtside.single.settings import CheckSettings

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench/results/single.json"
KEPT = ROOT / ".courtside/bench/single"
CLIPS = (
    "outdoor_court_720p",
    "outdoor_practice_1060x564",
    "outdoor_practice_656x712",
    "outdoor_shot_540p",
)
GAMES = ("summit", "tidal")
CLASSES = {1: "ball", 2: "player", 3: "referee"}
CHOSEN_ON = ("outdoor_practice_656x712", "outdoor_shot_540p")
REAL, SEEN = "real clips: ball", "real clips on which thresholds were chosen: ball"
MODES = {"alone": "as it is", "checked": "check, search by look", "detections": "check, search among detections"}
PUBLISHED = {"success": 0.6661, "precision": 0.828, "frames_per_second": 28.4}


@dataclass(frozen=True)
class Subject:
    """One object to follow, and what a detector found in its video."""

    group: str
    path: Path
    truth: pl.DataFrame
    detections: pl.DataFrame | None


def subjects(data: Path, root: Path, detections: Path | None) -> Iterator[Subject]:
    """Yield what is followed; what is not there is left out."""
    for clip in CLIPS:
        path = data / "video_truth" / clip / "gt/gt.txt"
        path = path if path.is_file() else data / "video_truth" / clip / "gt.txt"
        if path.is_file():
            truth = read_ground_truth(path, clip, {1: "ball"})
            for rows in longest_objects(truth, ["ball"], count=9):
                yield Subject(
                    SEEN if clip in CHOSEN_ON else REAL, data / "video" / f"{clip}.mp4", rows, found(detections, clip)
                )
    for game in GAMES:
        folder = root / layout.SAMPLE / game
        if (folder / "gt/gt.txt").is_file():
            truth = read_ground_truth(folder / "gt/gt.txt", game, CLASSES)
            shots = dict(frames.read(root / layout.extract_frames(game)).select("frame", "shot").iter_rows())
            for rows in longest_objects(truth, ["ball", "player"], shots):
                group = f"sample: {rows['label'][0]}"
                yield Subject(group, folder / "video.mp4", rows, found(detections, game))


def found(folder: Path | None, video: str) -> pl.DataFrame | None:
    """Return a detector's boxes of a video, where somebody made them."""
    path = folder / f"{video}.parquet" if folder else None
    return boxes.read(path) if path is not None and path.is_file() else None


def tasks_of(subject: Subject, tracker: str) -> dict[str, Task]:
    """Return what is run on an object."""
    truth = subject.truth
    place = {"path": subject.path, "start": truth["frame"][0], "stop": truth["frame"][-1] + 1, "first": truth.head(1)}
    tasks = {"alone": Task(**place, tracker=tracker), "checked": Task(**place, tracker=tracker, check=CheckSettings())}
    if subject.detections is not None:
        tasks["detections"] = Task(**place, tracker=tracker, check=CheckSettings(), detections=subject.detections)
    return tasks


def named(subject: Subject) -> str:
    """Return a name that no other object has."""
    first = subject.truth.row(0, named=True)
    return "_".join(str(first[key]) for key in ("video", "label", "track", "frame"))


@dataclass(frozen=True)
class Job:
    """One object followed in one mode; ``kept`` is where what came of it is, and nothing begins after ``until``."""

    subject: Subject
    mode: str
    task: Task
    kept: Path
    until: float


@dataclass(frozen=True)
class Measured:
    """What came of a job."""

    frames: int
    seconds: float
    scores: SingleScores


def work(job: Job) -> Measured | None:
    """Follow and score an object, unless that was done before; None when it was to begin too late."""
    if job.kept.is_file():
        kept = json.loads(job.kept.read_text(encoding="utf-8"))
        scores = {key: np.array(value) if isinstance(value, list) else value for key, value in kept["scores"].items()}
        return Measured(kept["frames"], kept["seconds"], SingleScores(**scores))
    if time.time() > job.until:
        return None
    followed = follow_task(job.task)
    lost = dict(zip(followed.frames.tolist(), followed.lost.tolist(), strict=True))
    scores = evaluate_single(job.subject.truth, followed.boxes, followed.frames.tolist(), lost)
    plain = {key: value.tolist() if isinstance(value, np.ndarray) else value for key, value in asdict(scores).items()}
    job.kept.parent.mkdir(parents=True, exist_ok=True)
    write_json(job.kept, {"frames": len(followed.frames), "seconds": followed.seconds, "scores": plain})
    return Measured(len(followed.frames), followed.seconds, scores)


def measure(chosen: list[Subject], tracker: str, workers: int, until: float) -> list[dict[str, Any]] | None:
    """Follow all objects with one tracker and return a row a group and mode; None while some are left to do."""
    jobs = [
        Job(subject, mode, task, KEPT / tracker / f"{named(subject)}_{mode}.json", until)
        for subject in chosen
        for mode, task in tasks_of(subject, tracker).items()
    ]
    done = map_in_processes(work, jobs, workers=workers)
    parts: dict[tuple[str, str], list[tuple[Subject, Measured]]] = {}
    for job, measured in zip(jobs, done, strict=True):
        if measured is not None:
            parts.setdefault((job.subject.group, job.mode), []).append((job.subject, measured))
    left = done.count(None)
    if left:
        print(f"{tracker}: {left} of {len(jobs)} runs are left; run this again", flush=True)
        return None
    commit = clean.origin()["commit"]
    return [
        {
            "tracker": tracker,
            "commit": commit,
            "group": group,
            "mode": mode,
            "frames_per_second": round(sum(m.frames for _, m in entries) / sum(m.seconds for _, m in entries), 1),
            **rounded(combine([measured.scores for _, measured in entries])),
            "objects": [
                {"video": subject.truth["video"][0], "track": subject.truth["track"][0], **rounded(measured.scores)}
                for subject, measured in entries
            ],
        }
        for (group, mode), entries in parts.items()
    ]


def rounded(scores: SingleScores) -> dict[str, float | int | None]:
    """Return plain numbers with four digits."""
    return {key: round(value, 4) if isinstance(value, float) else value for key, value in scores.to_dict().items()}


def publish(rows: list[dict[str, Any]]) -> None:
    """Write the results file and the tables in docs/trackers.md."""
    origin = clean.origin()
    write_json(RESULTS, {**origin, "published": PUBLISHED, "rows": rows})
    texts = []
    for group in dict.fromkeys(row["group"] for row in rows):
        head = [
            "tracker",
            "how",
            "success (AUC)",
            "within 20 px",
            "lost frames said so",
            "frames/s",
        ]
        own = [row for row in rows if row["group"] == group]
        lines = [
            [
                row["tracker"],
                MODES[row["mode"]],
                row["auc"],
                f"{row['precision_20px']:.1%}",
                f"{row['failed_said']} of {row['failed']}",
                f"{row['frames_per_second']:.0f}",
            ]
            for row in own
        ]
        lines.append(
            [
                "CSRT, published",
                "its own video",
                PUBLISHED["success"],
                f"{PUBLISHED['precision']:.1%}",
                None,
                "28",
            ]
        )
        texts.append(
            f"**{group}**, {own[0]['frames']} frames of {len(own[0]['objects'])} objects\n\n{table(head, lines)}"
        )
    commits: dict[str, list[str]] = {}
    for row in rows:
        named_there = commits.setdefault(row["commit"], [])
        named_there.extend({row["tracker"]} - set(named_there))
    at = "; ".join(f"{', '.join(names)} at commit {commit}" for commit, names in commits.items())
    texts.append(f"{at}. {origin['machine']}, two processes; last run {origin['date']}.")
    replace_section(ROOT / "docs/trackers.md", "bench single", "\n\n".join(texts))


def main() -> None:
    """Run the trackers and write the tables."""
    usual = [name for name in TRACKERS if name not in NEED_WEIGHTS]
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data", help="(default: %(default)s)")
    parser.add_argument("--root", type=Path, default=ROOT, help="where the sample was run (default: %(default)s)")
    parser.add_argument("--detections", type=Path, help="folder of boxes tables")
    parser.add_argument("--trackers", nargs="+", choices=usual, default=usual, help="(default: all without weights)")
    parser.add_argument("--workers", type=int, default=2, help="processes (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="begin nothing new after (default: never)")
    options = parser.parse_args()
    chosen = list(subjects(options.data, options.root, options.detections))
    if not chosen:
        raise SystemExit(f"error: neither {options.data} nor {options.root} has anything to follow")
    rows = json.loads(RESULTS.read_text(encoding="utf-8"))["rows"] if RESULTS.is_file() else []
    until = time.time() + options.seconds
    for tracker in options.trackers:
        try:
            new = measure(chosen, tracker, options.workers, until)
        except UserError as error:
            raise SystemExit(f"error: {error}") from None
        if new is None:
            continue
        rows = [row for row in rows if row["tracker"] != tracker] + new
        rows.sort(key=lambda row: (row["group"], usual.index(row["tracker"]), list(MODES).index(row["mode"])))
        publish(rows)
        shutil.rmtree(KEPT / tracker)
        for row in new:
            print(
                row["group"],
                tracker,
                row["mode"],
                row["auc"],
                row["precision_20px"],
                row["frames_per_second"],
                flush=True,
            )


if __name__ == "__main__":
    main()
