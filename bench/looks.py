"""Whether dropping boxes that look odd makes labels better: on four real clips and on the sample, where all is known.

``python bench/looks.py --data FOLDER --weights A.pt B.pt --sample ROOT`` lets detectors of real_run.py look at the
clips, and the sample's first round at its learning games, and keeps boxes with their embeddings in ``--work``. Then
labels are made with and without the step ``looks``: by a threshold alone, and within the whole refinement. Whatever has
to be chosen, the threshold, the method, how many components and what is odd, is chosen on one half of the clips or
games and scored on the other, either way round. Figures go to ``bench/results/looks.json`` and docs/real_run.md.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import clean
import numpy as np
import polars as pl
import real_run
import sample_labels
from numpy.typing import NDArray

from courtside import boxes, embeddings, frames, layout
from courtside.apps.markdown import replace_section, table
from courtside.apps.params import read_params
from courtside.detectors.build import load_detector
from courtside.detectors.detect import detect_and_embed
from courtside.errors import UserError
from courtside.files import sha256, write_json
from courtside.formats.labels import read_labels
from courtside.metrics.matching import match_boxes
from courtside.progress import Progress
from courtside.pseudolabels.audit import count, figures
from courtside.pseudolabels.confidence import keep_confident
from courtside.pseudolabels.looks import METHODS, LookSettings, oddness, remove_odd
from courtside.pseudolabels.pipeline import RefinementSettings, refine
from courtside.pseudolabels.thin import frames_to_label
from courtside.stages.label import refinement_settings
from courtside.tables import read_table

ROOT = Path(__file__).resolve().parent.parent
ROUND = "yolo_n_110"
IMAGE_SIZE = 1024
LOWEST = 0.05
THRESHOLDS = (0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6)
TOLERANCES = (1.0, 1.5, 2.0, 3.0)
COMPONENTS = (16, 64)
CHOICES = tuple(
    LookSettings(method=method, tolerance=tolerance) for method, tolerance in itertools.product(METHODS, TOLERANCES)
)
"""What the step is tried with; the default of label.looks is among them."""

Scores = dict[str, dict[str, float | int]]
"""Of each video: precision, recall, F1 and more."""


@dataclass(frozen=True)
class Subject:
    """Boxes of one label that a detector found, how they look, and what is there.

    Attributes:
        name: of the detector.
        label: the one that is judged.
        found: boxes table of it.
        looks: (n, d), how these look.
        listed: ``video``, ``frame`` and ``shot`` of the frames that were looked at.
        judged: those of them that count.
        truth: boxes table.
        visible: true boxes of which less can be seen do not count, 0–1.
        limits: of the refinement.
        halves: the videos that are chosen on, and those that are scored.
    """

    name: str
    label: str
    found: pl.DataFrame
    looks: NDArray[np.floating]
    listed: pl.DataFrame
    judged: pl.DataFrame
    truth: pl.DataFrame
    visible: float
    limits: RefinementSettings
    halves: tuple[Sequence[str], Sequence[str]]

    @property
    def videos(self) -> tuple[str, ...]:
        """All of them."""
        return (*self.halves[0], *self.halves[1])

    def score(self, labels: pl.DataFrame) -> Scores:
        """Return the figures of labels on each video."""
        of_label = labels.filter(label=self.label)
        return {
            video: figures(
                count(
                    of_label,
                    self.truth,
                    self.judged.filter(video=video),
                    (self.label,),
                    minimum_visibility=self.visible,
                )
            )
            for video in self.videos
        }

    def without_odd(self, labels: pl.DataFrame, choice: LookSettings) -> pl.DataFrame:
        """Return labels less those that look odd."""
        return remove_odd(
            labels,
            self.found,
            self.looks,
            replace(choice, labels=(self.label,)),
            sure_confidence=self.limits.sure_confidence,
            sure_confidences=self.limits.sure_confidences,
        )

    def refined(self, choice: LookSettings | None) -> pl.DataFrame:
        """Return the labels after the whole refinement, with or without the step."""
        limits = self.limits if choice is None else replace(self.limits, looks=replace(choice, labels=(self.label,)))
        return refine(self.found, self.listed, limits, embeddings=self.looks).boxes


def see(
    weights: Path, size: int | None, listed: pl.DataFrame, videos: Mapping[str, Path], work: Path
) -> tuple[pl.DataFrame, NDArray[np.float16]]:
    """Return what a detector finds and how that looks; it is kept, so that a killed run goes on where it was."""
    kept = work / f"{weights.stem}_{sha256(weights)[:8]}.parquet"
    looks = kept.with_name(f"{kept.stem}_embeddings.parquet")
    if not looks.is_file():
        detector = load_detector(weights)
        detector.image_size = size or detector.image_size
        with Progress(f"detect {weights.stem}", total=listed.height, unit="frames") as progress:
            found, seen = detect_and_embed(
                detector, listed, videos, minimum_confidence=LOWEST, source=weights.stem, report=progress.update
            )
        boxes.write(kept, found)
        embeddings.write(looks, seen)
    found = boxes.read(kept)
    return found, embeddings.read(looks, found)


def real(data: Path, weights: Path, work: Path) -> Subject:
    """Return what a detector of real_run.py sees on the clips."""
    material = real_run.read_material(data)
    found, looks = see(weights, IMAGE_SIZE, material.clips, material.videos, work)
    return Subject(
        weights.stem,
        "ball",
        found,
        looks,
        material.clips,
        material.clips,
        material.truth,
        0.0,
        real_run.SETTINGS,
        real_run.HALVES,
    )


def drawn(root: Path, work: Path) -> list[Subject]:
    """Return what the sample's first round sees on its learning games, label by label.

    Raises:
        UserError: when the pipeline has not run there.
    """
    config = read_params(root / "params.yaml")
    listed = frames_to_label(
        frames.read(root / layout.CLASSIFIED_FRAMES),
        read_table(root / layout.LEARN_LABELLED),
        config.looks_at_every(ROUND),
    )
    games = [*sample_labels.CHOSEN_ON, *sample_labels.SCORED_ON]
    videos = {game: root / config.videos[game].path for game in games}
    weights = root / layout.weights(ROUND)
    found, looks = see(weights, None, listed, videos, work)
    classes = {1: "ball", 2: "player", 3: "referee"}
    truth = pl.concat(
        [
            read_labels(root / f"{layout.SAMPLE}/{game}/gt/gt.txt", game, classes, None, None, 0.0).boxes
            for game in games
        ]
    )
    subjects = []
    for label in config.labels:
        mine = (found["label"] == label).to_numpy()
        subjects.append(
            Subject(
                ROUND,
                label,
                found.filter(mine),
                looks[mine],
                listed,
                listed.filter(split="train"),
                truth,
                sample_labels.VISIBLE,
                refinement_settings(config.label),
                (sample_labels.CHOSEN_ON, sample_labels.SCORED_ON),
            )
        )
    return subjects


def mean(scores: Scores, videos: Sequence[str], key: str = "f1") -> float:
    """Return the mean of a figure over videos."""
    return float(np.mean([scores[video][key] for video in videos]))


def chosen(subject: Subject, tried: Sequence[tuple[Any, Scores]]) -> tuple[list[Any], dict[str, float | list[float]]]:
    """Return what is best on either half, and the figures on the half it was not chosen on."""
    choices, scored = [], {}
    for chosen_on, scored_on in (subject.halves, subject.halves[::-1]):
        choice, scores = max(tried, key=lambda entry, half=chosen_on: mean(entry[1], half))
        choices.append(choice)
        scored |= {video: scores[video] for video in scored_on}
    result: dict[str, float | list[float]] = {
        key: mean(scored, subject.videos, key) for key in ("f1", "precision", "recall")
    }
    result["halves"] = [mean(scored, half) for half in subject.halves]
    return choices, result


def measure(subject: Subject) -> dict[str, Any]:
    """Return how right the labels are, each way of making them."""
    began = time.monotonic()
    plain = [(one, subject.score(keep_confident(subject.found, one))) for one in THRESHOLDS]
    # The step sees all candidates, as in the refinement, and a threshold follows.
    ordinary = [(choice, subject.without_odd(subject.found, choice)) for choice in CHOICES]
    with_looks = [
        ((one, choice), subject.score(keep_confident(left, one))) for choice, left in ordinary for one in THRESHOLDS
    ]
    refined = [(None, subject.score(subject.refined(None)))]
    refined_with = [(choice, subject.score(subject.refined(choice))) for choice in CHOICES]
    rows = []

    def add(how: str, tried: Sequence[tuple[Any, Scores]], say: Callable[[Any], str]) -> None:
        choices, result = chosen(subject, tried)
        rows.append({"how": how, "chosen": [say(choice) for choice in choices], **result})
        print(f"{subject.name} {subject.label}, {how}: F1 {result['f1']:.4f} {rows[-1]['chosen']}", flush=True)

    add("threshold", plain, str)
    for method in METHODS:
        add(
            f"threshold, {method}",
            [entry for entry in with_looks if entry[0][1].method == method],
            lambda choice: f"{choice[0]}, {_text(choice[1])}",
        )
    add("refined", refined, lambda choice: "")
    for method in METHODS:
        add(f"refined, {method}", [entry for entry in refined_with if entry[0].method == method], _text)
    default = [entry for entry in refined_with if entry[0] == LookSettings()]
    if default:
        add("refined, as label.looks comes", default, lambda choice: "")
    best = max(refined_with, key=lambda entry: mean(entry[1], subject.videos))
    add("refined, the best of all in hindsight", [best], _text)
    print(f"{subject.name} {subject.label}: {time.monotonic() - began:.0f} s", flush=True)
    return {"detector": subject.name, "label": subject.label, "rows": rows, "separation": separation(subject)}


def separation(subject: Subject) -> dict[str, Any]:
    """Return how well odd looks tell false boxes from right ones, beside the score, among boxes that are not sure.

    A figure is the chance that of a false and a right box the false one is the odder (the area under the ROC curve);
    0.5 says nothing.
    """
    from sklearn.metrics import roc_auc_score

    kept = subject.found.with_row_index("place").filter(pl.col("score") >= THRESHOLDS[0])
    (match,) = match_boxes(
        subject.truth,
        kept.drop("place"),
        subject.judged,
        (subject.label,),
        minimum_visibility=subject.visible,
        iou_thresholds=(0.5,),
        maximum_detections=1000,
    )
    sure_at = subject.limits.sure_confidences.get(subject.label, subject.limits.sure_confidence)
    scores = kept["score"].to_numpy()
    asked = match.counted() & (scores[match.rows] < sure_at)
    rows, false = match.rows[asked], ~match.true_positives()[asked]
    result: dict[str, Any] = {
        "sure": int((match.counted() & ~asked).sum()),
        "sure_but_false": int((match.counted() & ~asked & ~match.true_positives()).sum()),
        "others": len(rows),
        "false": int(false.sum()),
    }
    reference = scores >= sure_at
    if 0 < false.sum() < len(rows) and reference.sum() >= LookSettings().minimum_reference:
        result["score"] = float(roc_auc_score(false, -scores[rows]))
        looks = subject.looks[kept["place"].to_numpy()]
        for method, components in itertools.product(METHODS, COMPONENTS):
            odd = oddness(looks, reference, LookSettings(method=method, components=components))
            result[f"{method}, {components}"] = float(roc_auc_score(false, odd[rows]))
    return result


def publish(results: list[dict[str, Any]]) -> None:
    """Write the results file and the tables of docs/real_run.md."""
    origin = clean.origin()
    rounded = [
        {
            **result,
            "rows": [{key: _rounded(value) for key, value in row.items()} for row in result["rows"]],
            "separation": {key: _rounded(value) for key, value in result["separation"].items()},
        }
        for result in results
    ]
    write_json(ROOT / "bench/results/looks.json", {**origin, "subjects": rounded, "ratios": {}})
    names = [f"{result['detector']}, {result['label']}" for result in results]
    lines = [
        [how, *(_line(result["rows"], how) for result in results)] for how in (row["how"] for row in results[0]["rows"])
    ]
    text = f"{origin['date']}, commit {origin['commit']}, {origin['machine']}. Mean F1 at IoU 0.5 over clips or games "
    text += "(precision, recall), each scored with what was chosen on the other half.\n\n"
    text += table(["labels", *names], lines)
    text += "\n\nHow often, of a false and a right box that are both not sure, the false one is the odder:\n\n"
    keys = ["sure", "sure_but_false", "others", "false"]
    shares = ["score", *(f"{method}, {components}" for method, components in itertools.product(METHODS, COMPONENTS))]
    head = {"sure_but_false": "of them false", "others": "others, from 0.1", "false": "of them false"}
    body = [[head.get(key, key), *(result["separation"].get(key) for result in rounded)] for key in keys]
    body += [[key, *(_share(result["separation"].get(key)) for result in rounded)] for key in shares]
    text += table(["boxes", *names], body)
    replace_section(ROOT / "docs/real_run.md", "looks", text)
    print(text)


def main() -> None:
    """Measure, print and write the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with detection/, video/, video_truth/")
    parser.add_argument("--weights", type=Path, nargs="*", default=[], help="detectors of real_run.py")
    parser.add_argument("--sample", type=Path, default=ROOT, help="a repository in which the sample ran")
    parser.add_argument("--labels", nargs="*", help="of the sample; players take minutes (default: all)")
    parser.add_argument("--work", type=Path, default=ROOT / ".courtside/looks", help="(default: %(default)s)")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    try:
        subjects = [real(options.data, weights, options.work) for weights in options.weights]
        subjects += [
            subject
            for subject in drawn(options.sample, options.work)
            if options.labels is None or subject.label in options.labels
        ]
        publish([measure(subject) for subject in subjects])
    except (UserError, FileNotFoundError) as error:
        sys.exit(f"error: {error}")


def _text(choice: LookSettings) -> str:
    return f"{choice.method}, {choice.tolerance:g}"


def _rounded(value: Any) -> Any:
    if isinstance(value, list):
        return [_rounded(entry) for entry in value]
    return round(value, 4) if isinstance(value, float) else value


def _line(rows: Sequence[Mapping[str, Any]], how: str) -> str | None:
    found = [row for row in rows if row["how"] == how]
    return f"{found[0]['f1']:.3f} ({found[0]['precision']:.3f}, {found[0]['recall']:.3f})" if found else None


def _share(value: float | None) -> str | None:
    return None if value is None else f"{value:.2f}"


if __name__ == "__main__":
    main()
