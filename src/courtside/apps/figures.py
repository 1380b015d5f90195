"""Writes the figures of the last ``dvc repro`` into a Markdown file, so that nobody types one in.

``python -m courtside.apps.figures docs/sample_run.md`` replaces what stands between the lines
``<!-- figures -->`` and ``<!-- end of figures -->``: the tables of all stages. With ``--section classifiers`` it
replaces what stands between ``<!-- classifiers -->`` and ``<!-- end of classifiers -->``: those of `classify` alone;
with ``--section ball_types`` those of an experiment with ten kinds of ball, beside the published ones.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from courtside import frames, layout
from courtside.apps.figures_ball_types import ball_types
from courtside.apps.figures_classifiers import classifiers
from courtside.apps.markdown import replace_section, table
from courtside.errors import UserError
from courtside.files import read_json
from courtside.frames import VERDICTS
from courtside.metrics.shot_changes import ShotChangeScores, score_shot_changes, shot_changes
from courtside.report.collect_rounds import collect_pseudo_labels, collect_round, with_gains
from courtside.report.settings import PlannedRound
from courtside.runs import git_commit

TRACK_KEYS = ("MOTA", "IDF1", "HOTA", "precision", "recall", "switches", "fragmentations")


def figures(root: Path) -> str:
    """Return the tables of all reports below ``root`` as Markdown.

    Raises:
        UserError: when a report is missing.
    """
    params = _params(root)
    parts = [_origin(root, params)]
    parts += ["### Cleaning", _cleaning(root, params)]
    parts += ["### Shot changes, against what was drawn", _shots(root, params)] if params["sample"]["games"] else []
    parts += ["### Split", _split(root)]
    parts += ["### Classifiers of frames", classifiers(root)]
    parts += ["### Rounds, on the frozen test set", _rounds(root, params)]
    parts += ["### Pseudo-labels, on human-labelled validation frames", _labels(root, params)]
    parts += ["### Tracks, true identities ending at cuts", _tracks(root, params)]
    return "\n\n".join(parts)


def classifier_figures(root: Path) -> str:
    """Return the tables of the classifiers below ``root`` as Markdown.

    Raises:
        UserError: when the report of the stage is missing.
    """
    return f"{_origin(root, _params(root))}\n\n{classifiers(root)}"


def ball_type_figures(root: Path) -> str:
    """Return the tables of ten kinds of ball below ``root`` as Markdown.

    Raises:
        UserError: when a report is missing.
    """
    return f"{_origin(root, _params(root))}\n\n{ball_types(root)}"


def _params(root: Path) -> dict[str, Any]:
    params: dict[str, Any] = yaml.safe_load((root / "params.yaml").read_text(encoding="utf-8"))
    return params


def _origin(root: Path, params: dict[str, Any]) -> str:
    commit, _, changes = (git_commit(root) or "none").partition("+")
    return (
        f"Experiment `{params['experiment']}`, {datetime.now(UTC):%Y-%m-%d}, commit {commit[:10]}"
        f"{f' and {changes}' if changes else ''}, {platform.machine()} with {os.cpu_count()} cores."
    )


def _cleaning(root: Path, params: dict[str, Any]) -> str:
    totals = {name: read_json(root / layout.report("clean", f"{name}.json"))["total"] for name in params["videos"]}
    without = {
        entry["video"]: entry["total"]["without_ball"]
        for entry in read_json(root / layout.report("classify", "clips.json"))
    }
    rows = []
    for name, total in totals.items():
        counts = {verdict: total[verdict] for verdict in VERDICTS}
        counts["without_ball"] = without.get(name)
        counts["usable"] -= without.get(name, 0)
        role = params["videos"][name].get("role", "learn")
        rows.append([name, role, *(counts[verdict] for verdict in VERDICTS), total["total"]])
    return table(["video", "role", *(verdict.replace("_", " ") for verdict in VERDICTS), "total"], rows)


def _shots(root: Path, params: dict[str, Any]) -> str:
    rows: list[list[Any]] = []
    total = ShotChangeScores()
    for name in params["sample"]["games"]:
        script = root / layout.sample_script(name)
        if not script.is_file():
            raise UserError(f"{script} does not exist; run `dvc repro sample`")
        true = shot_changes(pl.read_csv(script).sort("frame")["shot"].to_list())
        found = shot_changes(frames.read(root / layout.extract_frames(name)).sort("frame")["shot"].to_list())
        scores = score_shot_changes(true, found)
        rows.append([name, scores.true, scores.found, scores.matched, scores.recall, scores.precision])
        total += scores
    rows.append(["all", total.true, total.found, total.matched, total.recall, total.precision])
    return table(["game", "drawn", "found", "both", "recall", "precision"], rows)


def _split(root: Path) -> str:
    metrics = read_json(root / layout.report("split", "metrics.json"))
    rows = [[name, metrics["frames"][name], metrics["labelled"][name]] for name in ("train", "val", "test")]
    nearest = metrics["nearest"]
    near = f" The nearest pair differs in {nearest['distance']} of 256 bits of its hash." if nearest else ""
    return table(["split", "usable frames", "labelled by hand"], rows) + f"\n\nLeaks: {metrics['leaks']}.{near}"


def _rounds(root: Path, params: dict[str, Any]) -> str:
    labels = params["labels"] if len(params["labels"]) > 1 else []
    planned = [
        PlannedRound(name, settings.get("architecture") or params["detector"]["architecture"], 0, settings["teacher"])
        for name, settings in params["rounds"].items()
    ]
    rows = []
    for each in with_gains(root, [collect_round(root, one) for one in planned]):
        audited = collect_pseudo_labels(root, each.name)
        images = None if each.train_images is None else each.train_images + (each.val_images or 0)
        rows.append([f"`{each.name}`", each.detector, each.teacher, images, each.human_images, each.epochs])
        rows[-1] += [each.overall.map50, _between(each.interval)]
        rows[-1] += [each.gain.difference, _between(each.gain.interval)] if each.gain else [None, None]
        rows[-1] += [each.overall.map50_95, each.overall.precision, each.overall.recall, each.overall.f1]
        rows[-1] += [each.confidence, each.full_precision]
        by_label = {scores.label: scores.map50 for scores in each.labels}
        rows[-1] += [by_label.get(label) for label in labels]
        rows[-1] += [audited.own.f1 if audited else None, audited.verdict if audited else None]
    head = ["round", "detector", "teacher", "images", "by hand", "epochs", "mAP50", "95 %", "gain", "its 95 %"]
    head += ["mAP50-95", "precision", "recall", "F1", "at", "all right from"]
    return table([*head, *(f"{label} AP50" for label in labels), "F1 of its labels", "verdict"], rows)


def _between(interval: tuple[float, float] | None) -> str | None:
    """Write an interval; with "to" where an end is negative, since a dash would read as another minus."""
    if interval is None:
        return None
    low, high = (f"{end:.3f}".replace("-", "−") for end in interval)
    return f"{low} to {high}" if interval[0] < 0 else f"{low}–{high}"


def _labels(root: Path, params: dict[str, Any]) -> str:
    rows = []
    for name in params["rounds"]:
        metrics = read_json(root / layout.report("label", f"{name}/metrics.json"))
        for when in ("before", "after"):
            scores = metrics.get(when) or {}
            rows.append([f"`{name}`", when, *(scores.get(key) for key in ("precision", "recall", "f1", "mean_iou"))])
            interval = ((metrics.get("intervals") or {}).get(when) or {}).get("f1")
            known = (interval[0], interval[1]) if interval and None not in interval else None
            rows[-1] += [_between(known), scores.get("boxes")]
            accepted = metrics.get("accepted")
            rows[-1] += [None if accepted is None else "yes" if accepted else "no", metrics.get("champion")]
    head = ["round", "refinement", "precision", "recall", "F1", "mean IoU", "F1, 95 %", "boxes", "accepted", "champion"]
    return table(head, rows)


def _tracks(root: Path, params: dict[str, Any]) -> str:
    rows = []
    for video in params["tracked"]["videos"]:
        for tracker in params["tracked"]["trackers"]:
            metrics = read_json(root / layout.report("track", f"{video}/{tracker}.json"))
            for part in ("overall", *params["labels"]):
                if part in metrics:
                    scores = [metrics[part][key] for key in TRACK_KEYS]
                    rows.append([video, tracker, part, *scores, round(metrics["fps"], 1)])
    return table(["video", "tracker", "label", *TRACK_KEYS, "frames/s"], rows)


def main() -> None:
    """Replace the figures in the file that the command line names."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("file", type=Path, help="the Markdown file")
    parser.add_argument(
        "--root", type=Path, default=Path(), help="the repository whose reports are read (default: here)"
    )
    sections = {"figures": figures, "classifiers": classifier_figures, "ball_types": ball_type_figures}
    parser.add_argument("--section", choices=list(sections), default="figures", help="which tables (default: all)")
    options = parser.parse_args()
    try:
        replace_section(options.file, options.section, sections[options.section](options.root))
    except UserError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
