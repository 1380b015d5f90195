"""What a source of images must be able to do, and how it says that something did not come."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol


class FetchError(Exception):
    """Something did not come.

    Attributes:
        temporary: whether another attempt may succeed.
        wait_s: seconds that the server asked to wait for, None where it did not.
        unreachable: whether no connection was made, so that other addresses of the host will not come either.
    """

    def __init__(
        self, reason: str, *, temporary: bool = False, wait_s: float | None = None, unreachable: bool = False
    ) -> None:
        super().__init__(" ".join(reason.split()))
        self.temporary = temporary
        self.wait_s = wait_s
        self.unreachable = unreachable


class UnfitError(Exception):
    """Something came, or would have come, but is not what was wanted; another attempt would bring the same."""


@dataclass(frozen=True)
class Candidate:
    """An image that a source has found.

    Attributes:
        address: what :meth:`Source.read` takes; it also names the image in the manifest.
        page: address of the page on which it stands, for the question whose it is; None where nobody knows.
    """

    address: str
    page: str | None = None


class Source(Protocol):
    """Finds images and brings them."""

    def find(self, term: str) -> Iterator[Candidate]:
        """Yield what belongs to a term, the best first; asks for more only when more is taken.

        Args:
            term: a search term, a folder or a file, as the source has it.

        Raises:
            UserError: when the term itself is wrong, such as a folder that is not there.
            FetchError: when the search does not answer; what came before it counts.
        """
        ...

    def read(self, address: str) -> bytes:
        """Return the bytes of an image; several threads may call it at once.

        Raises:
            FetchError: when it does not come.
            UnfitError: when it is larger than wanted.
        """
        ...

    def close(self) -> None:
        """End all waiting; a ``read`` at work or to come raises FetchError. Safe to call twice."""
        ...
