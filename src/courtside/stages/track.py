"""Follows ball and players through a video, scores the tracks where there is truth, and draws them."""

import polars as pl

from courtside import boxes, layout
from courtside.config import Config
from courtside.files import read_json, write_json
from courtside.launch import launch
from courtside.metrics.tracking import evaluate_tracks
from courtside.progress import Progress
from courtside.runs import open_run
from courtside.trackers.comparison import Contestant, follow, warm_up
from courtside.trackers.observed import read_seen
from courtside.trackers.render import render_video
from courtside.trackers.run import end_at_cuts
from courtside.workspace import Workspace


def track(config: Config, workspace: Workspace) -> float | None:
    """Write tracks, video and metrics of ``tracker`` on ``video``; return HOTA where there is truth."""
    video, tracker_name = config.chosen_video(), config.chosen_tracker()
    facts = read_json(workspace.input(layout.extract_facts(video)))
    path = workspace.input(facts["path"])
    whole = read_seen(
        workspace.input(layout.observed(video)),
        workspace.input(layout.extract_frames(video)),
        workspace.input(layout.extract_facts(video)),
    )
    seen = whole.above(config.track.minimum_confidence)
    parameters = config.trackers[tracker_name]
    contestant = Contestant(tracker_name, tracker_name, parameters, config.track.features.get(tracker_name))
    warm_up(seen, contestant)
    tracks, seconds = follow(seen, contestant)
    boxes.write(workspace.output(layout.track(video, tracker_name)), tracks)
    truth = boxes.read(workspace.input(layout.ANNOTATED_TRACKS)).filter(pl.col("video") == video)
    scores = {}
    if truth.height:
        # A game may have no referee in view; a label without truth has no score.
        labels = [label for label in config.labels if label in set(truth["label"])]
        scores = evaluate_tracks(
            end_at_cuts(truth, seen.shots),
            tracks,
            labels,
            seen.frames,
            minimum_visibility=config.track.minimum_visibility,
            other_labels=config.labels,
        )
    with Progress(f"track {video}: draw", total=len(seen.frames), unit="frames") as progress:
        rendered = workspace.output(layout.track_video(video, tracker_name))
        render_video(path, tracks, rendered, trail_length=config.track.trail_length, report=progress.update)
    inputs = [layout.observed(video), layout.extract(video), layout.ANNOTATE]
    with open_run(config.mlflow, workspace, name=f"{tracker_name} {video}", stage="track", inputs=inputs) as run:
        run.log_parameters({"tracker": tracker_name, "video": video, "round": config.final_round, **parameters})
        for part, values in scores.items():
            numbers = {f"{part}/{key}": value for key, value in values.items() if isinstance(value, int | float)}
            run.log_metrics(numbers)
        metrics = {**scores, "fps": len(seen.frames) / seconds, "mlflow_run_id": run.id}
        metrics_path = workspace.output(layout.report("track", f"{video}/{tracker_name}.json"))
        write_json(metrics_path, metrics)
        run.log_artifact(metrics_path)
        run.log_artifact(rendered, "video")
    return scores["overall"]["HOTA"] if scores else None


if __name__ == "__main__":
    launch(track)
