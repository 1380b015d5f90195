"""``courtside labels merge``: several trees of images and YOLO labels become one data set."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from courtside.errors import UserError
from courtside.files import atomic_path, sha256
from courtside.formats import class_names, yolo, yolo_tree
from courtside.formats.fields import read_lines


@dataclass
class Merged:
    """What a merge did.

    Attributes:
        images: written, of each source.
        repeated: images left out because an earlier one has the same bytes, with the earlier one.
        conflicts: those of the repeated that were labelled otherwise; the labels of the earlier one were kept.
        orphans: label files without an image, which were left out.
        classes: class number to name in the target.
    """

    images: dict[Path, int] = field(default_factory=dict)
    repeated: list[tuple[Path, Path]] = field(default_factory=list)
    conflicts: list[tuple[Path, Path]] = field(default_factory=list)
    orphans: list[Path] = field(default_factory=list)
    classes: dict[int, str] = field(default_factory=dict)


@dataclass
class _Kept:
    """An image in the target: where it came from, its label file there, and the digest of what that says, or None."""

    image: Path
    label: Path
    digest: bytes | None


def merge(
    sources: Sequence[Path],
    target: Path,
    classes: Mapping[Path, Mapping[int, str]],
    *,
    target_classes: Mapping[int, str] | None,
    link: bool,
    report: Callable[[int], None],
) -> Merged:
    """Merge trees into ``images/``, ``labels/`` and ``data.yaml``, all or nothing.

    An image ``a.jpg`` of the source ``batch_00`` becomes ``batch_00_a.jpg``; folders below ``images`` stay, so that
    splits do. Class numbers become those of the same name in the target. Of images with the same bytes the first is
    kept; where only a later one is labelled, the first gets its labels.

    Args:
        sources: the trees, as :func:`courtside.formats.yolo_tree.folders` reads them.
        target: the folder, which must not exist yet.
        classes: class number to name of each source.
        target_classes: class number to name in the target; None: the names in the order in which the sources have them.
        link: whether images are linked to instead of copied.
        report: called with the number of images done.

    Raises:
        UserError: when the target exists or lies in a source, a source is none or comes twice, or a label file is
            damaged or has a class without a name.
    """
    if target.exists() or target.is_symlink():
        raise UserError(f"{target} exists; delete it, or name another folder")
    places = [source.resolve() for source in sources]
    for source, place in zip(sources, places, strict=True):
        if not source.is_dir():
            raise UserError(f"{source} is no folder; name a folder of images and YOLO labels")
        if places.count(place) > 1:
            raise UserError(f"{source} is named twice; name every source once")
        if target.resolve().is_relative_to(place):
            raise UserError(f"{target} lies in the source {source}; name a folder outside of it")
    names = target_classes or class_names.numbered(name for source in sources for name in classes[source].values())
    numbers = class_names.by_name(names)
    result = Merged(classes=dict(names))
    kept: dict[str, _Kept] = {}
    taken: set[str] = set()
    with atomic_path(target) as folder:
        for prefix, source in zip(_prefixes(sources), sources, strict=True):
            renumbered = _renumbered(source, classes[source], numbers)
            _merge_one(source, prefix, renumbered, folder, link, result, kept, taken, report)
        if not kept:
            raise UserError(f"{', '.join(map(str, sources))}: no image in any of the sources; name folders of images")
        (folder / "labels").mkdir(exist_ok=True)
        class_names.write_data_yaml(folder / "data.yaml", names, yolo_tree.split_folders(folder))
    return result


def _renumbered(source: Path, classes: Mapping[int, str], numbers: Mapping[str, int]) -> dict[int, int]:
    missing = sorted(set(classes.values()) - set(numbers))
    if missing:
        raise UserError(
            f"{source} has the class {missing[0]!r}, which is none of the target's: {', '.join(numbers)}; "
            "add it there, or rename it with --rename"
        )
    return {number: numbers[name] for number, name in classes.items()}


def _prefixes(sources: Sequence[Path]) -> list[str]:
    """Return a name for each source, unlike the others even where upper and lower case are one."""
    prefixes: list[str] = []
    for source in sources:
        name = source.resolve().name or "source"
        free = (f"{name}{number}" for number in ("", *(f"_{count}" for count in range(2, len(sources) + 2))))
        used = {prefix.casefold() for prefix in prefixes}
        prefixes.append(next(prefix for prefix in free if prefix.casefold() not in used))
    return prefixes


def _merge_one(
    source: Path,
    prefix: str,
    numbers: Mapping[int, int],
    target: Path,
    link: bool,
    result: Merged,
    kept: dict[str, _Kept],
    taken: set[str],
    report: Callable[[int], None],
) -> None:
    result.images[source] = 0
    for folder in yolo_tree.folders(source):
        result.orphans += folder.orphans
        first, *inner = folder.name.split("/")
        place_in_target = "/".join(["val" if first == "valid" else first, *inner])  # Roboflow's name for it
        stems: dict[str, Path] = {}
        for image in folder.images:
            if stems.setdefault(image.stem, image) != image:
                raise UserError(
                    f"{image} and {stems[image.stem].name} share the label file {image.stem}.txt; rename one"
                )
            label = folder.label(image)
            text = _relabelled(label, numbers, source) if label.is_file() else None
            digest = None if text is None else hashlib.sha256(text.encode()).digest()
            content = sha256(image)
            if content in kept:
                _repeat(image, text, digest, kept[content], result)
            else:
                stem = _free(f"{place_in_target}/{prefix}_{image.stem}".lstrip("/"), taken)
                written = target / "images" / f"{stem}{image.suffix}"
                place = target / "labels" / f"{stem}.txt"
                yolo_tree.put_image(image, written, link=link)
                if text is not None:
                    _write(place, text)
                kept[content] = _Kept(image, place, digest)
                result.images[source] += 1
            report(sum(result.images.values()) + len(result.repeated))


def _repeat(image: Path, text: str | None, digest: bytes | None, first: _Kept, result: Merged) -> None:
    result.repeated.append((image, first.image))
    if text is None or digest == first.digest:
        return
    if first.digest is None:
        _write(first.label, text)
        first.digest = digest
    else:
        result.conflicts.append((image, first.image))


def _relabelled(label: Path, numbers: Mapping[int, int], source: Path) -> str:
    """Return the text of a label file with other class numbers; coordinates stay as they are written."""
    lines = []
    for place, line in enumerate(read_lines(label, "a YOLO label file"), start=1):
        if not line.strip():
            continue
        where = f"{label}, line {place}"
        category, _, _ = yolo.read_line(line.split(), where)
        if category not in numbers:
            raise UserError(
                f"{where}: class {category} has no name; add it to {source / 'data.yaml'}, or name it with --classes"
            )
        lines.append(" ".join([str(numbers[category]), *line.split()[1:]]) + "\n")
    return "".join(lines)


def _free(stem: str, taken: set[str]) -> str:
    """Return the name, with a number behind it where sources ``a`` and ``a_b`` would make it twice."""
    result, count = stem, 1
    while result.casefold() in taken:
        count += 1
        result = f"{stem}_{count}"
    taken.add(result.casefold())
    return result


def _write(path: Path, text: str) -> None:
    # The whole target appears at once, so a file in it need not.
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
