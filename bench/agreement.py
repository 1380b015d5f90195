"""Whether the verdicts are those of the published method, on real clips, frame by frame.

``python bench/agreement.py CLIP …`` judges the first frames of each clip twice: with Courtside, and with the published
method (OpenCV's Laplacian, NumPy's mean and variance, scikit-image's SSIM, four passes over files), once on the very
frames that were decoded and once on a JPEG of each as the published pipeline wrote them. Every frame on which they
disagree is listed with how far its nearest measure lies from its threshold. Figures go to
``bench/results/agreement.json`` and into the README.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import clean  # the published method stands there, once
import cv2
import polars as pl

from courtside.apps.markdown import replace_section, table
from courtside.errors import UserError
from courtside.files import write_json
from courtside.quality.measures import measure_video
from courtside.quality.verdicts import decide
from courtside.runs import git_commit
from courtside.video.reader import read_luma

ROOT = Path(__file__).resolve().parent.parent
LIMITS = {"blur": 150.0, "dark": 20.0, "bright": 230.0, "empty": 5.0, "duplicate": 0.89}


def compare(clip: Path, count: int) -> dict[str, Any]:
    """Judge the first ``count`` frames of a clip in every way; return how many agree, and what does not."""
    # Verdicts look back alone, so those of the first frames do not depend on what comes after.
    measured = measure_video(clip).head(count)
    ours = decide(measured)["verdict"].to_list()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        decoded = []
        for luma in read_luma(clip, 0, count):
            decoded.append(folder / f"{luma.index:06d}.png")
            cv2.imwrite(str(decoded[-1]), luma.image)
        same = clean.judge_images(decoded)
        jpegs = folder / "jpeg"
        jpegs.mkdir()
        coded = clean.judge_images(clean.write_images(clip, jpegs, count))
    if not len(ours) == len(same) == len(coded):
        raise UserError(f"{clip} has frames that cannot be decoded; name a sound clip")
    return {
        "clip": clip.name,
        "frames": len(ours),
        "same_frames": sum(mine == theirs for mine, theirs in zip(ours, same, strict=True)),
        "jpeg_frames": sum(mine == theirs for mine, theirs in zip(ours, coded, strict=True)),
        "apart_on_same": disagreements(measured, ours, same),
        "apart_on_jpeg": disagreements(measured, ours, coded),
    }


def disagreements(measured: pl.DataFrame, ours: list[str], theirs: list[str]) -> list[dict[str, Any]]:
    """List the frames judged differently, with the measure nearest to its threshold and by which share it is off."""
    found = []
    for row, (mine, other) in enumerate(zip(ours, theirs, strict=True)):
        if mine == other:
            continue
        values = measured.row(row, named=True)
        near = {
            "blur": values["blur"] / LIMITS["blur"] - 1,
            "dark": values["brightness"] / LIMITS["dark"] - 1,
            "bright": values["brightness"] / LIMITS["bright"] - 1,
            "empty": values["variance"] / LIMITS["empty"] - 1,
        }
        for step in (1, 2, 3):
            if row >= step and measured[f"ssim_{step}"][row - step] is not None:
                near[f"duplicate, {step} before"] = measured[f"ssim_{step}"][row - step] / LIMITS["duplicate"] - 1
        cause = min(near, key=lambda name: abs(near[name]))
        found.append(
            {"frame": values["frame"], "ours": mine, "theirs": other, "nearest": cause, "off_by": round(near[cause], 4)}
        )
    return found


def first(apart: list[dict[str, Any]]) -> str:
    """Return how near a threshold the first frame is that was judged differently; it decides those that follow."""
    return f"frame {apart[0]['frame']}, by {abs(apart[0]['off_by']):.1%}" if apart else "–"


def main() -> None:
    """Compare, print, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("clips", nargs="+", type=Path, metavar="CLIP")
    parser.add_argument("--frames", type=int, default=250, help="of each clip (default: %(default)s)")
    options = parser.parse_args()
    try:
        rows = []
        for clip in options.clips:
            if not clip.is_file():
                raise UserError(f"{clip} does not exist; name video files")
            rows.append(compare(clip, options.frames))
            print(rows[-1], flush=True)
    except UserError as error:
        sys.exit(f"error: {error}")
    date, commit = f"{datetime.now(UTC):%Y-%m-%d}", (git_commit(ROOT) or "none")[:10]
    write_json(ROOT / "bench" / "results" / "agreement.json", {"date": date, "commit": commit, "clips": rows})
    head = ["clip", "frames", "same verdict on the same frames", "on a JPEG of each", "first apart, off its threshold"]
    lines = [
        [
            row["clip"],
            row["frames"],
            f"{row['same_frames'] / row['frames']:.1%}",
            f"{row['jpeg_frames'] / row['frames']:.1%}",
            first(row["apart_on_same"] + row["apart_on_jpeg"]),
        ]
        for row in rows
    ]
    replace_section(ROOT / "README.md", "bench agreement", f"{table(head, lines)}\n\n{date}, commit {commit}.")


if __name__ == "__main__":
    main()
