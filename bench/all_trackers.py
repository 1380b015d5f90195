"""All trackers on the same boxes: the sample's test games, and real balls.

``python bench/all_trackers.py --root FOLDER --data FOLDER --detections FOLDER`` reads what the stage `observe` kept of
the sample's test games in FOLDER, and boxes tables that detectors made of the real sequences (``SEQUENCE.parquet``,
frames from 0; docs/trackers.md says how). Every tracker runs with the parameters of ``conf/trackers/`` on these boxes
and on the true ones. Tables go to ``bench/results/all_trackers.json`` and docs/trackers.md.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import clean
import polars as pl

from courtside import boxes, layout
from courtside.apps.markdown import replace_section, table
from courtside.apps.params import read_params
from courtside.config import Config
from courtside.errors import UserError
from courtside.files import write_json
from courtside.formats.labels import read_labels
from courtside.formats.mot import read_sequence_info
from courtside.metrics.ball_tracking import BallVideo, evaluate_ball
from courtside.trackers.appearance.features import HISTOGRAM, FeatureSettings, features_of
from courtside.trackers.comparison import DETECTIONS, TRUTH, Contestant, Result, Seen, compare, oracle
from courtside.trackers.observed import read_seen
from courtside.trackers.run import end_at_cuts
from courtside.video.source import probe

ROOT = Path(__file__).resolve().parent.parent
TWO_BALLS = "outdoor, two balls"
TENNIS = "tracking/tennis_ball"
CLIPS = "video_truth"
PUBLISHED = {"deepsort": (0.7755, 0.4959), "bytetrack": (0.796, 0.5458)}
"""MOTA and IDF1 of the published study, on its own video with its own detector."""


@dataclass(frozen=True)
class Group:
    """Videos whose scores are summed up: what was found, what is there, and what of it is scored."""

    name: str
    labels: list[str]
    found: dict[str, Seen]
    truth: dict[str, pl.DataFrame]
    true_boxes: dict[str, Seen]
    balls: int = 1


def sample_group(root: Path, config: Config, games: list[str]) -> Group:
    """Return the sample's test games.

    Raises:
        UserError: when the pipeline has not run there.
    """
    tracks = boxes.read(root / layout.ANNOTATED_TRACKS)
    found, truth, paths = {}, {}, {}
    for game in games:
        facts = root / layout.extract_facts(game)
        seen = read_seen(root / layout.observed(game), root / layout.extract_frames(game), facts)
        found[game] = seen.above(config.track.minimum_confidence)
        truth[game] = tracks.filter(pl.col("video") == game)
        paths[game] = root / layout.SAMPLE / game / "video.mp4"
    return _group("sample", config.labels, found, truth, paths, config)


def real_group(name: str, sequences: dict[str, tuple[Path, Path]], detections: Path, config: Config) -> Group:
    """Return real sequences with one ball or more.

    Args:
        name: of the group.
        sequences: by name, the video or folder of images, and the truth.
        detections: the folder of boxes tables.
        config: the parameters.

    Raises:
        UserError: when a boxes table is missing.
    """
    found, truth, paths = {}, {}, {}
    for sequence, (path, ground_truth) in sequences.items():
        info = probe(path)
        rate = float(info.frames_per_second)
        if path.is_dir():
            rate = float(read_sequence_info(path.parent / "seqinfo.ini").frames_per_second)
        seen = boxes.read(detections / f"{sequence}.parquet").filter(pl.col("label") == "ball")
        numbers = list(range(info.frames))
        features = {HISTOGRAM: features_of(HISTOGRAM, path, seen, FeatureSettings(**asdict(config.observe.look)))}
        found[sequence] = Seen(seen, numbers, dict.fromkeys(numbers, 0), rate, features).above(
            config.track.minimum_confidence
        )
        truth[sequence] = read_labels(
            ground_truth, sequence, {1: "ball"}, images=None, sizes=None, minimum_visibility=0.0, frames=info.frames
        ).boxes
        paths[sequence] = path
    return _group(name, ["ball"], found, truth, paths, config)


def _group(
    name: str,
    labels: list[str],
    found: dict[str, Seen],
    truth: dict[str, pl.DataFrame],
    paths: dict[str, Path],
    config: Config,
) -> Group:
    true_boxes = {}
    for video, seen in found.items():
        there = oracle(truth[video], config.track.minimum_visibility)
        look = FeatureSettings(**asdict(config.observe.look))
        features = {HISTOGRAM: features_of(HISTOGRAM, paths[video], there, look)}
        true_boxes[video] = replace(seen, boxes=there, features=features)
    return Group(name, labels, found, truth, true_boxes, 2 if name == TWO_BALLS else 1)


def measure(group: Group, config: Config, names: list[str]) -> list[dict[str, Any]]:
    """Return a row a tracker: its scores on what was found, and on the true boxes."""
    rows = []
    for name in names:
        kind = config.track.features.get(name)
        if kind and any(kind not in seen.features for seen in group.found.values()):
            kind = HISTOGRAM
        contestant = Contestant(name, name, with_balls(name, config.trackers[name], group.balls), kind)
        with_colours = replace(contestant, features=HISTOGRAM if kind else None)
        row: dict[str, Any] = {"tracker": name, "features": kind}
        for given, material, who in (
            (DETECTIONS, group.found, contestant),
            (TRUTH, group.true_boxes, with_colours),
        ):
            (result,) = compare(
                [who],
                material,
                group.truth,
                group.labels,
                given,
                minimum_visibility=config.track.minimum_visibility,
            )
            row[given] = entry(result, group, material, config)
        print(group.name, name, row[DETECTIONS]["overall"]["HOTA"], flush=True)
        rows.append(row)
    return rows


def with_balls(name: str, parameters: dict[str, Any], balls: int) -> dict[str, Any]:
    """Return the parameters of a tracker where several balls are in play."""
    if balls > 1 and name == "ball":
        return {**parameters, "maximum_count": balls}
    if balls > 1 and name == "game":
        return {**parameters, "ball": {**parameters["ball"], "maximum_count": balls}}
    return parameters


def entry(result: Result, group: Group, given: dict[str, Seen], config: Config) -> dict[str, Any]:
    """Return what of a result is written down."""
    balls = {
        video: BallVideo(end_at_cuts(group.truth[video], seen.shots), result.tracks[video], seen.frames)
        for video, seen in given.items()
    }
    scores = evaluate_ball(balls, minimum_visibility=config.track.minimum_visibility, resamples=0).combined
    found = next(row for row in scores["within"] if row["unit"] == "diameters" and row["radius"] == 1.0)
    return {**result.combined, "ball F1": found["F1"], "fps": result.frames_per_second}


def main() -> None:
    """Measure and write the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--root", type=Path, default=ROOT, help="a repository in which the pipeline ran")
    parser.add_argument("--data", type=Path, help="the folder with tracking/tennis_ball, video_truth and video")
    parser.add_argument("--detections", type=Path, help="boxes tables of the real sequences")
    parser.add_argument("--trackers", nargs="+", help="only these (default: all of compare.trackers)")
    options = parser.parse_args()
    try:
        config = read_params(options.root / "params.yaml")
        names = options.trackers or list(config.trackers)
        groups = [sample_group(options.root, config, config.tracked.videos)]
        if options.data and options.detections:
            groups += [
                real_group(name, sequences, options.detections, config)
                for name, sequences in real_sequences(options.data).items()
            ]
        found = {group.name: measure(group, config, names) for group in groups}
        publish(found, {group.name: group for group in groups}, options.root)
    except (UserError, FileNotFoundError) as error:
        sys.exit(f"error: {error}")


