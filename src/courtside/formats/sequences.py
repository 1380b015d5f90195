"""Reads whole trees of labels in any format, a sequence at a time.

A sequence is what one label file or one folder of images is about. Memory holds one of them; of a YOLO tree that is a
folder, of COCO and CVAT a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path

import polars as pl

from courtside.errors import UserError
from courtside.formats import class_names, coco, cvat, cvat_summary, mot, soccernet, sportsmot, yolo, yolo_tree
from courtside.formats.fields import image_frames, read_lines

FORMATS = ("yolo", "coco", "cvat", "mot", "sportsmot", "soccernet")


@dataclass(frozen=True)
class Picture:
    """A frame somebody looked at: its image's name, size in pixels (0 where nobody says it) and file, if any."""

    name: str
    width: int
    height: int
    file: Path | None


@dataclass(frozen=True)
class Sequence:
    """What one label file, or one folder of images, says.

    Attributes:
        name: its path in the tree, without suffix; the tree's name where it is the only one.
        boxes: boxes table; the video is ``name``.
        pictures: the frames somebody looked at, ascending, each with its picture.
        frames: number of frames of the video; None where the frames are single images.
        frames_per_second: None where nobody says it.
        info: what SoccerNet says of the tracks.
    """

    name: str
    boxes: pl.DataFrame
    pictures: Mapping[int, Picture]
    frames: int | None = None
    frames_per_second: Fraction | None = None
    info: soccernet.GameInfo | None = None


@dataclass(frozen=True)
class Choice:
    """Which sequences of a tree, and what its classes are called.

    Attributes:
        classes: class number to name; None: as the tree says it.
        sport: of SportsMOT.
        split: of SportsMOT.
    """

    classes: Mapping[int, str] | None = None
    sport: str | None = None
    split: str | None = None


@dataclass(frozen=True)
class Item:
    """A sequence that is not read yet: its name, and the functions that read it and the labels it may hold."""

    name: str
    read: Callable[[], Sequence]
    labels: Callable[[], list[str]]


def find(root: Path, form: str, choice: Choice) -> Iterator[Item]:
    """Yield the sequences of a tree, in the order of their paths, none of them read yet.

    Args:
        root: the tree; of COCO and CVAT also one file.
        form: one of ``FORMATS``.
        choice: which of them.

    Raises:
        UserError: when there is none, the tree is not of this format, or class names are needed and missing. Reading an
            item raises it when its files are damaged.
    """
    if not root.exists():
        raise UserError(f"{root} does not exist; name a folder of labels")
    if not root.is_dir() and form not in ("coco", "cvat"):
        raise UserError(f"{root} is no folder; name a folder of {form} labels")
    names: set[str] = set()
    for item in _FINDERS[form](root, choice):
        if item.name.casefold() in names:
            raise UserError(f"{root}: two folders of images would both be {item.name!r} in the target; rename one")
        names.add(item.name.casefold())
        yield item
    if not names:
        raise UserError(f"{root} holds no {_WHAT[form]}; name another folder, or another format with --from")


def _yolo(root: Path, choice: Choice) -> Iterator[Item]:
    classes = choice.classes or class_names.find(root)
    if classes is None:
        raise UserError(f"{root} holds no data.yaml; name the classes with --classes, as 0:ball,1:player")
    for folder in yolo_tree.folders(root):
        if folder.images:
            name = folder.name or root.resolve().name
            yield Item(name, partial(_read_yolo, folder, name, classes), partial(list, classes.values()))


def _read_yolo(folder: yolo_tree.Folder, name: str, classes: Mapping[int, str]) -> Sequence:
    sizes = [yolo_tree.image_size(image) for image in folder.images]
    found = yolo.read_folder(folder.labels, folder.images, sizes, name, classes)
    pictures = {
        frame: Picture(folder.images[frame].name, *sizes[frame], folder.images[frame]) for frame in found.frames
    }
    return Sequence(name, found.boxes, pictures)


def _coco(root: Path, choice: Choice) -> Iterator[Item]:
    for name, path in _files(root, ".json"):
        yield Item(name, partial(_read_coco, path, name, choice.classes), partial(_coco_labels, path, choice.classes))


def _read_coco(path: Path, name: str, classes: Mapping[int, str] | None) -> Sequence:
    listed = coco.read_images(path)
    order = _order(listed)
    found = coco.read(path, name, order, classes)
    return Sequence(name, found.boxes, _pictures(listed, order, path))


def _coco_labels(path: Path, classes: Mapping[int, str] | None) -> list[str]:
    # As in coco.read: numbers count where no name is one of those wanted.
    names = coco.read_labels(path)
    return list(classes.values()) if classes and not set(classes.values()) & set(names) else names


def _cvat(root: Path, _choice: Choice) -> Iterator[Item]:
    for name, path in _files(root, ".xml"):
        yield Item(name, partial(_read_cvat, path, name), partial(_cvat_labels, path))


def _read_cvat(path: Path, name: str) -> Sequence:
    summary = cvat_summary.summarize(path)
    order = _order(summary.images) if summary.images else None
    found = cvat.read(path, name, order)
    if summary.images:
        return Sequence(name, found.boxes, _pictures(summary.images, order, path))
    pictures = {frame: Picture(f"frame_{frame:06d}.jpg", *summary.size, None) for frame in found.frames}
    return Sequence(name, found.boxes, pictures, max(found.frames, default=-1) + 1)


def _cvat_labels(path: Path) -> list[str]:
    return cvat_summary.summarize(path).labels


