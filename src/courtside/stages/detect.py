"""Lets a round's detector look at the learning videos; what is a label is decided by `label`, without looking again."""

from courtside import boxes, embeddings, frames, layout
from courtside.config import Config
from courtside.detectors.resumable import detect_with
from courtside.files import read_json
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
    with Progress(f"detect {name}", total=asked.height, unit="frames") as progress:
        found, looks = detect_with(
            workspace.input(layout.weights(name)),
            asked,
            {video: workspace.input(fact["path"]) for video, fact in facts.items()},
            facts,
            workspace.scratch(f"detect/{name}"),
            tile_size=config.detector.tile_size,
            tile_overlap=config.detector.tile_overlap,
            backend=config.detector.backend,
            minimum_confidence=config.detect.minimum_confidence,
            source=name,
            report=progress.update,
            embed=config.detect.embeddings,
        )
    boxes.write(workspace.output(layout.detections(name)), found)
    embeddings.write(workspace.output(layout.embeddings(name)), looks)


if __name__ == "__main__":
    launch(detect)
