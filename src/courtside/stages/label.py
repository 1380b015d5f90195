"""Makes labels of what a round's detector found, audits them on human ones, and keeps the champion of the rounds."""

import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import polars as pl

from courtside import boxes, embeddings, frames, layout
from courtside.config import Config, LabelSettings
from courtside.files import atomic_path, read_json, write_json
from courtside.launch import launch
from courtside.metrics.remarks import remarks_on_labels
from courtside.motion import MotionModel
from courtside.pseudolabels.audit import COUNTS, compare, count, figures, intervals
from courtside.pseudolabels.confidence import keep_confident
from courtside.pseudolabels.fusion import nobody, read_ensemble, write_ensemble
from courtside.pseudolabels.linking import LinkWorth
from courtside.pseudolabels.looks import LookSettings
from courtside.pseudolabels.pipeline import Refined, RefinementSettings, refine
from courtside.pseudolabels.thin import audited_frames, backgrounds_to_label, frames_to_label
from courtside.pseudolabels.wanted_precision import count_steps, fit_settings
from courtside.runs import open_run
from courtside.tables import read_table, write_table
from courtside.workspace import Workspace

KEY = ["video", "frame"]


def label(config: Config, workspace: Workspace) -> float:
    """Write the labels of ``round``, or those of the champion before it where they are worse by more than noise.

    Returns:
        The F1 of the round's own labels on the audited frames, which a sweep may maximise.
    """
    name = config.chosen_round()
    settings = config.rounds[name]
    table = frames.read(workspace.input(layout.CLASSIFIED_FRAMES))
    labelled = read_table(workspace.input(layout.LEARN_LABELLED))
    every, own = config.looks_at_every(name), config.dataset
    backgrounds = backgrounds_to_label(
        table, config.labels, every, share=own.background_share, below=own.sure_background_below
    )
    asked = frames_to_label(table, labelled, every, backgrounds)
    audited = audited_frames(table, labelled)
    training = asked.filter(pl.col("split") == "train")
    teacher = boxes.read(workspace.input(layout.labels(settings.teacher)))
    truth = boxes.read(workspace.input(layout.LEARN_BOXES))
    found = boxes.read(workspace.input(layout.detections(name)))
    looks = None
    if config.label.looks.labels:
        looks = embeddings.read(workspace.input(layout.embeddings(name)), found)
    before = together = nobody()
    if config.label.fuse_teacher:
        before = read_ensemble(workspace.input(layout.ensemble(settings.teacher)))
        together = before.joined_by(found, asked)
        found = together.boxes.join(asked, on=KEY, how="semi", maintain_order="left")
    # No round is taught on frames that audit it, and nothing is carried over to them: there the first teacher's labels
    # are the truth. Where none are audited, the next round needs some to validate on.
    taught = training if audited.height else asked
    carried = teacher.join(taught, on=KEY, how="semi")
    limits, wanted = refinement_settings(config.label), config.label.wanted_precisions
    calibrated = config.label.calibrated_labels
    in_time = _in_time(asked, config)
    counts = None
    if audited.height and (wanted or calibrated):
        counts = count_steps(
            found,
            in_time,
            truth,
            audited,
            config.labels,
            limits,
            wanted,
            calibrated,
            carried,
            looks,
            config.seed,
            round_name=name,
        )
        limits = fit_settings(found, truth, audited, limits, wanted, calibrated)
    refined = refine(found, in_time, limits, carried, looks, config.seed)
    plain = keep_confident(found, limits.minimum_confidence, limits.minimum_confidences)
    made = [plain, *(step.boxes for step in refined.steps)]
    if not audited.height:
        print(f"label {name}: nobody labelled a validation frame, so nothing says how right its labels are")
    elif counts is None:
        counts = [count(one, truth, audited, config.labels, round_name=name) for one in made]
    # Refinement that the human frames do not bear out is not used: the plain labels are.
    accepted = counts is None or figures(counts[-1])["f1"] >= figures(counts[0])["f1"]
    kept = refined.boxes if accepted else plain
    kept_counts = pl.DataFrame(schema=COUNTS) if counts is None else counts[-1 if accepted else 0]
    previous = read_table(workspace.input(layout.audit(settings.teacher)))
    comparison = compare(kept_counts, previous, seed=config.seed) if counts and previous.height else None
    rejected = comparison is not None and comparison.is_worse
    champion = previous["round"][0] if rejected else name
    if rejected:
        print(f"label {name}: rejected, its labels are worse than those of {champion}; {champion} stays the champion")
        boxes.write(workspace.output(layout.labels(name)), teacher)
        write_table(workspace.output(layout.audit(name)), previous)
        _copy(workspace.input(layout.champion(settings.teacher)), workspace.output(layout.champion(name)))
    else:
        boxes.write(workspace.output(layout.labels(name)), kept.join(taught, on=KEY, how="semi"))
        write_table(workspace.output(layout.audit(name)), kept_counts)
        _copy(workspace.input(layout.weights(name)), workspace.output(layout.champion(name)))
    # A round that is rejected is no teacher, and no member of the next round's ensemble either.
    write_ensemble(workspace.output(layout.ensemble(name)), before if rejected else together)
    audits = [figures(one) for one in counts] if counts else [_unaudited(one) for one in made]
    metrics = {
        "before": audits[0],
        "after": audits[-1],
        "intervals": {"before": intervals(counts[0]), "after": intervals(counts[-1])} if counts else None,
        "steps": _steps(refined, audits[1:]),
        "confidences": {
            label: limits.minimum_confidences.get(label, limits.minimum_confidence) for label in config.labels
        },
        "size_factors": dict(limits.size_factors),
        "frames": {
            "labelled": training.height,
            "audited": audited.height,
            "audited_shots": audited.select("video", "shot").n_unique(),
        },
        "accepted": accepted,
        "champion": champion,
        "rejected": rejected,
        "comparison": None if comparison is None else {"with": previous["round"][0], **asdict(comparison)},
    }
    write_json(workspace.output(layout.report("label", f"{name}/metrics.json")), metrics)
    kept_figures = figures(kept_counts)
    _log(config, workspace, name, kept_figures if counts else {}, metrics)
    return float(kept_figures["f1"])


