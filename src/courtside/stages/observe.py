"""Lets the champion look at a video that is tracked, once for all trackers."""

import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
import polars as pl

from courtside import boxes, embeddings, frames, layout
from courtside.config import Config
from courtside.detectors.resumable import detect_with
from courtside.files import read_json, write_json
from courtside.launch import launch
from courtside.progress import Progress
from courtside.trackers import camera_motion
from courtside.trackers.appearance.features import DETECTOR, FeatureSettings, features_of
from courtside.trackers.observed_files import ObservedFiles
from courtside.workspace import Workspace


def observe(config: Config, workspace: Workspace) -> None:
    """Write what the champion of ``final_round`` finds on ``video``, how that looks, and how the camera moved.

    After a killed call the next one goes on where that was.
    """
    video = config.chosen_video()
    facts = read_json(workspace.input(layout.extract_facts(video)))
    path = workspace.input(facts["path"])
    table = frames.read(workspace.input(layout.extract_frames(video)))
    files = ObservedFiles(workspace.output(layout.observed(video)))
    start = time.perf_counter()
    with Progress(f"observe {video}: detect", total=table.height, unit="frames") as progress:
        found, looks = detect_with(
            workspace.input(layout.champion(config.final_round)),
            table,
            {video: path},
            {video: facts},
            workspace.scratch(f"observe/{video}"),
            tile_size=config.detector.tile_size,
            tile_overlap=config.detector.tile_overlap,
            backend=config.detector.backend,
            minimum_confidence=config.observe.minimum_confidence,
            source=config.final_round,
            report=progress.update,
            embed=DETECTOR in config.observe.features,
        )
    seconds = time.perf_counter() - start
    boxes.write(files.boxes, found)
    _look(config, workspace, path, found, looks, files)
    if config.observe.camera_motion:
        with Progress(f"observe {video}: camera", total=table.height, unit="frames") as progress:
            cameras = camera_motion.camera_motion(path, table["frame"].to_list(), found, report=progress.update)
        camera_motion.write(files.cameras, cameras)
    metrics = {"frames": table.height, "boxes": found.height, "fps": table.height / seconds}
    write_json(workspace.output(layout.report("observe", f"{video}.json")), metrics)


def _look(
    config: Config, workspace: Workspace, path: Path, found: pl.DataFrame, looks: pl.DataFrame, files: ObservedFiles
) -> None:
    how = FeatureSettings(**asdict(config.observe.look))
    for kind in config.observe.features:
        if kind == DETECTOR:
            values = features_of(kind, path, found, how, embeddings=embeddings.values(looks))
        else:
            title = f"observe {files.folder.name}: {kind}"
            with Progress(title, total=found["frame"].n_unique(), unit="frames") as progress:
                values = features_of(kind, path, found, how, root=workspace.root, report=progress.update)
        embeddings.write(files.features(kind), embeddings.table(found, values.astype(np.float16)))


if __name__ == "__main__":
    launch(observe)
