"""``courtside labels check | convert | merge | export``: labels on their way in and out."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from courtside.apps import hand_over, label_check, label_convert, label_merge
from courtside.errors import UserError
from courtside.formats import class_names, sequence_writers, sequences, sportsmot
from courtside.progress import Progress

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

_CLASSES = "names of the classes by number: ball,player or 0:ball,4:ball,2:player"


def add_commands(topics: Commands) -> None:
    """Add the topic ``labels`` with its commands."""
    labels = topics.add_parser("labels", help="labels: check, convert and merge them, hand frames over to be labelled")
    commands = labels.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_check(commands)
    _add_convert(commands)
    _add_merge(commands)
    hand_over.add_command(commands)


def _add_check(commands: Commands) -> None:
    command = commands.add_parser(
        "check",
        help="find what is wrong with images and YOLO labels",
        description="Report every problem of a tree of images and YOLO labels with its file and line, and count images "
        "and boxes. Ends with 1 when there is one. Labels of images/…/a.jpg are in labels/…/a.txt, or beside the image "
        "where there is no folder images. Convert other formats to YOLO first, which checks them on the way.",
    )
    command.add_argument("path", type=Path, metavar="PATH", help="the folder above images and labels")
    command.add_argument("--images", type=Path, metavar="FOLDER", help="the images, when PATH holds labels alone")
    command.add_argument("--classes", metavar="NAMES", help=f"{_CLASSES} (default: those of data.yaml or classes.txt)")
    command.add_argument(
        "--background", action="store_true", help="an image without a label file shows nothing, and is no problem"
    )
    command.add_argument(
        "--list", type=int, default=20, metavar="N", help="problems to list of each kind; 0: all (default: %(default)s)"
    )
    command.set_defaults(run=run_check)


def _add_convert(commands: Commands) -> None:
    command = commands.add_parser(
        "convert",
        help="turn labels of one format into another",
        description="Convert a whole tree of labels, a sequence at a time: a folder of images of YOLO, a file of COCO "
        "or CVAT, a folder with gt/gt.txt of MOTChallenge, SportsMOT and SoccerNet. All of TARGET appears, or none.",
    )
    command.add_argument("source", type=Path, metavar="SOURCE", help="a folder; of COCO and CVAT also a file")
    command.add_argument("target", type=Path, metavar="TARGET", help="must not exist")
    for side in ("from", "to"):
        command.add_argument(f"--{side}", required=True, choices=sequences.FORMATS, dest=f"{side}_format")
    command.add_argument("--classes", metavar="NAMES", help=f"{_CLASSES}, where SOURCE only has numbers")
    command.add_argument(
        "--target-classes", metavar="NAMES", help="classes of TARGET in their order; boxes of others are left out"
    )
    _add_rename(command)
    command.add_argument(
        "--images",
        choices=("none", "copy", "link"),
        default="none",
        help="what to do with the images beside the labels (default: %(default)s)",
    )
    command.add_argument("--sport", choices=sportsmot.SPORTS, help="of SportsMOT")
    command.add_argument("--split", choices=sportsmot.SPLITS, help="of SportsMOT (default: all; in TARGET train)")
    command.add_argument(
        "--fps",
        default="25",
        metavar="RATE",
        help="frames a second, where SOURCE is silent (default: %(default)s)",
    )
    command.set_defaults(run=run_convert)


def _add_merge(commands: Commands) -> None:
    command = commands.add_parser(
        "merge",
        help="make one data set of several batches",
        description="Merge trees of images and YOLO labels into TARGET/images, TARGET/labels and TARGET/data.yaml. "
        "Names get the source's name in front, classes the numbers of their names, and of images with the same bytes "
        "the first is kept. All of TARGET appears, or none.",
    )
    command.add_argument("sources", type=Path, nargs="+", metavar="SOURCE", help="a folder above images and labels")
    command.add_argument("target", type=Path, metavar="TARGET", help="must not exist")
    command.add_argument("--classes", metavar="NAMES", help=f"{_CLASSES}, of each SOURCE without a data.yaml")
    command.add_argument(
        "--target-classes", metavar="NAMES", help="classes of TARGET in their order (default: as the sources have them)"
    )
    _add_rename(command)
    command.add_argument("--link", action="store_true", help="link to the images instead of copying them")
    command.set_defaults(run=run_merge)


def _add_rename(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--rename", action="append", default=[], metavar="OLD=NEW", help="call a class otherwise; may be repeated"
    )


def run_check(options: argparse.Namespace) -> None:
    """Print the problems and the counts of a tree; exit with 1 when there is a problem."""
    if options.list < 0:
        raise UserError(f"--list {options.list} is negative; write how many problems to list of each kind, 0 for all")
    classes = class_names.parse(options.classes) if options.classes else class_names.find(options.path)
    found = label_check.Findings()
    with Progress("check", unit="images") as progress:
        for problem in label_check.check(
            options.path, options.images, classes, found, background=options.background, report=progress.update
        ):
            if not options.list or found.problems[problem.kind] <= options.list:
                print(f"{problem.kind}: {problem.text}")
    for kind in label_check.KINDS:
        if options.list and found.problems[kind] > options.list:
            print(f"{kind}: {found.problems[kind] - options.list} more; --list 0 shows all")
    rows = [("images", found.images), ("with a label file", found.labelled), ("of these without a box", found.empty)]
    rows += [(f"boxes of {label}", count) for label, count in _by_name(found.boxes, classes)]
    print(_table(rows))
    print(_table([(kind, found.problems[kind]) for kind in label_check.KINDS]))
    if found.problems.total():
        sys.exit(1)


def _by_name(counted: Counter[int], classes: Mapping[int, str] | None) -> list[tuple[str, int]]:
    numbers = sorted(set(counted) | set(classes or {}))
    return [(f"{number} {classes[number]}" if classes else f"class {number}", counted[number]) for number in numbers]


def _table(rows: Sequence[tuple[str, int]]) -> str:
    width = max(len(name) for name, _ in rows)
    digits = max(len(f"{count:,}") for _, count in rows)
    return "\n" + "\n".join(f"{name:<{width}}  {count:>{digits},}" for name, count in rows)


def run_convert(options: argparse.Namespace) -> None:
    """Convert a tree as the command line says."""
    first = {side: sequence_writers.FIRST_CLASS.get(getattr(options, f"{side}_format"), 0) for side in ("from", "to")}
    choice = sequences.Choice(
        class_names.parse(options.classes, first["from"]) if options.classes else None, options.sport, options.split
    )
    target_classes = class_names.parse(options.target_classes, first["to"]) if options.target_classes else {}
    how = sequence_writers.Options(
        target_classes, _rate(options.fps), options.images, options.sport, options.split or "train"
    )
    with _file_errors(), Progress("convert", unit="sequences") as progress:
        done = label_convert.convert(
            options.source,
            options.target,
            (options.from_format, options.to_format),
            choice,
            how,
            renames=_renames(options.rename),
            report=progress.update,
        )
    for label, count in sorted(done.left_out.items()):
        print(f"left out {count:,} boxes of {label}: no class of the target", file=sys.stderr)
    boxes = ", ".join(f"{count:,} {label}" for label, count in sorted(done.boxes.items())) or "none"
    print(f"wrote {done.sequences:,} sequences with {done.frames:,} frames to {options.target}; boxes: {boxes}")


@contextmanager
def _file_errors() -> Iterator[None]:
    """Turn what the system says of a file that cannot be read or written into a line for the user."""
    try:
        yield
    except OSError as error:
        raise UserError(f"{error.filename}: {error.strerror}; check the path and its permissions") from None


def _rate(text: str) -> Fraction:
    try:
        rate = Fraction(text)
    except (ValueError, ZeroDivisionError):
        rate = Fraction(0)
    if rate <= 0:
        raise UserError(f"--fps {text!r} is no rate; write frames a second, as 25, 29.97 or 30000/1001")
    return rate


def _renames(texts: Sequence[str]) -> dict[str, str]:
    renames: dict[str, str] = {}
    for text in texts:
        old, equals, new = (part.strip() for part in text.partition("="))
        if not (old and equals and new):
            raise UserError(f"--rename {text!r} is no renaming; write OLD=NEW")
        if renames.setdefault(old, new) != new:
            raise UserError(f"--rename {old} is given twice, as {renames[old]} and as {new}; leave one out")
    return renames


def run_merge(options: argparse.Namespace) -> None:
    """Merge trees as the command line says."""
    renames = _renames(options.rename)
    given = class_names.parse(options.classes) if options.classes else None
    classes = {}
    for source in options.sources:
        names = class_names.find(source) or given
        if names is None and source.is_dir():
            raise UserError(f"{source} holds no data.yaml; name its classes with --classes, as ball,player")
        classes[source] = class_names.renamed(names or {}, renames)
    target_classes = class_names.parse(options.target_classes) if options.target_classes else None
    with _file_errors(), Progress("merge", unit="images") as progress:
        done = label_merge.merge(
            options.sources,
            options.target,
            classes,
            target_classes=target_classes,
            link=options.link,
            report=progress.update,
        )
    for image, first in done.repeated:
        print(f"left out {image}: the same image as {first}", file=sys.stderr)
    for image, first in done.conflicts:
        print(f"the labels of {image} differ from those of the same image {first}, which were kept", file=sys.stderr)
    for label in done.orphans:
        print(f"left out {label}: no image is called {label.stem}", file=sys.stderr)
    for source, count in done.images.items():
        print(f"{count:,} images of {source}")
    print(
        f"wrote {sum(done.images.values()):,} images to {options.target}; {len(done.repeated):,} left out as repeated"
    )
