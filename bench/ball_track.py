"""How well trackers hold a ball: all of the registry that can, on the same detections, beside what is done without one.

``python bench/ball_track.py --sample FOLDER --detections FOLDER --data FOLDER --real FOLDER`` tracks the test games of
the sample with the champion's detections, the real clips and the tennis sequences of ``--data`` with the detections of
``--real`` (``SEQUENCE.parquet``), and all of them once more with truth boxes as detections. With ``--perturbed`` real
sequences without detections are given those of a detector with known faults (``ball_cases.py``). Figures go to
``bench/results/ball_track.json`` and docs/trackers.md. Every tracker has the values of ``conf/trackers/``, of which
ours were tuned on the learning games of the sample; rows named IoU are those trackers with plain overlap for the ball.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import clean
import numpy as np
import polars as pl
import yaml
from ball_cases import Faults, perturbed
from scipy.optimize import linear_sum_assignment

from courtside import boxes, frames
from courtside.apps.markdown import replace_section, table
from courtside.apps.params import composed
from courtside.errors import UserError
from courtside.files import read_json, write_json
from courtside.formats.labels import read_labels
from courtside.formats.mot import read_sequence_info
from courtside.metrics.tracking import evaluate_tracks
from courtside.trackers.registry import create
from courtside.trackers.run import track_boxes

ROOT = Path(__file__).resolve().parent.parent
GAMES = ("summit", "tidal")
LEARNING = ("harbor", "canyon", "garden", "forge")
CLIPS = ("outdoor_court_720p", "outdoor_practice_656x712", "outdoor_practice_1060x564", "outdoor_shot_540p")
BALLS = {"outdoor_court_720p": 2}
TENNIS = ("tennis_0070_0123", "tennis_0139_0166", "tennis_0347_0433")
IOU_ROWS = (
    ("{name}, IoU", {"overlap": "iou", "minimum_overlap": 0.1}),
    ("{name}, IoU, weak boxes too", {"overlap": "iou", "minimum_overlap": 0.1, "track_activation_threshold": 0.3}),
)
PARTS: Mapping[str, dict[str, Any]] = {
    "as configured": {},
    "without bounces": {"bounce_cost": 100.0},
    "without gravity": {"diameter_m": 10.0},
    "without hands: flight and bounces alone": {"turn_cost": 100.0},
    "without what players hide": {"hidden_cost": 0.3},
    "without weak boxes (score below 0.4)": {"minimum_score": 0.4},
    "without filled gaps": {"fill_gaps_up_to": 0},
    "without paths through gaps of more than 3 frames": {"maximum_gap": 3},
    "moved to the smoothed path": {"smooth": True},
}
"""What is left out of our tracker, one at a time, to see what it is good for."""
FIXED: dict[str, Any] = {"least_sure_score": 1.0}  # what is sure is sure_score's business alone
LOWER_SCORES = (1.0, 0.6, 0.4)
"""What scores are multiplied by, to stand for detectors whose scores are low."""
TITLES = {
    "sample": "Test games of the sample (summit, tidal), the champion's detections",
    "clips": "Real clips (`video_truth`), a detector's boxes",
    "clips_drawn": "Real clips (`video_truth`), boxes drawn from the truth with known faults",
    "tennis": "Tennis broadcast (`tracking/tennis_ball`), a detector's boxes",
    "tennis_drawn": "Tennis broadcast (`tracking/tennis_ball`), boxes drawn from the truth with known faults",
    "parts": "Parts of ours left out, on the learning games of the sample",
}
VISIBLE = 0.3


@dataclass(frozen=True)
class Footage:
    """A video, its truth and what a detector saw.

    Attributes:
        name: of the video.
        group: which table it stands in.
        truth: boxes table of the balls.
        found: boxes table of the detector.
        frames: all of them.
        shots: the shot of each.
        balls: the most balls at once.
        frames_per_second: of the video.
    """

    name: str
    group: str
    truth: pl.DataFrame
    found: pl.DataFrame
    frames: list[int]
    shots: list[int]
    balls: int
    frames_per_second: float


def read_games(sample: Path, detections: Path, names: Sequence[str]) -> list[Footage]:
    """Read drawn games."""
    result = []
    for name in names:
        info = read_sequence_info(sample / name / "seqinfo.ini")
        truth = read_labels(sample / name / "gt/gt.txt", name, {1: "ball"}, None, None, 0.0, info.frames).boxes
        listed = frames.read(detections / f"{name}.frames.parquet")
        found = boxes.read(detections / f"{name}.parquet")
        numbers, shots = listed["frame"].to_list(), listed["shot"].to_list()
        result.append(Footage(name, "sample", truth, found, numbers, shots, 1, float(info.frames_per_second)))
    return result


def read_real(data: Path, detections: Path | None, *, drawn: bool) -> list[Footage]:
    """Read the real clips and the tennis sequences; those without detections are drawn, or left out, saying so."""
    result = []
    for kind, name in [("clips", clip) for clip in CLIPS] + [("tennis", part) for part in TENNIS]:
        folder = data / "video_truth" / name if kind == "clips" else data / "tracking/tennis_ball" / name
        source = folder / "gt.txt" if kind == "clips" else folder / "gt/gt.txt"
        info = read_sequence_info(folder / "seqinfo.ini")
        truth = read_labels(source, name, {1: "ball"}, None, None, 0.0, info.frames).boxes
        numbers = list(range(info.frames))
        kept = detections / f"{name}.parquet" if detections else None
        if kept and kept.is_file():
            group, found = kind, boxes.read(kept).filter(pl.col("score") >= 0.05)
        elif drawn:
            print(f"{name}: detections are drawn from the truth", flush=True)
            group, found = f"{kind}_drawn", perturbed(truth, numbers, (info.width, info.height), Faults())
        else:
            print(f"{name}: no detections, left out", flush=True)
            continue
        balls = BALLS.get(name, 1)
        result.append(
            Footage(name, group, truth, found, numbers, [0] * len(numbers), balls, float(info.frames_per_second))
        )
    return result


def oracle(sequence: Footage) -> pl.DataFrame:
    """Return the truth that counts as a detector would give it: without identities."""
    seen = pl.col("visibility").is_null() | (pl.col("visibility") >= VISIBLE)
    return sequence.truth.filter(seen).with_columns(
        pl.lit(None, dtype=pl.Int32).alias("track"), pl.lit(1.0, dtype=pl.Float32).alias("score")
    )


def contenders(configured: Mapping[str, Mapping[str, Any]]) -> dict[str, tuple[str, dict[str, Any]]]:
    """Return name and parameters of every row, by what it is called."""
    rows: dict[str, tuple[str, dict[str, Any]]] = {}
    for name, values in configured.items():
        own = dict(values)
        if "overlap" in own:
            for title, changed in IOU_ROWS:
                known = {key: value for key, value in changed.items() if key in own}
                if "high_confidence_threshold" in own and "track_activation_threshold" in known:
                    known["high_confidence_threshold"] = known["track_activation_threshold"]
                rows.setdefault(title.format(name=name), (name, own | {"labels": {"ball": known}}))
        if name == "ball":
            rows["ball, online"] = (name, own | {"offline": False})
            rows["ball, offline"] = (name, own | {"offline": True})
        else:
            rows[name] = (name, own)
    return rows


def follow(
    sequence: Footage, found: pl.DataFrame, name: str, parameters: Mapping[str, Any]
) -> tuple[pl.DataFrame, float]:
    """Return the ball's tracks and the seconds that they took, the better of two runs."""
    values = {**parameters, "frames_per_second": sequence.frames_per_second}
    if "maximum_count" in values:
        values["maximum_count"] = sequence.balls
    seconds = float("inf")
    for _ in range(2):
        tracker = create(name, values)
        start = time.perf_counter()
        tracked = track_boxes(found, sequence.frames, tracker, sequence.shots)
        seconds = min(seconds, time.perf_counter() - start)
    return tracked.filter(label="ball"), seconds