def real_sequences(data: Path) -> dict[str, dict[str, tuple[Path, Path]]]:
    """Return the real sequences by group: where the pictures are, and the truth."""
    tennis = {each.name: (each / "img1", each / "gt" / "gt.txt") for each in sorted((data / TENNIS).iterdir())}
    clips = {
        each.name: (data / "video" / f"{each.name}.mp4", each / "gt.txt") for each in sorted((data / CLIPS).iterdir())
    }
    two = {name: clips.pop(name) for name in ("outdoor_court_720p",)}
    return {"tennis": tennis, "outdoor": clips, TWO_BALLS: two}


def publish(found: dict[str, list[dict[str, Any]]], groups: dict[str, Group], root: Path) -> None:
    """Write the results file and the tables."""
    result = {**clean.origin(root), "groups": found}
    write_json(ROOT / "bench/results/all_trackers.json", result)
    parts = []
    for name, rows in found.items():
        group = groups[name]
        for part in ("overall", "ball", "player") if len(group.labels) > 1 else ("ball",):
            parts.append(f"**{TITLES[name]}, {PARTS[part]}** ({_extent(group)})\n\n{_table(rows, part)}")
    text = "\n\n".join(parts)
    text += f"\n\n{result['date']}, commit {result['commit']}, {result['machine']}; fps of the tracker alone."
    replace_section(ROOT / "docs/trackers.md", "all trackers", text)
    print(text)


TITLES = {
    "sample": "The sample's test games",
    "tennis": "Tennis, broadcast",
    "outdoor": "Basketball, phone clips",
    TWO_BALLS: "Basketball, a clip with two balls",
}
PARTS = {"overall": "everything", "ball": "the ball", "player": "players"}


def _parts(row: dict[str, Any], part: str) -> list[dict[str, Any]]:
    """Return the scores of a label, or for overall those of every label."""
    scores = {name: values for name, values in row[DETECTIONS].items() if isinstance(values, dict)}
    return [scores[part]] if part != "overall" else [values for name, values in scores.items() if name != part]


def _extent(group: Group) -> str:
    frames = sum(len(seen.frames) for seen in group.found.values())
    return f"{', '.join(group.found)}; {frames:,} frames"


def _table(rows: list[dict[str, Any]], part: str) -> str:
    ball = ["F1 of the ball"] if part == "ball" else []
    head = ["tracker", *ball, "HOTA", "MOTA", "IDF1", "switches", "on true boxes: HOTA", "MOTA", "IDF1", "fps"]
    lines = []
    follows = [row for row in rows if all(scores["predicted_boxes"] for scores in _parts(row, part))]
    for row in sorted(follows, key=lambda each: -(each[DETECTIONS][part]["HOTA"] or 0)):
        there, seen = row[TRUTH][part], row[DETECTIONS][part]
        cells = [row[DETECTIONS]["ball F1"]] if ball else []
        cells += [seen[key] for key in ("HOTA", "MOTA", "IDF1", "switches")]
        cells += [there[key] for key in ("HOTA", "MOTA", "IDF1")]
        lines.append([f"`{row['tracker']}`", *cells, f"{row[DETECTIONS]['fps']:,.0f}"])
    if part == "overall":
        for name, (mota, idf1) in PUBLISHED.items():
            lines.append([f"{name}, as published, on its video", None, mota, idf1, None, None, None, None, None])
    return table(head, lines)


if __name__ == "__main__":
    main()
