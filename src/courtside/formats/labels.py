"""Human labels in whatever form they come: the reader is chosen by what the path is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from courtside.errors import UserError
from courtside.formats import coco, cvat, mot, yolo
from courtside.formats.annotations import Annotations

__all__ = ["Annotations", "read_labels"]


def read_labels(
    path: Path,
    video: str,
    classes: Mapping[int, str],
    images: Sequence[Path] | None,
    sizes: Sequence[tuple[int, int]] | None,
    minimum_visibility: float,
    frames: int | None = None,
) -> Annotations:
    """Read labels: ``.xml`` is CVAT, ``.json`` COCO, ``.txt`` MOTChallenge, a folder YOLO.

    In MOTChallenge every frame counts as looked at: those of the video when ``frames`` is given,
    else those of a ``seqinfo.ini`` beside the file or one folder above, else up to the last box.

    Args:
        path: a file or folder of labels.
        video: name of the video in the table.
        classes: class or category number to label. CVAT has names only: those among the mapping's
            labels are kept. So it is with COCO, unless none of its names is one of the labels; then
            its category numbers are mapped.
        images: the sorted images of a video that is a folder; None for a video file.
        sizes: their widths and heights in pixels, for YOLO.
        minimum_visibility: 0–1; boxes seen less are left out, those of unknown visibility stay.
        frames: number of frames of the video, when known.

    Returns:
        Boxes with wanted labels, and the frames a person looked at.

    Raises:
        UserError: when the path is none of these, is missing or damaged, or has a box on a frame
            behind the end of the video.
    """
    if frames is None and path.suffix.lower() == ".txt":
        frames = _sequence_frames(path)
    annotations = _read(path, video, classes, images, sizes, frames)
    wanted = pl.col("label").is_in(sorted(set(classes.values())))
    seen = pl.col("visibility").is_null() | (pl.col("visibility") >= minimum_visibility)
    last = max(annotations.boxes["frame"].to_list(), default=-1)
    if frames is not None and last >= frames:
        raise UserError(
            f"{path}: a box lies on frame {last} (from 0), but video {video!r} has {frames} frames; "
            "name the labels of this video"
        )
    looked_at = [frame for frame in annotations.frames if frames is None or frame < frames]
    return Annotations(annotations.boxes.filter(wanted & seen), looked_at)


def _read(
    path: Path,
    video: str,
    classes: Mapping[int, str],
    images: Sequence[Path] | None,
    sizes: Sequence[tuple[int, int]] | None,
    frames: int | None,
) -> Annotations:
    if path.is_dir():
        if images is None or sizes is None:
            raise UserError(
                f"{path} is a folder, as YOLO labels are; they need a folder of images as video, not a video file"
            )
        return yolo.read_folder(path, images, sizes, video, classes)
    if not path.exists():
        raise UserError(f"the labels {path} do not exist; correct the path")
    suffix = path.suffix.lower()
    if suffix == ".xml":
        return cvat.read(path, video, images)
    if suffix == ".json":
        return coco.read(path, video, images, classes)
    if suffix == ".txt":
        boxes = mot.read_ground_truth(path, video, classes)
        last = max(boxes["frame"].to_list(), default=-1)
        return Annotations(boxes, list(range(last + 1 if frames is None else frames)))
    raise UserError(
        f"{path} is no label file: CVAT is .xml, COCO .json, MOTChallenge .txt, and YOLO a folder of .txt files"
    )


def _sequence_frames(path: Path) -> int | None:
    """Return the number of frames that a ``seqinfo.ini`` gives for a MOTChallenge file; None without one."""
    for folder in (path.parent, path.parent.parent):
        if (folder / "seqinfo.ini").is_file():
            return mot.read_sequence_info(folder / "seqinfo.ini").frames
    return None
