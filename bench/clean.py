"""How fast frames are measured and judged, beside the published method and cleanvision, on the same video.

``python bench/clean.py`` runs each contender in a process of its own on one core, prints the table, and writes it to
``bench/results/clean.json`` and into the README. What is timed is end to end, from the video file to a verdict a frame
(to a table of issues for cleanvision), imports left out, those that a contender makes when it is called too.
"""

from __future__ import annotations

import argparse
import importlib
import json
import multiprocessing
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import polars as pl

from courtside.apps.markdown import replace_section, table
from courtside.errors import UserError
from courtside.files import write_json
from courtside.quality.measures import measure_video
from courtside.quality.verdicts import decide
from courtside.runs import git_commit
from courtside.video.reader import read_frames, read_luma

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = "data/sample/harbor/video.mp4"
NEXT = 3


def decode(video: Path, folder: Path) -> list[str]:
    """Decode and do nothing else: the limit."""
    return ["decoded" for _ in read_luma(video)]


def courtside(video: Path, folder: Path) -> list[str]:
    """Measure in one decode and decide from the table."""
    return judge(measure_video(video))


def courtside_all_cores(video: Path, folder: Path) -> list[str]:
    """The same on every core."""
    return judge(measure_video(video, parallel_above=0))


def judge(measures: pl.DataFrame) -> list[str]:
    """Return the verdicts on a table of measures."""
    return decide(measures.with_columns(video=pl.lit("video")))["verdict"].to_list()


def published(video: Path, folder: Path) -> list[str]:
    """A JPEG a frame, then four passes that each read the files again."""
    return judge_images(write_images(video, folder))


def judge_images(files: list[Path]) -> list[str]:
    """Return the published verdicts on images in the order of their frames."""
    from skimage.metrics import structural_similarity

    def read(path: Path) -> np.ndarray:
        return cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)

    verdicts = dict.fromkeys(files, "usable")

    def left() -> list[Path]:
        return [path for path in files if verdicts[path] == "usable"]

    for path in left():
        if cv2.Laplacian(read(path), cv2.CV_64F).var() < 150:
            verdicts[path] = "blur"
    for path in left():
        mean = np.mean(read(path))
        verdicts[path] = "dark" if mean < 20 else "bright" if mean > 230 else "usable"
    for path in left():
        if np.var(read(path)) < 5.0:
            verdicts[path] = "empty"
    for number, path in enumerate(files):
        if verdicts[path] != "usable":
            continue
        image = read(path)
        for other in files[number + 1 : number + 1 + NEXT]:
            if verdicts[other] == "usable" and structural_similarity(image, read(other)) > 0.89:
                verdicts[other] = "duplicate"
    return list(verdicts.values())


def cleanvision(video: Path, folder: Path) -> list[str]:
    """A JPEG a frame, then its checks for blurry, dark, light, low-information and near-duplicate images."""
    from cleanvision import Imagelab

    files = write_images(video, folder)
    lab = Imagelab(data_path=str(folder))
    issues: dict[str, Any] = {name: {} for name in ("blurry", "dark", "light", "low_information", "near_duplicates")}
    lab.find_issues(issues, n_jobs=1, verbose=False)
    return ["checked" for _ in files]


def write_images(video: Path, folder: Path, stop: int | None = None) -> list[Path]:
    """Write every frame, or those before ``stop``, as JPEGs, as the published pipeline does before it judges them."""
    files = []
    for frame in read_frames(video, 0, stop):
        files.append(folder / f"{frame.index:06d}.jpg")
        cv2.imwrite(str(files[-1]), frame.image)
    return files


CONTENDERS: dict[str, tuple[str, Callable[[Path, Path], list[str]], bool]] = {
    "decode": ("decoding alone (the limit)", decode, True),
    "courtside": ("Courtside, one core", courtside, True),
    "courtside_all_cores": ("Courtside, all cores", courtside_all_cores, False),
    "cleanvision": ("cleanvision", cleanvision, True),
    "published": ("published method", published, True),
}

COMPILED = ("courtside.quality.pixel_sums", "courtside.quality.window_sums", "courtside.video.levels")
IMPORTS = {
    "decode": COMPILED,
    "courtside": COMPILED,
    "courtside_all_cores": COMPILED,
    "cleanvision": ("cleanvision",),
    "published": ("skimage.metrics",),
}


