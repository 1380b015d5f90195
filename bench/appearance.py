"""What it gains a tracker to know how boxes look and how the camera moved, and what it costs.

``python bench/appearance.py --root REPOSITORY --mot FOLDER`` takes a repository in which the sample ran, and
MOTChallenge sequences with images and public detections. The weight α between overlap and looks is swept on the
learning games, and trackers are scored on the test games with the α that was best there; oracle rows follow true boxes.
What was measured is kept in ``--work``, so that a killed run goes on there; delete it to measure anew. Figures go to
``bench/results/appearance.json`` and docs/trackers.md. With ``--weights`` a MobileNetV2 taught on ImageNet looks too.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import clean
import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import roc_auc_score

from courtside import boxes, embeddings, frames, layout
from courtside.apps.markdown import replace_section, table
from courtside.apps.params import read_params
from courtside.detectors.build import load_detector
from courtside.detectors.detect import detect_and_embed
from courtside.errors import UserError
from courtside.files import read_json, write_json
from courtside.formats.mot import read_ground_truth, read_sequence_info
from courtside.formats.mot_detections import read_detections
from courtside.progress import Progress
from courtside.tables import read_table
from courtside.trackers.appearance.features import DETECTOR, HISTOGRAM, FeatureSettings, features_of, kept_features
from courtside.trackers.camera_motion import camera_motion, kept_camera_motion
from courtside.trackers.comparison import DETECTIONS, TRUTH, Contestant, Result, Seen, compare, oracle
from courtside.trackers.keep import keep

ROOT = Path(__file__).resolve().parent.parent
CLASSES = {1: "ball", 2: "player", 3: "referee"}
LEARN, TEST = ("harbor", "canyon", "garden", "forge"), ("summit", "tidal")
NETWORK = "mobilenet_v2"
ALPHAS = (0.0, 0.3, 0.6, 0.8, 0.9, 1.0)
LAGS = (1, 25, 100)
VISIBLE = 0.3
PUBLISHED = ("sort", "bytetrack", "ocsort", "botsort")
SWEPT = ("deepsort", "fairmot", "motion_appearance")
ORACLE = "true boxes"
NAMES = {HISTOGRAM: "colours", DETECTOR: "detector's maps", NETWORK: "MobileNetV2"}

Kinds = tuple[str, ...]
Game = tuple[Seen, pl.DataFrame]
"""What trackers are given of a video, and its truth."""
Once = Callable[[str, Callable[[], Any]], Any]
"""Measures under a name, or returns what was measured under it before."""


@dataclass(frozen=True)
class Place:
    """Where things are: the repository the sample ran in, what is kept, and weights of the network that looks."""

    root: Path
    work: Path
    weights: Path | None

    @property
    def kinds(self) -> Kinds:
        """Who says how boxes look."""
        return (HISTOGRAM, DETECTOR, *([NETWORK] if self.weights else []))

    def kinds_of(self, name: str) -> Kinds:
        """Return those of them that a tracker is tried with."""
        return tuple(kind for kind in self.kinds if kind != NETWORK or name == SWEPT[-1])

    @property
    def settings(self) -> FeatureSettings:
        """How boxes are looked at."""
        return FeatureSettings(weights=str(self.weights.resolve()) if self.weights else None)

    def video(self, name: str) -> Path:
        """Return the file of a game."""
        return self.root / f"data/sample/{name}/video.mp4"

    def looks(self, kind: str, name: str, found: pl.DataFrame) -> NDArray[np.float32]:
        """Return how boxes of a game look."""
        return kept_features(self.work, kind, self.video(name), found, self.settings, root=Path("/"))


def detections(place: Place, name: str) -> tuple[pl.DataFrame, NDArray[np.float16]]:
    """Return what the champion finds on a game, and how that looks to it."""
    kept = place.work / f"{name}.parquet"
    kept_looks = place.work / f"{name}.embeddings.parquet"
    if not kept_looks.is_file():
        detector = load_detector(place.root / layout.champion(read_params(place.root / "params.yaml").final_round))
        listed = frames.read(place.root / layout.extract_frames(name))
        with Progress(f"detect {name}", total=listed.height, unit="frames") as progress:
            found, seen = detect_and_embed(
                detector,
                listed,
                {name: place.video(name)},
                minimum_confidence=0.05,
                source="champion",
                report=progress.update,
            )
        boxes.write(kept, found)
        embeddings.write(kept_looks, seen)
    found = boxes.read(kept)
    looks = embeddings.read(kept_looks, found)
    sure = (found["score"] >= 0.1).to_numpy()
    return found.filter(pl.Series(sure)), looks[sure]


def game(place: Place, name: str, kind: str | None, *, camera: bool = True, true_boxes: bool = False) -> Game:
    """Return a game of the sample, looked at by one kind or by none."""
    truth = read_ground_truth(place.root / f"data/sample/{name}/gt/gt.txt", name, CLASSES)
    table_path = place.work / f"{name}.frames.parquet"
    listed = read_table(table_path if table_path.is_file() else place.root / layout.extract_frames(name))
    numbers = listed["frame"].to_list()
    found, seen = detections(place, name)
    cameras = None
    if camera:
        cameras = kept_camera_motion(place.work, place.video(name), numbers, found.filter(pl.col("score") >= 0.4))
    if true_boxes:
        found = oracle(truth, VISIBLE).filter(pl.col("frame").is_in(numbers))
    features = {}
    if kind == DETECTOR:
        features[kind] = features_of(kind, place.video(name), found, place.settings, embeddings=seen)
    elif kind is not None:
        features[kind] = place.looks(kind, name, found)
    shots = dict(listed.select("frame", "shot").iter_rows())
    return Seen(found, numbers, shots, 25.0, features, cameras), truth


def separation(place: Place) -> dict[str, Any]:
    """Return how well looks tell players apart, and the distance within which 95 % of neighbours in time are."""
    result: dict[str, Any] = {}
    for kind in place.kinds:
        for part, names in (("learn", LEARN), ("test", TEST)):
            pairs: dict[int, list[tuple[NDArray[np.float64], NDArray[np.bool_]]]] = {lag: [] for lag in LAGS}
            first: dict[int, list[bool]] = {lag: [] for lag in LAGS}
            for name in names:
                one, truth = game(place, name, kind)
                looks, identity, at = one.features[kind], _identities(one, truth), one.boxes["frame"].to_numpy()
                for lag in LAGS:
                    for frame in one.frames[:-lag:5]:
                        here = np.flatnonzero((at == frame) & (identity >= 0))
                        later = np.flatnonzero((at == frame + lag) & (identity >= 0))
                        same = identity[here][:, None] == identity[later]
                        if not same.any():
                            continue
                        far = 1.0 - (looks[here] @ looks[later].T).astype(np.float64)
                        pairs[lag].append((far.ravel(), same.ravel()))
                        first[lag] += same[np.arange(len(here)), far.argmin(axis=1)][same.any(axis=1)].tolist()
            for lag in LAGS:
                far, same = (np.concatenate(parts) for parts in zip(*pairs[lag], strict=True))
                row = {"area": float(roc_auc_score(same, -far)), "first": float(np.mean(first[lag]))}
                if lag == 1 and part == "learn":
                    row["limit"] = float(np.percentile(far[same], 95))
                result[f"{kind} {part} {lag}"] = row
    return result


def _identities(one: Seen, truth: pl.DataFrame) -> NDArray[np.int64]:
    """Return the true player that each box shows, −1 where it is none."""
    result = np.full(one.boxes.height, -1, dtype=np.int64)
    players = one.boxes.with_row_index("row").filter(label="player")
    for (frame,), rows in players.partition_by("frame", as_dict=True).items():
        there = truth.filter(frame=frame, label="player")
        overlap = boxes.iou(boxes.corners(rows), boxes.corners(there))
        first, second = linear_sum_assignment(-overlap)
        fits = overlap[first, second] >= 0.5
        result[rows["row"].to_numpy()[first[fits]]] = there["track"].to_numpy()[second[fits]]
    return result


def parameters(name: str, limits: dict[str, float], kind: str | None) -> dict[str, Any]:
    """Return a tracker's parameters of ``conf/``; how far looks may be apart is the kind's own."""
    values = dict(read_params(ROOT / "params.yaml").trackers[name])
    return values | ({"maximum_feature_distance": limits[kind]} if kind and name in SWEPT else {})


def sweep(place: Place, name: str, kind: str, limits: dict[str, float]) -> list[dict[str, Any]]:
    """Return the scores of a tracker's players for each α, the mean of the learning games."""
    games = {each: game(place, each, kind) for each in LEARN}
    seen = {each: _only_players(one) for each, (one, _) in games.items()}
    values = parameters(name, limits, kind)
    tried = [Contestant(f"{alpha:g}", name, values | {"overlap_weight": alpha}, kind) for alpha in ALPHAS]
    truth = {each: there for each, (_, there) in games.items()}
    rows = []
    for alpha, result in zip(
        ALPHAS, compare(tried, seen, truth, ["player"], DETECTIONS, minimum_visibility=VISIBLE), strict=True
    ):
        means = _means(result, "overall", ("HOTA", "AssA", "MOTA", "IDF1"))
        rows.append({"alpha": alpha, **means, "switches": result.combined["overall"]["switches"]})
    return rows


