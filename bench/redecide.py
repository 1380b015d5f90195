"""How long new thresholds take: ``clean`` on the measures of a video of 100,000 frames, the program's start included.

``python bench/redecide.py`` repeats the measures of a real run (``make repro`` makes one) to 100,000 frames, runs the
stage as DVC would, five times, prints the seconds, and writes them to ``bench/results/redecide.json`` and the README.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import yaml

from courtside import frames, layout
from courtside.apps.markdown import replace_section
from courtside.files import write_json
from courtside.runs import git_commit

ROOT = Path(__file__).resolve().parent.parent
FRAMES = 100_000
REPEATS = 5


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--video", default="harbor", help="whose measures are repeated (default: %(default)s)")
    options = parser.parse_args()
    source = ROOT / layout.extract_frames(options.video)
    if not source.is_file():
        sys.exit(f"error: {source} does not exist; run `make repro` first")
    measures = frames.read(source)
    copies = -(-FRAMES // measures.height)
    table = pl.concat(
        [measures.with_columns(frame=pl.col("frame") + number * measures.height) for number in range(copies)]
    ).head(FRAMES)
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        shutil.copytree(ROOT / "conf", root / "conf")
        shutil.copy(ROOT / "params.yaml", root)
        params = yaml.safe_load((root / "params.yaml").read_text(encoding="utf-8"))
        params["videos"] = {options.video: params["videos"][options.video]}
        params["tracked"]["videos"] = []
        (root / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")
        target = root / layout.extract_frames(options.video)
        target.parent.mkdir(parents=True)
        frames.write(target, table)
        command = [
            sys.executable,
            "-m",
            "courtside.stages.clean",
            "-cd",
            ".",
            "-cn",
            "params",
            f"video={options.video}",
        ]
        seconds = []
        for number in range(REPEATS):
            start = time.monotonic()
            subprocess.run([*command, f"clean.blur_below={150 + number}"], cwd=root, check=True)
            seconds.append(time.monotonic() - start)
        kept = frames.read(root / layout.clean(options.video)).filter(pl.col("verdict") == "usable").height
    result = {
        "frames": FRAMES,
        "seconds": seconds,
        "median": statistics.median(seconds),
        "usable": kept,
        "commit": git_commit(ROOT),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
    }
    write_json(ROOT / "bench" / "results" / "redecide.json", result)
    sentence = (
        f"New thresholds on the measures of {FRAMES:,} frames take {result['median']:.1f} s, Python's start included "
        f"(median of {REPEATS}; {result['date']}, {result['machine']})."
    )
    print(sentence)
    replace_section(ROOT / "README.md", "bench redecide", sentence)


if __name__ == "__main__":
    main()
