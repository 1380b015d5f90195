"""A tree of images and YOLO label files: which label file belongs to which image.

As Ultralytics has it (``ultralytics.data.utils.img2label_paths``), the label file of ``…/images/…/a.jpg`` is
``…/labels/…/a.txt``, so that ``images/train`` with ``labels/train`` and ``train/images`` with ``train/labels`` both do;
without a folder ``images`` it lies beside the image. Hidden folders are passed over. Memory holds one folder at a time.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from courtside.errors import UserError

SPLITS = ("train", "val", "test")
SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"})

_KINDS = ("images", "labels")
# Text beside labels that is none.
_NO_LABELS = frozenset({"classes.txt", "train.txt", "val.txt", "valid.txt", "test.txt", "readme.txt"})
# EXIF orientations that turn the picture by a quarter; readers of images then swap width and height.
_QUARTER_TURNS = frozenset({5, 6, 7, 8})
_ORIENTATION = 0x0112


@dataclass(frozen=True)
class Folder:
    """A folder of images and the folder of their labels.

    Attributes:
        name: its path in the tree without ``images``, as ``train``; empty for the tree's only folder.
        images: sorted by name; empty where there are only labels.
        labels: the folder of the label files, which may not exist.
        orphans: label files that belong to no image, sorted.
    """

    name: str
    images: list[Path]
    labels: Path
    orphans: list[Path]

    def label(self, image: Path) -> Path:
        """Return the path of an image's label file, whether or not it exists."""
        return self.labels / f"{image.stem}.txt"


def folders(root: Path, images: Path | None = None) -> Iterator[Folder]:
    """Yield the folders of a tree that hold images or labels, sorted by path.

    Args:
        root: the tree.
        images: where the images are, when they lie in a tree of their own; ``root`` then holds the labels, in the same
            folders.

    Raises:
        UserError: when a tree is missing or holds neither images nor labels.
    """
    for tree in (root,) if images is None else (root, images):
        if not tree.is_dir():
            raise UserError(f"{tree} is no folder; name a folder of images and YOLO labels")
    found = False
    for folder in _beside(root) if images is None else _apart(root, images):
        if folder.images or folder.orphans:
            found = True
            yield folder
    if not found:
        raise UserError(f"{root} holds neither images nor YOLO label files; name the folder above images/ and labels/")


def _apart(root: Path, images: Path) -> Iterator[Folder]:
    for relative in sorted({*_walk(root), *_walk(images)}):
        yield _folder(relative.as_posix(), images / relative, root / relative)


def _beside(root: Path) -> Iterator[Folder]:
    inner = list(_walk(root))
    flat = not any(set(_KINDS) & set(relative.parts) for relative in inner)
    for relative in inner:
        kind = next((part for part in reversed(relative.parts) if part in _KINDS), None)
        if flat:
            yield _folder(relative.as_posix(), root / relative, root / relative)
        elif kind == "images":
            yield _folder(_without(relative, "images"), root / relative, root / _swap(relative, "images", "labels"))
        elif kind == "labels" and not (root / _swap(relative, "labels", "images")).is_dir():
            yield _folder(_without(relative, "labels"), None, root / relative)


def _walk(root: Path) -> Iterator[Path]:
    seen = set()
    for place, names, _ in os.walk(root, followlinks=True):
        folder = Path(place)
        facts = folder.stat()
        if (facts.st_dev, facts.st_ino) in seen:  # a link that leads back up
            names.clear()
            continue
        seen.add((facts.st_dev, facts.st_ino))
        names[:] = sorted(name for name in names if not name.startswith("."))
        yield folder.relative_to(root)


def _swap(relative: Path, old: str, new: str) -> Path:
    parts = list(relative.parts)
    parts[len(parts) - 1 - parts[::-1].index(old)] = new
    return Path(*parts)


def _without(relative: Path, kind: str) -> str:
    parts = list(relative.parts)
    del parts[len(parts) - 1 - parts[::-1].index(kind)]
    return "/".join(parts)


def _folder(name: str, images: Path | None, labels: Path) -> Folder:
    found = _files(images, SUFFIXES) if images else []
    stems = {path.stem for path in found}
    texts = [path for path in _files(labels, frozenset({".txt"})) if path.name.lower() not in _NO_LABELS]
    return Folder("" if name == "." else name, found, labels, [path for path in texts if path.stem not in stems])


def _files(folder: Path, suffixes: frozenset[str]) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in suffixes and path.is_file())


def split_folders(root: Path) -> dict[str, str]:
    """Return each split that a tree in the form ``images/train`` has, with its folder as ``data.yaml`` names it."""
    found = {split: f"images/{split}" for split in SPLITS if any((root / kind / split).is_dir() for kind in _KINDS)}
    return found or {"train": "images"}


def image_size(path: Path) -> tuple[int, int]:
    """Return width and height of an image in pixels as it is shown, from its header alone.

    Raises:
        UserError: when it is missing or no image.
    """
    try:
        with Image.open(path) as image:
            width, height = image.size
            turned = image.getexif().get(_ORIENTATION) in _QUARTER_TURNS
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise UserError(f"{path} is no readable image; copy it again or delete it") from None
    return (height, width) if turned else (width, height)


def put_image(image: Path, written: Path, *, link: bool) -> None:
    """Copy an image to a place in a new tree, or link to it from there; folders are made when needed.

    Raises:
        UserError: when the file system has no links.
    """
    written.parent.mkdir(parents=True, exist_ok=True)
    if not link:
        shutil.copyfile(image, written)
        return
    try:
        written.symlink_to(image.resolve())
    except OSError as error:
        raise UserError(f"{image} cannot be linked to ({error.strerror}); copy the images instead") from None
