"""Writes a round's images and labels: the human ones, and those its teacher gave."""

import polars as pl

from courtside import boxes, frames, layout
from courtside.config import Config
from courtside.datasets.diversity import chooser
from courtside.datasets.label_plots import plot_labels
from courtside.datasets.label_shares import describe, distributions, read_shares
from courtside.datasets.select import select
from courtside.datasets.stand_ins import stand_ins
from courtside.datasets.write import write_dataset
from courtside.files import read_json, write_json
from courtside.launch import launch
from courtside.progress import Progress
from courtside.tables import read_table
from courtside.workspace import Workspace


def dataset(config: Config, workspace: Workspace) -> None:
    """Choose the frames of ``round``, write them as a YOLO folder, and say what its labels look like.

    The folder of a round that is not trained is empty.
    """
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
    _report(config, workspace, name, chosen)


def _report(config: Config, workspace: Workspace, name: str, chosen: pl.DataFrame) -> None:
    """Write how many labels there are, where they lie and how large they are, as numbers and drawn."""
    folder = workspace.output(layout.report("dataset", f"{name}/metrics.json")).parent
    shares = read_shares(workspace.output(layout.dataset(name)), config.labels)
    write_json(folder / "metrics.json", describe(shares, chosen, config.labels))
    write_json(folder / "labels.json", distributions(shares, config.labels))
    plot_labels(shares, config.labels, folder / "plots")


if __name__ == "__main__":
    launch(dataset)
