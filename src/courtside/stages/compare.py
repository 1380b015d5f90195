"""Puts the trackers side by side: on what the champion saw, and on the true boxes, which tells who is to blame."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import polars as pl

from courtside import boxes, frames, layout
from courtside.config import Config
from courtside.files import read_json, write_json
from courtside.launch import launch
from courtside.metrics.ball_tracking import CONVENTION as BALL_CONVENTION
from courtside.metrics.ball_tracking import BallVideo, evaluate_ball
from courtside.metrics.condition_tables import Circumstances, circumstances, first_losses, rows_by_condition
from courtside.metrics.conditions import ConditionLimits
from courtside.metrics.tracking import CONVENTION
from courtside.progress import Progress
from courtside.runs import open_run
from courtside.trackers import comparison
from courtside.trackers.appearance.features import HISTOGRAM, FeatureSettings, features_of
from courtside.trackers.comparison import DETECTIONS, TRUTH, Contestant, Result, Seen
from courtside.trackers.lost_boxes import write_losses
from courtside.trackers.observed import read_seen
from courtside.trackers.run import end_at_cuts
from courtside.workspace import Workspace

BALL = "ball"
OVERLAP_WEIGHT = "overlap_weight"
CUTS = "a cut ends every identity, of the truth too: who is who behind it is another question"


def compare(config: Config, workspace: Workspace) -> None:
    """Write the scores of ``compare.trackers`` over all tracked videos that have true tracks."""
    target = workspace.output(layout.report("compare", "metrics.json"))
    pictures = workspace.output(layout.FIRST_LOSSES)
    tracks = boxes.read(workspace.input(layout.ANNOTATED_TRACKS))
    truth = {video: rows for video in config.tracked.videos if (rows := tracks.filter(pl.col("video") == video)).height}
    if not truth:
        write_json(target, {"videos": [], "trackers": {}})
        write_losses(pictures, "", pl.DataFrame(), {}, {})
        return
    seen = {video: _seen(config, workspace, video) for video in truth}
    given = {
        DETECTIONS: seen,
        TRUTH: {video: _true_boxes(config, workspace, seen[video], truth[video]) for video in truth},
    }
    labels = [label for label in config.labels if any(label in set(rows["label"]) for rows in truth.values())]
    contestants = [
        Contestant(name, name, config.trackers[name], config.track.features.get(name))
        for name in config.compare.trackers
    ]
    around = {video: _circumstances(config, workspace, seen[video], truth[video]) for video in truth}
    found: dict[str, dict[str, Any]] = {each.name: {"features": each.features} for each in contestants}
    for kind, material in given.items():
        who = contestants if kind == DETECTIONS else [_with_colours(each) for each in contestants]
        results = _compared(config, who, material, truth, labels, kind)
        for result in results:
            found[result.contestant.name][kind] = _entry(config, result, around)
        if kind == DETECTIONS:
            _draw_losses(config, workspace, pictures, results, around)
            behind = comparison.behind_the_best(
                results, seen, truth, labels, minimum_visibility=config.track.minimum_visibility
            )
    weights = {
        name: [
            {OVERLAP_WEIGHT: result.contestant.parameters[OVERLAP_WEIGHT], "scores": result.combined}
            for result in _compared(config, _weighed(config, name), seen, truth, labels, "weights")
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
            "behind_the_best": behind,
            "overlap_weights": weights,
            "convention": {**CONVENTION, "cuts": CUTS},
            "convention_of_ball": dict(BALL_CONVENTION),
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


def _circumstances(config: Config, workspace: Workspace, seen: Seen, truth: pl.DataFrame) -> Circumstances:
    video = truth["video"][0]
    facts = read_json(workspace.input(layout.extract_facts(video)))
    return circumstances(
        end_at_cuts(truth, seen.shots),
        frames.read(workspace.input(layout.extract_frames(video))),
        seen.frames_per_second,
        width=facts["width"],
        height=facts["height"],
        cameras=seen.cameras,
        limits=ConditionLimits(**asdict(config.conditions)),
    )


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
) -> list[Result]:
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


def _entry(config: Config, result: Result, around: dict[str, Circumstances]) -> dict[str, Any]:
    """Return what the report is told of a result; conditions and slices only of what was detected."""
    visible = config.track.minimum_visibility
    entry: dict[str, Any] = {
        "scores": result.combined,
        "videos": result.scores.videos,
        "fps": result.frames_per_second,
    }
    if BALL in result.combined:
        balls = {video: BallVideo(each.truth, result.tracks[video], each.frames) for video, each in around.items()}
        entry["ball"] = evaluate_ball(balls, label=BALL, minimum_visibility=visible).combined
    if result.given == DETECTIONS:
        entry["conditions"] = rows_by_condition(around, result.tracks, minimum_visibility=visible)
    return entry


def _draw_losses(
    config: Config, workspace: Workspace, folder: Path, results: list[Result], around: dict[str, Circumstances]
) -> None:
    """Draw what the tracker with the best HOTA first loses under each condition."""
    best = max(results, key=lambda result: result.combined["overall"]["HOTA"] or 0)
    lost = first_losses(around, best.tracks, minimum_visibility=config.track.minimum_visibility)
    facts = {video: read_json(workspace.input(layout.extract_facts(video))) for video in around}
    videos = {video: workspace.input(about["path"]) for video, about in facts.items()}
    write_losses(folder, best.contestant.name, lost, best.tracks, videos)


if __name__ == "__main__":
    launch(compare)
