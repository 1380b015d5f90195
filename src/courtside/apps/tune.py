"""Chooses the parameters of a tracker: ``python -m courtside.apps.tune -m tracker=NAME +sweep=NAME``.

Each trial follows what the champion saw on the videos of ``tune.videos`` (``python -m courtside.stages.observe`` keeps
it once) and is scored against their true tracks. ``conf/sweep/`` says which parameters Optuna tries in which ranges;
the best stand in ``optimization_results.yaml`` in the folder of the sweep below ``multirun/``. They are worth what they
reach on other videos: write them into ``conf/trackers/`` and run ``dvc repro``, which scores the test games.
"""

from __future__ import annotations

from courtside import layout
from courtside.config import Config
from courtside.errors import UserError
from courtside.files import read_json
from courtside.formats.labels import read_labels
from courtside.launch import launch
from courtside.metrics.tracking import evaluate_tracks
from courtside.trackers.comparison import Contestant, follow
from courtside.trackers.observed import read_seen
from courtside.trackers.run import end_at_cuts
from courtside.workspace import Workspace


def tune(config: Config, workspace: Workspace) -> float:
    """Return the mean of ``tune.objective`` over the videos of ``tune.videos``."""
    name = config.chosen_tracker()
    if not config.tune.videos:
        raise UserError("tune.videos is empty; name videos with true tracks, and the file that holds them")
    scores = [_score(config, workspace, name, video) for video in config.tune.videos]
    mean = sum(scores) / len(scores)
    print(f"tune {name}: {config.tune.objective} {mean:.4f}")
    return mean


def _score(config: Config, workspace: Workspace, name: str, video: str) -> float:
    truth_settings = config.tune.videos[video]
    facts = workspace.input(layout.extract_facts(video))
    whole = read_seen(workspace.input(layout.observed(video)), workspace.input(layout.extract_frames(video)), facts)
    seen = whole.above(config.track.minimum_confidence)
    classes = truth_settings.classes or dict(enumerate(config.labels))
    source = workspace.input(truth_settings.tracks)
    truth = read_labels(
        source, video, classes, images=None, sizes=None, minimum_visibility=0.0, frames=read_json(facts)["frames"]
    ).boxes
    tracks, _ = follow(seen, Contestant(name, name, config.trackers[name], config.track.features.get(name)))
    labels = [label for label in config.labels if label in set(truth["label"])]
    scores = evaluate_tracks(
        end_at_cuts(truth, seen.shots),
        tracks,
        labels,
        seen.frames,
        minimum_visibility=config.track.minimum_visibility,
        other_labels=config.labels,
    )
    part, _, key = config.tune.objective.partition("/")
    value = scores.get(part, {}).get(key)
    if value is None:
        known = ", ".join(f"{label}/HOTA" for label in scores)
        raise UserError(f"tune.objective: {config.tune.objective!r} is no score of {video}; for example {known}")
    return float(value)


if __name__ == "__main__":
    launch(tune)
