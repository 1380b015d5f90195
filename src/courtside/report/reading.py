"""Reads the reports of stages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from courtside import layout
from courtside.errors import UserError
from courtside.files import read_json


def read_report(path: Path, *keys: str) -> dict[str, Any]:
    """Read a report that must exist and hold ``keys``.

    Raises:
        UserError: when it is missing, no JSON, or lacks a key.
    """
    values = read_json(path)
    for key in keys:
        if not isinstance(values, dict) or key not in values:
            raise UserError(f"{path} has no {key!r}, so another version wrote it; delete it and run `dvc repro`")
    return dict(values)


def read_of_split(root: Path, path: Path, *keys: str) -> dict[str, Any]:
    """Read what was measured beside the pipeline; an empty one where it is of an earlier split, so out of date.

    Args:
        root: the repository.
        path: the report, which names the hash of its split in ``split``.
        keys: that it must hold besides.

    Raises:
        UserError: when it is no JSON or lacks a key.
    """
    measured = read_optional(path, "split", *keys)
    split = read_optional(root / layout.report("split", "metrics.json"))
    return measured if measured and measured["split"] == split.get("sha256") else {}


def read_optional(path: Path, *keys: str) -> dict[str, Any]:
    """Read a report, or return an empty one where the stage left none.

    Raises:
        UserError: when it is no JSON or lacks a key.
    """
    return read_report(path, *keys) if path.is_file() else {}
