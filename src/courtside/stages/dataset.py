"""Writes a round's images and labels: the human ones, and those its teacher gave."""

import polars as pl

from courtside import boxes, frames, layout
from courtside.config import Config
from courtside.datasets.diversity import chooser
from courtside.datasets.select import select
from courtside.datasets.write import write_dataset
from courtside.files import read_json
from courtside.launch import launch
from courtside.progress import Progress
from courtside.tables import read_table
from courtside.workspace import Workspace


def dataset(config: Config, workspace: Workspace) -> None:
    """Choose the frames of ``round``, and write them as a YOLO folder."""
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
    own = config.dataset
    chosen = select(
        table,
        labelled,
        teacher,
        images=settings.images,
        background_share=own.background_share,
        expected_labels=own.expected_labels,
        labels=config.labels,
        sure_background_below=own.sure_background_below,
        found=found,
        surest_share=own.surest_share,
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
    if chosen.height != settings.images:
        print(f"dataset {name}: {chosen.height} images, where rounds.{name}.images asks for {settings.images}")
    with Progress(f"dataset {name}", total=chosen.height, unit="images") as progress:
        write_dataset(
            workspace.output(layout.dataset(name)),
            chosen,
            pl.concat([human, teacher]).join(chosen, on=key, how="semi"),
            {video: workspace.input(fact["path"]) for video, fact in facts.items()},
            config.labels,
            jpeg_quality=config.dataset.jpeg_quality,
            report=progress.update,
        )


if __name__ == "__main__":
    launch(dataset)
