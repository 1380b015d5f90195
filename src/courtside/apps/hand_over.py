"""``courtside labels export``: the frames a person should look at first, with a round's labels drawn in already."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import polars as pl

from courtside import boxes, frames, layout
from courtside.apps.asking import check_ranges
from courtside.apps.params import read_params
from courtside.config import Config
from courtside.errors import UserError
from courtside.files import atomic_path, read_json
from courtside.formats import cvat
from courtside.progress import Progress
from courtside.pseudolabels.attention import KEY, choose_frames, rank_frames
from courtside.pseudolabels.thin import frames_to_label
from courtside.tables import read_table
from courtside.video.images import list_images
from courtside.video.reader import read_selected
from courtside.workspace import Workspace

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

SHOWN = ("video", "frame", "shot", "priority", "uncertainty", "disagreement")


def add_command(commands: Commands) -> None:
    """Add ``export`` with its options to the commands on labels."""
    command = commands.add_parser(
        "export",
        help="hand frames over to an annotation tool, a round's labels drawn in",
        description="Choose the training frames that tell most when a person looks at them: those the round is not "
        "sure of, those where detector and track disagree, no neighbours, from every shot. Write for each video a "
        "folder of images and a CVAT XML 1.1 with the round's boxes, and chosen.csv that says why. What comes back "
        "goes into videos.NAME.reviewed.",
    )
    command.add_argument("--round", metavar="NAME", help="whose labels (default: the last round)")
    command.add_argument("--budget", type=int, default=100, help="frames to choose at most (default: %(default)s)")
    command.add_argument(
        "--apart", type=int, default=25, help="frames that lie nearer together are neighbours (default: %(default)s)"
    )
    command.add_argument(
        "--output", type=Path, default=Path("review"), metavar="FOLDER", help="must not exist (default: %(default)s)"
    )
    command.add_argument("--quality", type=int, default=95, help="of the JPEGs, 1–100 (default: %(default)s)")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Do what the command line in ``options`` asks for, in the repository in the current folder."""
    config = read_params(Path("params.yaml"))
    name = options.round or config.final_round
    if name not in config.rounds:
        raise UserError(f"round {name!r} is not in params.yaml; it has: {', '.join(config.rounds) or 'none'}")
    if options.budget < 1:
        raise UserError(f"--budget {options.budget} is below 1; name the number of frames that a person has time for")
    check_ranges(options, {"quality": (1, 100)})
    if options.output.exists():
        raise UserError(f"{options.output} exists; delete it, or name another folder with --output")
    workspace = Workspace(Path(), Path())
    labels = boxes.read(workspace.input(layout.labels(name)))
    chosen = choose(config, workspace, name, labels, budget=options.budget, frames_apart=options.apart)
    facts = read_json(workspace.input(layout.LEARN_VIDEOS))
    paths = {video: workspace.input(fact["path"]) for video, fact in facts.items()}
    unreadable = export(options.output, chosen, labels, paths, quality=options.quality)
    if unreadable:
        print(f"{unreadable} frames cannot be read any more and are left out", file=sys.stderr)
    print(f"wrote {chosen.height - unreadable} images with boxes of {name} to {options.output}")


def choose(
    config: Config, workspace: Workspace, name: str, labels: pl.DataFrame, *, budget: int, frames_apart: int
) -> pl.DataFrame:
    """Return training frames among those the round ``name`` labelled, most telling first.

    The columns are those of :func:`rank_frames`.

    Raises:
        UserError: when a stage that is needed has not run, or no frame is left.
    """
    asked = training_frames(config, workspace, name)
    chosen = most_telling(config, workspace, labels, asked, budget=budget, frames_apart=frames_apart)
    if chosen.is_empty():
        raise UserError("no frame is left to look at: all are near labelled ones; lower --apart")
    return chosen


def training_frames(config: Config, workspace: Workspace, name: str) -> pl.DataFrame:
    """Return the training frames that the round ``name`` labelled, a frames table.

    Raises:
        UserError: when a stage that is needed has not run.
    """
    table = frames.read(workspace.input(layout.CLASSIFIED_FRAMES))
    labelled = read_table(workspace.input(layout.LEARN_LABELLED))
    asked = frames_to_label(table, labelled, config.looks_at_every(name))
    return asked.filter(pl.col("split") == "train")


def most_telling(
    config: Config, workspace: Workspace, labels: pl.DataFrame, asked: pl.DataFrame, *, budget: int, frames_apart: int
) -> pl.DataFrame:
    """Return those of the frames ``asked`` that a person should look at first, most telling first; maybe none.

    The columns are those of :func:`rank_frames`; what a person has labelled, and its neighbours, are left out.
    """
    known = read_table(workspace.input(layout.LEARN_LABELLED))
    seen = frames.read(workspace.input(layout.LEARN_FRAMES)).join(known, on=KEY, how="semi")
    ranked = rank_frames(labels, asked, config.labels, config.dataset.expected_labels)
    return choose_frames(ranked, seen, budget, frames_apart=frames_apart)


def export(target: Path, chosen: pl.DataFrame, labels: pl.DataFrame, paths: Mapping[str, Path], *, quality: int) -> int:
    """Write images, boxes and reasons, all or none of them; return how many frames could not be read.

    Args:
        target: the folder, which must not exist yet; it gets ``VIDEO/images/``, ``VIDEO/annotations.xml`` and
            ``chosen.csv``.
        chosen: the frames with the columns of :data:`SHOWN`, in order.
        labels: boxes table that is drawn in.
        paths: the source of each video: a file, or a folder whose images keep their names.
        quality: of the JPEGs, 1–100.

    Raises:
        UserError: when a video cannot be read, or none of the frames.
    """
    written: list[tuple[str, int]] = []
    with Progress("export", total=chosen.height, unit="images") as progress, atomic_path(target) as folder:
        folder.mkdir()
        for (video,), rows in chosen.partition_by("video", as_dict=True, maintain_order=True).items():
            source, images = paths[str(video)], folder / str(video) / "images"
            if not source.exists():
                raise UserError(f"{source} does not exist; it was there when its frames were measured, put it back")
            images.mkdir(parents=True)
            named = [path.name for path in list_images(source)] if source.is_dir() else None
            found: list[tuple[int, str, tuple[int, int]]] = []
            for frame in read_selected(source, sorted(rows["frame"].to_list())):
                name = named[frame.index] if named else f"frame_{frame.index:06}.jpg"
                parameters = [cv2.IMWRITE_JPEG_QUALITY, quality] if not name.lower().endswith(".png") else []
                _, content = cv2.imencode(Path(name).suffix, frame.image, parameters)
                (images / name).write_bytes(content.tobytes())
                found.append((frame.index, name, (frame.image.shape[1], frame.image.shape[0])))
                written.append((str(video), frame.index))
                progress.update(len(written))
            numbers = [number for number, _, _ in found]
            drawn = labels.filter((pl.col("video") == video) & pl.col("frame").is_in(numbers))
            sizes = [size for _, _, size in found]
            cvat.write_images(
                images.parent / "annotations.xml", drawn, numbers, [name for _, name, _ in found], 0, 0, sizes
            )
        if not written:
            raise UserError("none of the chosen frames can be read any more; run `dvc repro`")
        kept = pl.DataFrame(written, schema={"video": pl.String, "frame": pl.Int32}, orient="row")
        chosen.select(SHOWN).join(kept, on=KEY, how="semi", maintain_order="left").write_csv(
            folder / "chosen.csv", float_precision=3
        )
    return chosen.height - len(written)
