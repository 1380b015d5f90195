"""Writes sequences as a tree of labels in any format, a sequence at a time; see :mod:`courtside.formats.sequences`.

Each format's tree is the one that its reader there finds: ``labels/NAME/IMAGE.txt`` and ``data.yaml`` of YOLO,
``NAME.json`` of COCO, ``NAME.xml`` of CVAT, ``NAME/gt/gt.txt`` of MOTChallenge and of SoccerNet with what belongs
beside it, ``dataset/SPLIT/NAME`` and ``splits_txt`` of SportsMOT.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from courtside.errors import UserError
from courtside.files import write_text
from courtside.formats import class_names, coco, cvat, mot, soccernet, sportsmot, yolo, yolo_tree
from courtside.formats.sequences import Picture, Sequence

# What the first class is called where the format numbers them.
FIRST_CLASS: Mapping[str, int] = {"yolo": 0, "coco": 1, "mot": 1}


@dataclass(frozen=True)
class Options:
    """How to write a tree.

    Attributes:
        classes: class number to name; YOLO numbers them from 0 without a gap and COCO from 1, CVAT, SportsMOT and
            SoccerNet do not.
        frames_per_second: for ``seqinfo.ini``, where the source does not say it.
        images: ``copy`` or ``link`` to put the images beside their labels; ``none`` to leave them where they are.
        sport: of SportsMOT.
        split: of SportsMOT, for sequences whose folder does not say it.
    """

    classes: Mapping[int, str]
    frames_per_second: Fraction = Fraction(25)
    images: str = "none"
    sport: str | None = None
    split: str = "train"


def check(form: str, options: Options) -> None:
    """Raise a UserError when a tree of this format cannot be written with these options."""
    first = FIRST_CLASS.get(form)
    numbers = list(options.classes)
    if form in ("yolo", "coco") and first is not None and numbers != list(range(first, first + len(numbers))):
        name = {"yolo": "YOLO", "coco": "COCO"}[form]
        raise UserError(f"target classes {numbers}: {name} numbers them from {first} without a gap; leave them out")
    if form == "sportsmot" and options.sport not in sportsmot.SPORTS:
        raise UserError(f"SportsMOT lists its sequences by sport; name one with --sport: {', '.join(sportsmot.SPORTS)}")
    if form == "sportsmot" and options.split not in sportsmot.SPLITS:
        raise UserError(f"split {options.split!r} is none of SportsMOT: {', '.join(sportsmot.SPLITS)}")


def write(target: Path, form: str, sequence: Sequence, options: Options) -> None:
    """Write one sequence into the tree; :func:`finish` completes the tree after the last.

    Args:
        target: the folder of the tree, which the caller makes appear at once.
        form: one of :data:`courtside.formats.sequences.FORMATS`.
        sequence: its boxes have labels among the options' classes only.
        options: how.

    Raises:
        UserError: when the format cannot hold the sequence, or an image's size is needed and nobody says it.
    """
    try:
        _WRITERS[form](target, sequence, options)
    except ValueError as error:
        raise UserError(f"{sequence.name} cannot be written as {form}: {error}; correct the source") from None


def finish(target: Path, form: str, options: Options) -> None:
    """Write what belongs to the whole tree: YOLO's ``data.yaml``, SportsMOT's lists of sequences."""
    if form == "yolo":
        class_names.write_data_yaml(target / "data.yaml", options.classes, yolo_tree.split_folders(target))
    if form == "sportsmot":
        found = list(sportsmot.sequences(target))
        sportsmot.write_list(target / "splits_txt" / f"{options.sport}.txt", [sequence.name for sequence in found])
        for split in sportsmot.SPLITS:
            names = [sequence.name for sequence in found if sequence.split == split]
            sportsmot.write_list(target / "splits_txt" / f"{split}.txt", names)


def _write_yolo(target: Path, sequence: Sequence, options: Options) -> None:
    by_frame = {frame: rows for (frame,), rows in sequence.boxes.partition_by("frame", as_dict=True).items()}
    written: dict[str, str] = {}
    for frame, picture in sequence.pictures.items():
        name = Path(picture.name)
        if written.setdefault(name.stem, picture.name) != picture.name:
            raise UserError(f"{sequence.name}: {written[name.stem]} and {name} would share {name.stem}.txt; rename one")
        width, height = _size(sequence, picture)
        rows = by_frame.get(frame, sequence.boxes.clear())
        label = target / "labels" / sequence.name / f"{name.stem}.txt"
        yolo.write_labels(label, rows, width, height, list(options.classes.values()))
        _put(picture, target / "images" / sequence.name / name, options)


def _write_coco(target: Path, sequence: Sequence, options: Options) -> None:
    names = [picture.name for picture in sequence.pictures.values()]
    sizes = [_size(sequence, picture) for picture in sequence.pictures.values()]
    path = target / f"{sequence.name}.json"
    frames = list(sequence.pictures)
    coco.write(path, sequence.boxes, frames, names, 0, 0, list(options.classes.values()), sizes=sizes)
    _put_all(sequence, target / sequence.name, options)


def _write_cvat(target: Path, sequence: Sequence, options: Options) -> None:
    path = target / f"{sequence.name}.xml"
    frames = list(sequence.pictures)
    sizes = [_size(sequence, picture) for picture in sequence.pictures.values()]
    if sequence.frames is not None and sizes and frames == list(range(sequence.frames)):
        cvat.write_video(path, sequence.boxes, sequence.frames, *sizes[0], sequence.name)
    else:
        names = [picture.name for picture in sequence.pictures.values()]
        cvat.write_images(path, sequence.boxes, frames, names, 0, 0, sizes=sizes)
    _put_all(sequence, target / sequence.name, options)


def _write_mot(target: Path, sequence: Sequence, options: Options) -> None:
    folder = target / sequence.name
    mot.write_ground_truth(folder / "gt" / "gt.txt", sequence.boxes, class_names.by_name(options.classes))
    if list(options.classes) == list(range(1, len(options.classes) + 1)):
        write_text(folder / "gt" / "labels.txt", "".join(f"{name}\n" for name in options.classes.values()))
    _complete(folder, sequence, options)


def _write_sportsmot(target: Path, sequence: Sequence, options: Options) -> None:
    split, _, name = sequence.name.partition("/")
    if split not in sportsmot.SPLITS or not name:
        split, name = options.split, sequence.name
    folder = target / "dataset" / split / name.replace("/", "_")
    if folder.exists():
        raise UserError(f"two sequences would both be {split}/{folder.name} in SportsMOT; rename one of them")
    sportsmot.write_truth(folder, sequence.boxes)
    _complete(folder, sequence, options)


def _write_soccernet(target: Path, sequence: Sequence, options: Options) -> None:
    folder = target / sequence.name
    info = sequence.info or soccernet.GameInfo({}, {"name": folder.name})
    soccernet.write_sequence(folder, sequence.boxes, info)
    _complete(folder, sequence, options)


def _complete(folder: Path, sequence: Sequence, options: Options) -> None:
    """Write ``seqinfo.ini`` and the images of a sequence in MOTChallenge's layout."""
    # Without one that says its size there is no seqinfo.ini, which the layout does not need.
    sizes = {_size(sequence, picture) for picture in sequence.pictures.values() if picture.width or picture.file}
    if len(sizes) > 1:
        raise UserError(
            f"{sequence.name}: the images have different sizes, so they are no video; choose another format"
        )
    frames = max(sequence.pictures, default=-1) + 1 if sequence.frames is None else sequence.frames
    rate = sequence.frames_per_second or options.frames_per_second
    for width, height in sizes:
        mot.write_sequence_info(folder / "seqinfo.ini", folder.name, rate, frames, width, height)
    for frame, picture in sequence.pictures.items():
        if (
            picture.file is not None
            and picture.file.suffix.lower() not in (".jpg", ".jpeg")
            and options.images != "none"
        ):
            raise UserError(
                f"{picture.file} is no JPEG, as MOTChallenge has them; leave the images out (--images none)"
            )
        _put(picture, folder / "img1" / f"{frame + 1:06d}.jpg", options)


def _size(sequence: Sequence, picture: Picture) -> tuple[int, int]:
    if picture.width > 0 and picture.height > 0:
        return picture.width, picture.height
    if picture.file is None:
        raise UserError(
            f"{sequence.name}: nobody says how large {picture.name} is; put a seqinfo.ini or images beside the labels"
        )
    return yolo_tree.image_size(picture.file)


def _put_all(sequence: Sequence, folder: Path, options: Options) -> None:
    for picture in sequence.pictures.values():
        _put(picture, folder / picture.name, options)


def _put(picture: Picture, written: Path, options: Options) -> None:
    if options.images == "none" or picture.file is None:
        return
    yolo_tree.put_image(picture.file, written, link=options.images == "link")


_WRITERS: Mapping[str, Callable[[Path, Sequence, Options], None]] = {
    "yolo": _write_yolo,
    "coco": _write_coco,
    "cvat": _write_cvat,
    "mot": _write_mot,
    "sportsmot": _write_sportsmot,
    "soccernet": _write_soccernet,
}
