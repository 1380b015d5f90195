"""How fast and how well trackers follow players, side by side on the same detections in the same run.

``python bench/track.py`` draws scenes with 11 and with 100 players a frame (``bench/scenes.py``), shows their
detections to all trackers, alternately and several times, and writes frames per second (the median of the repeats),
HOTA, MOTA and IDF1 to ``bench/results/track.json`` and into ``docs/trackers.md``. With ``--data`` it does the same on
SportsMOT's sequences, whose true boxes go through the same drawn detector, and with ``--sample`` and ``--detections``
on the sample's test games. Each package is called by its own interface, with its inputs made before the clock starts,
and all identities it gives are scored; a class of objects has a tracker of its own, so that all do the same work.
``norfair`` asks for a NumPy before 2 but runs with later ones: ``uv pip install --no-deps --target FOLDER norfair
filterpy``, and FOLDER on ``PYTHONPATH``, adds its row.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import clean
import numpy as np
import polars as pl
import scenes
import trackers
from numpy.typing import NDArray
from supervision import Detections

from courtside import boxes as boxes_table
from courtside.apps.markdown import replace_section, table
from courtside.errors import UserError
from courtside.files import write_json
from courtside.formats import mot
from courtside.metrics.tracking import evaluate_tracks
from courtside.trackers.courtside import CourtsideTracker
from courtside.trackers.multi_object import MultiObjectTracker
from courtside.trackers.registry import create
from courtside.trackers.run import track_boxes

ROOT = Path(__file__).resolve().parent.parent
MINIMUM_VISIBILITY = 0.3
# The tracker's defaults were set on other seeds (from 1000, 2000 and 5000) and other videos of SportsMOT.
SEED = 90_000
SPORTSMOT = ("v_1yHWGw8DH4A", "v_2j7kLB-vEEk")
GAMES = ("summit", "tidal")
PACKAGES = ("trackers", "ultralytics", "norfair", "numpy")
SAMPLE_LABELS = {2: "player", 3: "referee"}
TIMED_FRAMES, TIMED_PARTS = 100, 2  # of each data set; the scores are of all
SCORES = ("HOTA", "MOTA", "IDF1", "DetA", "AssA", "switches", "false_positives", "false_negatives")

Frame = tuple[NDArray[np.float32], NDArray[np.float32]]
Identities = list[NDArray[np.int64]]
Contender = Callable[[Sequence[Frame]], tuple[float, Identities]]


@dataclass(frozen=True)
class Part:
    """Frames in a row of one video without a cut, and their detections of one label, in the order of the table."""

    video: str
    label: str
    frames: Sequence[int]
    detections: pl.DataFrame

    def arrays(self) -> list[Frame]:
        """Return corners (n, 4) and scores (n,) of each frame."""
        rows = {key[0]: group for key, group in self.detections.partition_by("frame", as_dict=True).items()}
        nothing = self.detections.clear()
        found = (rows.get(frame, nothing) for frame in self.frames)
        return [(boxes_table.corners(group), group["score"].to_numpy().copy()) for group in found]


@dataclass(frozen=True)
class Data:
    """What is tracked under one heading: the parts of all its videos, and the truth of all."""

    name: str
    about: str
    parts: list[Part]
    truth: pl.DataFrame

    @property
    def labels(self) -> list[str]:
        """The labels that are followed."""
        return sorted({part.label for part in self.parts})


def courtside_core(frames: Sequence[Frame], **parameters: Any) -> tuple[float, Identities]:
    """Our core on arrays."""
    settings = CourtsideTracker(frames_per_second=scenes.FRAMES_PER_SECOND, **parameters).settings()
    tracker = MultiObjectTracker(settings)
    classes = [np.zeros(len(scores), np.int64) for _, scores in frames]
    start = time.perf_counter()
    found = [tracker.update(corners, scores, kind) for (corners, scores), kind in zip(frames, classes, strict=True)]
    return time.perf_counter() - start, found


def package(kind: Callable[..., Any], frames: Sequence[Frame], **parameters: Any) -> tuple[float, Identities]:
    """A tracker of the package ``trackers``."""
    tracker = kind(frame_rate=scenes.FRAMES_PER_SECOND, **parameters)
    given = [
        Detections(xyxy=corners, confidence=scores, data={"row": np.arange(len(scores))}) for corners, scores in frames
    ]
    start = time.perf_counter()
    seen = [tracker.update(detections) for detections in given]
    seconds = time.perf_counter() - start
    found = [np.full(len(scores), -1, np.int64) for _, scores in frames]
    for identities, detections in zip(found, seen, strict=True):
        if len(detections):
            identities[detections.data["row"]] = detections.tracker_id
    return seconds, found


def ultralytics(name: str, frames: Sequence[Frame], **parameters: Any) -> tuple[float, Identities]:
    """A tracker of Ultralytics, with the values of its own YAML file."""
    from ultralytics.engine.results import Boxes
    from ultralytics.trackers.track import TRACKER_MAP
    from ultralytics.utils import YAML, IterableSimpleNamespace
    from ultralytics.utils.checks import check_yaml

    values = {**YAML.load(check_yaml(f"{name}.yaml")), **parameters}
    tracker = TRACKER_MAP[name](IterableSimpleNamespace(**values))
    given = [
        Boxes(np.column_stack([corners, scores, np.zeros(len(scores))]).astype(np.float32), (1080, 1920))
        for corners, scores in frames
    ]
    start = time.perf_counter()
    seen = [tracker.update(boxes) for boxes in given]
    seconds = time.perf_counter() - start
    found = [np.full(len(scores), -1, np.int64) for _, scores in frames]
    for identities, rows in zip(found, seen, strict=True):
        kept = np.asarray(rows).reshape(-1, 8)
        identities[kept[:, 7].astype(np.int64)] = kept[:, 4]
    return seconds, found


def norfair(frames: Sequence[Frame], least: float = 0.0) -> tuple[float, Identities]:
    """Norfair with the distance and the threshold of its own detection demos for boxes."""
    from norfair import Detection, Tracker

    tracker = Tracker(distance_function="iou", distance_threshold=0.7)
    given = [
        [
            Detection(points=corners[row].reshape(2, 2).astype(float), scores=scores[[row, row]], data=row)
            for row in range(len(scores))
            if scores[row] >= least
        ]
        for corners, scores in frames
    ]
    start = time.perf_counter()
    seen = []
    for detections in given:
        # An object that is not seen on this frame comes back with an earlier detection, which is no box of this frame.
        now = {id(detection) for detection in detections}
        seen.append(
            [
                (found.last_detection.data, found.id)
                for found in tracker.update(detections)
                if id(found.last_detection) in now
            ]
        )
    seconds = time.perf_counter() - start
    found = [np.full(len(scores), -1, np.int64) for _, scores in frames]
    for identities, pairs in zip(found, seen, strict=True):
        for row, identity in pairs:
            identities[row] = identity
    return seconds, found


def contenders() -> dict[str, Contender]:
    """Return all trackers by the name of their row."""
    defaults = CourtsideTracker()
    begin, sure = defaults.track_activation_threshold, defaults.high_confidence_threshold
    least = defaults.low_confidence_threshold
    found: dict[str, Contender] = {
        "Courtside": courtside_core,
        "trackers, SORT": partial(package, trackers.SORTTracker),
        "trackers, SORT, our thresholds": partial(package, trackers.SORTTracker, track_activation_threshold=begin),
        "trackers, ByteTrack": partial(package, trackers.ByteTrackTracker),
        "trackers, ByteTrack, our thresholds": partial(
            package, trackers.ByteTrackTracker, track_activation_threshold=begin, high_conf_det_threshold=sure
        ),
        "trackers, OC-SORT": partial(package, trackers.OCSORTTracker),
        "trackers, OC-SORT, our thresholds": partial(package, trackers.OCSORTTracker, high_conf_det_threshold=sure),
        "trackers, BoT-SORT": partial(package, trackers.BoTSORTTracker, enable_cmc=False),
        "trackers, BoT-SORT, our thresholds": partial(
            package,
            trackers.BoTSORTTracker,
            enable_cmc=False,
            track_activation_threshold=begin,
            high_conf_det_threshold=sure,
        ),
        "trackers, C-BIoU": partial(package, trackers.CBIoUTracker),
        "trackers, C-BIoU, our thresholds": partial(
            package, trackers.CBIoUTracker, track_activation_threshold=begin, high_conf_det_threshold=sure
        ),
    }
    ours = {"track_high_thresh": sure, "track_low_thresh": least, "new_track_thresh": begin}
    # Ultralytics' trackers need lap and would try to install it by themselves.
    peers = (("bytetrack", "ByteTrack"), ("botsort", "BoT-SORT")) if find_spec("lap") is not None else ()
    for name, title in peers:
        off = {"gmc_method": "none"} if name == "botsort" else {}
        found[f"Ultralytics, {title}"] = partial(ultralytics, name, **off)
        found[f"Ultralytics, {title}, our thresholds"] = partial(ultralytics, name, **off, **ours)
    if find_spec("norfair") is not None:
        found["norfair"] = norfair
        found["norfair, our thresholds"] = partial(norfair, least=sure)
    return found


def drawn(players: int, count: int, frames: int, seed: int = SEED) -> Data:
    """Return drawn scenes."""
    made = [scenes.scene(f"scene_{players}_{number}", players, frames, seed + number) for number in range(count)]
    about = f"{count} drawn scenes of {players} players, {frames} frames each"
    return _data(f"{players} players", about, made)


def sportsmot(folder: Path, videos: tuple[str, ...] = SPORTSMOT, every: int = 1, seed: int = SEED) -> Data:
    """Return the sequences of some videos of SportsMOT, whose true boxes go through the drawn detector.

    With ``every`` above 1 only each such frame is there, so that players and camera are as many times as fast.
    """
    made = []
    for number, path in enumerate(sorted(folder.iterdir())):
        if not path.name.startswith(videos):
            continue
        truth = mot.read_ground_truth(path / "gt/gt.txt", path.name, {1: "player"})
        rows = {key[0]: group for key, group in truth.partition_by("frame", as_dict=True).items()}
        frames = [
            (rows[frame]["track"].to_numpy().astype(np.int64), boxes_table.corners(rows[frame]).astype(np.float64))
            if frame in rows
            else (np.zeros(0, np.int64), np.zeros((0, 4)))
            for frame in range(0, int(truth["frame"].max()) + 1, every)  # type: ignore[arg-type]
        ]
        made.append(scenes.perceived(path.name, frames, np.random.default_rng(seed + number), (1280, 720)))
    if not made:
        raise UserError(f"{folder} holds no sequence named {' or '.join(videos)}")
    return _data("SportsMOT", f"{len(made)} SportsMOT sequences, true boxes through the drawn detector", made)


def sample(
    truth_folder: Path, detections_folder: Path, games: Sequence[str] = GAMES, minimum_confidence: float = 0.1
) -> Data:
    """Return players and referees of the sample's test games, as the champion found them."""
    parts, truth = [], []
    for game in games:
        found = boxes_table.read(detections_folder / f"{game}.parquet")
        found = found.filter(pl.col("label").is_in(SAMPLE_LABELS.values()), pl.col("score") >= minimum_confidence)
        shots = pl.read_parquet(detections_folder / f"{game}.frames.parquet").select("frame", "shot").sort("frame")
        there = mot.read_ground_truth(truth_folder / game / "gt/gt.txt", game, SAMPLE_LABELS)
        # Nothing is followed through a cut, so an object of the next shot counts as another one.
        there = there.join(shots, on="frame", maintain_order="left")
        truth.append(there.with_columns(track=pl.col("track") + 1000 * pl.col("shot")).drop("shot"))
        for shot in shots.partition_by("shot", maintain_order=True):
            frames = shot["frame"].to_list()
            inside = found.filter(pl.col("frame").is_between(frames[0], frames[-1]))
            for label in SAMPLE_LABELS.values():
                parts.append(Part(game, label, frames, inside.filter(pl.col("label") == label)))
    about = "the sample's test games, players and referees as its champion found them"
    return Data("sample", about, parts, pl.concat(truth))


