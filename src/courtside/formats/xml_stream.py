"""Streams the elements under the root of an XML file, each whole and with its line number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from courtside.errors import UserError

_BLOCK_BYTES = 1 << 18


@dataclass
class Element:
    """One XML element: its attributes, the text directly in it, its children, and the line it starts on."""

    tag: str
    attributes: dict[str, str]
    line: int
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def find(self, *tags: str) -> Element | None:
        """Return the first descendant along the path of tags."""
        if not tags:
            return self
        child = next((child for child in self.children if child.tag == tags[0]), None)
        return child.find(*tags[1:]) if child else None


def stream_children(path: Path, root: str) -> Iterator[Element]:
    """Yield each child of the root element, so that memory holds one of them at a time.

    A document type declaration is refused: labels need none, and entities are how XML is made to
    fill the memory or read other files.

    Args:
        path: the file.
        root: the tag that the root element must have.

    Raises:
        UserError: when the file is missing, no well-formed XML, has another root or a DTD.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    stack: list[Element] = []
    finished: list[Element] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        if not stack and tag != root:
            raise UserError(f"{path}: the root element is <{tag}> instead of <{root}>; name another file")
        element = Element(tag, attributes, parser.CurrentLineNumber)
        if len(stack) > 1:
            stack[-1].children.append(element)
        stack.append(element)

    def end(_tag: str) -> None:
        element = stack.pop()
        if len(stack) == 1:
            finished.append(element)

    def text(data: str) -> None:
        if stack:
            stack[-1].text += data

    def document_type(*_declaration: object) -> None:
        raise UserError(f"{path}: the file has a document type declaration (<!DOCTYPE …>); delete that line")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = document_type
    try:
        with path.open("rb") as stream:
            while block := stream.read(_BLOCK_BYTES):
                parser.Parse(block, False)
                yield from finished
                finished.clear()
        parser.Parse(b"", True)
    except FileNotFoundError:
        raise UserError(f"{path} does not exist; name an XML file") from None
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}); name an XML file") from None
    except (expat.ExpatError, ValueError, LookupError) as error:
        line = parser.CurrentLineNumber
        raise UserError(f"{path}, line {line}: no well-formed XML ({error}); export the labels again") from None
    yield from finished
