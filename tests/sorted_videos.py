"""A repository in which `split` has run: folders of small pictures as videos, sorted into ball and no ball."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import polars as pl

from courtside import frames, layout
from courtside.config import Config, from_dictionary
from courtside.files import write_json
from courtside.tables import write_table
from courtside.workspace import Workspace

SHOTS = 8
FRAMES_A_SHOT = 5


def make_sorted(
    root: Path, videos: tuple[str, ...] = ("one", "two"), labels: tuple[str, ...] = ("no_ball", "ball")
) -> Workspace:
    """Write the outputs of `split` below ``root``; shots of each label alternate, every other pair validates.

    Frame 0 of each shot is nobody's, the others are sorted.
    """
    random = np.random.default_rng(0)
    colors = [None, (20, 120, 250), (250, 60, 20)]
    rows, known, facts = [], [], {}
    for video in videos:
        folder = root / "data" / "videos" / video
        folder.mkdir(parents=True)
        facts[video] = {"path": f"data/videos/{video}", "codec": "images"}
        for number in range(SHOTS * FRAMES_A_SHOT):
            shot = number // FRAMES_A_SHOT
            kind = shot % len(labels)
            image = random.integers(90, 130, (40, 64, 3), dtype=np.uint8)
            if colors[kind]:
                x = int(random.integers(0, 40))
                image[8:32, x : x + 24] = colors[kind]
            cv2.imwrite(str(folder / f"{number:03}.jpg"), image, [cv2.IMWRITE_JPEG_QUALITY, 95])
            split = "val" if shot // len(labels) % 2 else "train"
            rows.append((video, number, 0, number / 25, shot, 100.0, 100.0, 100.0, bytes(32), "usable", split))
            if number % FRAMES_A_SHOT:
                known.append((video, number, labels[kind]))
    names = ("video", "frame", "clip", "time_s", "shot", "blur", "brightness", "variance", "hash", "verdict", "split")
    table = pl.DataFrame(rows, schema=list(names), orient="row")
    frames.write(root / layout.LEARN_FRAMES, table)
    key = {"video": pl.String, "frame": pl.Int32}
    write_table(root / layout.LEARN_SORTED, pl.DataFrame(known, schema=key | {"label": pl.String}, orient="row"))
    write_table(root / layout.LEARN_LABELLED, pl.DataFrame(schema=key))
    write_json(root / layout.LEARN_VIDEOS, facts)
    write_json(root / layout.report("split", "metrics.json"), {"frames": {}, "sha256": "of the split"})
    return Workspace(root, root)


def make_config(classify: dict[str, object], **classifiers: dict[str, object]) -> Config:
    """Return a configuration with these classifiers, each trained for two epochs from random weights at 32 px."""
    common = {"image_size": 32, "batch": 8, "whole": {"epochs": 2, "lr0": 0.003}}
    return from_dictionary(
        {
            "experiment": "test",
            "classify": {"classifiers": list(classifiers), **classify},
            "classifiers": {name: common | own for name, own in classifiers.items()},
        }
    )