def joined(parts: Sequence[tuple[Footage, pl.DataFrame]]) -> tuple[pl.DataFrame, pl.DataFrame, list[int]]:
    """Put sequences one after the other: truth, tracks and frames of one video; a cut ends every identity."""
    truths, tracks, numbers, offset, given = [], [], [], 0, 0
    for sequence, tracked in parts:
        shift = offset - sequence.frames[0]
        shot = pl.col("frame").replace_strict(
            dict(zip(sequence.frames, sequence.shots, strict=True)), return_dtype=pl.Int32
        )
        place = (pl.col("frame") + shift).alias("frame")
        # Nobody can know that a ball is the same behind a cut, so there it is another one.
        identity = pl.struct(shot, "track").rank("dense").cast(pl.Int32).alias("track")
        for table_, rows, others in ((sequence.truth, truths, identity), (tracked, tracks, pl.col("track"))):
            rows.append(table_.with_columns(others).with_columns(place, pl.lit("joined").alias("video")))
            rows[-1] = rows[-1].with_columns(pl.col("track") + given)
        numbers += [number + shift for number in sequence.frames]
        offset, given = numbers[-1] + 1, given + 10_000
    return pl.concat(truths), pl.concat(tracks), numbers


def near(truth: pl.DataFrame, tracked: pl.DataFrame) -> dict[str, float | int]:
    """Count centres within a ball's diameter of a true one, a ball each; balls hardly seen do not count."""
    hits = said = 0
    there = {key[0]: rows for key, rows in truth.partition_by("frame", as_dict=True).items()}
    counted = int((truth["visibility"].fill_null(1.0) >= VISIBLE).sum())
    for (frame,), rows in tracked.partition_by("frame", as_dict=True).items():
        said += rows.height
        if frame not in there:
            continue
        true, own = boxes.corners(there[frame]).astype(float), boxes.corners(rows).astype(float)
        apart = np.linalg.norm((true[:, None, :2] + true[:, None, 2:] - own[:, :2] - own[:, 2:]) / 2, axis=2)
        diameters = np.sqrt((true[:, 2:] - true[:, :2]).prod(axis=1))
        close = apart <= diameters[:, None]
        visible = there[frame]["visibility"].fill_null(1.0).to_numpy() >= VISIBLE
        for row, column in zip(*linear_sum_assignment(np.where(close, apart, 1e6)), strict=True):
            if close[row, column]:
                hits += bool(visible[row])
                said -= not visible[row]
    return {"hits": hits, "said": said, "true": counted}