def _data(name: str, about: str, made: Sequence[scenes.Scene]) -> Data:
    parts = [Part(scene.name, "player", range(scene.frames), scene.detections) for scene in made]
    return Data(name, about, parts, pl.concat([scene.truth for scene in made]))


def tracked(part: Part, identities: Identities) -> pl.DataFrame:
    """Return the boxes of a part that have an identity."""
    order = dict(zip(part.frames, range(len(part.frames)), strict=True))
    place = [order[frame] for frame in part.detections["frame"].to_list()]
    if not place:
        return part.detections
    numbers = np.concatenate([identities[at] for at in sorted(set(place))])
    return part.detections.with_columns(pl.Series("track", numbers, dtype=pl.Int32)).filter(pl.col("track") >= 0)


def score(data: Data, tracks: Sequence[pl.DataFrame]) -> dict[str, float | int | None]:
    """Score all parts together: one long video, in which no two parts share an identity."""
    starts, end = {}, 0
    for part in data.parts:
        if part.video not in starts:
            starts[part.video] = end
            end += 1 + max(other.frames[-1] for other in data.parts if other.video == part.video)
    said = []
    for number, (part, rows) in enumerate(zip(data.parts, tracks, strict=True)):
        moved = rows.with_columns(frame=pl.col("frame") + starts[part.video], video=pl.lit("all"))
        said.append(moved.with_columns(track=pl.col("track") + number * 100_000))
    videos = {video: number for number, video in enumerate(starts)}
    there = data.truth.with_columns(
        frame=pl.col("frame") + pl.col("video").replace_strict(starts, return_dtype=pl.Int32),
        track=pl.col("track") + pl.col("video").replace_strict(videos, return_dtype=pl.Int32) * 100_000,
        video=pl.lit("all"),
    )
    frames = sorted({starts[part.video] + frame for part in data.parts for frame in part.frames})
    scored = evaluate_tracks(there, pl.concat(said), data.labels, frames, minimum_visibility=MINIMUM_VISIBILITY)[
        "overall"
    ]
    return {name: scored[name] for name in SCORES}


