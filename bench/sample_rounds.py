"""Three rounds from few hand labels, beside the same detector trained on the whole truth, on the sample.

``python bench/sample_rounds.py --work FOLDER`` makes two copies of the repository there and runs the pipeline in each:

- ``few``: of the learning games 3 % of the frames are labelled by hand, in training and validation together. Three
  rounds, each taught by the one before; the last sees every usable training frame.
- ``full``: every frame is labelled with the truth, and one round sees all of them, for as many steps as the three
  rounds together have.

Both are scored on the same frozen test games. Figures go to ``bench/results/sample_rounds.json`` and
docs/sample_run.md. A killed run goes on where it was: the stages are DVC's.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import clean
import polars as pl
import yaml

from courtside import frames, layout
from courtside.apps.markdown import replace_section, table
from courtside.apps.params import HEADER, composed
from courtside.errors import UserError
from courtside.files import read_json, write_json, write_text
from courtside.tables import read_table

ROOT = Path(__file__).resolve().parent.parent
ALL = 1_000_000  # more images than there are
GO_ON = "data/champion/{}.pt"
FEW_EVERY = 34  # one of so many frames is labelled: 3 %
ROUNDS: dict[str, dict[str, Any]] = {
    "few": {
        "yolo_n_few": {"teacher": "gold", "images": ALL, "epochs": 8},
        "yolo_n_400": {"teacher": "yolo_n_few", "images": 400, "epochs": 2, "lr0": 0.0006},
        "yolo_n_all": {"teacher": "yolo_n_400", "images": ALL, "epochs": 3, "lr0": 0.0006},
    },
    "full": {"yolo_n_full": {"teacher": "gold", "images": ALL, "epochs": 4}},
}


def prepare(work: Path, name: str) -> Path:
    """Make a copy of the repository with the parameters of one of the two; return it."""
    root = work / name
    if not root.is_dir():
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(root)], check=True)
    values = yaml.safe_load(composed(ROOT / "conf"))
    rounds = ROUNDS[name]
    for settings in rounds.values():
        if settings["teacher"] in rounds:
            settings["weights"] = GO_ON.format(settings["teacher"])
    values |= {"rounds": rounds, "final_round": list(rounds)[-1], "experiment": f"sample_{name}"}
    values["sample"]["label_every"] = FEW_EVERY if name == "few" else 1
    values["tracked"] = {"videos": [], "trackers": []}
    write_text(root / "params.yaml", HEADER + yaml.safe_dump(values, sort_keys=False, width=120))
    return root


def run(root: Path, name: str) -> None:
    """Run the pipeline up to the scores of every round.

    Raises:
        UserError: when a stage fails.
    """
    environment = {**os.environ, "PYTHONPATH": str(root / "src")}
    for round_name in ROUNDS[name]:
        for stage in ("label", "evaluate"):
            target = f"{stage}@{round_name}"
            command = [sys.executable, "-m", "dvc", "repro", target]
            done = subprocess.run(command, cwd=root, env=environment, check=False)
            if done.returncode:
                raise UserError(f"dvc repro {target} failed in {root}; see above")


def measure(work: Path) -> list[dict[str, Any]]:
    """Return a row a round: what it learned from and how good it is on the test games."""
    rows = []
    for name, rounds in ROUNDS.items():
        root = work / name
        learning = frames.read(root / layout.CLASSIFIED_FRAMES)
        labelled = read_table(root / layout.LEARN_LABELLED).height / learning.height
        for round_name, settings in rounds.items():
            scores = read_json(root / layout.report("evaluate", f"{round_name}/metrics.json"))
            labels = read_json(root / layout.report("label", f"{round_name}/metrics.json"))
            images = read_table(root / f"{layout.dataset(round_name)}/images.parquet")
            rows.append(
                {
                    "round": round_name,
                    "teacher": settings["teacher"],
                    "labelled_share": round(labelled, 4),
                    "images": images.height,
                    "by_hand": images.filter(pl.col("source") == "human").height,
                    "epochs": settings["epochs"],
                    "champion": labels["champion"],
                    **{key: round(scores[key], 4) for key in ("mAP50", "mAP50-95", "precision", "recall", "f1")},
                    "AP50-95": {label: round(values["mAP50-95"], 4) for label, values in scores["labels"].items()},
                }
            )
    return rows


def publish(rows: list[dict[str, Any]], root: Path) -> None:
    """Write the results file and the table of docs/sample_run.md."""
    *few, full = rows
    champion = next(row for row in few if row["round"] == few[-1]["champion"])
    ratio = champion["mAP50-95"] / full["mAP50-95"]
    result = {**clean.origin(root), "rows": rows, "ratios": {"mAP50-95_of_full_truth": round(ratio, 4)}}
    write_json(ROOT / "bench/results/sample_rounds.json", result)
    names = list(full["AP50-95"])
    head = ["round", "teacher", "labelled by hand", "images", "of them by hand", "epochs", "mAP50", "mAP50-95"]
    lines = [
        [
            f"`{row['round']}`",
            row["teacher"],
            f"{row['labelled_share']:.1%}",
            row["images"],
            row["by_hand"],
            row["epochs"],
            f"{row['mAP50']:.3f}",
            f"{row['mAP50-95']:.3f}",
            *(f"{row['AP50-95'][name]:.3f}" for name in names),
        ]
        for row in rows
    ]
    text = table([*head, *(f"{name} AP50-95" for name in names)], lines)
    text += f"\n\n{result['date']}, commit {result['commit']}, {result['machine']}. The champion of the three rounds, "
    text += f"`{champion['round']}`, has {ratio:.1%} of the mAP50-95 of the detector that learned from the whole truth."
    replace_section(ROOT / "docs/sample_run.md", "sample_rounds", text)
    print(text)


def main() -> None:
    """Run both, print and write the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--work", type=Path, default=ROOT / ".courtside/sample_rounds", help="(default: %(default)s)")
    parser.add_argument("--only", choices=list(ROUNDS), help="run one of the two, and write nothing")
    options = parser.parse_args()
    work = options.work.resolve()
    try:
        for name in [options.only] if options.only else list(ROUNDS):
            run(prepare(work, name), name)
        if not options.only:
            publish(measure(work), work / "few")
    except (UserError, FileNotFoundError) as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
