"""Puts the trackers side by side: on what the champion saw, and on the true boxes, which tells who is to blame."""

from dataclasses import asdict, replace
from typing import Any

import polars as pl

from courtside import boxes, layout
from courtside.config import Config
from courtside.files import read_json, write_json
from courtside.launch import launch
from courtside.metrics.tracking import CONVENTION
from courtside.progress import Progress
from courtside.runs import open_run
from courtside.trackers import comparison
from courtside.trackers.appearance.features import HISTOGRAM, FeatureSettings, features_of
from courtside.trackers.comparison import DETECTIONS, TRUTH, Contestant, Seen
from courtside.trackers.observed import read_seen
from courtside.workspace import Workspace

OVERLAP_WEIGHT = "overlap_weight"


def compare(config: Config, workspace: Workspace) -> None:
    """Write the scores of ``compare.trackers`` over all tracked videos that have true tracks."""
    target = workspace.output(layout.report("compare", "metrics.json"))
    tracks = boxes.read(workspace.input(layout.ANNOTATED_TRACKS))
    truth = {video: rows for video in config.tracked.videos if (rows := tracks.filter(pl.col("video") == video)).height}
    if not truth:
        write_json(target, {"videos": [], "trackers": {}})
        return
    seen = {video: _seen(config, workspace, video) for video in truth}
    true_boxes = {video: _true_boxes(config, workspace, seen[video], truth[video]) for video in truth}
    contestants = [
        Contestant(name, name, config.trackers[name], config.track.features.get(name))
        for name in config.compare.trackers
    ]
    labels = [label for label in config.labels if any(label in set(rows["label"]) for rows in truth.values())]
    given = {DETECTIONS: seen, TRUTH: true_boxes}
    found: dict[str, dict[str, Any]] = {each.name: {"features": each.features} for each in contestants}
    for kind, material in given.items():
        who = contestants if kind == DETECTIONS else [_with_colours(each) for each in contestants]
        for result in _compared(config, who, material, truth, labels, kind):
            found[result.contestant.name][kind] = _entry(result)
    weights = {
        name: [
            {OVERLAP_WEIGHT: result.contestant.parameters[OVERLAP_WEIGHT], "scores": result.combined["overall"]}
            for result in _compared(config, _weighed(config, name), seen, truth, labels, DETECTIONS)
        ]
        for name in config.compare.weighed
    }
    inputs = [*(layout.observed(video) for video in truth), layout.ANNOTATE]
    with open_run(config.mlflow, workspace, name="trackers", stage="compare", inputs=inputs) as run:
        run.log_parameters({"videos": list(truth), "trackers": config.compare.trackers, "round": config.final_round})
        for name, entry in found.items():
            overall = entry[DETECTIONS]["scores"]["overall"]
            run.log_metrics({f"{name}/{key}": value for key, value in overall.items()})
        metrics = {
            "videos": list(truth),
            "trackers": found,
            "overlap_weights": weights,
            "convention": dict(CONVENTION),
            "mlflow_run_id": run.id,
        }
        write_json(target, metrics)
        run.log_artifact(target)


def _seen(config: Config, workspace: Workspace, video: str) -> Seen:
    whole = read_seen(
        workspace.input(layout.observed(video)),
        workspace.input(layout.extract_frames(video)),
        workspace.input(layout.extract_facts(video)),
    )
    return whole.above(config.track.minimum_confidence)


def _true_boxes(config: Config, workspace: Workspace, seen: Seen, truth: pl.DataFrame) -> Seen:
    """Return the true boxes in the place of what was seen; the detector never looked at them, so colours must do."""
    found = comparison.oracle(truth, config.track.minimum_visibility)
    features = {}
    if any(config.track.features.get(name) for name in config.compare.trackers):
        path = workspace.input(read_json(workspace.input(layout.extract_facts(found["video"][0])))["path"])
        features[HISTOGRAM] = features_of(HISTOGRAM, path, found, FeatureSettings(**asdict(config.observe.look)))
    return replace(seen, boxes=found, features=features)


def _with_colours(contestant: Contestant) -> Contestant:
    return replace(contestant, features=HISTOGRAM) if contestant.features else contestant


def _weighed(config: Config, name: str) -> list[Contestant]:
    parameters, features = config.trackers[name], config.track.features.get(name)
    return [
        Contestant(f"{name} {weight:g}", name, {**parameters, OVERLAP_WEIGHT: weight}, features)
        for weight in config.compare.overlap_weights
    ]


def _compared(
    config: Config,
    contestants: list[Contestant],
    seen: dict[str, Seen],
    truth: dict[str, pl.DataFrame],
    labels: list[str],
    given: str,
) -> list[comparison.Result]:
    with Progress(f"compare on {given}", total=len(contestants), unit="trackers") as progress:
        return comparison.compare(
            contestants,
            seen,
            truth,
            labels,
            given,
            minimum_visibility=config.track.minimum_visibility,
            report=progress.update,
        )


def _entry(result: comparison.Result) -> dict[str, Any]:
    return {"scores": result.combined, "videos": result.scores.videos, "fps": result.frames_per_second}


if __name__ == "__main__":
    launch(compare)
