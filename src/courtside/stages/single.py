"""Follows single objects of a tracked video from their first box, by several trackers, alone and with our check."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from courtside import boxes, layout
from courtside.config import Config
from courtside.files import read_json, write_json, write_text
from courtside.launch import launch
from courtside.metrics.single_plots import precision_plot, success_plot
from courtside.metrics.single_tracking import SingleScores, combine, evaluate_single
from courtside.progress import Progress
from courtside.runs import open_run
from courtside.single.draw import court_picture, heat_picture, path_picture, write_picture
from courtside.single.follow import Followed, Task, follow_all
from courtside.single.objects import longest_objects
from courtside.single.settings import CheckSettings
from courtside.trackers.comparison import Seen
from courtside.trackers.observed import read_seen
from courtside.video.reader import read_selected
from courtside.workspace import Workspace

ALONE, CHECKED = "alone", "checked"


@dataclass(frozen=True)
class Attempt:
    """One object followed by one tracker, ``alone`` or ``checked``."""

    tracker: str
    how: str
    truth: pl.DataFrame
    followed: Followed

    @cached_property
    def scores(self) -> SingleScores:
        """What it reached."""
        frames = self.followed.frames.tolist()
        lost = dict(zip(frames, self.followed.lost.tolist(), strict=True))
        return evaluate_single(self.truth, self.followed.boxes, frames, lost)


def single(config: Config, workspace: Workspace) -> None:
    """Write how ``single.trackers`` follow the longest object of each label on ``video``, and draw it."""
    video = config.chosen_video()
    tracks = boxes.read(workspace.input(layout.ANNOTATED_TRACKS)).filter(pl.col("video") == video)
    target = workspace.output(layout.report("single", f"{video}/metrics.json"))
    seen = read_seen(
        workspace.input(layout.observed(video)),
        workspace.input(layout.extract_frames(video)),
        workspace.input(layout.extract_facts(video)),
    )
    labels = config.single.labels or [label for label in config.labels if label in set(tracks["label"])]
    objects = longest_objects(tracks, labels, seen.shots, minimum_visibility=config.single.minimum_visibility)
    if not objects:
        write_json(target, {"objects": [], "trackers": {}})
        write_text(workspace.output(layout.report("single", f"{video}/plots/about.txt")), "No true tracks to follow.\n")
        return
    path = workspace.input(read_json(workspace.input(layout.extract_facts(video)))["path"])
    jobs = [
        (tracker, how, truth) for tracker in config.single.trackers for how in (ALONE, CHECKED) for truth in objects
    ]
    tasks = [_task(config, workspace, path, *job, seen.boxes) for job in jobs]
    with Progress(f"single {video}", total=len(jobs), unit="objects") as progress:
        done = follow_all(tasks, workers=config.single.workers, report=progress.update)
    attempts = [Attempt(*job, followed) for job, followed in zip(jobs, done, strict=True)]
    trackers = _by_tracker(config.single.trackers, attempts)
    _draw(workspace, video, path, attempts, panned=_pans(seen))
    inputs = [layout.observed(video), layout.extract(video), layout.ANNOTATE]
    with open_run(config.mlflow, workspace, name=f"single {video}", stage="single", inputs=inputs) as run:
        run.log_parameters({"video": video, **asdict(config.single)})
        for tracker, ways in trackers.items():
            for how, values in ways.items():
                run.log_metrics({f"{tracker}/{how}/{key}": values[key] for key in ("auc", "precision_20px", "fps")})
        write_json(
            target,
            {"objects": [_about(truth) for truth in objects], "trackers": trackers, "mlflow_run_id": run.id},
        )
        run.log_artifact(target)


def _task(
    config: Config,
    workspace: Workspace,
    path: Path,
    tracker: str,
    how: str,
    truth: pl.DataFrame,
    detections: pl.DataFrame,
) -> Task:
    weights = config.single.weights.get(tracker)
    return Task(
        path,
        truth["frame"][0],
        truth["frame"][-1] + 1,
        truth.head(1),
        tracker,
        workspace.input(weights) if weights else None,
        CheckSettings(**asdict(config.single.check)) if how == CHECKED else None,
        detections,
    )


def _about(truth: pl.DataFrame) -> dict[str, Any]:
    return {
        "label": truth["label"][0],
        "track": truth["track"][0],
        "first_frame": truth["frame"][0],
        "frames": truth["frame"][-1] - truth["frame"][0] + 1,
    }


def _by_tracker(trackers: Sequence[str], attempts: Sequence[Attempt]) -> dict[str, dict[str, dict[str, Any]]]:
    found: dict[str, dict[str, dict[str, Any]]] = {tracker: {} for tracker in trackers}
    for tracker in trackers:
        for how in (ALONE, CHECKED):
            own = [each for each in attempts if (each.tracker, each.how) == (tracker, how)]
            seconds = sum(each.followed.seconds for each in own)
            found[tracker][how] = {
                **combine(each.scores for each in own).to_dict(),
                "fps": sum(len(each.followed.frames) for each in own) / seconds,
                "objects": {each.truth["label"][0]: each.scores.to_dict() for each in own},
            }
    return found


def _pans(seen: Seen) -> bool:
    """Return whether the camera moves by more than a pixel on a tenth of the frames."""
    moved = [bool(abs(camera[:, 2]).max() > 1) for camera in (seen.cameras or {}).values()]
    return sum(moved) > len(moved) / 10


def _draw(workspace: Workspace, video: str, path: Path, attempts: Sequence[Attempt], *, panned: bool) -> None:
    """Draw success and precision of all, and where the best tracker saw the first object.

    The median of a video whose camera pans shows nothing; then the frame on which the box was given is the court.
    """

    def plot(name: str) -> Path:
        return workspace.output(layout.report("single", f"{video}/plots/{name}.png"))

    ways = dict.fromkeys((each.tracker, each.how) for each in attempts)
    scores = {
        f"{tracker}, {how}": combine(each.scores for each in attempts if (each.tracker, each.how) == (tracker, how))
        for tracker, how in ways
    }
    success_plot(scores, plot("success"))
    precision_plot(scores, plot("precision"))
    first = [each for each in attempts if each.truth is attempts[0].truth]
    best = max(first, key=lambda each: each.scores.auc)
    given = int(first[0].truth["frame"][0])
    court = next(frame.image for frame in read_selected(path, [given])) if panned else court_picture(path)
    write_picture(plot("path"), path_picture(court, best.followed.boxes))
    write_picture(plot("heat"), heat_picture(court, best.followed.boxes))


if __name__ == "__main__":
    launch(single)