def run(name: str, video: Path) -> dict[str, Any]:
    """Run one contender in this process."""
    _, function, one_core = CONTENDERS[name]
    if one_core:
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        cv2.setNumThreads(1)
    for module in IMPORTS[name]:
        importlib.import_module(module)
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        verdicts = function(video, Path(folder))
        seconds = time.perf_counter() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"name": name, "seconds": seconds, "frames": len(verdicts), "memory_mb": memory, "verdicts": verdicts}


def measure(name: str, video: Path, repeats: int) -> dict[str, Any]:
    """Run one contender ``repeats`` times, each in a fresh process, and return the fastest."""
    runs = []
    for _ in range(repeats):
        command = [sys.executable, __file__, "--contender", name, "--video", str(video)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise UserError(f"{name} failed: {done.stderr.strip().splitlines()[-1]}")
        runs.append(json.loads(done.stdout.splitlines()[-1]))
    return min(runs, key=lambda run: run["seconds"])


def main() -> None:
    """Run them all, print and write the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--video", type=Path, default=ROOT / SAMPLE, help="(default: %(default)s)")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each fast contender (default: %(default)s)")
    parser.add_argument("--contender", choices=list(CONTENDERS), help="run only this one and print it as JSON")
    options = parser.parse_args()
    if options.contender:
        print(json.dumps(run(options.contender, options.video)))
        return
    try:
        if not options.video.is_file():
            raise UserError(f"{options.video} does not exist; run `dvc repro sample`, or name a video with --video")
        found = {}
        for name in CONTENDERS:
            found[name] = measure(name, options.video, 1 if name in ("published", "cleanvision") else options.repeats)
            rate = found[name]["frames"] / found[name]["seconds"]
            print(f"{CONTENDERS[name][0]}: {rate:.1f} frames/s, {found[name]['memory_mb']:.0f} MB", flush=True)
        publish(found, options.video)
    except UserError as error:
        sys.exit(f"error: {error}")


def publish(found: dict[str, dict[str, Any]], video: Path) -> None:
    """Write the results file and the table in the README."""
    path = video.resolve()
    rates = {name: row["frames"] / row["seconds"] for name, row in found.items()}
    pairs = list(zip(found["courtside"]["verdicts"], found["published"]["verdicts"], strict=True))
    agreement = sum(ours == theirs for ours, theirs in pairs) / len(pairs)
    result = {
        **origin(),
        "video": str(path.relative_to(ROOT)) if ROOT in path.parents else path.name,
        "rows": [
            {"name": name, "frames_per_second": round(rates[name], 2), "memory_mb": round(row["memory_mb"])}
            for name, row in found.items()
        ],
        "ratios": {
            "to_published": round(rates["courtside"] / rates["published"], 2),
            "to_cleanvision": round(rates["courtside"] / rates["cleanvision"], 2),
            "share_of_decode_rate": round(rates["courtside"] / rates["decode"], 3),
        },
        "verdict_agreement_with_published": round(agreement, 4),
    }
    write_json(ROOT / "bench/results/clean.json", result)
    rows = [
        [
            CONTENDERS[name][0],
            f"{rates[name]:.1f}",
            f"{rates[name] / rates['published']:.1f} ×",
            round(row["memory_mb"]),
        ]
        for name, row in found.items()
    ]
    text = table(["1280×720 H.264", "frames/s", "to the published method", "MB"], rows)
    text += f"\n\n{result['date']}, commit {result['commit']}, {result['machine']}, "
    text += f"{len(pairs)} frames of {result['video']}; "
    text += f"the verdicts agree with the published method's on {agreement:.1%} of them."
    replace_section(ROOT / "README.md", "bench clean", text)
    print(json.dumps(result["ratios"]))


def origin(root: Path = ROOT) -> dict[str, str]:
    """Return when, from which commit of a repository and on what machine figures are."""
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "commit": (git_commit(root) or "none")[:10],
        "machine": f"{processor()}, {os.cpu_count()} cores",
    }


def take_share(workers: int) -> None:
    """Keep a worker of a pool of so many to its share of the cores: they would wait for each other's threads."""
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        number = int(multiprocessing.current_process().name.rsplit("-", 1)[1])
        os.sched_setaffinity(0, cores[number % len(cores) :: workers])


def card() -> str | None:
    """Return the name of the GPU that PyTorch would use, or None."""
    import torch

    return torch.cuda.get_device_name(0) if torch.cuda.is_available() else None


def processor() -> str:
    """Return what the processor calls itself."""
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines() if sys.platform == "linux" else []:
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


if __name__ == "__main__":
    main()