def measure(data: Data, repeats: int) -> list[dict[str, Any]]:
    """Show the detections to all trackers, alternately, and return a row for each."""
    given = [part.arrays() for part in data.parts]
    known = contenders()
    seconds: dict[str, list[float]] = {name: [] for name in known}
    tracks: dict[str, list[pl.DataFrame]] = {}
    timed = [part[:TIMED_FRAMES] for part in given[:TIMED_PARTS]]
    frames = sum(len(part) for part in timed)
    for name, follow in known.items():  # compiles, imports and warms up, too
        found = [follow(part)[1] for part in given]
        tracks[name] = [tracked(part, one) for part, one in zip(data.parts, found, strict=True)]
    for _ in range(repeats):
        for name, follow in known.items():
            seconds[name].append(sum(follow(part)[0] for part in timed))
    rows = []
    for name in known:
        rate = frames / statistics.median(seconds[name])
        rows.append({"name": name, "frames_per_second": round(rate, 1), **score(data, tracks[name])})
        print(f"{data.name}: {rows[-1]}", flush=True)
    rows.append({"name": "Courtside, gaps filled", "frames_per_second": None, **score(data, list(_filled(data)))})
    rows += protocol(data, repeats)
    return rows


def _filled(data: Data) -> Iterator[pl.DataFrame]:
    for part in data.parts:
        tracker = CourtsideTracker(frames_per_second=scenes.FRAMES_PER_SECOND, fill_gaps_up_to=15)
        yield track_boxes(part.detections, part.frames, tracker)


