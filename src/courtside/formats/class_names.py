"""Class numbers and their names: on a command line, in ``data.yaml``, in ``classes.txt`` and its like."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from courtside.errors import UserError
from courtside.files import write_text
from courtside.formats.fields import MAXIMUM, read_lines

# labelImg writes the first, CVAT's export "YOLO 1.1" the second; a name a line, numbered from 0.
_NAME_FILES = ("classes.txt", "labels/classes.txt", "obj.names")


def parse(text: str, first: int = 0) -> dict[int, str]:
    """Return class number to name from ``ball,player`` or ``0:ball,4:ball,2:player``.

    Args:
        text: names separated by commas, each with or without its number.
        first: the number of the first name where they have none.

    Raises:
        UserError: when a name is empty, a number is none or stands there twice, or only some names have a number.
    """
    parts = [part.strip() for part in text.split(",")]
    numbered = [":" in part for part in parts]
    if any(numbered) and not all(numbered):
        raise UserError(f"classes {text!r}: give every class a number or none (0:ball,1:player or ball,player)")
    names: dict[int, str] = {}
    for place, part in enumerate(parts, start=first):
        digits, _, name = part.partition(":") if numbered[0] else (str(place), "", part)
        number = _number(digits.strip())
        if number is None or not name.strip():
            raise UserError(f"classes {text!r}: {part!r} is no class; write ball,player or 0:ball,1:player")
        if number in names:
            raise UserError(f"classes {text!r}: number {number} stands there twice; delete one")
        names[number] = name.strip()
    return names


def _number(text: str) -> int | None:
    is_number = text.removeprefix("-").isdecimal() and text.isascii() and len(text) <= 10
    return int(text) if is_number and int(text) <= MAXIMUM else None


def find(root: Path) -> dict[int, str] | None:
    """Return class number to name as the folder of a YOLO tree says it; None where it does not.

    It is read from ``data.yaml`` (Ultralytics, "Object Detection Datasets Overview": ``names`` is a list, or a mapping
    of numbers to names), else from ``classes.txt`` or ``obj.names``.

    Raises:
        UserError: when the file is damaged.
    """
    if (root / "data.yaml").is_file():
        return read_data_yaml(root / "data.yaml")
    for name in _NAME_FILES:
        if (root / name).is_file():
            lines = [line.strip() for line in read_lines(root / name, "a list of class names")]
            return {number: line for number, line in enumerate(lines) if line}
    return None


def read_data_yaml(path: Path) -> dict[int, str]:
    """Return class number to name of a ``data.yaml``.

    Raises:
        UserError: when it is missing, no YAML, or has no ``names``.
    """
    try:
        content = yaml.safe_load("\n".join(read_lines(path, "a data.yaml")))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise UserError(f"{path} is no valid YAML ({error}); correct it") from None
    names: Any = content.get("names") if isinstance(content, dict) else None
    if isinstance(names, list):
        names = dict(enumerate(names))
    if not isinstance(names, dict) or not names:
        raise UserError(f"{path} holds no names of classes; write names: [ball, player]")
    if not all(type(number) is int and number >= 0 and isinstance(name, str | int) for number, name in names.items()):
        raise UserError(f"{path}: names must be a list of names, or a mapping of numbers from 0 to names; correct it")
    return {number: str(name).strip() for number, name in sorted(names.items())}


def write_data_yaml(path: Path, names: Mapping[int, str], folders: Mapping[str, str]) -> None:
    """Write a ``data.yaml``, atomically.

    Args:
        path: the file.
        names: class number to name.
        folders: split (``train``, ``val``, ``test``) to its folder of images, relative to the file's.
    """
    content: dict[str, object] = {**folders, "names": dict(names)}
    # PyYAML writes the line breaks of Unicode as they are, and reads blanks where they stood.
    plain = not any(character in name for name in names.values() for character in "\x85\u2028\u2029")
    write_text(path, yaml.safe_dump(content, sort_keys=False, allow_unicode=plain))


def by_name(names: Mapping[int, str]) -> dict[str, int]:
    """Return name to class number; of several numbers with one name the first."""
    numbers: dict[str, int] = {}
    for number, name in names.items():
        numbers.setdefault(name, number)
    return numbers


def renamed(names: Mapping[int, str], renames: Mapping[str, str]) -> dict[int, str]:
    """Return the classes with some of them called otherwise."""
    return {number: renames.get(name, name) for number, name in names.items()}


def numbered(names: Iterable[str], first: int = 0) -> dict[int, str]:
    """Return the names numbered in their order, each once."""
    return dict(enumerate(dict.fromkeys(names), start=first))