def score(parts: Sequence[tuple[Footage, pl.DataFrame]]) -> dict[str, float | int | None]:
    """Return the figures of a tracker over sequences."""
    truth, tracked, numbers = joined(parts)
    found = evaluate_tracks(truth, tracked, ["ball"], numbers, minimum_visibility=VISIBLE)["ball"]
    counts = near(truth, tracked)
    wanted = ("IDF1", "MOTA", "HOTA", "precision", "recall", "switches", "fragmentations", "truth_boxes")
    return {name: found[name] for name in wanted} | {
        "F1": 2 * counts["hits"] / max(counts["said"] + counts["true"], 1),
        "near_precision": counts["hits"] / max(counts["said"], 1),
        "near_recall": counts["hits"] / max(counts["true"], 1),
    }


def run(sequences: Sequence[Footage], groups: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of each group, with the detector's boxes and with the truth's."""
    configured = yaml.safe_load(composed(ROOT / "conf"))["trackers"]
    rows: dict[str, list[dict[str, Any]]] = {}
    for group in dict.fromkeys(sequence.group for sequence in sequences):
        own = [sequence for sequence in sequences if sequence.group == group]
        for title, source in ((group, lambda one: one.found), (f"{group}, oracle", oracle)):
            if title not in groups:
                continue
            rows[title] = []
            for name, (tracker, parameters) in contenders(configured).items():
                if title != group and "weak boxes" in name:
                    continue  # truth boxes are all sure
                try:
                    tracked = [follow(one, source(one), tracker, parameters) for one in own]
                except UserError as error:
                    print(f"{name} is left out: {error}", flush=True)
                    continue
                figures = score([(one, each) for one, (each, _) in zip(own, tracked, strict=True)])
                speed = sum(len(one.frames) for one in own) / sum(seconds for _, seconds in tracked)
                rows[title].append({"tracker": name, **figures, "frames_per_second": round(speed)})
                print(title, name, {key: _short(value) for key, value in rows[title][-1].items()}, flush=True)
    return rows


def run_parts(sequences: Sequence[Footage]) -> list[dict[str, Any]]:
    """Return our figures on the learning games with parts left out."""
    own = yaml.safe_load(composed(ROOT / "conf"))["trackers"]["ball"]
    rows = []
    lower = [(f"scores times {share:g}, `sure_score` fixed", FIXED, share) for share in LOWER_SCORES]
    lower += [(f"scores times {share:g}", {}, share) for share in LOWER_SCORES[1:]]
    for title, changed, share in [(title, changed, 1.0) for title, changed in PARTS.items()] + lower:
        for mode, offline in (("offline", True), ("online", False)):
            values = own | changed | {"offline": offline}
            scaled = pl.when(label="ball").then(pl.col("score") * share).otherwise("score").cast(pl.Float32)
            found = [one.found.with_columns(score=scaled) for one in sequences]
            figures = score(
                [(one, follow(one, each, "ball", values)[0]) for one, each in zip(sequences, found, strict=True)]
            )
            rows.append({"tracker": f"{title}, {mode}", **figures})
            print(rows[-1]["tracker"], {key: _short(value) for key, value in figures.items()}, flush=True)
    return rows


def ratios(rows: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Return our IDF1 and F1 over the best of the IoU trackers' and of the rules of thumb."""
    plain = max(row["IDF1"] for row in rows if ", IoU" in row["tracker"])
    rules = ("nearest_to_mean", "surest_in_radius")
    thumb = max((row["F1"] for row in rows if row["tracker"] in rules), default=0.0)
    result = {}
    for row in rows:
        if row["tracker"].startswith("ball, "):
            result[f"{row['tracker']}: IDF1 to the best IoU tracker"] = round(row["IDF1"] / plain, 2)
            result[f"{row['tracker']}: F1 above the rules of thumb"] = round(row["F1"] - thumb, 3)
    return result


def publish(rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Write the results file and the tables in docs/trackers.md; groups that were not run keep their figures."""
    path = ROOT / "bench/results/ball_track.json"
    result: dict[str, Any] = read_json(path) if path.is_file() else {}
    for group, own in rows.items():
        compared = any(", IoU" in row["tracker"] for row in own)
        result[group] = {**clean.origin(), "rows": own, "ratios": ratios(own) if compared else {}}
    write_json(path, result)
    names = ("IDF1", "F1", "MOTA", "HOTA", "precision", "recall", "switches", "fragmentations", "frames_per_second")
    parts = []
    for group in (name for name in tables() if name in result):
        base, _, kind = group.partition(", ")
        head = [TITLES[base] + ("; truth boxes as detections" if kind else ""), *names[:-1], "frames/s"]
        parts.append(
            table(head, [[row["tracker"], *(row.get(name) for name in names)] for row in result[group]["rows"]])
        )
        told = "".join(f"{name} {value:g}; " for name, value in result[group]["ratios"].items() if not kind)
        parts.append(
            told
            + ", ".join(result[group][name] for name in ("date", "machine"))
            + f", commit {result[group]['commit']}."
        )
    replace_section(ROOT / "docs/trackers.md", "ball_track", "\n\n".join(parts))


def tables() -> list[str]:
    """Return the names of all tables, in their order."""
    return [name for title in TITLES for name in (title, f"{title}, oracle")]


def _short(value: Any) -> Any:
    return round(value, 3) if isinstance(value, float) else value


def main() -> None:
    """Track, score, print and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sample", type=Path, help="folder with the drawn games, GAME/gt/gt.txt")
    parser.add_argument("--detections", type=Path, help="folder with GAME.parquet and GAME.frames.parquet of them")
    parser.add_argument("--groups", nargs="+", default=tables(), help="which tables (default: all)")
    parser.add_argument("--data", type=Path, help="folder with video_truth/ and tracking/tennis_ball/")
    parser.add_argument("--real", type=Path, help="folder with SEQUENCE.parquet of these")
    parser.add_argument("--perturbed", action="store_true", help="draw detections where there are none")
    parser.add_argument("--dry", action="store_true", help="print only")
    options = parser.parse_args()
    try:
        sequences: list[Footage] = []
        drawn = bool(options.sample and options.detections)
        if drawn:
            sequences += read_games(options.sample, options.detections, GAMES)
        if options.data:
            sequences += read_real(options.data, options.real, drawn=options.perturbed)
        rows = run(sequences, options.groups)
        if drawn and "parts" in options.groups:
            rows["parts"] = run_parts(read_games(options.sample, options.detections, LEARNING))
        if not rows:
            raise UserError("there is nothing to track; give --sample with --detections, or --data")
        print({group: ratios(own) for group, own in rows.items() if group != "parts"})
        if not options.dry:
            publish(rows)
    except UserError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