def protocol(data: Data, repeats: int) -> list[dict[str, Any]]:
    """Return how fast trackers are with tables in and tables out, as a stage calls them."""
    names = {"courtside": "Courtside, tables", "bytetrack": "trackers, ByteTrack, tables"}
    seconds: dict[str, list[float]] = {name: [] for name in names}
    timed = [(part, part.frames[:TIMED_FRAMES]) for part in data.parts[:TIMED_PARTS]]
    given = [(part.detections.filter(pl.col("frame") <= frames[-1]), frames) for part, frames in timed]
    for _ in range(repeats):
        for name, taken in seconds.items():
            start = time.perf_counter()
            for detections, frames in given:
                track_boxes(detections, frames, create(name, {}))
            taken.append(time.perf_counter() - start)
    count = sum(len(frames) for _, frames in given)
    return [
        {"name": names[name], "frames_per_second": round(count / statistics.median(taken), 1)}
        for name, taken in seconds.items()
    ]


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, help="a folder of SportsMOT sequences, each with gt/gt.txt")
    parser.add_argument("--sample", type=Path, help="the sample's games, each with gt/gt.txt")
    parser.add_argument("--detections", type=Path, help="GAME.parquet and GAME.frames.parquet of the sample's games")
    parser.add_argument("--skip-drawn", action="store_true", help="keep what stands of the drawn scenes")
    parser.add_argument("--repeats", type=int, default=5, help="timed runs of each (default: %(default)s)")
    options = parser.parse_args()
    try:
        chosen = [] if options.skip_drawn else [drawn(11, 4, 300), drawn(100, 1, 200)]
        if options.data:
            chosen.append(sportsmot(options.data))
        if options.sample and options.detections:
            chosen.append(sample(options.sample, options.detections))
        for data in chosen:
            publish(data.name, {"about": data.about, "rows": measure(data, options.repeats)})
    except UserError as error:
        sys.exit(f"error: {error}")


