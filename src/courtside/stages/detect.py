"""Lets a round's detector look at the learning videos; what is a label is decided by `label`, without looking again."""

from courtside import boxes, embeddings, frames, layout
from courtside.config import Config
from courtside.detectors.build import load_detector
from courtside.detectors.resumable import detect_in_pieces
from courtside.files import read_json, sha256
from courtside.launch import launch
from courtside.progress import Progress
from courtside.pseudolabels.thin import backgrounds_to_label, frames_to_label
from courtside.tables import read_table
from courtside.workspace import Workspace


def detect(config: Config, workspace: Workspace) -> None:
    """Write the boxes that ``round`` finds on the frames it is asked about, and how they look where that is wanted.

    After a killed call the next one goes on where that was.
    """
    name = config.chosen_round()
    table = frames.read(workspace.input(layout.CLASSIFIED_FRAMES))
    labelled = read_table(workspace.input(layout.LEARN_LABELLED))
    every, own = config.looks_at_every(name), config.dataset
    backgrounds = backgrounds_to_label(
        table, config.labels, every, share=own.background_share, below=own.sure_background_below
    )
    asked = frames_to_label(table, labelled, every, backgrounds)
    facts = read_json(workspace.input(layout.LEARN_VIDEOS))
    tiles = config.detector
    weights = workspace.input(layout.weights(name))
    detector = load_detector(weights, tile_size=tiles.tile_size, tile_overlap=tiles.tile_overlap, backend=tiles.backend)
    with Progress(f"detect {name}", total=asked.height, unit="frames") as progress:
        found, looks = detect_in_pieces(
            detector,
            asked,
            {video: workspace.input(fact["path"]) for video, fact in facts.items()},
            workspace.scratch(f"detect/{name}"),
            identity={
                "weights": sha256(weights),
                "videos": facts,
                "tiles": [tiles.tile_size, tiles.tile_overlap, tiles.backend],
            },
            minimum_confidence=config.detect.minimum_confidence,
            source=name,
            report=progress.update,
            embed=config.detect.embeddings,
        )
    boxes.write(workspace.output(layout.detections(name)), found)
    embeddings.write(workspace.output(layout.embeddings(name)), looks)


if __name__ == "__main__":
    launch(detect)
