"""The rounds on real video: labels for four clips that nobody labelled, and how right they are, step by step.

``python bench/real_run.py --data FOLDER`` fine-tunes a detector on hand-labelled pictures, lets it look at the clips,
refines what it found, trains the next round on that, and so on. The truth of the clips (``video_truth/``) judges the
labels and is used for nothing else, but where it says that settings were tuned: those were chosen on two clips and are
scored on the other two. Figures go to ``bench/results/real_run.json`` and docs/real_run.md. Weights and detections are
kept in ``--work``: a killed run goes on where it was, and other settings look at no frame again. ``--gpu`` trains
longer, and at larger sizes; with ``--detect-only`` no table is made, and a call without it makes it from what is in
``--work``, on any machine.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import clean
import numpy as np
import polars as pl

from courtside import boxes
from courtside.apps.markdown import replace_section, table
from courtside.datasets.write import write_dataset
from courtside.detectors.build import build_detector, load_detector
from courtside.detectors.detect import detect
from courtside.detectors.protocol import FitSettings
from courtside.detectors.weights import load_weights
from courtside.errors import UserError
from courtside.files import read_json, write_json
from courtside.formats.labels import read_labels
from courtside.metrics.matching import match_boxes
from courtside.motion import MotionModel
from courtside.progress import Progress
from courtside.pseudolabels.audit import count, figures
from courtside.pseudolabels.confidence import keep_confident
from courtside.pseudolabels.fusion import fuse
from courtside.pseudolabels.linking import LinkWorth
from courtside.pseudolabels.pipeline import RefinementSettings, refine
from courtside.video.images import list_images, sizes
from courtside.video.source import probe

ROOT = Path(__file__).resolve().parent.parent
CLIPS = ("outdoor_court_720p", "outdoor_practice_656x712", "outdoor_practice_1060x564", "outdoor_shot_540p")
HALVES = (CLIPS[:2], CLIPS[2:])
BALL = ("ball",)
SOURCE_OF_PICTURE = r"^(IMG_[0-9]+|Sequence[^S]*|b[0-9]|basketball|image)"
# Two balls are on the court of one clip, one on the others; nobody tells the program which.
SETTINGS = RefinementSettings(
    minimum_confidence=0.1,
    overlap_keeps="surer",
    maximum_aspect_ratio=2.5,
    maximum_counts={"ball": 2},
    temporal_labels=BALL,
)
TUNED_DRAWS = 60
THRESHOLDS = [round(0.02 * step, 2) for step in range(1, 48)]


@dataclass(frozen=True)
class Plan:
    """How a round is trained and looks.

    Attributes:
        name: of the round.
        image_size: longer side in training, pixels.
        looks: longer sides at which it looks at the clips; labels are made from the last one.
        epochs: of training.
        lr0: first learning rate.
    """

    name: str
    image_size: int
    looks: tuple[int, ...]
    epochs: int
    lr0: float


PLANS = (
    Plan("yolo_n_800", 320, (640, 1024), 8, 0.001),
    Plan("yolo_n_1200", 640, (1024,), 3, 0.0005),
    Plan("yolo_n_1300", 640, (1024,), 3, 0.0005),
)
ON_GPU = (
    Plan("yolo_n_800", 640, (640, 1024), 30, 0.001),
    Plan("yolo_n_1200", 960, (1024,), 8, 0.0005),
    Plan("yolo_n_1300", 960, (1024,), 8, 0.0005),
)


@dataclass(frozen=True)
class Material:
    """What the run works on.

    Attributes:
        videos: where the pictures and the clips are.
        pictures: frames table of the hand-labelled pictures, with their split; those of one source stay together.
        human: their boxes.
        clips: ``video``, ``frame`` and ``shot`` of every frame of the clips.
        truth: what is there.
        initial: weights the first round starts from.
        workers: processes that read images while a round is trained.
    """

    videos: Mapping[str, Path]
    pictures: pl.DataFrame
    human: pl.DataFrame
    clips: pl.DataFrame
    truth: pl.DataFrame
    initial: Path
    workers: int = 2


def read_material(data: Path) -> Material:
    """Read pictures, clips and truth.

    Raises:
        UserError: when something of it is missing.
    """
    folder = data / "detection/basketball"
    videos = {name: data / f"video/{name}.mp4" for name in CLIPS} | {"pictures": folder / "images"}
    for path in videos.values():
        if not path.exists():
            raise UserError(f"{path} does not exist; name the folder that holds it with --data")
    images = list_images(videos["pictures"])
    labels = read_labels(folder / "labels", "pictures", {0: "ball", 1: "ball", 4: "ball"}, images, sizes(images), 0.0)
    counts = {name: probe(videos[name]).frames for name in CLIPS}
    truth = [
        read_labels(data / f"video_truth/{name}/gt.txt", name, {1: "ball"}, None, None, 0.0, counts[name]).boxes
        for name in CLIPS
    ]
    listed = [
        pl.DataFrame({"video": name, "frame": range(counts[name]), "shot": 0}).with_columns(
            pl.col("frame", "shot").cast(pl.Int32)
        )
        for name in CLIPS
    ]
    return Material(
        videos,
        _split([path.stem for path in images]),
        labels.boxes,
        pl.concat(listed),
        pl.concat(truth),
        data / "weights/yolov5n_coco_state_dict.pt",
    )


def _split(stems: Sequence[str]) -> pl.DataFrame:
    """Give a tenth of the pictures, by sources of few pictures each, to validation."""
    sources = [found.group(1) if (found := re.match(SOURCE_OF_PICTURE, stem)) else stem for stem in stems]
    names = sorted(set(sources))
    np.random.default_rng(0).shuffle(names)
    chosen: set[str] = set()
    size = 0
    for name in names:
        pictures = sources.count(name)
        if pictures < len(stems) // 20 and size + pictures <= len(stems) // 10:
            chosen.add(name)
            size += pictures
    return pl.DataFrame(
        {
            "video": "pictures",
            "frame": range(len(stems)),
            "split": ["val" if source in chosen else "train" for source in sources],
            "source": "human",
        }
    ).with_columns(pl.col("frame").cast(pl.Int32))


def run_round(
    plan: Plan, work: Path, material: Material, labels: pl.DataFrame | None, start: Path
) -> list[pl.DataFrame]:
    """Train a round on the pictures and the labels of the round before; return what it sees at each of its sizes."""
    weights = work / f"{plan.name}.pt"
    if not weights.is_file():
        chosen, known = material.pictures, material.human
        if labels is not None:
            shown = labels.select("video", "frame").unique().filter(pl.col("frame") % 2 == 0)  # neighbours are alike
            taught = shown.with_columns(split=pl.lit("train"), source=pl.lit("teacher"))
            chosen = pl.concat([chosen, taught.select(chosen.columns)]).sort("video", "frame")
            known = pl.concat([known, labels])
        dataset = work / f"dataset_{plan.name}"
        if not dataset.is_dir():
            with Progress(f"dataset {plan.name}", total=chosen.height, unit="images") as progress:
                write_dataset(dataset, chosen, known, material.videos, BALL, jpeg_quality=92, report=progress.update)
        detector = build_detector("yolov5n", BALL, plan.image_size, load_weights(start))
        with Progress(f"train {plan.name}", total=1, unit="batches") as progress:
            settings = replace(fit_settings(plan, first=labels is None), workers=material.workers)
            detector.fit(dataset, settings, work / f"fit_{plan.name}", lambda epoch: None, progress.update)
        detector.save(weights)
    return [look(weights, size, work, material) for size in plan.looks]


def fit_settings(plan: Plan, *, first: bool) -> FitSettings:
    """The first round is a plain fine-tune from weights without a head; the others go on from the one before."""
    return FitSettings(
        epochs=plan.epochs,
        batch=16,
        optimizer="AdamW",
        lr0=plan.lr0,
        lrf=0.05,
        warmup_epochs=1.0 if first else 0.0,
        freeze=0,
        mosaic=1.0 if first else 0.0,
        scale=0.5,
        rectangular=False,
        patience=50,
        class_weight=0.5,
        average_share=0.0 if first else 0.3,
        workers=2,
        device=None,
        seed=0,
    )


def look(weights: Path, size: int, work: Path, material: Material) -> pl.DataFrame:
    """Return what a detector sees on the clips."""
    kept = work / f"{weights.stem}_{size}.parquet"
    if not kept.is_file():
        detector = load_detector(weights)
        detector.image_size = size
        with Progress(f"detect {weights.stem} at {size} px", total=material.clips.height, unit="frames") as progress:
            found = detect(
                detector,
                material.clips,
                material.videos,
                minimum_confidence=0.01,
                source=weights.stem,
                report=progress.update,
            )
        boxes.write(kept, found)
    return boxes.read(kept)


def score(labels: pl.DataFrame, material: Material) -> dict[str, dict[str, float | int]]:
    """Return precision, recall, F1, mean IoU and number of the labels on each clip."""
    return {
        name: figures(count(labels, material.truth, material.clips.filter(pl.col("video") == name), BALL))
        for name in CLIPS
    }


def mean_f1(scores: Mapping[str, Mapping[str, float | int]], clips: Sequence[str] = CLIPS) -> float:
    """Return the mean F1 over clips."""
    return float(np.mean([scores[name]["f1"] for name in clips]))


def best_threshold(found: pl.DataFrame, material: Material) -> dict[str, dict[str, float | int]]:
    """Return the figures of each clip at its own best threshold: the most that a threshold alone can do."""
    thresholds = [score(keep_confident(found, threshold), material) for threshold in THRESHOLDS]
    return {name: max((scores[name] for scores in thresholds), key=lambda values: values["f1"]) for name in CLIPS}


def draw_settings(random: np.random.Generator) -> RefinementSettings:
    """Draw the values that tuning chooses among."""

    def one(*values: float) -> float:
        return float(random.choice(values))

    return replace(
        SETTINGS,
        minimum_confidence=one(0.1, 0.2, 0.3),
        candidate_confidence=one(0.05, 0.1),
        sure_confidence=one(0.4, 0.5, 0.6, 0.7),
        sure_boxes=int(one(1, 2, 3)),
        fill_gaps_up_to=int(one(5, 8)),
        maximum_uncertainty=one(0.15, 0.2),
        links=LinkWorth(reward=one(0.25, 0.5, 1.0), spread=one(0.2, 0.3, 0.6), turn_cost=one(2.0, 4.0)),
        motion=MotionModel(jerk=one(0.4, 0.8)),
    )


def tune(found: pl.DataFrame, material: Material, draws: int = TUNED_DRAWS) -> dict[str, dict[str, float | int]]:
    """Return the figures of each clip with the settings that are best on the two clips of the other half."""
    random = np.random.default_rng(0)
    tried = [score(refine(found, material.clips, SETTINGS).boxes, material)]
    with Progress("tune", total=draws, unit="settings") as progress:
        for number in range(draws):
            tried.append(score(refine(found, material.clips, draw_settings(random)).boxes, material))
            progress.update(number + 1, draws)
    result: dict[str, dict[str, float | int]] = {}
    for scored, tuned_on in (HALVES, HALVES[::-1]):
        best = max(tried, key=lambda scores, clips=tuned_on: mean_f1(scores, clips))
        result |= {name: best[name] for name in scored}
    return result


def main() -> None:
    """Run the rounds, print and write the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--data", type=Path, required=True, help="folder with detection/, video/, video_truth/, weights/"
    )
    parser.add_argument("--work", type=Path, default=ROOT / ".courtside/real_run", help="(default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=len(PLANS), help="how many (default: %(default)s)")
    parser.add_argument(
        "--draws", type=int, default=TUNED_DRAWS, help="settings that tuning tries, 0 for none (default: %(default)s)"
    )
    parser.add_argument("--gpu", action="store_true", help="train longer, and at larger sizes")
    parser.add_argument("--detect-only", action="store_true", help="make no table")
    parser.add_argument("--workers", type=int, default=2, help="processes that read images (default: %(default)s)")
    options = parser.parse_args()
    plans = (ON_GPU if options.gpu else PLANS)[: options.rounds]
    try:
        material = replace(read_material(options.data), workers=options.workers)
        options.work.mkdir(parents=True, exist_ok=True)
        note = options.work / "origin.json"
        if not note.is_file():
            write_json(note, {**clean.origin(), "gpu": clean.card()})
        if options.detect_only:
            teach(material, options.work, plans)
        else:
            tables = run(material, options.work, plans, options.draws)
            publish(*tables, material, read_json(note), "_gpu" if options.gpu else "")
    except UserError as error:
        sys.exit(f"error: {error}")


def chain_labels(plan: Plan, seen: pl.DataFrame, before: pl.DataFrame | None, material: Material) -> pl.DataFrame:
    """Return the labels that the next round learns from."""
    if before is None:
        labels = refine(seen, material.clips, SETTINGS).boxes
    else:
        labels = refine(fuse([before, seen]), material.clips, replace(SETTINGS, sure_confidence=0.5)).boxes
    return labels.with_columns(source=pl.lit(plan.name))


def teach(material: Material, work: Path, plans: Sequence[Plan]) -> None:
    """Run the rounds, and leave weights and detections in ``work``."""
    labels, start, before = None, material.initial, None
    for plan in plans:
        seen = run_round(plan, work, material, labels, start)[-1]
        labels = chain_labels(plan, seen, before, material)
        start, before = work / f"{plan.name}.pt", seen


def run(
    material: Material, work: Path, plans: Sequence[Plan], draws: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Run the rounds; return a row for each way of making labels, and what the refined labels of the last one miss."""
    rows: list[dict[str, Any]] = []

    def add(plan: Plan, how: str, scores: Mapping[str, Mapping[str, float | int]]) -> None:
        rows.append({"round": plan.name, "how": how, "mean_f1": mean_f1(scores), "clips": dict(scores)})
        print(f"{plan.name}, {how}: mean F1 {mean_f1(scores):.3f}", flush=True)

    labels, start, before = None, material.initial, None
    for plan in plans:
        seen = run_round(plan, work, material, labels, start)
        for size, found in zip(plan.looks, seen, strict=True):
            add(plan, f"{size} px, threshold 0.4", score(keep_confident(found, 0.4), material))
            add(plan, f"{size} px, best threshold of each clip", best_threshold(found, material))
        refined = refine(seen[-1], material.clips, SETTINGS)
        for step in refined.steps:
            add(plan, f"after {step.name}", score(step.boxes, material))
        larger = refine(seen[0], material.clips, replace(SETTINGS, overlap_keeps="larger"))
        surer = refine(seen[0], material.clips, SETTINGS)
        every_gap = refine(seen[-1], material.clips, replace(SETTINGS, maximum_uncertainty=1e9))
        add(plan, f"{plan.looks[0]} px, refined, the surer of overlapping boxes", score(surer.boxes, material))
        add(plan, f"{plan.looks[0]} px, refined, the larger of overlapping boxes", score(larger.boxes, material))
        add(plan, "refined, gaps filled however uncertain", score(every_gap.boxes, material))
        if draws:
            add(plan, "refined, tuned on the other two clips", tune(seen[-1], material, draws))
        if before is not None:
            fused = fuse([before, seen[-1]])
            together = refine(fused, material.clips, replace(SETTINGS, sure_confidence=0.5))
            add(plan, "fused with the round before, refined", score(together.boxes, material))
            if draws:
                add(plan, "fused, refined, tuned on the other two clips", tune(fused, material, draws))
        labels = chain_labels(plan, seen[-1], before, material)
        start, before = work / f"{plan.name}.pt", seen[-1]
        mistakes = missed(refined.boxes, material)
    return rows, mistakes


def missed(labels: pl.DataFrame, material: Material) -> list[dict[str, Any]]:
    """Return for each clip what labels miss, ball by ball, and what they invent."""
    rows = []
    for name in CLIPS:
        on = material.clips.filter(pl.col("video") == name)
        (match,) = match_boxes(material.truth, labels, on, BALL, iou_thresholds=(0.5,), maximum_detections=100)
        truth = material.truth.with_row_index("row").filter(pl.col("video") == name)
        lost = truth.filter(~pl.col("row").is_in(match.hits[match.true_positives(), 0].tolist()))
        longest = lost.sort("track", "frame").with_columns(
            run=(pl.col("frame").diff() != 1).fill_null(True).cum_sum().over("track")
        )
        stretch = longest.group_by("track", "run").agg(pl.len(), pl.col("frame").min()).sort("len", descending=True)
        rows.append(
            {
                "clip": name,
                "balls": truth.height,
                "missed": lost.height,
                "less_than_half_visible": lost.filter(pl.col("visibility") < 0.5).height,
                "longest_stretch": list(stretch.select("frame", "len").row(0)) if stretch.height else None,
                "false": int((~match.true_positives()).sum()),
            }
        )
    return rows


def publish(
    rows: list[dict[str, Any]],
    mistakes: list[dict[str, Any]],
    material: Material,
    origin: Mapping[str, Any],
    suffix: str,
) -> None:
    """Write the results file and the tables of docs/real_run.md."""
    result = {
        **origin,
        "rows": [
            {**row, "clips": {name: rounded(values) for name, values in row["clips"].items()}}
            | {"mean_f1": round(row["mean_f1"], 4)}
            for row in rows
        ],
        "mistakes": mistakes,
        "ratios": {},
    }
    write_json(ROOT / f"bench/results/real_run{suffix}.json", result)
    text = f"{result['date']}, commit {result['commit']}, {result['gpu'] or result['machine']}; "
    text += f"{material.truth.height} true balls on {material.clips.height} frames. "
    text += "F1 at IoU 0.5 (precision, recall; mean IoU of the right ones).\n\n"
    text += score_table(rows) + f"\n\nWhat the refined labels of `{rows[-1]['round']}` miss and invent:\n\n"
    head = ["clip", "balls", "missed", "of them less than half visible", "longest stretch, frames", "false boxes"]
    text += table(
        head,
        [
            [
                row["clip"].removeprefix("outdoor_"),
                row["balls"],
                row["missed"],
                row["less_than_half_visible"],
                f"{row['longest_stretch'][1]} from {row['longest_stretch'][0]}" if row["longest_stretch"] else None,
                row["false"],
            ]
            for row in mistakes
        ],
    )
    replace_section(ROOT / "docs/real_run.md", f"real_run{suffix.replace('_', ' ')}", text)


def score_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the figures of each way of making labels as Markdown."""
    head = ["round", "labels", *(name.removeprefix("outdoor_") for name in CLIPS), "mean F1"]
    lines = [
        [
            f"`{row['round']}`",
            row["how"],
            *(
                f"{values['f1']:.3f} ({values['precision']:.2f}, {values['recall']:.2f}; IoU {values['mean_iou']:.2f})"
                for values in row["clips"].values()
            ),
            f"**{row['mean_f1']:.3f}**",
        ]
        for row in rows
    ]
    return table(head, lines)


def rounded(values: Mapping[str, float | int]) -> dict[str, float | int]:
    """Return figures with four decimals."""
    return {name: round(value, 4) for name, value in values.items()}


if __name__ == "__main__":
    main()