def publish(name: str, data: dict[str, Any]) -> None:
    """Write what was measured into the results file, beside what stands there of other data, and all as tables."""
    target = ROOT / "bench/results/track.json"
    known = json.loads(target.read_text(encoding="utf-8")) if target.is_file() else {}
    rows = {row["name"]: row for row in data["rows"]}
    peers = [row for row in data["rows"] if "HOTA" in row and not row["name"].startswith("Courtside")]
    known[name] = {
        **clean.origin(),
        **data,
        "versions": {package: version(package) for package in PACKAGES if find_spec(package) is not None},
        "best_of_the_others": {measure: max(row[measure] for row in peers) for measure in SCORES[:3]},
        "ratios_to_bytetrack": {
            "arrays": _ratio(rows, "Courtside", "trackers, ByteTrack"),
            "tables": _ratio(rows, "Courtside, tables", "trackers, ByteTrack, tables"),
        },
    }
    print(name, json.dumps(known[name]["ratios_to_bytetrack"]), json.dumps(known[name]["best_of_the_others"]))
    write_json(target, known)
    replace_section(ROOT / "docs/trackers.md", "bench track", "\n\n".join(_section(one) for one in known.values()))


def _ratio(rows: dict[str, dict[str, Any]], ours: str, theirs: str) -> float:
    return round(rows[ours]["frames_per_second"] / rows[theirs]["frames_per_second"], 2)


def _section(data: dict[str, Any]) -> str:
    scored = [row for row in data["rows"] if "HOTA" in row]
    base = next(row["frames_per_second"] for row in scored if row["name"] == "trackers, ByteTrack")
    head = [data["about"], "frames/s", "to ByteTrack", "HOTA", "MOTA", "IDF1", "switches", "FP", "FN"]
    lines = []
    for row in scored:
        rate = row["frames_per_second"]
        speed = [None, None] if rate is None else [f"{rate:.0f}", f"{rate / base:.2f} ×"]
        counts = [row[name] for name in ("switches", "false_positives", "false_negatives")]
        lines.append([row["name"], *speed, *(row[name] for name in SCORES[:3]), *counts])
    lines.append(["best of the others", None, None, *data["best_of_the_others"].values(), None, None, None])
    used = ", ".join(f"{name} {number}" for name, number in data["versions"].items())
    return (
        f"{table(head, lines)}\n\n{data['date']}, commit {data['commit']}, {data['machine']}; {used}. Tables in, "
        f"tables out, ours has {data['ratios_to_bytetrack']['tables']:.2f} times the frames/s of ByteTrack."
    )


if __name__ == "__main__":
    main()
