"""How fast a detector looks at a video, beside ``yolo predict`` on the same video with the same weights.

``python bench/label.py`` runs each in a process of its own, alternately, prints frames per second and how far the boxes
agree, and writes both to ``bench/results/label.json`` and into the README. What is timed is from the video file to the
boxes of every frame; imports, loading weights, converting them for OpenVINO and the first batches are left out.
``yolo predict`` draws and saves nothing here, and prints nothing. Without OpenVINO its row is missing.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any

import clean
import numpy as np

from courtside import boxes
from courtside.apps.markdown import replace_section, table
from courtside.errors import UserError
from courtside.files import write_json
from courtside.video.ahead import read_ahead
from courtside.video.reader import read_frames

ROOT = Path(__file__).resolve().parent.parent
WEIGHTS = "data/weights/yolov8n_drawn.pt"
MINIMUM_CONFIDENCE = 0.25
SKIPPED = 8  # frames before the clock starts
CONTENDERS = {
    "predict": "`yolo predict`",
    "courtside": "Courtside, PyTorch",
    "courtside_openvino": "Courtside, OpenVINO",
}

Found = list[list[list[float]]]


def courtside(weights: Path, video: Path, size: int, count: int, backend: str = "torch") -> tuple[float, Found]:
    """Return seconds a frame and the boxes of every frame, x1, y1, x2, y2, score, class."""
    from courtside.detectors.build import load_detector

    detector = load_detector(weights, backend=backend)
    detector.image_size = size
    stream = detector.predict(read_ahead(read_frames(video, 0, count), 4), MINIMUM_CONFIDENCE)
    found: Found = []
    for number, seen in enumerate(stream):
        if number == SKIPPED:
            start = time.perf_counter()
        rows = np.column_stack([seen.corners, seen.scores, seen.classes])
        found.append(rows.tolist())
    return (time.perf_counter() - start) / (len(found) - SKIPPED - 1), found


def courtside_openvino(weights: Path, video: Path, size: int, count: int) -> tuple[float, Found]:
    """Do the same with OpenVINO."""
    return courtside(weights, video, size, count, "openvino")


def predict(weights: Path, video: Path, size: int, count: int) -> tuple[float, Found]:
    """Do what the command ``yolo predict`` does; nothing of Courtside has set up Ultralytics in this process."""
    from ultralytics import YOLO

    results = YOLO(str(weights)).predict(
        source=str(video), imgsz=size, conf=MINIMUM_CONFIDENCE, max_det=100, save=False, verbose=False, stream=True
    )
    found: Found = []
    for number, result in enumerate(islice(results, count)):
        if number == SKIPPED:
            start = time.perf_counter()
        found.append(result.boxes.data.cpu().numpy().tolist())
    return (time.perf_counter() - start) / (len(found) - SKIPPED - 1), found


def write_checkpoint(weights: Path, target: Path) -> None:
    """Write weights in Ultralytics' own form, which holds the network as an object."""
    import torch

    from courtside.detectors.ultralytics_detector import UltralyticsDetector
    from courtside.detectors.weights import load_weights

    known = load_weights(weights)
    model = UltralyticsDetector(known.architecture, known.labels, known.image_size, known).model
    model.args = {}
    torch.save({"model": model, "train_args": {}}, target)


def agreement(first: Found, second: Found) -> dict[str, float]:
    """Return the share of boxes of both that have one of the other with IoU of at least 0.9, and the largest gap."""
    matched, total, gap = 0, 0, 0.0
    for ours, theirs in zip(first, second, strict=True):
        total += len(ours) + len(theirs)
        if not ours or not theirs:
            continue
        one, two = np.array(ours), np.array(theirs)
        overlap = boxes.iou(one[:, :4].astype(np.float32), two[:, :4].astype(np.float32))
        overlap[one[:, None, 5] != two[None, :, 5]] = 0
        pairs = [(row, int(overlap[row].argmax())) for row in range(len(one)) if overlap[row].max() >= 0.9]
        matched += len(pairs) + int((overlap.max(axis=0) >= 0.9).sum())
        gap = max([gap, *(abs(one[row, 4] - two[column, 4]) for row, column in pairs)])
    return {"boxes_alike": round(matched / total, 4) if total else 1.0, "largest_score_difference": round(gap, 4)}