def _files(root: Path, suffix: str) -> list[tuple[str, Path]]:
    if root.is_file():
        return [(root.stem, root)]
    found = sorted(path for path in root.rglob(f"*{suffix}") if path.is_file())
    return [(path.relative_to(root).with_suffix("").as_posix(), path) for path in found]


def _order(listed: list[tuple[str, int, int]]) -> list[Path] | None:
    """Return the images sorted when their names do not number the frames, so that the place does; else None."""
    digits = [stem[len(stem.rstrip("0123456789")) :] for stem in (Path(name).stem for name, _, _ in listed)]
    if all(digits) and len({int(text) for text in digits}) == len(digits):
        return None
    return sorted(Path(name) for name, _, _ in listed)


def _pictures(listed: list[tuple[str, int, int]], order: list[Path] | None, path: Path) -> dict[int, Picture]:
    frames = image_frames([(name, str(path)) for name, _, _ in listed], order)
    # Beside the label file, in images/, as CVAT packs them, or in the folder of its name.
    folders = (path.parent, path.parent / "images", path.with_suffix(""))
    found = {}
    for frame, (name, width, height) in zip(frames, listed, strict=True):
        inner = name.replace("\\", "/")
        file = next((folder / inner for folder in folders if (folder / inner).is_file()), None)
        found[frame] = Picture(inner.rsplit("/", 1)[-1], width, height, file)
    return dict(sorted(found.items()))


def _mot(root: Path, choice: Choice) -> Iterator[Item]:
    for name, folder in _truths(root):
        yield Item(name, partial(_read_mot, folder, name, choice.classes), partial(_mot_labels, folder, choice.classes))


def _read_mot(folder: Path, name: str, classes: Mapping[int, str] | None) -> Sequence:
    return _of_truth(folder, name, mot.read_ground_truth(folder / "gt/gt.txt", name, mot_classes(folder, classes)))


def _mot_labels(folder: Path, classes: Mapping[int, str] | None) -> list[str]:
    return list(mot_classes(folder, classes).values())


def mot_classes(folder: Path, classes: Mapping[int, str] | None = None) -> Mapping[int, str]:
    """Return the classes given, or else those of ``gt/labels.txt`` in the folder of a sequence.

    Raises:
        UserError: when there is neither.
    """
    if classes is not None:
        return classes
    listed = folder / "gt" / "labels.txt"  # CVAT's export "MOT 1.1": a name a line, numbered from 1
    if not listed.is_file():
        raise UserError(f"{folder / 'gt'} holds no labels.txt; name the classes with --classes, as 1:player,2:ball")
    names = [line.strip() for line in read_lines(listed, "a list of class names")]
    return {number: name for number, name in enumerate(names, start=1) if name}


def _truths(root: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(root.rglob("gt/gt.txt")):
        folder = path.parent.parent
        yield root.resolve().name if folder == root else folder.relative_to(root).as_posix(), folder


def _sportsmot(root: Path, choice: Choice) -> Iterator[Item]:
    for found in sportsmot.sequences(root, choice.sport, choice.split):
        if found.truth is not None:
            name = f"{found.split}/{found.name}"
            yield Item(name, partial(_read_sportsmot, found, name), partial(list, sportsmot.LABELS.values()))


def _read_sportsmot(sequence: sportsmot.Sequence, name: str) -> Sequence:
    return _of_truth(sequence.folder, name, sportsmot.read_truth(sequence, name))


def _soccernet(root: Path, _choice: Choice) -> Iterator[Item]:
    for name, folder in _truths(root):
        yield Item(name, partial(_read_soccernet, folder, name), partial(list, soccernet.ROLES))


def _read_soccernet(folder: Path, name: str) -> Sequence:
    found, info = soccernet.read_sequence(folder, name)
    return _of_truth(folder, name, found, info)


def _of_truth(folder: Path, name: str, boxes: pl.DataFrame, info: soccernet.GameInfo | None = None) -> Sequence:
    """Return a sequence in MOTChallenge's layout: every frame of the video was looked at."""
    last = max(boxes["frame"].to_list(), default=-1)
    described = folder / "seqinfo.ini"
    facts = mot.read_sequence_info(described) if described.is_file() else None
    if facts is not None and last >= facts.frames:
        raise UserError(
            f"{described}: seqLength is {facts.frames}, but gt/gt.txt has a box on frame {last + 1}; correct one"
        )
    frames = last + 1 if facts is None else facts.frames
    size = (0, 0) if facts is None else (facts.width, facts.height)
    files = [folder / "img1" / f"{frame + 1:06d}.jpg" for frame in range(frames)]
    pictures = {
        frame: Picture(f"frame_{frame:06d}.jpg", *size, file if file.is_file() else None)
        for frame, file in enumerate(files)
    }
    return Sequence(name, boxes, pictures, frames, facts.frames_per_second if facts else None, info)


_FINDERS: Mapping[str, Callable[[Path, Choice], Iterator[Item]]] = {
    "yolo": _yolo,
    "coco": _coco,
    "cvat": _cvat,
    "mot": _mot,
    "sportsmot": _sportsmot,
    "soccernet": _soccernet,
}
_WHAT: Mapping[str, str] = {
    "yolo": "image",
    "coco": ".json file",
    "cvat": ".xml file",
    "mot": "gt/gt.txt",
    "sportsmot": "sequence with a gt/gt.txt for this sport and split",
    "soccernet": "gt/gt.txt",
}