def _unaudited(labels: pl.DataFrame) -> dict[str, Any]:
    return {**dict.fromkeys(("precision", "recall", "f1", "mean_iou")), "boxes": labels.height}


def refinement_settings(settings: LabelSettings) -> RefinementSettings:
    """Return the limits of the refinement that ``label.*`` says."""
    values = asdict(settings)
    for chosen_on_frames in ("fuse_teacher", "wanted_precisions", "calibrated_labels"):
        del values[chosen_on_frames]
    values["motion"], values["links"] = MotionModel(**values["motion"]), LinkWorth(**values["links"])
    values["temporal_labels"] = tuple(values["temporal_labels"])
    values["exclusive_labels"] = tuple(values["exclusive_labels"])
    values["looks"] = LookSettings(**{**values["looks"], "labels": tuple(values["looks"]["labels"])})
    return RefinementSettings(**values)


def _in_time(asked: pl.DataFrame, config: Config) -> pl.DataFrame:
    """Make every picture of a folder of pictures a shot of its own: those of one source are no neighbours in time.

    Another pattern makes other shots, so the frames table tells DVC of it.
    """
    loose = [name for name, video in config.videos.items() if video.shot_pattern]
    return asked.with_columns(shot=pl.when(pl.col("video").is_in(loose)).then("frame").otherwise("shot"))


def _steps(refined: Refined, audits: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what each step did, and how right the labels are after it."""
    return [
        {"name": step.name, "removed": step.removed, "added": step.added, "moved": step.moved, **audited}
        for step, audited in zip(refined.steps, audits, strict=True)
    ]


def _copy(source: Path, target: Path) -> None:
    with atomic_path(target) as temporary:
        shutil.copyfile(source, temporary)


def _log(
    config: Config, workspace: Workspace, name: str, audited: dict[str, float | int], metrics: dict[str, Any]
) -> None:
    """Tell MLflow what the audit says, and make the round a version in its registry and the champion the one to use."""
    trained = read_json(workspace.input(layout.report("train", f"{name}/metrics.json")))
    weights = workspace.input(layout.weights(name))
    inputs = [layout.dataset(name), layout.weights(name), layout.labels(config.rounds[name].teacher)]
    run_id = None if workspace.sweep else trained["mlflow_run_id"]
    with open_run(config.mlflow, workspace, name=name, stage="label", inputs=inputs, run_id=run_id) as run:
        run.log_metrics({f"labels/{key}": value for key, value in audited.items()})
        if workspace.sweep:  # other thresholds do not make another model
            run.log_parameters({"round": name, "label": config.label})
            return
        verdict = "rejected" if metrics["rejected"] else "accepted"
        run.set_tags({"verdict": verdict, "champion": metrics["champion"]})
        run.describe("label", " ".join(remarks_on_labels(name, metrics)))
        model = f"{config.mlflow.experiment}-{config.experiment}"
        run.register(model, weights, {"round": name, "teacher": config.rounds[name].teacher, "verdict": verdict})
        if name == config.final_round:
            run.set_champion(model, workspace.output(layout.champion(name)))


if __name__ == "__main__":
    launch(label)
