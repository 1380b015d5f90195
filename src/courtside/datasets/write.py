"""Writes a dataset folder in the form YOLO trainers read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import cv2
import polars as pl

from courtside.datasets.tiles import tiles_to_learn
from courtside.errors import UserError
from courtside.files import atomic_path, write_json
from courtside.formats import yolo
from courtside.tables import write_table
from courtside.video.reader import read_selected


def write_dataset(
    target: Path,
    chosen: pl.DataFrame,
    boxes: pl.DataFrame,
    videos: Mapping[str, Path],
    labels: Sequence[str],
    *,
    jpeg_quality: int,
    report: Callable[[int, int], None],
    may_be_empty: bool = False,
    tiles: tuple[int, int] | None = None,
) -> None:
    """Write ``images/{train,val}/*.jpg``, ``labels/{train,val}/*.txt``, ``data.yaml`` and ``images.parquet``.

    The folder appears whole or not at all.

    Args:
        target: the folder.
        chosen: the frames, with ``video``, ``frame``, ``split`` and ``source``.
        boxes: boxes table of these frames; boxes whose label is not in ``labels`` are left out.
        videos: where the source videos are.
        labels: the classes, in their order.
        jpeg_quality: 1–100.
        report: called with images done and images in all.
        may_be_empty: whether there may be nothing to train or validate on.
        tiles: side and overlap of tiles, in pixels, that are written besides each picture; None for none.

    Raises:
        UserError: when there is nothing to train or validate on, or a frame cannot be read any more.
    """
    for split in () if may_be_empty else ("train", "val"):
        if chosen.filter(pl.col("split") == split).is_empty():
            raise UserError(
                f"the dataset {target.name} has no labelled usable {split} frame; "
                "label more frames, or change split.val_share"
            )
    wanted = boxes.filter(pl.col("label").is_in(list(labels)))
    by_frame = wanted.partition_by("video", "frame", as_dict=True)
    done = 0
    with atomic_path(target) as folder:
        for split in ("train", "val"):
            (folder / "images" / split).mkdir(parents=True)
            (folder / "labels" / split).mkdir(parents=True)
        for (video,), rows in chosen.partition_by("video", as_dict=True, maintain_order=True).items():
            splits = dict(rows.select("frame", "split").iter_rows())
            for frame in read_selected(videos[str(video)], sorted(splits)):
                stem = f"{video}_{frame.index:06d}"
                place = splits[frame.index]
                height, width = frame.image.shape[:2]
                found = by_frame.get((video, frame.index), wanted.clear())
                pieces = [((0, 0, width, height), found)]
                if tiles:
                    pieces += tiles_to_learn(found, frame.index, width, height, *tiles)
                for number, ((x1, y1, x2, y2), inside) in enumerate(pieces):
                    name = f"{stem}_tile_{number}" if number else stem
                    image = folder / "images" / place / f"{name}.jpg"
                    if not cv2.imwrite(str(image), frame.image[y1:y2, x1:x2], [cv2.IMWRITE_JPEG_QUALITY, jpeg_quality]):
                        raise UserError(f"{image} could not be written; is the disk full?")
                    yolo.write_labels(folder / "labels" / place / f"{name}.txt", inside, x2 - x1, y2 - y1, labels)
                done += 1
                report(done, chosen.height)
        if done < chosen.height:
            raise UserError(f"{chosen.height - done} frames of the dataset cannot be read; is a video damaged?")
        write_table(folder / "images.parquet", chosen)
        write_json(folder / "data.yaml", {"train": "images/train", "val": "images/val", "names": list(labels)})
