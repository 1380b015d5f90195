"""What Optuna's values are worth for each tracker: on the shots they were chosen on, and on games never looked at.

``python bench/tuned_trackers.py --root FOLDER --work FOLDER`` runs ``courtside.apps.tune`` as a person would, for every
tracker of ``conf/sweep/``, on what the stage `observe` kept in FOLDER (its learning games too: ``python -m
courtside.stages.observe video=NAME``). Searches lie in the working folder; one that is finished there is not run again,
so ``--trackers NAME …`` does some of them. Each tracker is tuned on the validation shots of the learning games, and
some on all their shots too. Defaults and best values are then scored on both and on the test games. Figures go to
``bench/results/tuned_trackers.json`` and docs/trackers.md.
"""

from __future__ import annotations

import argparse
import itertools
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import clean
import numpy as np
import polars as pl
import yaml

from courtside import frames, layout
from courtside.apps.markdown import replace_section, table
from courtside.apps.params import composed
from courtside.apps.tuning import DEFAULTS, RESULTS, TRIAL, rounded
from courtside.config import Config, from_dictionary
from courtside.errors import UserError
from courtside.files import read_json, write_json
from courtside.formats.labels import read_labels
from courtside.metrics.ball_tracking import BallVideo, evaluate_ball
from courtside.metrics.bootstrap import paired_interval
from courtside.metrics.detection import evaluate_detections
from courtside.metrics.tracking import OVERALL, TrackedVideo, evaluate_videos
from courtside.metrics.tracking_bootstrap import count_shots, resample
from courtside.trackers.comparison import Contestant, Seen, follow
from courtside.trackers.observed import read_seen
from courtside.trackers.run import end_at_cuts

ROOT = Path(__file__).resolve().parent.parent
VALIDATION, BESIDE, TEST = "validation", "beside", "test"
PLACES = {
    VALIDATION: "validation shots of the learning games",
    BESIDE: "their other shots, which rounds learned from",
    TEST: "the test games",
}
ON_ALL_SHOTS = ("game", "courtside", "bytetrack", "ball", "surest_in_radius", "nearest_to_mean", "highest_score")
"""Trackers that are tuned on all shots too, which takes four times as long: ours, one of the published, and rules."""
DEFAULT = "default"
SHOTS = ("val", "all")
"""What is tuned on: the shots that no round learned from, or all of the learning games."""
WAYS = {DEFAULT: "the defaults", "val": "tuned on the validation shots", "all": "tuned on all shots"}
CLASSES = {1: "ball", 2: "player", 3: "referee"}
CONFIDENCE = 0.5
"""At which precision and recall of the detector are taken: what most trackers begin a track from."""
RESAMPLES = 1000


@dataclass(frozen=True)
class Place:
    """Some shots of some games: what the champion saw there, and what is there."""

    seen: dict[str, Seen]
    truth: dict[str, pl.DataFrame]


def read_places(root: Path, config: Config) -> dict[str, Place]:
    """Return the validation shots of the learning games, the rest of these games, and the test games.

    Raises:
        UserError: when the pipeline has not run there, or a learning game has not been observed.
    """
    sides = frames.read(root / layout.LEARN_FRAMES)
    places: dict[str, Place] = {name: Place({}, {}) for name in PLACES}
    for game in (*config.tune.videos, *config.tracked.videos):
        facts = root / layout.extract_facts(game)
        whole = read_seen(root / layout.observed(game), root / layout.extract_frames(game), facts)
        seen = whole.above(config.track.minimum_confidence)
        source = root / layout.SAMPLE / game / "gt/gt.txt"
        truth = read_labels(source, game, CLASSES, None, None, 0.0, read_json(facts)["frames"]).boxes
        if game in config.tracked.videos:
            parts = {TEST: seen}
        else:
            chosen = sides.filter((pl.col("video") == game) & (pl.col("split") == "val"))["frame"]
            parts = {VALIDATION: seen.only(chosen), BESIDE: seen.only(set(seen.frames) - set(chosen))}
        for name, part in parts.items():
            places[name].seen[game] = part
            places[name].truth[game] = end_at_cuts(truth, part.shots)
    return places


