"""How right a round's labels are on the sample, where everything is known: beside the best a threshold alone can do.

``python bench/sample_labels.py`` reads what the pipeline left (``dvc repro``), and the truth that the sample wrote down
for its learning games and that no stage reads. The labels that are followed through time are judged on the training
frames that nobody labelled by hand. The settings of the refinement were chosen on the first two games; what counts are
the other two. Figures go to ``bench/results/sample_labels.json`` and docs/sample_run.md.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import clean
import polars as pl

from courtside import boxes, frames, layout
from courtside.apps.markdown import replace_section, table
from courtside.apps.params import read_params
from courtside.errors import UserError
from courtside.files import write_json
from courtside.formats.labels import read_labels
from courtside.pseudolabels.audit import count, figures
from courtside.pseudolabels.confidence import keep_confident
from courtside.pseudolabels.pipeline import refine
from courtside.pseudolabels.thin import audited_frames, frames_to_label
from courtside.pseudolabels.wanted_precision import fit_settings
from courtside.stages.label import refinement_settings
from courtside.tables import read_table

ROOT = Path(__file__).resolve().parent.parent
CHOSEN_ON = ("harbor", "canyon")
SCORED_ON = ("garden", "forge")
VISIBLE = 0.3  # what is hidden more is no label's fault, as in `evaluate`


def measure(root: Path, name: str) -> list[dict[str, Any]]:
    """Return a row for each way of making labels of what a round saw.

    Raises:
        UserError: when the pipeline has not run, or not on the sample.
    """
    config = read_params(root / "params.yaml")
    settings = refinement_settings(config.label)
    labels = list(settings.temporal_labels)
    found = boxes.read(root / layout.detections(name))
    classified = frames.read(root / layout.CLASSIFIED_FRAMES)
    labelled = read_table(root / layout.LEARN_LABELLED)
    audited, human = audited_frames(classified, labelled), boxes.read(root / layout.LEARN_BOXES)
    own = config.label
    settings = fit_settings(found, human, audited, settings, own.wanted_precisions, own.calibrated_labels)
    asked = frames_to_label(classified, labelled, config.looks_at_every(name))
    judged = asked.filter(pl.col("split") == "train")
    games = sorted(set(judged["video"]))
    truth = []
    for game in games:
        path = root / f"data/sample/{game}/gt/gt.txt"
        if not path.is_file():
            raise UserError(f"{path} does not exist; this script is for the experiment `sample`")
        truth.append(read_labels(path, game, {1: "ball", 2: "player", 3: "referee"}, None, None, 0.0).boxes)
    known = pl.concat(truth)

    def score(table_of_labels: pl.DataFrame, of: Sequence[str]) -> dict[str, float | int]:
        on = judged.filter(pl.col("video").is_in(list(of)))
        return figures(count(table_of_labels, known, on, labels, minimum_visibility=VISIBLE))

    def best(of: Sequence[str]) -> dict[str, float | int]:
        thresholds = [round(0.05 + 0.025 * step, 3) for step in range(35)]
        return max((score(keep_confident(found, one), of) for one in thresholds), key=lambda values: values["f1"])

    halves = {"chosen on": CHOSEN_ON, "scored on": SCORED_ON}
    rows = [{"labels": "best single threshold of each half", **{half: best(of) for half, of in halves.items()}}]
    for step in refine(found, asked, settings).steps:
        rows.append({"labels": f"after {step.name}", **{half: score(step.boxes, of) for half, of in halves.items()}})
    return rows


def main() -> None:
    """Measure, print and write the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--root", type=Path, default=ROOT, help="a repository in which the pipeline ran")
    parser.add_argument("--round", default="yolo_n_110", help="(default: %(default)s)")
    options = parser.parse_args()
    try:
        rows = measure(options.root, options.round)
        publish(rows, options)
    except (UserError, FileNotFoundError) as error:
        sys.exit(f"error: {error}")


def publish(rows: list[dict[str, Any]], options: argparse.Namespace) -> None:
    """Write the results file and the table."""
    gain = rows[-1]["scored on"]["f1"] - rows[0]["scored on"]["f1"]
    result = {
        **clean.origin(options.root),
        "round": options.round,
        "rows": [
            {
                "labels": row["labels"],
                **{
                    half: {key: round(value, 4) for key, value in row[half].items()}
                    for half in ("chosen on", "scored on")
                },
            }
            for row in rows
        ],
        "ratios": {"f1_gained": round(gain, 4)},
    }
    write_json(ROOT / "bench/results/sample_labels.json", result)
    head = ["labels of the ball", f"{', '.join(CHOSEN_ON)} (chosen on)", f"{', '.join(SCORED_ON)} (scored on)"]
    text = table(head, [[row["labels"], _text(row["chosen on"]), _text(row["scored on"])] for row in rows])
    text += f"\n\n{result['date']}, commit {result['commit']}, {result['machine']}; labels of `{options.round}`, "
    text += f"F1 at IoU 0.5 (precision, recall). On the games it is scored on the refinement gains {gain:+.3f}."
    replace_section(ROOT / "docs/sample_run.md", "sample_labels", text)
    print(text)


def _text(values: dict[str, float | int]) -> str:
    return f"{values['f1']:.3f} ({values['precision']:.3f}, {values['recall']:.3f})"


if __name__ == "__main__":
    main()
