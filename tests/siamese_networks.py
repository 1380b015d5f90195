"""Networks with the inputs and outputs of OpenCV's Vit and Nano trackers, whose weights are written down, not learned.

They compare the means of 4 × 4 fields of the template's object with those of every place of the search region, four
pixels apart, by the squared difference: the template matching of a classic tracker, as a Siamese network computes it.
Size and shape of the object are taken to be a square that stays as it is. What goes in and out is as in OpenCV's
``modules/video/src/tracking/tracker_vit.cpp`` and ``tracker_nano.cpp``.
"""

from pathlib import Path

import numpy as np

import onnx_file

_FIELDS = 4
# A field is 16 pixels, its means are computed 4 pixels apart, and a cell of the answer is 16 pixels again.
_POOL = {"kernel_shape": [16, 16], "strides": [4, 4]}
_CELL = {"kernel_shape": [4, 4], "strides": [4, 4]}


def write_vit(path: Path):
    """Write a network for TrackerVit; its object is 64 pixels of both its inputs."""
    onnx_file.write(
        path,
        "vit",
        {"template": (1, 3, 128, 128), "search": (1, 3, 256, 256)},
        [
            ("AveragePool", ["search"], "places", _POOL),
            ("AveragePool", ["template"], "wanted", _POOL),
            # A place that begins at 4 (v - 8) has its centre at 4 v.
            *_compared("places", "wanted", begin=8, before=8, after=7),
            ("Mul", ["nearest", "two"], "doubled", {}),
            ("Exp", ["doubled"], "output1", {}),
            ("Conv", ["output1", "no", "quarter"], "output2", {"kernel_shape": [1, 1]}),
            ("Conv", ["shares", "quarters"], "output3", {"kernel_shape": [1, 1]}),
        ],
        {"output1": (1, 1, 16, 16), "output2": (1, 2, 16, 16), "output3": (1, 2, 16, 16)},
        {
            **_constants(1.0),
            "two": np.full((1, 1, 1, 1), 2, dtype=np.float32),
            "no": np.zeros((2, 1, 1, 1), dtype=np.float32),
            # Of the search region; a little more, because OpenCV rounds the size downwards.
            "quarter": np.full(2, 0.2501, dtype=np.float32),
            "quarters": _steps([0, 0.25, 0.5, 0.75]),
        },
    )


def write_nano(folder: Path):
    """Write the two networks of TrackerNano; its object is 63.5 pixels of both inputs of the first."""
    onnx_file.write(
        folder / "nanotrack_backbone_sim.onnx",
        "backbone",
        {"input": (1, 3, "height", "width")},
        [("AveragePool", ["input"], "output", _POOL)],
        {"output": (1, 3, "rows", "columns")},
    )
    # A place that begins at 4 (v - 9) has its centre at 4 v - 4.5, so the first of cell i lies 3.5 left of its middle.
    offsets = _steps([-3.5, 0.5, 4.5, 8.5])
    onnx_file.write(
        folder / "nanotrack_head_sim.onnx",
        "head",
        {"input1": (1, 3, 28, 28), "input2": (1, 3, 60, 60)},
        [
            *_compared("input2", "input1", begin=8, before=9, after=7),
            ("Conv", ["nearest", "slope", "threshold"], "output1", {"kernel_shape": [1, 1]}),
            ("Conv", ["shares", "sides", "half"], "output2", {"kernel_shape": [1, 1]}),
        ],
        {"output1": (1, 2, 16, 16), "output2": (1, 4, 16, 16)},
        {
            **_constants(1 / 57),
            "slope": np.array([0, 8], dtype=np.float32).reshape(2, 1, 1, 1),
            "threshold": np.array([0, 4], dtype=np.float32),
            # Distances from the cell to the left, upper, right and lower side.
            "sides": np.concatenate([-offsets, offsets]),
            "half": np.full(4, 31.75, dtype=np.float32),
        },
    )


def _compared(places, wanted, begin, before, after):
    """Nodes that make, a cell, the least difference (negative) and the shares of its 16 places in being it."""
    return [
        ("Slice", [wanted, "begin", "end", "axes", "steps"], "object", {}),
        ("Reshape", ["object", "column"], "column_of_object", {}),
        ("Conv", [places, "gather"], "gathered", {**_SPREAD, "pads": [before, before, after, after]}),
        ("Sub", ["gathered", "column_of_object"], "apart", {}),
        ("Mul", ["apart", "apart"], "squares", {}),
        ("Conv", ["squares", "mean"], "difference", {"kernel_shape": [1, 1]}),
        ("MaxPool", ["difference"], "nearest", _CELL),
        ("Conv", ["difference", "unfold"], "unfolded", _CELL),
        ("Softmax", ["unfolded"], "shares", {"axis": 1}),
    ]


_SPREAD = {"kernel_shape": [_FIELDS, _FIELDS], "dilations": [4, 4]}


def _constants(unit):
    """Constants of :func:`_compared`; differences are measured in ``1 / unit``."""
    fields = 3 * _FIELDS**2
    return {
        "begin": np.array([8, 8]),
        "end": np.array([8 + 4 * _FIELDS, 8 + 4 * _FIELDS]),
        "axes": np.array([2, 3]),
        "steps": np.array([4, 4]),
        "column": np.array([1, fields, 1, 1]),
        "gather": np.eye(fields, dtype=np.float32).reshape(fields, 3, _FIELDS, _FIELDS),
        "mean": np.full((1, fields, 1, 1), -(unit**2) / fields, dtype=np.float32),
        # The sharper, the less its neighbours blur the place that is nearest.
        "unfold": 40 * np.eye(16, dtype=np.float32).reshape(16, 1, 4, 4),
    }


def _steps(values):
    """Weights that take the mean of values across and down, by the shares of 4 × 4 places, (2, 16, 1, 1)."""
    down, across = np.meshgrid(values, values, indexing="ij")
    return np.stack([across.ravel(), down.ravel()]).astype(np.float32).reshape(2, 16, 1, 1)