def describe(place: Place, config: Config) -> dict[str, Any]:
    """Return how large a place is and how well the detector does there."""
    listed = pl.DataFrame(
        [(game, frame) for game, seen in place.seen.items() for frame in seen.frames],
        schema={"video": pl.String, "frame": pl.Int32},
        orient="row",
    )
    found = evaluate_detections(
        pl.concat(place.truth.values()),
        pl.concat(seen.boxes for seen in place.seen.values()),
        listed,
        config.labels,
        confidence=CONFIDENCE,
        minimum_visibility=config.track.minimum_visibility,
    ).to_dict()
    keys = ("precision", "recall")
    labels = {label: {key: found["labels"][label][key] for key in keys} for label in config.labels}
    shots = sum(len(set(seen.shots.values())) for seen in place.seen.values())
    return {"games": list(place.seen), "frames": listed.height, "shots": shots, "mAP50": found["mAP50"], **labels}


def search(tracker: str, shots: str, root: Path, work: Path) -> dict[str, Any]:
    """Run the command for a tracker on some shots, unless it is done, and return what it found.

    Raises:
        UserError: when the command fails.
    """
    folder = work / shots / tracker
    done = folder / "search.json"
    if not done.is_file():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        shutil.copytree(ROOT / "conf", folder / "conf")
        (folder / "data").symlink_to((root / "data").resolve())
        command = [sys.executable, "-m", "courtside.apps.tune", "-m", f"tracker={tracker}", f"+sweep={tracker}"]
        command += [f"tune.shots={shots}"]
        environment = {**os.environ, "MLFLOW_TRACKING_URI": f"sqlite:///{folder.resolve()}/mlflow.db"}
        start = time.perf_counter()
        call = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=environment)
        if call.returncode:
            raise UserError(f"{' '.join(command)}: {call.stderr.strip()}")
        seconds = time.perf_counter() - start
        print(call.stdout.strip().splitlines()[-1], flush=True)
        (sweep,) = folder.glob("multirun/tune/*")
        trials = [read_json(path) for path in sweep.glob(f"*/{TRIAL}")]
        best = yaml.safe_load((sweep / RESULTS).read_text(encoding="utf-8"))
        defaults = read_json(sweep / DEFAULTS)
        values = rounded(best["best_params"])
        found = {
            "tracker": tracker,
            "objective": trials[0]["objective"],
            "trials": len(trials),
            "seconds": seconds,
            "values": {name: {"default": defaults[name], "tuned": value} for name, value in values.items()},
        }
        write_json(done, found)
    found = read_json(done)
    return found if isinstance(found, dict) else {}


def measure(searches: Mapping[str, dict[str, Any]], places: Mapping[str, Place], config: Config) -> dict[str, Any]:
    """Return the scores of the defaults and of what each search found in every place, and the differences."""
    first = next(iter(searches.values()))
    name, objective = first["tracker"], first["objective"]
    ways = {DEFAULT: config.trackers[name]}
    for shots, found in searches.items():
        tuned = {key.rsplit(".", 1)[1]: value["tuned"] for key, value in found["values"].items()}
        ways[shots] = {**config.trackers[name], **tuned}
    scored = {}
    for where, place in places.items():
        entries, draws = {}, {}
        for way, parameters in ways.items():
            contestant = Contestant(name, name, parameters, config.track.features.get(name))
            tracks = {game: follow(seen, contestant)[0] for game, seen in place.seen.items()}
            entries[way] = entry(tracks, place, config)
            draws[way] = drawn(tracks, place, config)
        gains = {shots: difference(entries, draws, shots, objective) for shots in searches}
        scored[where] = {**entries, "difference": gains}
    print(name, {shots: f"{gain['value']:+.4f}" for shots, gain in scored[TEST]["difference"].items()}, flush=True)
    kept = {shots: {key: found[key] for key in ("trials", "seconds", "values")} for shots, found in searches.items()}
    return {"tracker": name, "objective": objective, "searches": kept, "scores": scored}


