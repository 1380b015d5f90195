"""Atomic writes: a reader sees the old file or the whole new one, never a part."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from courtside.errors import UserError

_PREFIX = ".courtside-"
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def atomic_path(target: Path) -> Iterator[Path]:
    """Yield a temporary path beside ``target`` that replaces it when the block ends well.

    The temporary path keeps the suffix of ``target``, because encoders choose a container by it. It
    does not exist yet: the block creates a file or a folder there. When the block raises, what was
    written is removed and ``target`` stays as it was.

    Raises:
        UserError: when no space is left on the disk.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with (
            tempfile.TemporaryDirectory(prefix=f"{_PREFIX}{target.stem}-", dir=target.parent) as folder,
            _locked(Path(folder)),
        ):
            temporary = Path(folder) / target.name
            yield temporary
            if target.is_dir() and not target.is_symlink():
                shutil.move(target, Path(folder) / "replaced")
            temporary.replace(target)
    except OSError as error:
        if error.errno not in _NO_SPACE:
            raise
        raise UserError(f"no space is left on the disk for {target}; free some and run again") from None


def remove_leftovers(target: Path) -> None:
    """Remove what writes of ``target`` that were killed have left beside it; a write still at work is let be."""
    for folder in target.parent.glob(f"{_PREFIX}{target.stem}-*"):
        with _locked(folder) as free:
            if free:
                shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _locked(folder: Path) -> Iterator[bool]:
    """Hold a lock on a folder, which ends with the process however it ends; yield whether it was free."""
    if sys.platform == "win32":
        yield False
        return
    import fcntl

    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:  # another process holds it, or the file system knows no locks
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)


def write_text(target: Path, text: str) -> None:
    """Write ``text`` to ``target`` in UTF-8, atomically."""
    with atomic_path(target) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(target: Path, value: Any) -> None:
    """Write ``value`` as indented JSON, atomically.

    Raises:
        ValueError: when ``value`` holds a NaN or an infinity, which JSON cannot express.
    """
    write_text(target, json.dumps(value, indent=2, allow_nan=False) + "\n")


def read_json(source: Path) -> Any:
    """Read a JSON file.

    Raises:
        UserError: when the file is missing or is no JSON.
    """
    try:
        return json.loads(source.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"{source} does not exist; run `dvc repro` to make it") from None
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise UserError(f"{source} is no valid JSON ({error}); delete it and run `dvc repro`") from None


def sha256(source: Path) -> str:
    """Return the SHA-256 of a file, or of the names and contents of all files in a folder."""
    digest = hashlib.sha256()
    files = [source] if source.is_file() else sorted(path for path in source.rglob("*") if path.is_file())
    for path in files:
        if path != source:
            digest.update(path.relative_to(source).as_posix().encode() + b"\0")
        with path.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()