def _only_players(one: Seen) -> Seen:
    players = one.boxes["label"] == "player"
    features = {kind: values[players.to_numpy()] for kind, values in one.features.items()}
    return replace(one, boxes=one.boxes.filter(players), features=features)


def _means(result: Result, label: str, keys: tuple[str, ...]) -> dict[str, float]:
    """Return the means of videos."""
    return {key: float(np.mean([scores[label][key] or 0 for scores in result.scores.videos.values()])) for key in keys}


def scored(
    games: dict[str, Game], name: str, values: dict[str, Any], labels: list[str], kind: str | None, given: str
) -> dict[str, float]:
    """Return a tracker's scores, the mean of games, and the frames a second it follows."""
    contestant = Contestant(name, name, values, kind)
    seen, truth = ({each: one[part] for each, one in games.items()} for part in (0, 1))
    (result,) = compare([contestant], seen, truth, labels, given, minimum_visibility=VISIBLE)
    row = _means(result, "overall", ("HOTA", "MOTA", "IDF1", "switches"))
    row |= {f"player {key}": value for key, value in _means(result, labels[-1], ("HOTA", "AssA", "IDF1")).items()}
    return row | {"fps": result.frames_per_second}


def contenders(place: Place, best: dict[str, float]) -> list[tuple[str, str | None, bool, float | None]]:
    """Return tracker, kind, camera and α of each row."""
    rows: list[tuple[str, str | None, bool, float | None]] = [(name, None, False, None) for name in PUBLISHED]
    rows.append(("botsort", None, True, None))
    for name in SWEPT:
        rows += [(name, None, camera, 1.0) for camera in (False, True)]
        for kind in place.kinds_of(name):
            rows += [(name, kind, True, alpha) for alpha in sorted({0.0, best[f"{name} {kind}"]} - {1.0})]
    return rows