def entry(tracks: Mapping[str, pl.DataFrame], place: Place, config: Config) -> dict[str, Any]:
    """Return the scores that are written down."""
    visible = config.track.minimum_visibility
    videos = {game: TrackedVideo(place.truth[game], tracks[game], seen.frames) for game, seen in place.seen.items()}
    scores = evaluate_videos(videos, config.labels, minimum_visibility=visible).combined
    balls = {game: BallVideo(place.truth[game], tracks[game], seen.frames) for game, seen in place.seen.items()}
    ball = evaluate_ball(balls, minimum_visibility=visible, resamples=0).combined
    found = next(row for row in ball["within"] if row["unit"] == "diameters" and row["radius"] == 1.0)
    kept = ("HOTA", "MOTA", "IDF1", "switches")
    parts: dict[str, Any] = {label: {key: values[key] for key in kept} for label, values in scores.items()}
    parts["ball"]["F1"] = found["F1"]
    return parts


def drawn(tracks: Mapping[str, pl.DataFrame], place: Place, config: Config) -> dict[str, dict[str, Any]]:
    """Return the scores of sets of shots drawn anew."""
    videos = {game: TrackedVideo(place.truth[game], tracks[game], seen.frames) for game, seen in place.seen.items()}
    shots = {game: seen.shots for game, seen in place.seen.items()}
    counts = count_shots(videos, shots, config.labels, minimum_visibility=config.track.minimum_visibility)
    return resample(counts, RESAMPLES)


def difference(
    entries: Mapping[str, Any], draws: Mapping[str, Any], shots: str, objective: str
) -> dict[str, float | None]:
    """Return the gain over the defaults in what was searched for, and its interval."""
    part, _, key = objective.partition("/")
    interval = paired_interval(draws[DEFAULT][part][key], draws[shots][part][key])
    low, high = interval or (None, None)
    return {"value": entries[shots][part][key] - entries[DEFAULT][part][key], "low": low, "high": high}


