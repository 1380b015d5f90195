"""Lists of addresses in text files, and the source that takes its images from one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from courtside.collecting.download import Downloader
from courtside.collecting.protocol import Candidate
from courtside.errors import UserError


def check_address(address: str, where: str) -> str:
    """Return an address as it is.

    Raises:
        UserError: when it is none of http or https with a host; names ``where``.
    """
    try:
        parts = urlsplit(address)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        sound = False
    if not sound:
        raise UserError(f"{where}: {address!r} is no address; write it as http://… or https://…")
    return address


def read_addresses(path: Path) -> list[str]:
    """Return the addresses of a text file, one a line, each once; empty lines and those from ``#`` on do not count.

    Raises:
        UserError: when the file is missing, no text, empty, or a line is no address.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        raise UserError(f"{path} does not exist; name a text file with one address a line") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path} cannot be read ({error}); name a text file with one address a line") from None
    stripped = [(number, line.strip()) for number, line in enumerate(lines, start=1)]
    found = [
        check_address(line, f"{path}, line {number}") for number, line in stripped if line and not line.startswith("#")
    ]
    if not found:
        raise UserError(f"{path} holds no address; write one a line")
    return list(dict.fromkeys(found))


class AddressList:
    """Images at the addresses of a text file; the term is its path.

    Args:
        downloader: brings them.
    """

    def __init__(self, downloader: Downloader) -> None:
        self._downloader = downloader

    def find(self, term: str) -> Iterator[Candidate]:
        """Yield the addresses of the file; see :class:`courtside.collecting.protocol.Source`."""
        return map(Candidate, read_addresses(Path(term)))

    def read(self, address: str) -> bytes:
        """Return the bytes at an address; see :class:`courtside.collecting.protocol.Source`."""
        return self._downloader.get(address)

    def close(self) -> None:
        """End all waiting."""
        self._downloader.close()
