"""Chooses the parameters of a tracker: ``python -m courtside.apps.tune -m tracker=NAME +sweep=NAME``.

Each trial follows what the champion saw on the videos of ``tune.videos`` (``python -m courtside.stages.observe`` keeps
it once), on the shots that ``tune.shots`` names, and is scored against their true tracks, all videos together.
``conf/sweep/`` says which parameters Optuna tries in which ranges, for which score, and how often; one of the first
trials has the values of ``conf/trackers/``. At the end it says what was best, how sure its gain is, and how to put it
to use; every trial is a run in MLflow. What is best there is worth what it reaches on other videos: ``dvc repro``
scores the test games. Without ``-m`` and ``+sweep`` the values of ``conf/trackers/`` are scored.
"""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl

from courtside import frames, layout
from courtside.apps.tuning import TRIAL, conclusion, needed, tried
from courtside.config import Config
from courtside.errors import UserError
from courtside.files import read_json, write_json
from courtside.formats.labels import read_labels
from courtside.launch import launch
from courtside.metrics.tracking import TrackedVideo, evaluate_videos
from courtside.metrics.tracking_bootstrap import count_shots, resample
from courtside.runs import open_run
from courtside.trackers.comparison import Contestant, Seen, follow
from courtside.trackers.observed import read_seen
from courtside.trackers.run import end_at_cuts
from courtside.workspace import Workspace

ALL = "all"
RESAMPLES = 200


def tune(config: Config, workspace: Workspace) -> float:
    """Return the score ``tune.objective`` of all videos of ``tune.videos`` together; in a sweep also keep it."""
    name = config.chosen_tracker()
    if not config.tune.videos:
        raise UserError("tune.videos is empty; name videos with true tracks, and the file that holds them")
    seen = {video: _seen(config, workspace, name, video) for video in config.tune.videos}
    videos = {video: _followed(config, workspace, name, video, each) for video, each in seen.items()}
    present = {label for video in videos.values() for label in video.truth["label"].unique()}
    labels, visible = [label for label in config.labels if label in present], config.track.minimum_visibility
    scores = evaluate_videos(videos, labels, minimum_visibility=visible, other_labels=config.labels).combined
    objective = config.tune.objective
    part, _, key = objective.partition("/")
    value = scores.get(part, {}).get(key)
    if value is None:
        known = ", ".join(f"{label}/HOTA" for label in scores)
        raise UserError(
            f"tune.objective: {objective!r} is no score of {', '.join(config.tune.videos)}; for example {known}"
        )
    print(f"tune {name}: {objective} {value:.4f}", flush=True)
    parameters = tried()
    if workspace.sweep:
        counts = count_shots(
            videos, {video: each.shots for video, each in seen.items()}, labels, minimum_visibility=visible
        )
        draws = resample(counts, RESAMPLES)[part][key].tolist() if len(counts) > 1 else None
        trial = {"tracker": name, "objective": objective, "value": value, "parameters": parameters, "scores": scores}
        write_json(workspace.output(TRIAL), {**trial, "shots": len(counts), "draws": draws})
    inputs = [*(layout.observed(video) for video in config.tune.videos), layout.LEARN]
    with open_run(config.mlflow, workspace, name=f"tune {name}", stage="tune", inputs=inputs) as run:
        where = {"videos": list(config.tune.videos), "shots": config.tune.shots, "objective": objective}
        run.log_parameters({"tracker": name, "round": config.final_round, **where, **parameters})
        numbers = {f"{label}/{key}": each[key] for label, each in scores.items() for key in ("HOTA", "MOTA", "IDF1")}
        run.log_metrics({"objective": value, **numbers})
    return float(value)


def _seen(config: Config, workspace: Workspace, name: str, video: str) -> Seen:
    kind = config.track.features.get(name)
    whole = read_seen(
        workspace.input(layout.observed(video)),
        workspace.input(layout.extract_frames(video)),
        workspace.input(layout.extract_facts(video)),
        [kind] if kind else [],
    )
    return _on_shots(config, workspace, video, whole.above(config.track.minimum_confidence))


def _followed(config: Config, workspace: Workspace, name: str, video: str, seen: Seen) -> TrackedVideo:
    settings = config.tune.videos[video]
    classes = settings.classes or dict(enumerate(config.labels))
    count = read_json(workspace.input(layout.extract_facts(video)))["frames"]
    source = workspace.input(settings.tracks)
    truth = read_labels(source, video, classes, images=None, sizes=None, minimum_visibility=0.0, frames=count).boxes
    tracks, _ = follow(seen, Contestant(name, name, config.trackers[name], config.track.features.get(name)))
    return TrackedVideo(end_at_cuts(truth, seen.shots), tracks, seen.frames)


def _on_shots(config: Config, workspace: Workspace, video: str, seen: Seen) -> Seen:
    """Return what was seen on the shots of ``tune.shots``; on all of a video that ``split`` did not divide."""
    wanted = config.tune.shots
    if wanted == ALL or config.videos[video].role != "learn":
        return seen
    sides = frames.read(workspace.input(layout.LEARN_FRAMES)).filter(pl.col("video") == video)
    kept = sides.filter(pl.col("split") == wanted)["frame"].to_list()
    if not kept:
        raise UserError(
            f"tune.shots: {layout.LEARN_FRAMES} has no {wanted} frame of {video}; run `dvc repro split`, or set "
            f"tune.shots={ALL}"
        )
    return seen.only(kept)


def main() -> None:
    """Sweep, then say what came of it."""
    try:
        needed(sys.argv[1:])
    except UserError as error:
        sys.exit(f"error: {error}")
    sweep = launch(tune)
    if sweep:
        print(conclusion(sweep, Path("conf")))


if __name__ == "__main__":
    main()
