"""Lets the champion look at a video that is tracked, once for all trackers."""

import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
import polars as pl

from courtside import boxes, embeddings, frames, layout
from courtside.config import Config
from courtside.detectors.build import load_detector
from courtside.detectors.resumable import detect_in_pieces
from courtside.files import read_json, sha256, write_json
from courtside.launch import launch
from courtside.progress import Progress
from courtside.trackers import camera_motion
from courtside.trackers.appearance.features import DETECTOR, FeatureSettings, features_of
from courtside.workspace import Workspace


def observe(config: Config, workspace: Workspace) -> None:
    """Write what the champion of ``final_round`` finds on ``video``, how that looks, and how the camera moved.

    After a killed call the next one goes on where that was.
    """
    video = config.chosen_video()
    facts = read_json(workspace.input(layout.extract_facts(video)))
    path = workspace.input(facts["path"])
    table = frames.read(workspace.input(layout.extract_frames(video)))
    start = time.perf_counter()
    found, looks = _detect(config, workspace, video, table)
    seconds = time.perf_counter() - start
    boxes.write(workspace.output(layout.observed_boxes(video)), found)
    _look(config, workspace, path, found, looks)
    if config.observe.camera_motion:
        with Progress(f"observe {video}: camera", total=table.height, unit="frames") as progress:
            cameras = camera_motion.camera_motion(path, table["frame"].to_list(), found, report=progress.update)
        camera_motion.write(workspace.output(layout.observed_cameras(video)), cameras)
    metrics = {"frames": table.height, "boxes": found.height, "fps": table.height / seconds}
    write_json(workspace.output(layout.report("observe", f"{video}.json")), metrics)


def _detect(config: Config, workspace: Workspace, video: str, table: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    facts = read_json(workspace.input(layout.extract_facts(video)))
    weights = workspace.input(layout.champion(config.final_round))
    tiles = config.detector
    detector = load_detector(weights, tile_size=tiles.tile_size, tile_overlap=tiles.tile_overlap, backend=tiles.backend)
    with Progress(f"observe {video}: detect", total=table.height, unit="frames") as progress:
        return detect_in_pieces(
            detector,
            table,
            {video: workspace.input(facts["path"])},
            workspace.scratch(f"observe/{video}"),
            identity={
                "weights": sha256(weights),
                "videos": {video: facts},
                "tiles": [tiles.tile_size, tiles.tile_overlap, tiles.backend],
            },
            minimum_confidence=config.observe.minimum_confidence,
            source=config.final_round,
            report=progress.update,
            embed=DETECTOR in config.observe.features,
        )


def _look(config: Config, workspace: Workspace, path: Path, found: pl.DataFrame, looks: pl.DataFrame) -> None:
    video = config.chosen_video()
    how = FeatureSettings(**asdict(config.observe.look))
    for kind in config.observe.features:
        if kind == DETECTOR:
            values = features_of(kind, path, found, how, embeddings=embeddings.values(looks))
        else:
            with Progress(f"observe {video}: {kind}", total=found["frame"].n_unique(), unit="frames") as progress:
                values = features_of(kind, path, found, how, root=workspace.root, report=progress.update)
        kept = embeddings.table(found, values.astype(np.float16))
        embeddings.write(workspace.output(layout.observed_features(video, kind)), kept)


if __name__ == "__main__":
    launch(observe)
