"""Writes a round's images and labels: the human ones, and those its teacher gave."""

import polars as pl

from courtside import boxes, frames, layout
from courtside.config import Config
from courtside.datasets.label_plots import plot_labels
from courtside.datasets.label_shares import describe, distributions, read_shares
from courtside.datasets.select import select
from courtside.datasets.write import write_dataset
from courtside.files import read_json, write_json
from courtside.launch import launch
from courtside.progress import Progress
from courtside.tables import read_table
from courtside.workspace import Workspace


def dataset(config: Config, workspace: Workspace) -> None:
    """Choose the frames of ``round``, write them as a YOLO folder, and say what its labels look like."""
    name = config.chosen_round()
    settings = config.rounds[name]
    key = ["video", "frame"]
    labelled = read_table(workspace.input(layout.LEARN_LABELLED))
    human = boxes.read(workspace.input(layout.LEARN_BOXES))
    teacher = boxes.read(workspace.input(layout.labels(settings.teacher))).join(labelled, on=key, how="anti")
    chosen = select(
        frames.read(workspace.input(layout.CLASSIFIED_FRAMES)),
        labelled,
        teacher,
        images=settings.images,
        background_share=config.dataset.background_share,
        expected_labels=config.dataset.expected_labels,
    )
    if chosen.height != settings.images:
        print(f"dataset {name}: {chosen.height} images, where rounds.{name}.images asks for {settings.images}")
    facts = read_json(workspace.input(layout.LEARN_VIDEOS))
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
