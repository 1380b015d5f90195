"""Splits a video into clips without re-encoding, and measures every frame in one decode."""

import re
from pathlib import Path

import numpy as np
import polars as pl

from courtside import frames, layout
from courtside.config import Config
from courtside.errors import UserError
from courtside.files import atomic_path, remove_leftovers, sha256, write_json
from courtside.launch import launch
from courtside.progress import Progress
from courtside.quality.measures import measure_video
from courtside.quality.replays import find_replays
from courtside.video.clips import Clip, split_lossless
from courtside.video.images import list_images, list_others
from courtside.video.source import probe, stamp
from courtside.workspace import Workspace

_NAMES_SHOWN = 10


def extract(config: Config, workspace: Workspace) -> None:
    """Write the clips, the frames table and the facts of ``video``."""
    name = config.chosen_video()
    settings = config.videos[name]
    path = workspace.input(settings.path)
    before = stamp(path)
    info = probe(path)
    target = workspace.output(layout.extract(name))
    remove_leftovers(target)
    with atomic_path(target) as folder:
        folder.mkdir()
        clips = split_lossless(path, folder / "clips", seconds=config.extract.clip_seconds)
        with Progress(f"extract {name}", total=info.frames, unit="frames") as progress:
            measured = measure_video(path, workers=config.extract.workers, report=progress.update)
        table = measured.with_columns(video=pl.lit(name), clip=_clip_numbers(clips, config.extract.clip_seconds))
        if path.is_dir() and settings.shot_pattern:
            shots = _shots_by_name([image.stem for image in list_images(path)], settings.shot_pattern)
            table = table.with_columns(
                shot=pl.col("frame").replace_strict(dict(enumerate(shots)), return_dtype=pl.Int32)
            )
        elif path.is_dir() and settings.shows:
            table = table.with_columns(shot="frame")  # pictures of one class are no sequence
        else:
            table = table.with_columns(replay_of=_replays(table))
        frames.write(folder / "frames.parquet", table)
        write_json(
            folder / "video.json",
            {
                "path": settings.path,
                "sha256": sha256(path),
                "codec": info.codec,
                "width": info.width,
                "height": info.height,
                "frames_per_second": float(info.frames_per_second),
                "frames": info.frames,
                "duration_s": info.duration_s,
                "damaged_frames": info.frames - table.height,
                **(_left_out(name, path, table) if path.is_dir() else {}),
            },
        )
        # The hash, the clips and the measures would be of different videos.
        if stamp(path) != before:
            raise UserError(f"{path} changed while it was read; run again when it is recorded or copied to its end")


def _left_out(name: str, path: Path, table: pl.DataFrame) -> dict[str, list[str]]:
    """Return the names of the pictures of a folder that have no row in the table, and tell of them."""
    read = set(table["frame"].to_list())
    damaged = [image.name for frame, image in enumerate(list_images(path)) if frame not in read]
    others = [image.name for image in list_others(path)]
    for names, why in ((damaged, "damaged"), (others, "of a kind that is not read")):
        if names:
            shown = ", ".join(names[:_NAMES_SHOWN]) + (" …" if len(names) > _NAMES_SHOWN else "")
            print(f"extract {name}: left out because {why}: {len(names)} of the pictures ({shown})")
    return {"damaged_images": damaged, "unread_images": others}


def _clip_numbers(clips: list[Clip], clip_seconds: float) -> pl.Expr:
    if not clips:  # a folder of images is not split
        return (pl.col("time_s") / clip_seconds).floor().cast(pl.Int32)
    later = [(pl.col("frame") >= clip.first).cast(pl.Int32) for clip in clips[1:]]
    return pl.sum_horizontal(pl.lit(0, pl.Int32), *later)


def _replays(table: pl.DataFrame) -> pl.Series:
    hashes = np.frombuffer(b"".join(table["hash"].to_list()), dtype=np.uint8).reshape(table.height, -1)
    found = find_replays(table["shot"].to_numpy(), hashes, table["variance"].to_numpy())
    return table["shot"].replace_strict(found, default=None, return_dtype=pl.Int32)


def _shots_by_name(stems: list[str], pattern: str) -> list[int]:
    """Images whose names agree in the pattern's first group come from one source, and must not be split."""
    try:
        groups = [match.group(1) if (match := re.search(pattern, stem)) else stem for stem in stems]
    except (re.error, IndexError) as error:
        raise UserError(f"shot_pattern {pattern!r} is no regular expression with a group ({error})") from None
    numbers = {group: number for number, group in enumerate(dict.fromkeys(groups))}
    return [numbers[group] for group in groups]


if __name__ == "__main__":
    launch(extract)
