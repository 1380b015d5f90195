"""What tiles are worth on the sample's small balls: in training, in looking, or in both, and what they cost.

``python bench/tiled_rounds.py --root FOLDER`` trains a round of the experiment `sample` in a repository in which the
pipeline ran, with and without the tiles of its images beside them (``dataset.tiles``), with several seeds, and scores
each detector on the validation shots of the learning games against the truth that the sample wrote down, looking at
whole frames and at tiles besides (``detector.tile_size``). Figures go to ``bench/results/tiled_rounds.json`` and into
docs/sample_run.md; what is there is not trained again.
"""

from __future__ import annotations

import argparse
import multiprocessing
import shutil
import statistics
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import clean
from dataset_choice import Sample, Way

from courtside.apps.markdown import replace_section, table
from courtside.detectors.build import tiled
from courtside.errors import UserError
from courtside.files import read_json, write_json

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench/results/tiled_rounds.json"
NAMES = ("mAP50", "mAP50-95", "ball_AP50")


def measure(root: Path, round_name: str, side: int, overlap: int, in_training: bool, seed: int) -> list[dict[str, Any]]:
    """Train once, look in both ways; return a row for each."""
    sample = Sample(root, round_name)
    work = root / f".courtside/tiled_rounds/{in_training}_{seed}"
    begun = time.perf_counter()
    tiles = (side, overlap) if in_training else None
    detector = sample.taught_detector(sample.chosen(Way(), seed), seed, work, tiles=tiles)
    seconds = time.perf_counter() - begun
    images = len(list((work / "dataset/images/train").iterdir()))
    shutil.rmtree(work)
    rows = []
    for looked in (None, side):
        begun = time.perf_counter()
        scores = sample.score(tiled(detector, looked, overlap))
        rows.append(
            {
                "tiles_in_training": in_training,
                "tiles_in_looking": looked is not None,
                "seed": seed,
                "images": images,
                "training_seconds": round(seconds, 1),
                "looking_seconds": round(time.perf_counter() - begun, 1),
                "mAP50": round(scores["mAP50"], 4),
                "mAP50-95": round(scores["mAP50-95"], 4),
                "ball_AP50": round(scores["labels"]["ball"]["mAP50"], 4),
                "frames": sample.judged.height,
            }
        )
        print(rows[-1], flush=True)
    return rows


def main() -> None:
    """Train, score, print and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--root", type=Path, default=ROOT, help="a repository in which the pipeline ran")
    parser.add_argument("--round", default="yolo_n_110", help="(default: %(default)s)")
    parser.add_argument("--side", type=int, default=480, help="of the tiles, pixels (default: %(default)s)")
    parser.add_argument("--overlap", type=int, default=64, help="of neighbours, pixels (default: %(default)s)")
    parser.add_argument("--seeds", type=int, default=3, help="(default: %(default)s)")
    parser.add_argument("--workers", type=int, default=1, help="trainings side by side (default: %(default)s)")
    options = parser.parse_args()
    about = {name: getattr(options, name) for name in ("round", "side", "overlap")}
    known = read_json(RESULTS) if RESULTS.is_file() else {}
    rows = known["rows"] if {name: known.get(name) for name in about} == about else []
    wanted = [(in_training, seed) for seed in range(options.seeds) for in_training in (True, False)]
    done = [(row["tiles_in_training"], row["seed"]) for row in rows]
    calls = [(options.root, *about.values(), *each) for each in wanted if done.count(each) < 2]
    try:
        if calls:
            Sample(options.root, options.round)
            context = multiprocessing.get_context("spawn")
            with ProcessPoolExecutor(options.workers, context, clean.take_share, (options.workers,)) as pool:
                for measured in as_completed([pool.submit(measure, *call) for call in calls]):
                    rows += measured.result()
                    write_json(RESULTS, {**clean.origin(), "gpu": clean.card(), **about, "rows": rows})
    except (UserError, FileNotFoundError) as error:
        sys.exit(f"error: {error}")
    publish(read_json(RESULTS), [row for row in rows if row["seed"] < options.seeds])


def publish(result: dict[str, Any], rows: Sequence[dict[str, Any]]) -> None:
    """Write the table."""
    lines = []
    for in_training in (False, True):
        for in_looking in (False, True):
            own = [
                row for row in rows if (row["tiles_in_training"], row["tiles_in_looking"]) == (in_training, in_looking)
            ]
            cells = []
            for name in NAMES:
                values = [row[name] for row in own]
                cells.append(f"{statistics.mean(values):.3f} ({min(values):.3f}–{max(values):.3f})")
            times = [
                f"{statistics.mean(row[f'{kind}_seconds'] for row in own):.0f}" for kind in ("training", "looking")
            ]
            lines.append([["no", "yes"][in_training], ["no", "yes"][in_looking], own[0]["images"], *cells, *times])
    head = ["tiles in training", "tiles in looking", "images", *NAMES, "training, s", "looking, s"]
    text = table(head, lines)
    text += (
        f"\n\nMeans of {len({row['seed'] for row in rows})} seeds (least–most), round `{result['round']}`, tiles of "
        f"{result['side']} px that overlap by {result['overlap']} px, {rows[0]['frames']} frames judged. "
        f"{result['date']}, commit {result['commit']}, {result['gpu'] or result['machine']}; other work ran beside it."
    )
    replace_section(ROOT / "docs/sample_run.md", "tiled_rounds", text)
    print(text)


if __name__ == "__main__":
    main()
