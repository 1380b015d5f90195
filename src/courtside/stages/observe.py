"""Lets the champion look at a video that is tracked, once for all trackers."""

import time

from courtside import boxes, embeddings, frames, layout
from courtside.config import Config
from courtside.detectors.build import load_detector
from courtside.detectors.resumable import detect_in_pieces
from courtside.files import read_json, sha256, write_json
from courtside.launch import launch
from courtside.progress import Progress
from courtside.workspace import Workspace


def observe(config: Config, workspace: Workspace) -> None:
    """Write what the champion of ``final_round`` finds on ``video``, and how it looks.

    After a killed call the next one goes on where that was.
    """
    video = config.chosen_video()
    facts = read_json(workspace.input(layout.extract_facts(video)))
    path = workspace.input(facts["path"])
    table = frames.read(workspace.input(layout.extract_frames(video)))
    weights = workspace.input(layout.champion(config.final_round))
    tiles = config.detector
    detector = load_detector(weights, tile_size=tiles.tile_size, tile_overlap=tiles.tile_overlap, backend=tiles.backend)
    start = time.perf_counter()
    with Progress(f"observe {video}: detect", total=table.height, unit="frames") as progress:
        found, looks = detect_in_pieces(
            detector,
            table,
            {video: path},
            workspace.scratch(f"observe/{video}"),
            identity={
                "weights": sha256(weights),
                "videos": {video: facts},
                "tiles": [tiles.tile_size, tiles.tile_overlap, tiles.backend],
            },
            minimum_confidence=config.observe.minimum_confidence,
            source=config.final_round,
            report=progress.update,
            embed=True,
        )
    seconds = time.perf_counter() - start
    boxes.write(workspace.output(layout.observed_boxes(video)), found)
    embeddings.write(workspace.output(layout.observed_features(video, "neck")), looks)
    metrics = {"frames": table.height, "boxes": found.height, "fps": table.height / seconds}
    write_json(workspace.output(layout.report("observe", f"{video}.json")), metrics)


if __name__ == "__main__":
    launch(observe)
