"""Pictures of bright squares on a dim ground, and how to train on them in seconds."""

import cv2
import numpy as np

from courtside.detectors.protocol import FitSettings

WIDTH, HEIGHT = 128, 96
SETTINGS = FitSettings(
    epochs=2,
    batch=4,
    optimizer="AdamW",
    lr0=0.0005,
    lrf=0.1,
    warmup_epochs=0.5,
    freeze=0,
    mosaic=0.0,
    scale=0.3,
    rectangular=True,
    patience=10,
    class_weight=1.0,
    average_share=0.0,
    workers=0,
    device="cpu",
    seed=0,
)
"""Two epochs of small steps on the CPU."""


class KilledError(Exception):
    """Stands for a process that was killed."""


def square_picture(left, top, side=24, seed=0):
    """A dim picture with a bright square, (HEIGHT, WIDTH, 3) uint8."""
    image = np.random.default_rng(seed).integers(0, 60, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    image[top : top + side, left : left + side] = (40, 160, 255)
    return image


def write_picture(folder, split, name, image, boxes):
    """Write a picture and its boxes, x1, y1, x2, y2 in pixels, in YOLO form."""
    for kind in ("images", "labels"):
        (folder / kind / split).mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(folder / "images" / split / f"{name}.png"), image)
    height, width = image.shape[:2]
    lines = [
        f"0 {(x1 + x2) / 2 / width} {(y1 + y2) / 2 / height} {(x2 - x1) / width} {(y2 - y1) / height}\n"
        for x1, y1, x2, y2 in boxes
    ]
    (folder / "labels" / split / f"{name}.txt").write_text("".join(lines))
