"""What the champion saw on a video, as the stage `observe` keeps it, in the form that trackers are given."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import numpy as np

from courtside import boxes, embeddings, frames
from courtside.errors import UserError
from courtside.files import read_json
from courtside.trackers import camera_motion
from courtside.trackers.comparison import Seen

BOXES, FEATURES, CAMERAS = "boxes.parquet", "features_{}.parquet", "cameras.parquet"


def read_seen(folder: Path, frames_table: Path, facts: Path, kinds: Collection[str] | None = None) -> Seen:
    """Read what trackers are given of a video.

    Args:
        folder: of the stage `observe`: ``boxes.parquet``, and where they were asked for ``features_KIND.parquet`` and
            ``cameras.parquet``.
        frames_table: frames table of the video, which says its shots.
        facts: the JSON of the stage `extract`, which says its rate.
        kinds: the features to read, which takes most of the time; None reads all.

    Raises:
        UserError: when a file is missing or damaged.
    """
    if not (folder / BOXES).is_file():
        raise UserError(
            f"{folder / BOXES} is missing; run `python -m courtside.stages.observe video={folder.name}` once"
        )
    table = frames.read(frames_table)
    found = boxes.read(folder / BOXES)
    prefix, suffix = FEATURES.split("{}")
    there = {
        path.name.removeprefix(prefix).removesuffix(suffix): path for path in sorted(folder.glob(FEATURES.format("*")))
    }
    features = {
        kind: embeddings.read(path, found).astype(np.float32)
        for kind, path in there.items()
        if kinds is None or kind in kinds
    }
    cameras = folder / CAMERAS
    return Seen(
        found,
        table["frame"].to_list(),
        dict(table.select("frame", "shot").iter_rows()),
        read_json(facts)["frames_per_second"],
        features,
        camera_motion.read(cameras) if cameras.is_file() else None,
    )
