"""Whether the verdicts are those of the published method, on real clips, frame by frame.

``python bench/agreement.py CLIP …`` judges the first frames of each clip twice: with Courtside, and with the published
method (OpenCV's Laplacian, NumPy's mean and variance, scikit-image's SSIM, four passes over files), once on the very
frames that were decoded and once on a JPEG of each as the published pipeline wrote them. Of every frame on which they
disagree it says why: which measure lies on the other side of its threshold in the JPEG, or which frame before it was
judged differently, so that another one is kept and compared with. Figures go to ``bench/results/agreement.json`` and
into the README. Clips are compared in processes of their own, one a core.
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
from courtside.executor import map_in_processes
from courtside.files import write_json
from courtside.quality.measures import measure_video
from courtside.quality.similarity import NEXT
from courtside.quality.verdicts import decide
from courtside.runs import git_commit
from courtside.video.reader import read_luma

ROOT = Path(__file__).resolve().parent.parent
LIMITS = {"blur": 150.0, "dark": 20.0, "bright": 230.0, "empty": 5.0, "duplicate": 0.89}


def compare(job: tuple[Path, int]) -> dict[str, Any]:
    """Judge the first frames of a clip, so many, in every way; return how many agree, and why the others do not."""
    clip, count = job
    # Verdicts look back alone, so those of the first frames do not depend on what comes after.
    measured = measure_video(clip).head(count)
    ours = decide(measured)["verdict"].to_list()
    with tempfile.TemporaryDirectory() as name:
        decoded_folder, coded_folder = Path(name, "decoded"), Path(name, "jpeg")
        decoded_folder.mkdir()
        coded_folder.mkdir()
        decoded = []
        for luma in read_luma(clip, 0, count):
            decoded.append(decoded_folder / f"{luma.index:06d}.png")
            cv2.imwrite(str(decoded[-1]), luma.image)
        same = clean.judge_images(decoded)
        coded = clean.judge_images(clean.write_images(clip, coded_folder, count))
        measured_coded = measure_video(coded_folder)
    if not len(ours) == len(same) == len(coded):
        raise UserError(f"{clip} has frames that cannot be decoded; name a sound clip")
    return {
        "clip": clip.name,
        "frames": len(ours),
        "same_frames": sum(mine == theirs for mine, theirs in zip(ours, same, strict=True)),
        "jpeg_frames": sum(mine == theirs for mine, theirs in zip(ours, coded, strict=True)),
        "apart_on_same": disagreements(measured, measured, ours, same),
        "apart_on_jpeg": disagreements(measured, measured_coded, ours, coded),
    }


def disagreements(
    measured: pl.DataFrame, measured_coded: pl.DataFrame, ours: list[str], theirs: list[str]
) -> list[dict[str, Any]]:
    """List the frames judged differently, each with the measures that cross a threshold, or the frame it follows."""
    found: list[dict[str, Any]] = []
    for row, (mine, other) in enumerate(zip(ours, theirs, strict=True)):
        if mine == other:
            continue
        plain, coded = distances(measured, row), distances(measured_coded, row)
        crossed = {
            name: {"decoded": round(plain[name], 5), "jpeg": round(coded[name], 5)}
            for name in plain
            if (plain[name] < 0) != (coded[name] < 0)
        }
        entry: dict[str, Any] = {"frame": measured["frame"][row], "ours": mine, "theirs": other}
        if crossed:
            entry["crosses"] = crossed
        elif found and entry["frame"] - found[-1]["frame"] <= NEXT:
            entry["follows"] = found[-1]["frame"]
        else:
            nearest = min(plain, key=lambda name: abs(plain[name]))
            entry["nearest"] = {nearest: round(plain[nearest], 5)}
        found.append(entry)
    return found


def distances(measured: pl.DataFrame, row: int) -> dict[str, float]:
    """Return how far each measure of a frame lies above its threshold, as a share of it."""
    values = measured.row(row, named=True)
    found = {
        "blur": values["blur"] / LIMITS["blur"] - 1,
        "dark": values["brightness"] / LIMITS["dark"] - 1,
        "bright": values["brightness"] / LIMITS["bright"] - 1,
        "empty": values["variance"] / LIMITS["empty"] - 1,
    }
    for step in range(1, min(row, NEXT) + 1):
        found[f"duplicate, {step} before"] = measured[f"ssim_{step}"][row - step] / LIMITS["duplicate"] - 1
    return found


def why(apart: list[dict[str, Any]]) -> str:
    """Return in words why frames were judged differently."""
    crossing = [entry["crosses"] for entry in apart if "crosses" in entry]
    following = sum("follows" in entry for entry in apart)
    unknown = [entry["frame"] for entry in apart if "nearest" in entry]
    parts = []
    if crossing:
        off = max(abs(value["decoded"]) for crossed in crossing for value in crossed.values())
        names = sorted({name.partition(",")[0] for crossed in crossing for name in crossed})
        crosses = "crosses a threshold" if len(crossing) == 1 else "cross a threshold"
        parts.append(f"{len(crossing)} {crosses} ({', '.join(names)}) from at most {off:.1%} off it")
    if following:
        parts.append(f"{following} after {'it' if len(crossing) == 1 else 'those'}")
    if unknown:
        parts.append(f"unexplained: {', '.join(map(str, unknown))}")
    return "; ".join(parts) or "–"


def main() -> None:
    """Compare, print, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("clips", nargs="+", type=Path, metavar="CLIP")
    parser.add_argument("--frames", type=int, default=250, help="of each clip (default: %(default)s)")
    options = parser.parse_args()
    try:
        for clip in options.clips:
            if not clip.is_file():
                raise UserError(f"{clip} does not exist; name video files")
        rows = map_in_processes(compare, [(clip, options.frames) for clip in options.clips])
    except UserError as error:
        sys.exit(f"error: {error}")
    date, commit = f"{datetime.now(UTC):%Y-%m-%d}", (git_commit(ROOT) or "none")[:10]
    write_json(ROOT / "bench" / "results" / "agreement.json", {"date": date, "commit": commit, "clips": rows})
    lines = [[row["clip"], *shares([row]), why(row["apart_on_same"]), why(row["apart_on_jpeg"])] for row in rows]
    lines.append(["all", *shares(rows), "", ""])
    head = ["clip", "frames", "on the same frames", "on a JPEG of each", "not on the same frames", "not on JPEGs"]
    print(table(head, lines))
    replace_section(ROOT / "README.md", "bench agreement", f"{table(head, lines)}\n\n{date}, commit {commit}.")


def shares(rows: list[dict[str, Any]]) -> list[Any]:
    """Return the number of frames of some clips, and the shares of them that have the same verdict."""
    frames = sum(row["frames"] for row in rows)
    return [frames, *(f"{sum(row[key] for row in rows) / frames:.1%}" for key in ("same_frames", "jpeg_frames"))]


if __name__ == "__main__":
    main()
