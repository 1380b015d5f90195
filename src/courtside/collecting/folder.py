"""The source that takes its images from a folder on the disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from courtside.collecting.protocol import Candidate, FetchError, UnfitError
from courtside.errors import UserError

_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff"})


class Folder:
    """Images in a folder and the folders in it, sorted by name; the term is its path.

    Args:
        maximum_bytes: of one file; more is unfit.
    """

    def __init__(self, *, maximum_bytes: int = 20_000_000) -> None:
        self._maximum_bytes = maximum_bytes

    def find(self, term: str) -> Iterator[Candidate]:
        """Return the files whose name is that of an image; see :class:`courtside.collecting.protocol.Source`."""
        folder = Path(term)
        if not folder.is_dir():
            raise UserError(f"{folder} is no folder; name one that holds images")
        found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in _SUFFIXES and path.is_file())
        if not found:
            raise UserError(f"{folder} holds no image; its files must end in one of {', '.join(sorted(_SUFFIXES))}")
        return (Candidate(path.as_posix()) for path in found)

    def read(self, address: str) -> bytes:
        """Return the bytes of a file; see :class:`courtside.collecting.protocol.Source`."""
        path = Path(address)
        try:
            if path.stat().st_size > self._maximum_bytes:
                raise UnfitError(f"larger than {self._maximum_bytes / 1e6:g} MB")
            return path.read_bytes()
        except OSError as error:
            raise FetchError(f"cannot be read: {error.strerror}") from None

    def close(self) -> None:
        """Do nothing; a disk does not keep anybody waiting."""