def run(name: str, weights: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Run one contender in a fresh process."""
    command = [sys.executable, __file__, "--contender", name, "--weights", str(weights)]
    command += ["--video", str(options.video), "--size", str(options.size), "--frames", str(options.frames)]
    with tempfile.TemporaryDirectory() as folder:
        environment = {key: value for key, value in os.environ.items() if key != "OMP_NUM_THREADS"}
        environment |= {"YOLO_CONFIG_DIR": folder, "YOLO_OFFLINE": "true"}
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        raise UserError(f"{name} failed: {done.stderr.strip().splitlines()[-1]}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def main() -> None:
    """Run both alternately, print and write the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--video", type=Path, default=ROOT / clean.SAMPLE, help="(default: %(default)s)")
    parser.add_argument("--weights", type=Path, default=ROOT / WEIGHTS, help="(default: %(default)s)")
    parser.add_argument("--size", type=int, default=640, help="longer side of the input, pixels (default: %(default)s)")
    parser.add_argument("--frames", type=int, default=200, help="how many to look at (default: %(default)s)")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each (default: %(default)s)")
    parser.add_argument("--contender", choices=list(CONTENDERS), help="run only this one and print it as JSON")
    options = parser.parse_args()
    if options.contender:
        seconds, found = globals()[options.contender](options.weights, options.video, options.size, options.frames)
        threads = sys.modules["torch"].get_num_threads()
        print(json.dumps({"seconds": seconds, "threads": threads, "found": found}))
        return
    try:
        if not options.video.is_file():
            raise UserError(f"{options.video} does not exist; run `dvc repro sample`, or name a video with --video")
        runs: dict[str, list[dict[str, Any]]] = {name: [] for name in CONTENDERS}
        if find_spec("openvino") is None:
            print("OpenVINO is not installed: its row is left out", flush=True)
            del runs["courtside_openvino"]
        with tempfile.TemporaryDirectory() as folder:
            checkpoint = Path(folder) / "checkpoint.pt"
            write_checkpoint(options.weights, checkpoint)
            for _ in range(options.repeats):
                for name, tried in runs.items():
                    tried.append(run(name, checkpoint if name == "predict" else options.weights, options))
                    print(f"{CONTENDERS[name]}: {1 / tried[-1]['seconds']:.1f} frames/s", flush=True)
        publish({name: min(tried, key=lambda each: each["seconds"]) for name, tried in runs.items()}, options)
    except UserError as error:
        sys.exit(f"error: {error}")


def publish(best: dict[str, dict[str, Any]], options: argparse.Namespace) -> None:
    """Write the results file and the table in the README."""
    rates = {name: 1 / each["seconds"] for name, each in best.items()}
    ours = [name for name in best if name != "predict"]
    alike = {name: agreement(best[name]["found"], best["predict"]["found"]) for name in ours}
    ratios = {name: round(rates[name] / rates["predict"], 2) for name in ours}
    video = options.video.resolve()
    card = clean.card()
    result = {
        **clean.origin(),
        "gpu": card,
        "video": str(video.relative_to(ROOT)) if ROOT in video.parents else video.name,
        "image_size": options.size,
        "rows": [
            {"name": name, "frames_per_second": round(rates[name], 2), "threads": best[name]["threads"]}
            | alike.get(name, {})
            for name in best
        ],
        "ratios": {"to_predict": ratios},
    }
    write_json(ROOT / f"bench/results/label{'_gpu' if card else ''}.json", result)
    head = [f"YOLOv8n at {options.size} px, {card or f'{os.cpu_count()} cores'}", "frames/s", "to `yolo predict`"]
    lines = [[CONTENDERS[name], f"{rates[name]:.1f}", f"{rates[name] / rates['predict']:.2f} ×"] for name in best]
    share = min(each["boxes_alike"] for each in alike.values())
    gap = max(each["largest_score_difference"] for each in alike.values())
    text = table(head, lines)
    text += f"\n\n{result['date']}, commit {result['commit']}, {card or result['machine']}, {options.frames} frames of "
    text += (
        f"{result['video']}; {share:.1%} of the boxes of either have one of `yolo predict` with IoU of at least 0.9, "
    )
    text += f"and the other way round, their scores at most {gap:.4f} apart."
    replace_section(ROOT / "README.md", f"bench label{' gpu' if card else ''}", text)
    print(json.dumps(result["ratios"] | {"boxes": alike}))


if __name__ == "__main__":
    main()
