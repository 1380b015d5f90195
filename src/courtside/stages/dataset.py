"""Writes a round's images and labels: the human ones, and those its teacher gave."""

import polars as pl

from courtside import boxes, frames, layout
from courtside.config import Config
from courtside.datasets.diversity import chooser
from courtside.datasets.select import select
from courtside.datasets.stand_ins import stand_ins
from courtside.datasets.write import write_dataset
from courtside.files import read_json
from courtside.launch import launch
from courtside.progress import Progress
from courtside.tables import read_table
from courtside.workspace import Workspace


def dataset(config: Config, workspace: Workspace) -> None:
    """Choose the frames of ``round``, and write them as a YOLO folder; an empty one where it is not trained."""
    name = config.chosen_round()
    settings = config.rounds[name]
    key = ["video", "frame"]
    labelled = read_table(workspace.input(layout.LEARN_LABELLED))
    human = boxes.read(workspace.input(layout.LEARN_BOXES))
    teacher = boxes.read(workspace.input(layout.labels(settings.teacher))).join(labelled, on=key, how="anti")
    found = boxes.read(workspace.input(layout.detections(settings.teacher)))
    # The labels of a round that was rejected are an earlier one's, and what it found says nothing about them.
    found = found.join(teacher, on="source", how="semi", maintain_order="left")
    table = frames.read(workspace.input(layout.CLASSIFIED_FRAMES))
    facts = read_json(workspace.input(layout.LEARN_VIDEOS))
    own, side = config.dataset, config.detector.tile_size
    validating = stand_ins(table, labelled, teacher, count=round(settings.images * config.split.val_share))
    if validating.height:
        print(f"dataset {name}: nobody labelled a validation frame, so {settings.teacher} says what is right there too")
    chosen = select(
        table,
        labelled,
        teacher,
        images=settings.images - validating.height,
        background_share=own.background_share,
        expected_labels=own.expected_labels,
        labels=config.labels,
        sure_background_below=own.sure_background_below,
        found=found,
        choose=chooser(
            own.choice,
            table,
            pl.concat([human, teacher]),
            found,
            {video: (fact["width"], fact["height"]) for video, fact in facts.items()},
            own.expected_labels or config.labels,
            hard_weight=own.hard_weight,
        ),
    )
    chosen = pl.concat([chosen, validating]).sort(key) if settings.images else chosen.clear()
    if chosen.height != settings.images:
        print(f"dataset {name}: {chosen.height} images, where rounds.{name}.images asks for {settings.images}")
    with Progress(f"dataset {name}", total=chosen.height, unit="images") as progress:
        write_dataset(
            workspace.output(layout.dataset(name)),
            chosen,
            pl.concat([human, teacher]).join(chosen, on=key, how="semi"),
            {video: workspace.input(fact["path"]) for video, fact in facts.items()},
            config.labels,
            jpeg_quality=own.jpeg_quality,
            report=progress.update,
            may_be_empty=not settings.images,
            tiles=(side, config.detector.tile_overlap) if own.tiles and side else None,
        )


if __name__ == "__main__":
    launch(dataset)