@cache
def test_games(place: Place, kind: str | None, camera: bool, true_boxes: bool) -> dict[str, Game]:
    """Return the test games, looked at by one kind or by none."""
    return {name: game(place, name, kind, camera=camera, true_boxes=true_boxes) for name in TEST}


def on_test_games(place: Place, limits: dict[str, float], best: dict[str, float], once: Once) -> list[dict[str, Any]]:
    """Return the scores of all contenders on the test games, with detected and with true boxes."""
    rows = []
    for true_boxes in (False, True):
        for name, kind, camera, alpha in contenders(place, best):
            if true_boxes and kind not in (None, HISTOGRAM):
                continue
            values = parameters(name, limits, kind) | ({} if alpha is None else {"overlap_weight": alpha})
            games = test_games(place, kind, camera, true_boxes)
            given = TRUTH if true_boxes else DETECTIONS
            measure = partial(scored, games, name, values, ["ball", "referee", "player"], kind, given)
            scores = once(f"test {name} {kind} {camera} {alpha} {true_boxes}", measure)
            who = {"tracker": name, "looks": kind, "camera": camera, "alpha": alpha, "oracle": true_boxes}
            rows.append({**who, **scores})
            print(who, {key: round(value, 3) for key, value in scores.items()}, flush=True)
    return rows


def pedestrians(place: Place, folder: Path, limits: dict[str, float]) -> list[dict[str, Any]]:
    """Return the scores on MOTChallenge sequences with their public detections, the mean of sequences."""
    games: dict[str, Game] = {}
    for sequence in sorted(path.parent for path in folder.glob("*/det")):
        count = len(list((sequence / "img1").iterdir()))
        found = read_detections(sequence / "det/det.txt", sequence.name, "pedestrian", "public")
        found = found.filter(pl.col("frame") < count)
        truth = read_ground_truth(sequence / "gt/gt.txt", sequence.name, {1: "pedestrian"})
        looks = features_of(HISTOGRAM, sequence / "img1", found, place.settings)
        cameras = camera_motion(sequence / "img1", range(count), found)
        rate = float(read_sequence_info(sequence / "seqinfo.ini").frames_per_second)
        shots = dict.fromkeys(range(count), 0)
        games[sequence.name] = Seen(found, range(count), shots, rate, {HISTOGRAM: looks}, cameras), truth
    rows = []
    for name in (*PUBLISHED, *SWEPT):
        values = parameters(name, limits, HISTOGRAM)
        scores = scored(games, name, values, ["pedestrian"], HISTOGRAM, DETECTIONS)
        rows.append({"tracker": name, "frames": sum(len(one.frames) for one, _ in games.values()), **scores})
    return rows


