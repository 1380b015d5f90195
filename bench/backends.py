"""How fast Ultralytics' networks are on a CPU in PyTorch, OpenVINO and ONNX Runtime, and how alike their boxes are.

``python bench/backends.py`` runs all in one process, alternately, and writes the medians to
``bench/results/backends.json`` and into ``docs/architecture.md``: the network by itself on two frames, and all of
`detect`, from the video file to the boxes table. Conversion, whose seconds are in the results, comes before the clock
starts. ONNX Runtime takes part where it and ``onnx`` are installed (``pip install onnx onnxruntime``); Courtside does
not use it. What ends in bfloat16 multiplies with 8 bits of fraction, as processors with matrix units do several times
as fast.
"""

from __future__ import annotations

import argparse
import io
import json
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import clean
import numpy as np
import polars as pl
import torch
from label import WEIGHTS, Found, agreement

from courtside.apps.markdown import replace_section
from courtside.apps.markdown import table as markdown_table
from courtside.detectors.detect import detect
from courtside.detectors.openvino_network import OpenVINONetwork
from courtside.detectors.ultralytics_detector import UltralyticsDetector
from courtside.detectors.weights import load_weights
from courtside.errors import UserError
from courtside.files import sha256, write_json
from courtside.video.reader import read_frames

ROOT = Path(__file__).resolve().parent.parent
MINIMUM_CONFIDENCE = 0.05
Network = Callable[..., Any]


def in_bfloat16(predictor: Any) -> Network:
    """Return PyTorch's network with its matrices multiplied in bfloat16."""

    def compute(pictures: torch.Tensor, *_: Any, **__: Any) -> torch.Tensor:
        with torch.autocast("cpu", torch.bfloat16):
            return predictor.model(pictures)[0].float()

    return compute


def in_onnx_runtime(predictor: Any) -> Network:
    """Return the network in ONNX Runtime, for pictures of any size."""
    import copy

    import onnxruntime

    network = copy.deepcopy(predictor.model.model).to(memory_format=torch.contiguous_format).eval()
    vars(network.model[-1]).update(dynamic=True, export=True)
    file = io.BytesIO()
    axes = {"pictures": {0: "n", 2: "height", 3: "width"}}
    torch.onnx.export(
        network, torch.zeros(1, 3, 64, 96), file, input_names=["pictures"], dynamic_axes=axes, dynamo=False
    )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session = onnxruntime.InferenceSession(file.getvalue(), options, providers=["CPUExecutionProvider"])
    return lambda pictures, *_, **__: torch.from_numpy(session.run(None, {"pictures": pictures.numpy()})[0])


WAYS: dict[str, Callable[[Any], Network | None]] = {
    "torch": lambda predictor: None,
    "torch, bfloat16": in_bfloat16,
    "openvino": lambda predictor: OpenVINONetwork(predictor.model.model),
    "openvino, bfloat16": lambda predictor: OpenVINONetwork(predictor.model.model, "bf16"),
    "onnxruntime": in_onnx_runtime,
}


class Measured(UltralyticsDetector):
    """A detector with one predictor a way, made once."""

    way = "torch"

    def prepared(self) -> dict[str, Any]:
        """Return the predictors made so far."""
        return self.__dict__.setdefault("predictors", {})

    def _predictor(self, *arguments: Any, **settings: Any) -> Any:
        made = self.prepared()
        if self.way not in made:
            predictor = super()._predictor(*arguments, **settings)
            start = time.perf_counter()
            network = WAYS[self.way](predictor)
            self.__dict__.setdefault("conversions", {})[self.way] = time.perf_counter() - start
            if network is not None:
                predictor.inference = network
            made[self.way] = predictor
        return made[self.way]


