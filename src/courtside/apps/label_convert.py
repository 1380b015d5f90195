"""``courtside labels convert``: a tree of labels in one format becomes a tree in another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from courtside.errors import UserError
from courtside.files import atomic_path
from courtside.formats import class_names, sequence_writers, sequences
from courtside.formats.sequence_writers import Options


@dataclass
class Converted:
    """What a conversion did.

    Attributes:
        sequences: written.
        frames: that somebody looked at.
        boxes: of each label.
        left_out: boxes of each label that is none of the target's.
    """

    sequences: int = 0
    frames: int = 0
    boxes: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)


def convert(
    source: Path,
    target: Path,
    forms: tuple[str, str],
    choice: sequences.Choice,
    options: Options,
    *,
    renames: Mapping[str, str],
    report: Callable[[int, int | None], None],
) -> Converted:
    """Convert a tree, all or nothing; memory holds one sequence.

    Args:
        source: the tree, or one file of COCO or CVAT.
        target: the folder, which must not exist yet.
        forms: the formats of both, of :data:`courtside.formats.sequences.FORMATS`.
        choice: what of the source.
        options: how to write; without classes, they are those of the source in its order.
        renames: label to another label, before all else.
        report: called with the number of sequences done and in all.

    Raises:
        UserError: when the target exists or lies in the source, a file is damaged, or the target cannot hold it.
    """
    if target.exists() or target.is_symlink():
        raise UserError(f"{target} exists; delete it, or name another folder")
    if source.is_dir() and target.resolve().is_relative_to(source.resolve()):
        raise UserError(f"{target} lies in the source {source}; name a folder outside of it")
    # A first look, because class numbers have to be known before the first box is written.
    names: dict[str, None] = {}
    total = 0
    for item in sequences.find(source, forms[0], choice):
        total += 1
        names |= {} if options.classes else dict.fromkeys(item.labels())
    if not options.classes:
        first = sequence_writers.FIRST_CLASS.get(forms[1], 0)
        options = replace(options, classes=class_names.numbered((renames.get(name, name) for name in names), first))
    sequence_writers.check(forms[1], options)
    wanted = sorted(set(options.classes.values()))
    result = Converted()
    with atomic_path(target) as folder:
        folder.mkdir()
        for item in sequences.find(source, forms[0], choice):
            sequence = item.read()
            found = sequence.boxes.with_columns(pl.col("label").replace(dict(renames)))
            kept = found.filter(pl.col("label").is_in(wanted))
            sequence_writers.write(folder, forms[1], replace(sequence, boxes=kept), options)
            result.sequences += 1
            result.frames += len(sequence.pictures)
            result.boxes.update(kept["label"].to_list())
            result.left_out.update(found.filter(~pl.col("label").is_in(wanted))["label"].to_list())
            report(result.sequences, total)
        sequence_writers.finish(folder, forms[1], options)
    return result