def costs(place: Place) -> dict[str, float]:
    """Return the seconds of one core that looking at a test game takes, from the video file on."""
    name = TEST[0]
    found, _ = detections(place, name)
    seconds: dict[str, float] = {"frames": found["frame"].n_unique(), "boxes": found.height}
    for kind in place.kinds:
        if kind != DETECTOR:
            start = time.process_time()
            features_of(kind, place.video(name), found, place.settings, root=Path("/"))
            seconds[kind] = time.process_time() - start
    start = time.process_time()
    camera_motion(place.video(name), list(range(int(found["frame"].max()) + 1)), found)  # type: ignore[arg-type]
    seconds["camera"] = time.process_time() - start
    return seconds


def publish(result: dict[str, Any], kinds: Kinds) -> None:
    """Write the results file and the section of docs/trackers.md."""
    origin = clean.origin()
    write_json(ROOT / "bench/results/appearance.json", {**origin, **_rounded(result), "ratios": {}})
    parts = [f"{origin['date']}, commit {origin['commit']}, {origin['machine']}.", _curve(result["sweep"], kinds)]
    parts += [_apart(result["separation"], kinds), _scores(result["test"]), _people(result["pedestrians"])]
    parts.append(_cost(result["costs"], kinds))
    replace_section(ROOT / "docs/trackers.md", "appearance", "\n\n".join(part for part in parts if part))


def _curve(found: dict[str, list[dict[str, Any]]], kinds: Kinds) -> str:
    text = "Players of the learning games within shots, HOTA (switches) for α from looks alone to overlap alone:\n\n"
    head = ["tracker", "looks", *(f"α = {alpha:g}" for alpha in ALPHAS)]
    body, gains = [], []
    for key, rows in found.items():
        name, kind = key.split(" ")
        body.append([name, NAMES[kind], *(f"{row['HOTA']:.3f} ({row['switches']:.0f})" for row in rows)])
        best = max(rows, key=lambda row: row["HOTA"])
        gains.append((best["HOTA"] - rows[-1]["HOTA"], best["HOTA"] - rows[0]["HOTA"], name, kind, best["alpha"]))
    text += table(head, body)
    gain, _, name, kind, alpha = max(gains)
    small = sum(each[0] < 0.005 for each in gains)
    text += f"\n\nThe most that looks add to overlap is {gain:.3f} HOTA ({name}, {NAMES[kind]}, α = {alpha:g}); in "
    text += f"{small} of {len(gains)} rows it is less than 0.005. "
    text += f"Looks alone are up to {max(each[1] for each in gains):.3f} below the best."
    return text


def _apart(found: dict[str, Any], kinds: Kinds) -> str:
    text = "How often, in the test games, the box that looks most like a player's is the same player's, so many frames "
    text += "later, and the chance that of a box of the same and one of another player the same looks more alike:\n\n"
    text += table(
        ["looks", *(f"after {lag}" for lag in LAGS)],
        [
            [
                NAMES[kind],
                *("{first:.2f}, {area:.2f}".format(**found[f"{kind} test {lag}"]) for lag in LAGS),
            ]
            for kind in kinds
        ],
    )
    colours = [found[f"{HISTOGRAM} test {lag}"]["first"] for lag in LAGS]
    text += f"\n\nColours find the player again in {colours[0]:.0%} of cases from one frame to the next, where overlap "
    text += f"does too, and in {colours[1]:.0%} a second later: they tell the teams apart, and players of a team look "
    text += "alike. Networks that were not taught to tell people apart see pose and place rather than the player: "
    text += f"{found[f'{kinds[-1]} test {LAGS[1]}']['first']:.0%} a second later with {NAMES[kinds[-1]]}."
    return text