def main() -> None:
    """Search, measure and write the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--root", type=Path, default=ROOT, help="a repository in which the pipeline ran")
    parser.add_argument("--work", type=Path, required=True, help="a folder for the searches, kept between calls")
    parser.add_argument(
        "--trackers", nargs="+", help="search for these and write nothing yet (default: all, and write)"
    )
    parser.add_argument(
        "--shots", nargs="+", default=list(SHOTS), choices=SHOTS, help="with --trackers: on these alone"
    )
    options = parser.parse_args()
    try:
        config = from_dictionary(yaml.safe_load(composed(ROOT / "conf")))
        names = [name for name in config.trackers if (ROOT / "conf/sweep" / f"{name}.yaml").is_file()]
        if options.trackers:
            for name, shots in itertools.product(options.trackers, options.shots):
                search(name, shots, options.root, options.work)
            return
        done = [(name, shots) for name in names for shots in SHOTS if shots == "val" or name in ON_ALL_SHOTS]
        found: dict[str, dict[str, Any]] = {name: {} for name in names}
        for name, shots in done:
            found[name][shots] = search(name, shots, options.root, options.work)
        places = read_places(options.root, config)
        described = {name: describe(place, config) for name, place in places.items()}
        rows = [measure(searches, places, config) for searches in found.values()]
        publish(rows, described, options.root)
    except (UserError, FileNotFoundError) as error:
        sys.exit(f"error: {error}")


def publish(rows: Sequence[dict[str, Any]], places: Mapping[str, dict[str, Any]], root: Path) -> None:
    """Write the results file and the tables."""
    result = {**clean.origin(), "places": dict(places), "trackers": list(rows)}
    write_json(ROOT / "bench/results/tuned_trackers.json", result)
    several = [row for row in rows if row["objective"].startswith(OVERALL)]
    balls = [row for row in rows if not row["objective"].startswith(OVERALL)]
    searches = [found for row in rows for found in row["searches"].values()]
    seconds, trials = (sum(found[key] for found in searches) for key in ("seconds", "trials"))
    parts = [
        _places_table(places),
        *(verdict(rows, shots) for shots in SHOTS),
        f"**Everything, chosen for HOTA**\n\n{_scores_table(several, OVERALL, ('HOTA', 'MOTA', 'IDF1'))}",
        f"**The ball alone, chosen for IDF1**\n\n{_scores_table(balls, 'ball', ('IDF1', 'F1', 'HOTA'))}",
        f"**Values** (those of `conf/trackers/` → the best trial's)\n\n{_values_table(rows)}",
        f"{result['date']}, commit {result['commit']}, {result['machine']}; {trials} trials took {seconds:.0f} s.",
    ]
    text = "\n\n".join(parts)
    replace_section(ROOT / "docs/trackers.md", "tuned trackers", text)
    print(text)


def verdict(rows: Sequence[dict[str, Any]], shots: str) -> str:
    """Return in words whether what a search gained is there on games that were not looked at."""
    rows = [row for row in rows if shots in row["searches"]]
    gains = {where: {row["tracker"]: row["scores"][where]["difference"][shots] for row in rows} for where in PLACES}
    means = {where: _mean(found, found) for where, found in gains.items()}
    better = [name for name, gain in gains[TEST].items() if gain["low"] > 0]
    worse = [name for name, gain in gains[TEST].items() if gain["high"] < 0]
    text = (
        f"**{WAYS[shots].capitalize()}**, the {len(rows)} trackers gain {means[VALIDATION]:+.3f} on the validation "
        f"shots in the mean, {means[BESIDE]:+.3f} on the other shots and {means[TEST]:+.3f} on the test games. There "
        f"the interval of the difference lies above zero for {_listed(better)}, and below for {_listed(worse)}; for "
        f"the rest the shots of the test games do not tell tuned values from the defaults."
    )
    sure = [name for name, gain in gains[VALIDATION].items() if gain["low"] > 0]
    unsure = [name for name in gains[VALIDATION] if name not in sure]
    if shots != "val" or not sure or not unsure:
        return text
    return (
        f"{text} The interval on the shots tuned on, which the command tells, sorts them beforehand: where it lies "
        f"above zero ({_listed(sure)}), the mean gain on the test games is {_mean(gains[TEST], sure):+.3f}; for the "
        f"rest it is {_mean(gains[TEST], unsure):+.3f}."
    )


def _mean(gains: Mapping[str, dict[str, float]], names: Iterable[str]) -> float:
    return float(np.mean([gains[name]["value"] for name in names]))


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "none"


def _places_table(places: Mapping[str, dict[str, Any]]) -> str:
    head = ["", "games", "shots", "frames", "mAP50", "ball: precision", "recall", "player: precision", "recall"]
    lines = [
        [
            PLACES[where],
            ", ".join(each["games"]),
            each["shots"],
            f"{each['frames']:,}",
            each["mAP50"],
            *(each[label][key] for label in ("ball", "player") for key in ("precision", "recall")),
        ]
        for where, each in places.items()
    ]
    return table(head, lines)


def _scores_table(rows: Sequence[dict[str, Any]], part: str, keys: Sequence[str]) -> str:
    head = ["tracker", "values", f"validation shots: {keys[0]}", f"other shots: {keys[0]}", f"test: {keys[0]}"]
    head += [*keys[1:], f"gain in {keys[0]} on test (95 %)"]
    lines = []
    for row in sorted(rows, key=lambda each: -each["scores"][TEST][DEFAULT][part][keys[0]]):
        for way, said in ((way, said) for way, said in WAYS.items() if way == DEFAULT or way in row["searches"]):
            validation, beside, test = (row["scores"][where][way][part] for where in PLACES)
            cells = [validation[keys[0]], beside[keys[0]], *(test[key] for key in keys)]
            gain = row["scores"][TEST]["difference"].get(way)
            text = f"{gain['value']:+.3f} ({gain['low']:+.3f} to {gain['high']:+.3f})" if gain else None
            lines.append([f"`{row['tracker']}`", said, *cells, text])
    return table(head, lines)


def _values_table(rows: Sequence[dict[str, Any]]) -> str:
    lines = []
    for row in rows:
        for shots, found in row["searches"].items():
            changed = [
                f"{name.rsplit('.', 1)[1]} {each['default']:g} → {each['tuned']:g}"
                for name, each in found["values"].items()
                if each["default"] != each["tuned"]
            ]
            said = ", ".join(changed) or "the defaults"
            lines.append([f"`{row['tracker']}`", WAYS[shots], found["trials"], f"{found['seconds']:.0f}", said])
    return table(["tracker", "values", "trials", "seconds", "what changed"], lines)


if __name__ == "__main__":
    main()
