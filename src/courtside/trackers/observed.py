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
from courtside.trackers.observed_files import ObservedFiles


def read_seen(folder: Path, frames_table: Path, facts: Path, kinds: Collection[str] | None = None) -> Seen:
    """Read what trackers are given of a video.

    Args:
        folder: of the stage `observe`; features and cameras are read where they are there.
        frames_table: frames table of the video, which says its shots.
        facts: the JSON of the stage `extract`, which says its rate.
        kinds: the features to read, which takes most of the time; None reads all.

    Raises:
        UserError: when a file is missing or damaged.
    """
    files = ObservedFiles(folder)
    if not files.boxes.is_file():
        raise UserError(f"{files.boxes} is missing; run `python -m courtside.stages.observe video={folder.name}` once")
    table = frames.read(frames_table)
    found = boxes.read(files.boxes)
    features = {
        kind: embeddings.read(files.features(kind), found).astype(np.float32)
        for kind in files.kinds()
        if kinds is None or kind in kinds
    }
    return Seen(
        found,
        table["frame"].to_list(),
        dict(table.select("frame", "shot").iter_rows()),
        read_json(facts)["frames_per_second"],
        features,
        camera_motion.read(files.cameras) if files.cameras.is_file() else None,
    )
