"""Keeps two programs from writing over each other's answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from courtside.errors import UserError


class Guard:
    """Remembers a file as this program left it.

    Args:
        path: the file, which need not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known = self._facts()

    def check(self) -> None:
        """Raise a UserError when somebody else has changed the file since."""
        if self._facts() != self._known:
            raise UserError(f"{self.path} was changed by another program; start `courtside review` again")

    @contextmanager
    def writing(self, otherwise: str = "nothing was decided") -> Iterator[None]:
        """Write the file in a ``with`` block: it must be as it was left, and is ours afterwards.

        Args:
            otherwise: what a person is told to be the case when it cannot be written.

        Raises:
            UserError: when somebody else has changed the file since, or it cannot be written.
        """
        self.check()
        try:
            yield
        except OSError as error:
            raise UserError(f"{self.path} cannot be written ({error.strerror}); {otherwise}") from None
        self._known = self._facts()

    def _facts(self) -> tuple[int, int, int] | None:
        try:
            found = self.path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        return found.st_ino, found.st_size, found.st_mtime_ns
