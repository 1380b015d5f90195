"""Keeps two programs from writing over each other's answers."""

from __future__ import annotations

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

    def note(self) -> None:
        """Take the file as it is now for ours."""
        self._known = self._facts()

    def _facts(self) -> tuple[int, int, int] | None:
        try:
            found = self.path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        return found.st_ino, found.st_size, found.st_mtime_ns
