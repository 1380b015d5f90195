"""COCO JSON: images, categories and annotations (Lin et al., 2014; cocodataset.org, "Data format").

``bbox`` is left, top, width, height in pixels with (0, 0) at the top-left corner. Identity and
visibility, which COCO itself does not know, go into ``attributes`` as ``track_id`` and
``visibility``, where CVAT keeps the identity too; ``occluded`` there is treated as in
:mod:`courtside.formats.cvat`. Crowds (``iscrowd`` 1) are regions and no objects: left out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from courtside.errors import UserError
from courtside.files import write_text
from courtside.formats.annotations import Annotations
from courtside.formats.fields import (
    Row,
    check_area,
    check_tracks_once,
    decimal,
    human_boxes,
    image_frames,
    left_top_size,
    number,
    read_lines,
    share,
    single_video,
    whole,
)

_OCCLUDED_VISIBILITY = 0.5


def read(
    path: Path, video: str, images: Sequence[Path] | None, classes: Mapping[int, str] | None = None
) -> Annotations:
    """Read a COCO file.

    Args:
        path: the JSON file.
        video: name of the video in the table.
        images: the sorted images of a video that is a folder: an image's place there is its frame.
            None: its frame is the number that its ``file_name`` ends in.
        classes: category number to label. It is used, and boxes of other categories are left out,
            when no category's name is one of its labels; otherwise, and when None, the names are
            the labels.

    Returns:
        Boxes, and the frames of all images listed: those a person looked at.

    Raises:
        UserError: on a missing file, no JSON, another form, or an entry that is no box.
    """
    content = _content(path)
    names = {}
    for place, category in enumerate(content["categories"]):
        where = f"{path}, categories[{place}]"
        names[_whole(category, "id", where)] = str(_entry(category, "name", where))
    numbered = classes is not None and not set(classes.values()) & set(names.values())
    labels = (classes or {}) if numbered else names
    listed = [(image, f"{path}, images[{place}]") for place, image in enumerate(content["images"])]
    frames = image_frames([(str(_entry(image, "file_name", where)), where) for image, where in listed], images)
    frame_of = {_whole(image, "id", where): frame for (image, where), frame in zip(listed, frames, strict=True)}
    rows = []
    for place, annotation in enumerate(content["annotations"]):
        where = f"{path}, annotations[{place}]"
        category_id = _whole(annotation, "category_id", where)
        image_id = _whole(annotation, "image_id", where)
        if category_id not in names:
            raise UserError(f"{where}: category_id {category_id} is not among the categories; correct the file")
        if image_id not in frame_of:
            raise UserError(f"{where}: image_id {image_id} is not among the images; correct the file")
        label = labels.get(category_id)
        if label is not None and not annotation.get("iscrowd"):
            rows.append(_row(annotation, frame_of[image_id], label, where))
    check_tracks_once(rows, path)
    return Annotations(human_boxes(video, rows), sorted(frames))


def read_images(path: Path) -> list[tuple[str, int, int]]:
    """Return name, width and height in pixels of each image that a COCO file lists; 0 where it gives no size.

    Raises:
        UserError: as for :func:`read`.
    """
    found = []
    for place, image in enumerate(_content(path)["images"]):
        where = f"{path}, images[{place}]"
        name = str(_entry(image, "file_name", where))
        width, height = (whole(str(image.get(key) or 0), key, where) for key in ("width", "height"))
        found.append((name, width, height))
    return found


def read_labels(path: Path) -> list[str]:
    """Return the names of the categories that a COCO file lists, in its order.

    Raises:
        UserError: as for :func:`read`.
    """
    categories = enumerate(_content(path)["categories"])
    return [str(_entry(category, "name", f"{path}, categories[{place}]")) for place, category in categories]


def _content(path: Path) -> dict[str, list[Any]]:
    try:
        content = json.loads("\n".join(read_lines(path, "a COCO JSON file")))
    except (json.JSONDecodeError, RecursionError) as error:
        raise UserError(f"{path} is no valid JSON ({error}); export the labels again") from None
    lists = ("images", "categories", "annotations")
    if not isinstance(content, dict) or not all(isinstance(content.get(name), list) for name in lists):
        raise UserError(f"{path} is no COCO file: it needs the lists images, categories and annotations")
    return content


def _row(annotation: Any, frame: int, label: str, where: str) -> Row:
    box = _entry(annotation, "bbox", where)
    if not isinstance(box, list) or len(box) != 4:
        raise UserError(f"{where}: bbox is not [left, top, width, height]; correct the file")
    left, top, width, height = (number(str(value), "a value of bbox", where) for value in box)
    check_area(left, top, left + width, top + height, where)
    attributes = annotation.get("attributes") or {}
    if not isinstance(attributes, dict):
        raise UserError(f"{where}: attributes are no object of names and values; correct the file")
    said = attributes.get("visibility")
    visibility = share(str(said), "the visibility", where) if said not in (None, "") else None
    if attributes.get("occluded") and (visibility is None or visibility == 1):
        visibility = _OCCLUDED_VISIBILITY
    track = attributes.get("track_id")
    identity = whole(str(track), "track_id", where) if track not in (None, "") else None
    return Row(frame, left, top, left + width, top + height, label, identity, visibility)


def _entry(entry: Any, key: str, where: str) -> Any:
    if not isinstance(entry, dict) or key not in entry:
        raise UserError(f"{where}: {key} is missing; correct the file")
    return entry[key]


def _whole(entry: Any, key: str, where: str) -> int:
    return whole(str(_entry(entry, key, where)), key, where)


def write(
    path: Path,
    boxes: pl.DataFrame,
    frames: Sequence[int],
    image_names: Sequence[str],
    width: int,
    height: int,
    labels: Sequence[str],
    sizes: Sequence[tuple[int, int]] | None = None,
) -> None:
    """Write a COCO file, atomically; corners read back within 1e-9 px.

    Score and source are not written: a COCO data set has no place for them.

    Args:
        path: the file.
        boxes: boxes table of one video, on these frames.
        frames: the frames a person looked at.
        image_names: a file name for each of the frames, ending in its number.
        width: of every image, in pixels.
        height: of every image, in pixels.
        labels: the categories, numbered from 1 in this order.
        sizes: width and height of each image in pixels, where they differ; instead of ``width`` and ``height``.

    Raises:
        ValueError: when a box lies on none of the frames, a label is not among the labels, or
            frames, names and sizes differ in number.
    """
    table = single_video(boxes)
    if set(table["frame"]) - set(frames) or set(table["label"]) - set(labels):
        raise ValueError("a box lies on a frame, or has a label, that is not among those to write")
    image_ids = {frame: place for place, frame in enumerate(frames, start=1)}
    category_ids = {label: place for place, label in enumerate(labels, start=1)}
    annotations = []
    columns = table.select("frame", "x1", "y1", "x2", "y2", "label", "track", "visibility")
    for place, (frame, x1, y1, x2, y2, label, track, visibility) in enumerate(columns.iter_rows(), start=1):
        attributes = {"occluded": visibility is not None and visibility < 1}
        attributes |= {} if track is None else {"track_id": track}
        attributes |= {} if visibility is None else {"visibility": float(decimal(visibility))}
        annotations.append(
            {
                "id": place,
                "image_id": image_ids[frame],
                "category_id": category_ids[label],
                "bbox": [float(value) for value in left_top_size(x1, y1, x2, y2)],
                "area": (x2 - x1) * (y2 - y1),
                "iscrowd": 0,
                "attributes": attributes,
            }
        )
    content = {
        "images": [
            {"id": image_ids[frame], "file_name": name, "width": wide, "height": high}
            for frame, name, (wide, high) in zip(
                frames, image_names, sizes or [(width, height)] * len(frames), strict=True
            )
        ],
        "categories": [{"id": place, "name": label} for label, place in category_ids.items()],
        "annotations": annotations,
    }
    write_text(path, json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n")
