"""Sports-1M: a million YouTube videos with labels of 487 sports (Karpathy et al., CVPR 2014), listed in JSON."""

from __future__ import annotations

import difflib
import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from courtside.errors import UserError

WATCH = "https://www.youtube.com/watch?v="


@dataclass(frozen=True)
class Entry:
    """A video of the data set.

    Attributes:
        identity: its id on YouTube.
        labels: numbers of its sports, from 0, as in ``labels.txt``.
        duration_s: seconds; None where the file does not say.
        height: pixels; None where the file does not say.
    """

    identity: str
    labels: tuple[int, ...]
    duration_s: float | None
    height: int | None

    @property
    def address(self) -> str:
        """Where the video is shown."""
        return WATCH + self.identity


@dataclass(frozen=True)
class VideoLimits:
    """What is wanted of a video; None means any.

    Attributes:
        minimum_s: seconds, at least.
        maximum_s: seconds, at most.
        minimum_height: pixels, at least.
    """

    minimum_s: float | None = None
    maximum_s: float | None = None
    minimum_height: int | None = None

    def objection(self, duration_s: float | None, height: int | None, *, tolerance_s: float = 0.0) -> str | None:
        """Return why a video is not wanted, None where it is; what is not known is no objection.

        Args:
            duration_s: its length.
            height: its height in pixels.
            tolerance_s: seconds by which the length may be outside, where it is known in whole seconds only.
        """
        if duration_s is not None:
            if self.minimum_s is not None and duration_s < self.minimum_s - tolerance_s:
                return f"{duration_s:.0f} s long; shorter than {self.minimum_s:g} s"
            if self.maximum_s is not None and duration_s > self.maximum_s + tolerance_s:
                return f"{duration_s:.0f} s long; longer than {self.maximum_s:g} s"
        if height is not None and self.minimum_height is not None and height < self.minimum_height:
            return f"{height} pixels high; lower than {self.minimum_height}"
        return None


def read_entries(path: Path) -> list[Entry]:
    """Return the videos of a file such as ``sports1m_train.json``.

    Args:
        path: JSON; a list of objects with ``id``, ``label487`` and, where known, ``duration`` and ``height``; or an
            object of such objects by their id.

    Raises:
        UserError: when the file is missing or is none of these.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"{path} does not exist; name sports1m_train.json or sports1m_test.json") from None
    except (OSError, ValueError) as error:
        raise UserError(f"{path} is no JSON ({error}); unpack the data set's archive again") from None
    return [_entry(values, f"{path}, {where}") for where, values in _listed(content, path)]


def read_labels(path: Path) -> list[str]:
    """Return the names of ``labels.txt``, one a line; the first line is label 0.

    Raises:
        UserError: when the file is missing, no text, or empty.
    """
    try:
        names = [line.strip() for line in path.read_text(encoding="utf-8-sig").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path} cannot be read ({error}); name the data set's labels.txt") from None
    if not any(names):
        raise UserError(f"{path} holds no label; name the data set's labels.txt")
    return names


def label_numbers(wanted: Sequence[str], names: Sequence[str] | None) -> frozenset[int]:
    """Return the numbers of labels given by name or number.

    Args:
        wanted: names, in any case, or numbers from 0.
        names: all names in the order of their numbers; None where there is no list.

    Raises:
        UserError: on an unknown name or number, or a name without a list.
    """
    by_name = {name.casefold(): number for number, name in enumerate(names or []) if name}
    numbers = set()
    for label in wanted:
        number = by_name.get(label.strip().casefold())
        if number is None and label.strip().isdecimal():
            number = int(label)
            if names is not None and number >= len(names):
                raise UserError(f"label {number} is outside 0–{len(names) - 1} of the labels file")
        if number is None:
            if names is None:
                raise UserError(f"label {label!r} is no number; give the data set's labels.txt with --labels")
            near = difflib.get_close_matches(label.casefold(), by_name, n=5)
            raise UserError(f"label {label!r} is not in the labels file; near it: {', '.join(near) or 'nothing'}")
        numbers.add(number)
    return frozenset(numbers)


def label_names(numbers: Sequence[int], names: Sequence[str] | None) -> list[str]:
    """Return the names of labels, the number itself where no name is known."""
    return [names[number] if names is not None and 0 <= number < len(names) else str(number) for number in numbers]


def choose(entries: Sequence[Entry], labels: Collection[int], limits: VideoLimits) -> list[Entry]:
    """Return the videos that have one of some labels (none: any) and are not outside the limits, each once.

    Raises:
        UserError: when none is left.
    """
    fitting = [
        entry
        for entry in entries
        if (not labels or not frozenset(labels).isdisjoint(entry.labels))
        and limits.objection(entry.duration_s, entry.height) is None
    ]
    if not fitting:
        raise UserError(f"none of the {len(entries)} videos fits the labels and limits; choose others")
    return list({entry.identity: entry for entry in fitting}.values())


def _listed(content: Any, path: Path) -> Iterator[tuple[str, Any]]:
    if isinstance(content, list):
        return ((f"video {number}", values) for number, values in enumerate(content))
    if isinstance(content, dict) and all(isinstance(values, dict) for values in content.values()):
        return ((f"video {key!r}", {"id": key, **values}) for key, values in content.items())
    raise UserError(f"{path} holds no list of videos; name sports1m_train.json or sports1m_test.json")


def _entry(values: Any, where: str) -> Entry:
    try:
        identity = values["id"]
        labels = tuple(int(label) for label in values.get("label487", ()))
        duration_s = None if values.get("duration") is None else float(values["duration"])
        height = None if values.get("height") is None else int(values["height"])
    except (KeyError, TypeError, ValueError, AttributeError):
        identity = None
    if not isinstance(identity, str) or not identity:
        raise UserError(f"{where} is no video of Sports-1M; it needs an id, and numbers in label487")
    return Entry(identity, labels, duration_s, height)
