"""Keeps what took long to measure of a video, under a name that says what it was measured from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import polars as pl

from courtside.video.source import stamp

Value = TypeVar("Value")


def key(kind: str, video: Path, *facts: Any) -> str:
    """Return a name that is another where the kind, the video's files or one of the facts is.

    Args:
        kind: of what is kept, the name begins with it.
        video: a video file or a folder of images; its names, sizes and times count.
        facts: boxes tables, or what JSON can express.
    """
    digest = hashlib.sha256(json.dumps([str(video.resolve()), stamp(video)]).encode())
    for fact in facts:
        if isinstance(fact, pl.DataFrame):
            digest.update(fact.hash_rows(0).to_numpy().tobytes() + str(fact.columns).encode())
        else:
            digest.update(json.dumps(fact, sort_keys=True).encode())
    return f"{kind}-{digest.hexdigest()[:16]}"


def keep(
    path: Path, measure: Callable[[], Value], read: Callable[[Path], Value], write: Callable[[Path, Value], None]
) -> Value:
    """Return what a file holds; where it is not there, measure it and write the file."""
    if path.is_file():
        return read(path)
    value = measure()
    write(path, value)
    return value
