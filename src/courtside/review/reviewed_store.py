"""Boxes as a person leaves them, in the CVAT files that ``videos.NAME.reviewed`` names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from courtside.errors import UserError
from courtside.formats import cvat, cvat_summary
from courtside.formats.fields import image_frames
from courtside.formats.xml_stream import stream_children
from courtside.review.boxes import BoxOnFrame, from_table
from courtside.review.guard import Guard
from courtside.review.questions import Key

_ATTRIBUTES = frozenset({"visibility", "track"})
_BLOCK = 256


@dataclass(frozen=True)
class ReviewedFrame:
    """A frame a person has looked at: its boxes, which may be none, and its width and height in pixels."""

    boxes: tuple[BoxOnFrame, ...]
    size: tuple[int, int]


class ReviewedStore:
    """Boxes of the frames looked at, a file a video; every change is on the disk, whole, when :meth:`put` returns.

    Args:
        paths: the file of each video; it need not exist.
        images: of a video that is a folder its sorted images.
        labels: that a box may have.

    Attributes:
        frames: those looked at; change it with :meth:`put` alone.
        changes: how many there have been.

    Raises:
        UserError: when a file is damaged, or holds what this program would lose.
    """

    def __init__(self, paths: Mapping[str, Path], images: Mapping[str, Sequence[Path]], labels: Sequence[str]) -> None:
        self.frames: dict[Key, ReviewedFrame] = {}
        self.changes = 0
        self._images = images
        self._labels = dict.fromkeys(labels)
        self._guards = {video: Guard(path) for video, path in paths.items()}
        self._names: dict[Key, str] = {}
        self._texts = {video: _Texts() for video in paths}
        for video, path in paths.items():
            if path.suffix.lower() != ".xml":
                raise UserError(f"videos.{video}.reviewed: {path} is no CVAT file; name one that ends in .xml")
            if path.exists():
                self._read(video, path)

    def path(self, video: str) -> Path:
        """Return the file of a video."""
        return self._guards[video].path

    def put(self, key: Key, frame: ReviewedFrame | None) -> None:
        """Set what a person has seen on a frame, or with None that nobody has looked.

        Raises:
            UserError: when another program has changed the file, or it cannot be written; then nothing is changed.
        """
        guard, texts = self._guards[key.video], self._texts[key.video]
        with guard.writing():
            before = texts.put(key.frame, None if frame is None else self._element(key, frame))
            try:
                cvat.write_elements(guard.path, texts.joined(), texts.count, self._labels)
            except BaseException:
                texts.put(key.frame, before)
                raise
        if frame is None:
            self.frames.pop(key, None)
        else:
            self.frames[key] = frame
        self.changes += 1

    def _element(self, key: Key, frame: ReviewedFrame) -> str:
        shapes = ((box.x1, box.y1, box.x2, box.y2, box.label, box.track, box.visibility) for box in frame.boxes)
        return cvat.image_element(key.frame, self._name(key), frame.size, shapes)

    def _name(self, key: Key) -> str:
        images = self._images.get(key.video)
        if images is not None:
            return images[key.frame].name
        return self._names.get(key, f"frame_{key.frame:06}.jpg")

    def _read(self, video: str, path: Path) -> None:
        _check_nothing_is_lost(path)
        images = self._images.get(video)
        annotations = cvat.read(path, video, images)
        summary = cvat_summary.summarize(path)
        self._labels |= dict.fromkeys(label for label in summary.labels if label)
        frames = image_frames([(name, str(path)) for name, _, _ in summary.images], images)
        facts = dict(zip(frames, summary.images, strict=True))
        boxes = from_table(annotations.boxes)
        for number in annotations.frames:
            key = Key(video, number)
            name, width, height = facts[number]
            self._names[key] = name
            self.frames[key] = ReviewedFrame(boxes.get(key, ()), (width, height))
            self._texts[video].put(number, self._element(key, self.frames[key]))


class _Texts:
    """The text of each frame, joined in blocks, so that a change costs one block and not all frames."""

    def __init__(self) -> None:
        self.count = 0
        self._blocks: dict[int, dict[int, str]] = {}
        self._joined: dict[int, bytes] = {}

    def put(self, frame: int, text: str | None) -> str | None:
        """Set or take away the text of a frame; return what it was."""
        number = frame // _BLOCK
        block = self._blocks.setdefault(number, {})
        before = block.pop(frame, None)
        if text is not None:
            block[frame] = text
        self.count += (text is not None) - (before is not None)
        self._joined.pop(number, None)
        return before

    def joined(self) -> Iterator[bytes]:
        """Yield all texts in the order of their frames."""
        for number in sorted(self._blocks):
            if number not in self._joined:
                block = self._blocks[number]
                self._joined[number] = "".join(block[frame] for frame in sorted(block)).encode()
            yield self._joined[number]


def _check_nothing_is_lost(path: Path) -> None:
    """Raise a UserError when the file holds more than boxes on images."""
    for element in stream_children(path, "annotations"):
        if element.tag == "track":
            raise UserError(f"{path}, line {element.line}: a track; only a file for images can be reviewed on")
        for shape in element.children if element.tag == "image" else []:
            attributes = {child.attributes.get("name") for child in shape.children if child.tag == "attribute"}
            turned = shape.attributes.get("rotation", "0").strip("0.") != ""
            if shape.tag != "box" or turned or not attributes <= _ATTRIBUTES:
                what = "a turned box" if turned else f"a {shape.tag}" if shape.tag != "box" else "more than a box"
                raise UserError(
                    f"{path}, line {shape.line}: {what}, which would be lost; name another file in videos.NAME.reviewed"
                )
