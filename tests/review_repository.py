"""A repository in which the stages before a review seem to have run: drawn videos and their tables."""

import cv2
import numpy as np
import polars as pl
import yaml

from courtside import boxes, frames, layout
from courtside.tables import write_table
from courtside.video.writer import VideoWriter

ROUND = "yolo_n_10"
SIZE = (320, 180)


def ball_at(number):
    """Centre of the ball, in pixels."""
    return 40 + (number * 7) % 240, 60 + (number * 5) % 80


def draw(number, size=SIZE):
    """A court with two players and a ball, which is away on every third frame."""
    image = np.full((size[1], size[0], 3), (70, 110, 150), np.uint8)
    cv2.rectangle(image, (10, 100), (40, 170), (160, 60, 40), -1)
    cv2.rectangle(image, (250, 90), (280, 160), (40, 60, 160), -1)
    if number % 3:
        cv2.circle(image, ball_at(number), 7, (20, 120, 240), -1)
    return image


def frames_table(video, count):
    numbers = np.arange(count)
    rng = np.random.default_rng(1)
    rows = len(numbers)
    return frames.check(
        pl.DataFrame(
            {
                "video": [video] * rows,
                "frame": pl.Series(numbers, dtype=pl.Int32),
                "clip": pl.Series([0] * rows, dtype=pl.Int32),
                "time_s": numbers / 25,
                "shot": pl.Series(numbers // 20, dtype=pl.Int32),
                "blur": [500.0] * rows,
                "brightness": [100.0] * rows,
                "variance": [900.0] * rows,
                "hash": [rng.bytes(32) for _ in range(rows)],
                "verdict": ["usable"] * rows,
                "split": ["train"] * rows,
            }
        )
    )


def boxes_table(video, numbers):
    rows = []
    for number in numbers:
        x, y = ball_at(number)
        rows.append((video, number, x - 7.0, y - 7.0, x + 7.0, y + 7.0, "ball", 0.5 + 0.4 * (number % 10) / 10))
        rows.append((video, number, 10.0, 100.0, 41.0, 171.0, "player", 0.95))
    columns = ["video", "frame", "x1", "y1", "x2", "y2", "label", "score"]
    return boxes.check(pl.DataFrame(rows, schema=columns, orient="row").with_columns(source=pl.lit(ROUND)))


def write_repository(root, *, videos=("monday",), count=60, size=SIZE):
    """Write params.yaml, videos and tables, and return the folder."""
    settings = {name: {"path": f"data/videos/{name}.mp4", "sorted": f"data/labels/{name}.csv"} for name in videos}
    values = {
        "experiment": "monday",
        "labels": ["ball", "player"],
        "videos": settings,
        "rounds": {ROUND: {"teacher": "gold", "images": 10}},
        "final_round": ROUND,
    }
    (root / "params.yaml").write_text(yaml.safe_dump(values), encoding="utf-8")
    tables, found = [], []
    for name in videos:
        with VideoWriter(
            root / f"data/videos/{name}.mp4", *size, 25, keyframe_interval=10, preset="ultrafast"
        ) as writer:
            for number in range(count):
                writer.write(draw(number, size))
        tables.append(frames_table(name, count))
        frames.write(root / layout.clean(name), tables[-1].with_columns(split=pl.lit(None, dtype=pl.String)))
        found.append(boxes_table(name, range(0, count, 4)))
    frames.write(root / layout.LEARN_FRAMES, pl.concat(tables))
    frames.write(root / layout.CLASSIFIED_FRAMES, pl.concat(tables))
    labelled = pl.DataFrame(schema={"video": pl.String, "frame": pl.Int32})
    write_table(root / layout.LEARN_LABELLED, labelled)
    boxes.write(root / layout.labels(ROUND), pl.concat(found))
    items = pl.DataFrame(
        {
            "video": [videos[0]] * 6,
            "frame": pl.Series(range(6), dtype=pl.Int32),
            "split": ["train"] * 6,
            "label": ["ball", "ball", "no_ball", "no_ball", "ball", "ball"],
            "predicted": ["no_ball", "ball", "ball", "no_ball", "ball", "ball"],
            "probability": [0.98, 0.6, 0.8, 0.99, 0.7, 0.9],
            "loss": [3.9, 0.5, 1.6, 0.01, 0.36, 0.1],
        }
    )
    write_table(root / layout.CLASSIFIED_ITEMS, items)
    return root
