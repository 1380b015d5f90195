"""What a CVAT XML file says beside its boxes: images, sizes, labels (format as in :mod:`courtside.formats.cvat`)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from courtside.formats.cvat_shapes import attribute, where
from courtside.formats.fields import whole
from courtside.formats.xml_stream import Element, stream_children


@dataclass(frozen=True)
class Summary:
    """What the file says; sizes are width and height in pixels, 0 where it does not say.

    Attributes:
        images: name and size of each image, in the file's order; empty in a file for video.
        size: of the video.
        labels: those the task declares, then those only shapes have.
    """

    images: list[tuple[str, int, int]]
    size: tuple[int, int]
    labels: list[str]


def summarize(path: Path) -> Summary:
    """Read a CVAT XML file once more for what :func:`courtside.formats.cvat.read` does not return.

    Raises:
        UserError: when the file is missing or no well-formed XML, or a size is no number.
    """
    images = []
    size = (0, 0)
    labels: dict[str, None] = {}
    for element in stream_children(path, "annotations"):
        if element.tag == "meta":
            for found in _all(element, "original_size"):
                size = (_pixels(found, "width", path), _pixels(found, "height", path))
            declared = [name.text.strip() for label in _all(element, "label") if (name := label.find("name"))]
            labels |= dict.fromkeys(declared)
        elif element.tag == "image":
            wide, high = (
                whole(element.attributes.get(edge, "0"), edge, where(element, path)) for edge in ("width", "height")
            )
            images.append((attribute(element, "name", path), wide, high))
            labels |= dict.fromkeys(
                shape.attributes["label"] for shape in element.children if "label" in shape.attributes
            )
        elif element.tag == "track":
            labels[attribute(element, "label", path)] = None
    return Summary(images, size, list(labels))


def _pixels(size: Element, edge: str, path: Path) -> int:
    found = size.find(edge)
    return whole(found.text.strip(), edge, where(size, path)) if found and found.text.strip() else 0


def _all(element: Element, tag: str) -> list[Element]:
    return [found for child in element.children for found in ([child] if child.tag == tag else []) + _all(child, tag)]