def _scores(rows: list[dict[str, Any]]) -> str:
    text = (
        "Test games, ball, players and referees together, mean of the games; α as it was best on the learning games. "
    )
    text += "All identities end at cuts, the true ones too. The rows with true boxes show what the tracker costs, the "
    text += "others what tracker and detector cost. Frames/s are of the tracker alone, on one core.\n\n"
    head = ["tracker", "boxes", "looks", "camera", "α", "HOTA", "MOTA", "IDF1", "switches", "players' HOTA"]
    body = [
        [
            row["tracker"],
            ORACLE if row["oracle"] else "detected",
            NAMES.get(row["looks"], "–"),
            "yes" if row["camera"] else "no",
            None if row["alpha"] is None else f"{row['alpha']:g}",
            *(row[key] for key in ("HOTA", "MOTA", "IDF1")),
            f"{row['switches']:.0f}",
            row["player HOTA"],
            f"{row['fps']:.0f}",
        ]
        for row in rows
    ]
    text += table([*head, "frames/s"], body)
    blind, told = (
        np.mean([row["switches"] for row in rows if row["looks"] is None and row["alpha"] and row["camera"] is camera])
        for camera in (False, True)
    )
    text += f"\n\nAt α = 1 the camera's motion takes switches from {blind:.0f} to {told:.0f}, the mean of these rows. "
    text += "For `botsort` frozen pictures are why, as the tables of `bench/camera.py` below show."
    return text


def _people(rows: list[dict[str, Any]]) -> str:
    if not rows:
        return ""
    text = (
        f"Pedestrians of MOT17 with public detections, {rows[0]['frames']} frames of three sequences, which is too few "
    )
    text += "to tell trackers apart (looks: colours):\n\n"
    keys = ("HOTA", "MOTA", "IDF1")
    body = [[row["tracker"], *(row[key] for key in keys), f"{row['switches']:.1f}"] for row in rows]
    return text + table(["tracker", *keys, "switches"], body)


def _cost(seconds: dict[str, float], kinds: Kinds) -> str:
    rows = [[NAMES[kind], f"{seconds[kind]:.1f} s"] for kind in kinds if kind in seconds]
    rows += [[NAMES[DETECTOR], "none: they come with the boxes"], ["the camera's motion", f"{seconds['camera']:.1f} s"]]
    text = f"What looking costs in seconds of one core, {seconds['frames']:.0f} frames of 1280 × 720 with "
    text += f"{seconds['boxes']:.0f} boxes:\n\n"
    return text + table(["looks", "time"], rows)


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_rounded(entry) for entry in value]
    return round(value, 4) if isinstance(value, float) else value


def main() -> None:
    """Measure, print and write the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--root", type=Path, default=ROOT, help="a repository in which the sample ran")
    parser.add_argument("--mot", type=Path, help="folder of MOTChallenge sequences")
    parser.add_argument("--weights", type=Path, help="of torchvision's mobilenet_v2")
    parser.add_argument("--work", type=Path, default=ROOT / ".courtside/appearance", help="(default: %(default)s)")
    options = parser.parse_args()
    place = Place(options.root, options.work, options.weights)
    place.work.mkdir(parents=True, exist_ok=True)
    steps = place.work / "steps"

    def once(name: str, measure: Callable[[], Any]) -> Any:
        return keep(steps / f"{name}.json", measure, read_json, write_json)

    try:
        apart = once("separation", lambda: separation(place))
        limits = {kind: apart[f"{kind} learn 1"]["limit"] for kind in place.kinds}
        tried = [(name, kind) for name in SWEPT for kind in place.kinds_of(name)]
        with ProcessPoolExecutor(2, get_context("spawn")) as pool:
            waiting = {
                f"{name} {kind}": pool.submit(_swept, place, name, kind, limits)
                for name, kind in tried
                if not (steps / f"{name} {kind}.json").is_file()
            }
            curves = {}
            for name, kind in tried:
                key = f"{name} {kind}"
                curves[key] = once(key, waiting[key].result if key in waiting else dict)
        best = {key: max(rows, key=lambda row: row["HOTA"])["alpha"] for key, rows in curves.items()}
        result = {
            "separation": apart,
            "sweep": curves,
            "best": best,
            "test": on_test_games(place, limits, best, once),
            "pedestrians": once("pedestrians", lambda: pedestrians(place, options.mot, limits) if options.mot else []),
            "costs": once("costs", lambda: costs(place)),
        }
        publish(result, place.kinds)
    except UserError as error:
        sys.exit(f"error: {error}")


def _swept(place: Place, name: str, kind: str, limits: dict[str, float]) -> list[dict[str, Any]]:
    rows = sweep(place, name, kind, limits)
    write_json(place.work / f"steps/{name} {kind}.json", rows)
    return rows


if __name__ == "__main__":
    main()
