"""``courtside frames export``: the frames of chosen verdicts as JPEGs, a folder for each clip, as published."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import polars as pl

from courtside import frames, layout
from courtside.apps.params import read_params
from courtside.config import Config
from courtside.errors import UserError
from courtside.files import atomic_path
from courtside.progress import Progress
from courtside.video.reader import read_selected

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def add_command(commands: Commands) -> None:
    """Add ``export`` with its options to the commands on frames."""
    command = commands.add_parser(
        "export",
        help="write frames as JPEGs by batch",
        description="Write the frames of chosen verdicts as JPEGs: FOLDER/batch_00/images/000000.jpg and so on. A "
        "batch is a clip of the video, a file's name its frame's number; of several videos each has a folder.",
    )
    command.add_argument(
        "--video", action="append", metavar="NAME", help="a video of params.yaml; may be repeated (default: all)"
    )
    command.add_argument(
        "--verdict",
        action="append",
        metavar="VERDICT",
        help=f"{', '.join(frames.VERDICTS)}; may be repeated (default: usable)",
    )
    command.add_argument(
        "--output", type=Path, default=Path("batches"), metavar="FOLDER", help="must not exist (default: %(default)s)"
    )
    command.add_argument("--quality", type=int, default=95, help="of the JPEGs, 1–100 (default: %(default)s)")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Do what the command line in ``options`` asks for, in the repository in the current folder."""
    root = Path()
    config = read_params(root / "params.yaml")
    names = list(dict.fromkeys(options.video or config.videos))
    chosen = choose(root, config, names, options.verdict or ["usable"])
    paths = {name: root / config.videos[name].path for name in names}
    unreadable = export(options.output, chosen, paths, quality=options.quality)
    for name, count in unreadable.items():
        if count:
            print(f"{name}: {count} frames cannot be read any more and are left out", file=sys.stderr)
    print(f"wrote {chosen.height - sum(unreadable.values())} images to {options.output}")


def choose(root: Path, config: Config, names: Sequence[str], verdicts: Sequence[str]) -> pl.DataFrame:
    """Return the frames of some videos that have one of some verdicts: a frames table.

    Verdicts are those of ``clean``; where ``classify`` has run, what it took out of the usable frames is
    ``without_ball``.

    Raises:
        UserError: on an unknown video or verdict, when a stage that is needed has not run, or when no frame is left.
    """
    for name in names:
        if name not in config.videos:
            raise UserError(f"video {name!r} is not in params.yaml; it has: {', '.join(config.videos) or 'none'}")
    for verdict in verdicts:
        if verdict not in frames.VERDICTS:
            raise UserError(f"verdict {verdict!r} is none of {', '.join(frames.VERDICTS)}")
    judged = pl.concat([frames.empty(), *(frames.read(root / layout.clean(name)) for name in names)])
    classified = root / layout.CLASSIFIED_FRAMES
    if classified.exists() or "without_ball" in verdicts:
        without = frames.read(classified).filter(pl.col("verdict") == "without_ball").select("video", "frame")
        taken_out = judged.join(without, on=["video", "frame"], how="semi").filter(pl.col("verdict") == "usable")
        judged = pl.concat(
            [
                judged.join(taken_out, on=["video", "frame"], how="anti"),
                taken_out.with_columns(verdict=pl.lit("without_ball")),
            ]
        )
    chosen = frames.check(judged.filter(pl.col("verdict").is_in(list(verdicts))))
    if chosen.is_empty():
        raise UserError(f"no frame of {', '.join(names) or 'any video'} is {' or '.join(verdicts)}; nothing to export")
    return chosen


def export(target: Path, chosen: pl.DataFrame, paths: Mapping[str, Path], *, quality: int) -> dict[str, int]:
    """Write frames as ``batch_00/images/000000.jpg`` …, all or none of them, and show how far it is.

    Args:
        target: the folder, which must not exist yet. Where ``paths`` names several videos, each has a folder in it.
        chosen: the frames, a frames table.
        paths: the source of each video: a file or a folder of images. One forward pass reads it.
        quality: of the JPEGs, 1–100.

    Returns:
        For each video, how many of its frames could not be read and are left out.

    Raises:
        UserError: when the folder exists, the quality is out of range, or a video cannot be read.
    """
    if target.exists():
        raise UserError(f"{target} exists; delete it, or name another folder with --output")
    if not 1 <= quality <= 100:
        raise UserError(f"quality {quality} is outside 1–100")
    missing = [path for path in paths.values() if not path.exists()]
    if missing:
        raise UserError(f"{missing[0]} does not exist; it was there when its frames were measured, put it back")
    done = 0
    unreadable = {}
    with Progress("export", total=chosen.height, unit="images") as progress, atomic_path(target) as folder:
        folder.mkdir()
        for name, path in paths.items():
            of_video = folder / name if len(paths) > 1 else folder
            clips = dict(chosen.filter(pl.col("video") == name).select("frame", "clip").iter_rows())
            for clip in set(clips.values()):
                (of_video / f"batch_{clip:02}" / "images").mkdir(parents=True)
            before = done
            for frame in read_selected(path, sorted(clips)):
                _, content = cv2.imencode(".jpg", frame.image, [cv2.IMWRITE_JPEG_QUALITY, quality])
                image = of_video / f"batch_{clips[frame.index]:02}" / "images" / f"{frame.index:06}.jpg"
                image.write_bytes(content.tobytes())
                done += 1
                progress.update(done)
            unreadable[name] = len(clips) - (done - before)
        if not done:
            raise UserError("none of the chosen frames can be read any more; run `dvc repro`")
    return unreadable
