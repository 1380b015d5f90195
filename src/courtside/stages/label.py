"""Lets a round label the learning videos, refines its labels, and audits them against human ones."""

from dataclasses import asdict

import polars as pl

from courtside import boxes, frames, layout
from courtside.config import Config
from courtside.detectors.detect import detect
from courtside.detectors.ultralytics_detector import UltralyticsDetector
from courtside.files import read_json, write_json
from courtside.launch import launch
from courtside.progress import Progress
from courtside.pseudolabels.audit import audit
from courtside.pseudolabels.confidence import keep_confident
from courtside.pseudolabels.pipeline import RefinementSettings, refine
from courtside.pseudolabels.thin import thin
from courtside.tables import read_table
from courtside.workspace import Workspace


def label(config: Config, workspace: Workspace) -> None:
    """Write the boxes of ``round`` on the usable training frames; the audit looks at validation frames only."""
    name = config.chosen_round()
    usable, audited = frames_to_label(config, workspace, name)
    facts = read_json(workspace.input(layout.LEARN_VIDEOS))
    detector = UltralyticsDetector.load(workspace.input(layout.weights(name)))
    with Progress(f"label {name}", total=usable.height, unit="frames") as progress:
        found = detect(
            detector,
            usable,
            {video: workspace.input(fact["path"]) for video, fact in facts.items()},
            minimum_confidence=min([config.label.minimum_confidence, *config.label.minimum_confidences.values()]),
            source=name,
            report=progress.update,
        )
    training = usable.filter(pl.col("split") == "train")
    teacher = boxes.read(workspace.input(layout.labels(config.rounds[name].teacher)))
    # What is carried over stays off the audited frames, where the first teacher's labels are the truth.
    carried = teacher.join(training, on=["video", "frame"], how="semi")
    limits = {name: value for name, value in asdict(config.label).items() if name != "every"}
    refined = refine(found, usable, RefinementSettings(**limits), carried)
    truth = boxes.read(workspace.input(layout.LEARN_BOXES))
    plain = keep_confident(found, config.label.minimum_confidence, config.label.minimum_confidences)
    before, after = (audit(table, truth, audited, config.labels) for table in (plain, refined.boxes))
    # Refinement that the human frames do not bear out is not used: the plain labels are.
    accepted = after["f1"] >= before["f1"]
    kept = refined.boxes if accepted else plain
    boxes.write(workspace.output(layout.labels(name)), kept.join(training, on=["video", "frame"], how="semi"))
    write_json(
        workspace.output(layout.report("label", f"{name}/metrics.json")),
        {
            "before": before,
            "after": after,
            "steps": [asdict(step) for step in refined.steps],
            "frames": {"labelled": training.height, "audited": audited.height},
            "accepted": accepted,
        },
    )


def frames_to_label(config: Config, workspace: Workspace, name: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the usable frames that the round ``name`` is asked about, a frames table, and the audited ones of them.

    What is on a frame that a person labelled is known already; in validation it is asked all the same, for the audit.
    """
    table = frames.read(workspace.input(layout.CLASSIFIED_FRAMES))
    usable = table.filter((pl.col("verdict") == "usable") & pl.col("split").is_not_null())
    labelled = read_table(workspace.input(layout.LEARN_LABELLED))
    audited = usable.filter(pl.col("split") == "val").join(labelled, on=["video", "frame"], how="semi")
    usable = usable.join(labelled, on=["video", "frame"], how="anti").vstack(audited).sort("video", "frame")
    return thin(usable, config.rounds[name].label_every or config.label.every, keep=audited), audited


if __name__ == "__main__":
    launch(label)