def measure(options: argparse.Namespace) -> list[dict[str, Any]]:
    """Return a row a way."""
    weights = load_weights(options.weights)
    detector = Measured(weights.architecture, weights.labels, weights.image_size, weights)
    detector.image_size = options.size
    missing = [name for name in WAYS if find_spec(name.split(",")[0]) is None]
    ways = [name for name in WAYS if name not in missing and not (name == "onnxruntime" and find_spec("onnx") is None)]
    frames = [frame.image for frame in read_frames(options.video, 0, 2)]
    table = pl.DataFrame(
        {"video": ["video"] * options.frames, "frame": range(options.frames)},
        schema={"video": pl.String, "frame": pl.Int32},
    )

    def whole(way: str) -> tuple[float, pl.DataFrame]:
        detector.way = way
        start = time.perf_counter()
        found = detect(
            detector,
            table,
            {"video": options.video},
            minimum_confidence=MINIMUM_CONFIDENCE,
            source="bench",
            report=lambda done, total: None,
        )
        return time.perf_counter() - start, found

    found = {way: _by_frame(whole(way)[1], options.frames, weights.labels) for way in ways}
    predictors = detector.prepared()
    pictures = predictors["torch"].preprocess(frames)
    networks: dict[str, list[float]] = {way: [] for way in ways}
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    end = time.monotonic() + options.seconds
    while time.monotonic() < end or not seconds["torch"]:
        for way in ways:
            with torch.inference_mode():
                start = time.perf_counter()
                for _ in range(5):
                    predictors[way].inference(pictures)
                networks[way].append((time.perf_counter() - start) / 10)
        for way in ways:
            seconds[way].append(whole(way)[0] / options.frames)
    network = {way: statistics.median(times) for way, times in networks.items()}
    frame = {way: statistics.median(times) for way, times in seconds.items()}
    return [
        {
            "name": way,
            "network_ms": round(1000 * network[way], 1),
            "network_to_torch": round(network["torch"] / network[way], 2),
            "frames_per_second": round(1 / frame[way], 1),
            "to_torch": round(frame["torch"] / frame[way], 2),
            "rounds": len(seconds[way]),
            "conversion_s": round(vars(detector)["conversions"][way], 2),
            "boxes": sum(len(each) for each in found[way]),
            **agreement(found[way], found["torch"]),
            "largest_corner_difference_px": _farthest(found[way], found["torch"]),
        }
        for way in ways
    ]


def _by_frame(found: pl.DataFrame, frames: int, labels: tuple[str, ...]) -> Found:
    rows: Found = [[] for _ in range(frames)]
    for frame, *row, label in found.select("frame", "x1", "y1", "x2", "y2", "score", "label").iter_rows():
        rows[frame].append([*row, float(labels.index(label))])
    return rows


def _farthest(first: Found, second: Found) -> float | None:
    """Return the largest difference of corners; None where the boxes are not as many, label by label."""
    largest = 0.0
    for ours, theirs in zip(first, second, strict=True):
        if [row[5] for row in ours] != [row[5] for row in theirs]:
            return None
        if ours:
            largest = max(largest, float(np.abs(np.array(ours)[:, :4] - np.array(theirs)[:, :4]).max()))
    return round(largest, 5)


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--video", type=Path, default=ROOT / clean.SAMPLE, help="(default: %(default)s)")
    parser.add_argument("--weights", type=Path, default=ROOT / WEIGHTS, help="(default: %(default)s)")
    parser.add_argument("--size", type=int, default=960, help="longer side of the input, pixels (default: %(default)s)")
    parser.add_argument("--frames", type=int, default=60, help="how many `detect` looks at (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=120, help="how long to measure (default: %(default)s)")
    parser.add_argument("--name", default="sample", help="of these rows in the results file (default: %(default)s)")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    try:
        if not options.video.is_file():
            raise UserError(f"{options.video} does not exist; run `dvc repro sample`, or name a video with --video")
        rows = measure(options)
    except UserError as error:
        sys.exit(f"error: {error}")
    for row in rows:
        print(json.dumps(row))
    path = ROOT / "bench/results/backends.json"
    results = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    results[options.name] = {
        **clean.origin(),
        "video": options.video.name,
        "weights": sha256(options.weights)[:10],
        "architecture": load_weights(options.weights).architecture,
        "image_size": options.size,
        "frames": options.frames,
        "rows": rows,
    }
    write_json(path, results)
    replace_section(ROOT / "docs/architecture.md", "bench backends", _text(results))


def _text(results: dict[str, Any]) -> str:
    head = [
        "network, ms a frame",
        "to PyTorch",
        "`detect`, frames/s",
        "to PyTorch",
        "boxes alike",
        "corners, px",
        "scores",
    ]
    parts = []
    for result in results.values():
        lines = [
            [
                row["name"],
                f"{row['network_ms']:.1f}",
                f"{row['network_to_torch']:.2f} ×",
                f"{row['frames_per_second']:.1f}",
                f"{row['to_torch']:.2f} ×",
                f"{row['boxes_alike']:.1%}",
                "–" if row["largest_corner_difference_px"] is None else f"{row['largest_corner_difference_px']:.4f}",
                f"{row['largest_score_difference']:.4f}",
            ]
            for row in result["rows"]
        ]
        title = f"{result['architecture']} at {result['image_size']} px"
        parts.append(
            f"{markdown_table([title, *head], lines)}\n\n{result['frames']} frames of {result['video']}, "
            f"{result['date']}, commit {result['commit']}, {result['machine']}."
        )
    return "\n\n".join(parts)


if __name__ == "__main__":
    main()
