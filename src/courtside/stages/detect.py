"""Lets a round's detector look at the learning videos; what is a label is decided by `label`, without looking again."""

from courtside import boxes, frames, layout
from courtside.config import Config
from courtside.detectors.build import load_detector
from courtside.detectors.detect import detect as find_boxes
from courtside.files import read_json
from courtside.launch import launch
from courtside.progress import Progress
from courtside.pseudolabels.thin import frames_to_label
from courtside.tables import read_table
from courtside.workspace import Workspace


def detect(config: Config, workspace: Workspace) -> None:
    """Write the boxes that ``round`` finds on the frames it is asked about."""
    name = config.chosen_round()
    table = frames.read(workspace.input(layout.CLASSIFIED_FRAMES))
    labelled = read_table(workspace.input(layout.LEARN_LABELLED))
    asked = frames_to_label(table, labelled, config.looks_at_every(name))
    facts = read_json(workspace.input(layout.LEARN_VIDEOS))
    tiles = config.detector
    detector = load_detector(
        workspace.input(layout.weights(name)),
        tile_size=tiles.tile_size,
        tile_overlap=tiles.tile_overlap,
        backend=tiles.backend,
    )
    with Progress(f"detect {name}", total=asked.height, unit="frames") as progress:
        found = find_boxes(
            detector,
            asked,
            {video: workspace.input(fact["path"]) for video, fact in facts.items()},
            minimum_confidence=config.detect.minimum_confidence,
            source=name,
            report=progress.update,
        )
    boxes.write(workspace.output(layout.detections(name)), found)


if __name__ == "__main__":
    launch(detect)
