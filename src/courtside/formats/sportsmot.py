"""SportsMOT: MOTChallenge sequences of players, with a list of sequences for each sport and each split.

The layout is that of the published archive (Cui et al., "SportsMOT: A Large Multi-Object Tracking Dataset in Multiple
Sports Scenes", 2023; github.com/MCG-NJU/SportsMOT): ``splits_txt/{basketball,football,volleyball}.txt`` and
``splits_txt/{train,val,test}.txt``, a sequence's name a line, and ``dataset/{train,val,test}/SEQUENCE/`` with
``gt/gt.txt``, ``img1/`` and ``seqinfo.ini``. Only players on the court are labelled, as class 1; the test split has no
``gt``. Identities count from 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath

import polars as pl

from courtside.errors import UserError
from courtside.files import write_text
from courtside.formats import mot
from courtside.formats.fields import read_lines

SPORTS = ("basketball", "football", "volleyball")
SPLITS = ("train", "val", "test")
LABELS: Mapping[int, str] = {1: "player"}


@dataclass(frozen=True)
class Sequence:
    """One sequence of the data set.

    Attributes:
        name: as the lists have it.
        split: ``train``, ``val`` or ``test``.
        folder: where it is.
        sport: None where no list of a sport names it.
    """

    name: str
    split: str
    folder: Path
    sport: str | None

    @property
    def truth(self) -> Path | None:
        """The ground truth; None where it is not published."""
        path = self.folder / "gt" / "gt.txt"
        return path if path.is_file() else None


def sequences(root: Path, sport: str | None = None, split: str | None = None) -> Iterator[Sequence]:
    """Yield the sequences of a data set in the order of split and name.

    A sequence is what has a folder; one that a list names and that was not downloaded is passed over. Where the lists
    of the sports are missing, the sport is None.

    Args:
        root: the folder with ``dataset/`` and ``splits_txt/``.
        sport: only those that ``splits_txt/SPORT.txt`` names.
        split: only those of this split.

    Raises:
        UserError: when the folder is none of SportsMOT, a sport or split is unknown, the sport's list is missing or
            damaged, or two sports name one sequence.
    """
    for value, known, what in ((sport, SPORTS, "sport"), (split, SPLITS, "split")):
        if value is not None and value not in known:
            raise UserError(f"{what} {value!r} is none of SportsMOT: {', '.join(known)}")
    data = root / "dataset"
    if not data.is_dir():
        raise UserError(f"{root} holds no folder dataset/; name the unpacked folder of SportsMOT (sportsmot_publish)")
    lists = root / "splits_txt"
    if sport is not None and not (lists / f"{sport}.txt").is_file():
        raise UserError(f"{lists / f'{sport}.txt'} does not exist; it names the sequences of {sport}, put it there")
    sport_of: dict[str, str] = {}
    for name in SPORTS:
        for sequence in read_list(lists / f"{name}.txt") if (lists / f"{name}.txt").is_file() else []:
            if sport_of.setdefault(sequence, name) != name:
                raise UserError(f"{lists}: {sequence} is in the lists of {sport_of[sequence]} and {name}; correct one")
    for part in SPLITS if split is None else (split,):
        folders = sorted(path for path in (data / part).glob("*") if path.is_dir() and not path.name.startswith("."))
        for folder in folders:
            found = Sequence(folder.name, part, folder, sport_of.get(folder.name))
            if sport is None or found.sport == sport:
                yield found


def read_list(path: Path) -> list[str]:
    """Return the names of a list of sequences, in its order.

    Raises:
        UserError: when it is missing or no text, or a line is no name of a folder or stands there twice.
    """
    names: dict[str, int] = {}
    for place, line in enumerate(read_lines(path, "a list of sequences like splits_txt/train.txt"), start=1):
        name = line.strip()
        if not name:
            continue
        if not _is_name(name):
            raise UserError(f"{path}, line {place}: {name!r} is no name of a sequence; write one name a line")
        if name in names:
            raise UserError(f"{path}, line {place}: {name} stands there twice, first on line {names[name]}; delete one")
        names[name] = place
    return list(names)


def write_list(path: Path, names: Iterable[str]) -> None:
    """Write a list of sequences, atomically.

    Raises:
        ValueError: when a name is none of a folder, or stands there twice.
    """
    listed = list(names)
    if len(set(listed)) != len(listed) or not all(_is_name(name) for name in listed):
        raise ValueError("a list of sequences holds names of folders, each once")
    write_text(path, "".join(f"{name}\n" for name in listed))


def _is_name(name: str) -> bool:
    return name == name.strip() and len(name.splitlines()) == 1 and PurePath(name).parts == (name,) and name != ".."


def read_truth(sequence: Sequence, video: str | None = None) -> pl.DataFrame:
    """Read the players of a sequence as a boxes table; its video is named after the sequence unless ``video`` is given.

    Raises:
        UserError: when the ground truth is missing, as in the test split, or damaged.
    """
    if sequence.truth is None:
        raise UserError(f"{sequence.folder} holds no gt/gt.txt; SportsMOT publishes none for its test split")
    return mot.read_ground_truth(sequence.truth, video or sequence.name, LABELS)


def write_truth(folder: Path, boxes: pl.DataFrame) -> None:
    """Write ``gt/gt.txt`` of a sequence, atomically.

    Raises:
        ValueError: when a label is not ``player``, or the table holds more than one video.
    """
    mot.write_ground_truth(folder / "gt" / "gt.txt", boxes, {label: number for number, label in LABELS.items()})
