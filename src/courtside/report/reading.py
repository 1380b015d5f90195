"""Reads the reports of stages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

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


def read_optional(path: Path, *keys: str) -> dict[str, Any]:
    """Read a report, or return an empty one where the stage left none.

    Raises:
        UserError: when it is no JSON or lacks a key.
    """
    return read_report(path, *keys) if path.is_file() else {}
