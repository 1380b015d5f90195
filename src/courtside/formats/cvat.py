"""CVAT XML 1.1, both "for images" and "for video" (docs.cvat.ai, "XML annotation format", version 1.1).

Frames. In a file for images the frame is the number the image's name ends in (``frame_000123.jpg``
is 123, as CVAT names the frames of a video), or the image's place in the folder when the video is
one; the images listed are those a person looked at. In a file for video the frames looked at are
those of the task (``start_frame`` to ``stop_frame`` by the step of ``frame_filter``).

Tracks. Between two listed boxes a track moves linearly, keeps the occlusion and attributes of the
earlier one, is not there from a box marked ``outside`` to the next that is not, and after its last
box stays where it is until the task ends: as CVAT itself interpolates. Boxes listed with
``keyframe="0"`` are CVAT's own interpolation and are taken as they stand.

Visibility. Written as the attribute ``visibility``, and ``occluded`` is 1 where it is below 1. Read
from that attribute; a box marked occluded without the attribute, or with one still at 1, has 0.5;
one that is neither occluded nor has the attribute is null, nobody said. This way the table comes
back from the file, and the occluded flag from the table, as they were.

Shapes. Polygons, ellipses, masks and rotated boxes are read as the box around them; points,
polylines, cuboids, skeletons and tags are passed over. A file for images keeps the identity of a
box in the attribute ``track``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import polars as pl

from courtside.errors import UserError
from courtside.files import atomic_path
from courtside.formats.annotations import Annotations
from courtside.formats.cvat_shapes import Corners, attribute, corners_around, where
from courtside.formats.fields import (
    Row,
    check_area,
    check_tracks_once,
    decimal,
    human_boxes,
    image_frames,
    share,
    single_video,
    whole,
)
from courtside.formats.xml_stream import Element, stream_children

Shape = tuple[float, float, float, float, str, int | None, float | None]

_SHAPE_COLUMNS = ("x1", "y1", "x2", "y2", "label", "track", "visibility")
_OCCLUDED_VISIBILITY = 0.5
# Four days of video; keeps a damaged number from filling the memory.
_MAXIMUM_FRAMES = 10_000_000


def read(path: Path, video: str, images: Sequence[Path] | None = None) -> Annotations:
    """Read a CVAT XML file.

    Args:
        path: the file, usually ``annotations.xml``.
        video: name of the video in the table.
        images: the sorted images of a video that is a folder; None for a video file.

    Returns:
        Boxes with the labels as CVAT names them, and the frames a person looked at.

    Raises:
        UserError: on a missing or damaged file, another format, or an element that is no box, with
            its line.
    """
    found_images: list[Element] = []
    tracks: list[Element] = []
    task_frames: range | None = None
    for element in stream_children(path, "annotations"):
        if element.tag == "version" and element.text.strip().split(".")[0] != "1":
            raise UserError(f"{path}: CVAT XML version {element.text.strip()!r}; export as CVAT 1.1")
        if element.tag == "meta":
            task_frames = _task_frames(element, path)
        elif element.tag == "image":
            found_images.append(element)
        elif element.tag == "track":
            tracks.append(element)
    if tracks:
        return _from_tracks(tracks, task_frames, path, video)
    if found_images or task_frames is None:
        return _from_images(found_images, images, path, video)
    return _from_tracks([], task_frames, path, video)


def _from_images(found: list[Element], images: Sequence[Path] | None, path: Path, video: str) -> Annotations:
    names = [(attribute(image, "name", path), where(image, path)) for image in found]
    frames = image_frames(names, images)
    rows = []
    for frame, image in zip(frames, found, strict=True):
        for shape in image.children:
            corners = corners_around(shape, path)
            if corners is None:
                continue
            check_area(*corners, where(shape, path))
            values = _values(shape)
            track = values.get("track", "").strip()
            identity = whole(track, "the track", where(shape, path)) if track else None
            visibility = _visibility(shape, values.get("visibility", ""), path)
            rows.append(Row(frame, *corners, attribute(shape, "label", path), identity, visibility))
    check_tracks_once(rows, path)
    return Annotations(human_boxes(video, rows), sorted(frames))


def _from_tracks(tracks: list[Element], task_frames: range | None, path: Path, video: str) -> Annotations:
    rows: list[Row] = []
    drawn: set[int] = set()
    last = -1
    for place, track in enumerate(tracks):
        label = attribute(track, "label", path)
        identity = whole(track.attributes.get("id", str(place)), "the track id", where(track, path))
        listed = _listed(track, path)
        drawn.update(frame for frame, box in listed.items() if box[1])
        last = max([last, *listed])
        looked_at = task_frames if task_frames is not None else range(max(listed, default=-1) + 1)
        rows += [
            Row(frame, *corners, label, identity, visibility)
            for frame, corners, visibility in _interpolated(listed, looked_at)
        ]
    check_tracks_once(rows, path)
    frames = set(task_frames if task_frames is not None else range(last + 1)) | drawn
    return Annotations(human_boxes(video, rows), sorted(frames))


# Corners, whether the object is there, and its visibility.
_Listed = dict[int, tuple[Corners, bool, float | None]]


def _listed(track: Element, path: Path) -> _Listed:
    listed: _Listed = {}
    carried = ""
    for shape in sorted(track.children, key=lambda shape: _frame(shape, path)):
        corners = corners_around(shape, path)
        if corners is None:
            continue
        frame = _frame(shape, path)
        there = not _flag(shape, "outside", path)
        if frame in listed:
            raise UserError(f"{where(shape, path)}: the track has two boxes on frame {frame}; delete one of them")
        if there:
            check_area(*corners, where(shape, path))
        carried = _values(shape).get("visibility", carried)
        listed[frame] = (corners, there, _visibility(shape, carried, path))
    return listed


def _frame(shape: Element, path: Path) -> int:
    frame = whole(attribute(shape, "frame", path), "the frame", where(shape, path))
    if frame < 0:
        raise UserError(f"{where(shape, path)}: frame {frame} is negative; CVAT counts frames from 0")
    return frame


def _interpolated(listed: _Listed, looked_at: range) -> Iterator[tuple[int, Corners, float | None]]:
    """Yield frame, corners and visibility of a track on the frames listed and those looked at in between."""
    frames = list(listed)
    for index, frame in enumerate(frames):
        corners, there, visibility = listed[frame]
        if not there:
            continue
        yield frame, corners, visibility
        is_last = index + 1 == len(frames)
        stop = looked_at.stop if is_last else frames[index + 1]
        target = corners if is_last else listed[stop][0]
        if target[0] >= target[2] or target[1] >= target[3]:
            target = corners  # some tools write zeros where the object has gone
        for between in range(frame + 1, stop):
            if between not in looked_at:
                continue
            part = (between - frame) / (stop - frame)
            moved = tuple(start + (end - start) * part for start, end in zip(corners, target, strict=True))
            yield between, (moved[0], moved[1], moved[2], moved[3]), visibility


def _task_frames(meta: Element, path: Path) -> range | None:
    """Return the frames of the task; None when the file does not say."""
    project = meta.find("project", "tasks")
    if project is not None and len(project.children) > 1:
        raise UserError(f"{path} holds a project of {len(project.children)} tasks; export one task a video")
    task = meta.find("task") or meta.find("job") or (project.children[0] if project and project.children else None)
    if task is None:
        return None
    place = f"{path}, line {task.line}"
    texts = {child.tag: child.text.strip() for child in task.children}
    step = 1
    if texts.get("frame_filter"):
        step = whole(texts["frame_filter"].replace(" ", "").removeprefix("step="), "frame_filter", place)
    start = whole(texts.get("start_frame") or "0", "start_frame", place)
    if texts.get("stop_frame"):
        stop = whole(texts["stop_frame"], "stop_frame", place) + 1
    elif texts.get("size"):
        stop = start + whole(texts["size"], "size", place) * step
    else:
        return None
    if step < 1 or start < 0 or stop > _MAXIMUM_FRAMES:
        raise UserError(
            f"{place}: frames {start} to {stop} by steps of {step} are no frames of a video; export the labels again"
        )
    return range(start, max(start, stop), step)


def _visibility(shape: Element, text: str, path: Path) -> float | None:
    """Return the visibility of a shape whose attribute ``visibility`` is ``text``."""
    said = share(text, "the visibility", where(shape, path)) if text.strip() else None
    if _flag(shape, "occluded", path):
        return said if said is not None and said < 1 else _OCCLUDED_VISIBILITY
    return said


def _values(shape: Element) -> dict[str, str]:
    return {child.attributes.get("name", ""): child.text for child in shape.children if child.tag == "attribute"}


def _flag(shape: Element, name: str, path: Path) -> bool:
    text = shape.attributes.get(name, "0")
    if text not in ("0", "1"):
        raise UserError(f"{where(shape, path)}: {name} is {text!r} instead of 0 or 1; export the labels again")
    return text == "1"


def write_images(
    path: Path,
    boxes: pl.DataFrame,
    frames: Sequence[int],
    image_names: Sequence[str],
    width: int,
    height: int,
    sizes: Sequence[tuple[int, int]] | None = None,
) -> None:
    """Write a file "for images", atomically; corners read back as the same float32.

    Score and source are not written: the format has no place for them.

    Args:
        path: the file.
        boxes: boxes table of one video, on these frames.
        frames: the frames a person looked at.
        image_names: a name for each of the frames, ending in its number.
        width: of every image, in pixels.
        height: of every image, in pixels.
        sizes: width and height of each image in pixels, where they differ; instead of ``width`` and ``height``.

    Raises:
        ValueError: when a box lies on none of the frames, or frames, names and sizes differ in number.
    """
    table = single_video(boxes)
    if set(table["frame"]) - set(frames):
        raise ValueError("a box lies on a frame that is not among those to write")
    by_frame: dict[int, list[Shape]] = {}
    for frame, *shape in table.select("frame", *_SHAPE_COLUMNS).iter_rows():
        by_frame.setdefault(frame, []).append(tuple(shape))
    listed = zip(frames, image_names, sizes or [(width, height)] * len(frames), strict=True)
    elements = (
        image_element(place, name, size, by_frame.get(frame, ())).encode()
        for place, (frame, name, size) in enumerate(listed)
    )
    write_elements(path, elements, len(frames), set(table["label"]))


def image_element(number: int, name: str, size: tuple[int, int], shapes: Iterable[Shape]) -> str:
    """Return the text of one image with its boxes, for :func:`write_elements`.

    Args:
        number: of the image, another one for each.
        name: of the image, ending in the number of its frame.
        size: its width and height in pixels.
        shapes: x1, y1, x2, y2 in pixels, label, track and visibility of each box, as the boxes table has them.
    """
    boxes = (
        f"    <box label={quoteattr(label)} "
        + _shape((x1, y1, x2, y2), visibility, 'z_order="0" source="manual"', track)
        + "</box>\n"
        for x1, y1, x2, y2, label, track, visibility in shapes
    )
    head = f'  <image id="{number}" name={quoteattr(name)} width="{size[0]}" height="{size[1]}">\n'
    return f"{head}{''.join(boxes)}  </image>\n"


def write_elements(path: Path, elements: Iterable[bytes], images: int, labels: Collection[str]) -> None:
    """Write a file "for images" of texts that :func:`image_element` has made, atomically.

    Who changes one frame of thousands keeps the texts of the others: making them is what takes time.

    Args:
        path: the file.
        elements: the texts of the images in UTF-8, in order, each alone or some joined.
        images: how many there are.
        labels: that the task declares.
    """
    with atomic_path(path) as temporary, temporary.open("wb") as stream:
        stream.write(_head(labels, images, "annotation", path.stem).encode())
        stream.writelines(elements)
        stream.write(b"</annotations>\n")


def write_video(path: Path, boxes: pl.DataFrame, frames: int, width: int, height: int, name: str) -> None:
    """Write a file "for video", atomically: every box a keyframe; corners read back as the same float32.

    A box without a track becomes a track of one frame with a number of its own, as CVAT exports
    single shapes. Score and source are not written: the format has no place for them.

    Args:
        path: the file.
        boxes: boxes table of one video.
        frames: number of frames of the video.
        width: of the video, in pixels.
        height: of the video, in pixels.
        name: of the task.

    Raises:
        ValueError: when a box lies behind the last frame, or a track has two boxes on a frame.
    """
    table = single_video(boxes)
    if table.height and int(table["frame"].to_numpy().max()) >= frames:
        raise ValueError(f"a box lies behind the last of {frames} frames")
    free = 1 + max((track for track in table["track"].to_list() if track is not None), default=-1)
    single = pl.col("track").is_null()
    table = table.with_columns(
        pl.when(single).then(free + single.cum_sum().cast(pl.Int32) - 1).otherwise(pl.col("track")).alias("track")
    )
    if table.select(pl.struct("track", "label", "frame").is_duplicated().any()).item():
        raise ValueError("a track has two boxes of one label on a frame")
    size = (
        f"      <original_size>\n        <width>{width}</width>\n        <height>{height}</height>\n"
        "      </original_size>\n"
    )
    bounds = f"      <start_frame>0</start_frame>\n      <stop_frame>{frames - 1}</stop_frame>\n"
    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(_head(set(table["label"]), frames, "interpolation", name, bounds, size))
        for (track, label), rows in table.partition_by("track", "label", as_dict=True, maintain_order=True).items():
            stream.write(f'  <track id="{track}" label={quoteattr(str(label))} source="manual">\n')
            stream.writelines(_track(rows, frames))
            stream.write("  </track>\n")
        stream.write("</annotations>\n")


def _track(rows: pl.DataFrame, frames: int) -> Iterator[str]:
    drawn = list(rows.select("frame", "x1", "y1", "x2", "y2", "visibility").iter_rows())
    for place, (frame, *corners, visibility) in enumerate(drawn):
        yield f'    <box frame="{frame}" {_shape(corners, visibility, _key(outside=0))}</box>\n'
        following = drawn[place + 1][0] if place + 1 < len(drawn) else frames
        if following > frame + 1:
            # Without it CVAT would draw the object on through the gap.
            yield f'    <box frame="{frame + 1}" {_shape(corners, visibility, _key(outside=1))}</box>\n'


def _key(outside: int) -> str:
    return f'outside="{outside}" keyframe="1" z_order="0"'


def _shape(corners: Sequence[float], visibility: float | None, flags: str, track: int | None = None) -> str:
    """Return the attributes of a box after its label or frame, and its own attributes."""
    occluded = int(visibility is not None and visibility < 1)
    edges = " ".join(
        f'{edge}="{decimal(corner)}"' for edge, corner in zip(("xtl", "ytl", "xbr", "ybr"), corners, strict=True)
    )
    # Empty when null, because CVAT carries an attribute that is missing on from the track's earlier box.
    seen = "" if visibility is None else decimal(visibility)
    text = f'occluded="{occluded}" {edges} {flags}><attribute name="visibility">{seen}</attribute>'
    return text if track is None else f'{text}<attribute name="track">{track}</attribute>'


def _head(names: Collection[str], frames: int, mode: str, name: str, bounds: str = "", size: str = "") -> str:
    attributes = "".join(
        f"            <attribute>\n              <name>{attribute}</name>\n              <mutable>True</mutable>\n"
        "              <input_type>text</input_type>\n              <default_value></default_value>\n"
        "              <values></values>\n            </attribute>\n"
        for attribute in (("visibility", "track") if mode == "annotation" else ("visibility",))
    )
    labels = "".join(
        f"        <label>\n          <name>{escape(label)}</name>\n          <type>any</type>\n"
        f"          <attributes>\n{attributes}          </attributes>\n        </label>\n"
        for label in sorted(names)
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n  <version>1.1</version>\n  <meta>\n    <task>\n'
        f"      <name>{escape(name)}</name>\n      <size>{frames}</size>\n      <mode>{mode}</mode>\n{bounds}"
        f"      <labels>\n{labels}      </labels>\n{size}    </task>\n  </meta>\n"
    )
