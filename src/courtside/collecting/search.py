"""The source that asks DuckDuckGo for images, through the library ddgs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from courtside.collecting.download import Downloader
from courtside.collecting.patience import Turns
from courtside.collecting.protocol import Candidate, FetchError
from courtside.errors import UserError

LICENSES = ("any", "Public", "Share", "ShareCommercially", "Modify", "ModifyCommercially")
_HOST = "duckduckgo.com"
_NOTHING = "No results found."
Search = Callable[[str, int], list[dict[str, Any]]]


def duckduckgo(*, license_image: str | None = None, timeout_s: int = 20) -> Search:
    """Return a function that asks for one page, from 1, of the images of a term: dictionaries as ddgs gives them.

    The library shows itself to the search engine as a browser; only the images are asked for under our own name.

    Args:
        license_image: one of :data:`LICENSES`; None as ``any``.
        timeout_s: seconds for one page.

    Raises:
        UserError: when ddgs is not installed.
    """
    try:
        from ddgs import DDGS
        from ddgs.exceptions import DDGSException
    except ImportError:
        raise UserError(
            "the search needs the package ddgs; install it with `pip install ddgs`, or choose --source list or folder"
        ) from None

    def search(term: str, page: int) -> list[dict[str, Any]]:
        try:
            with DDGS(timeout=timeout_s) as engine:
                found: list[dict[str, Any]] = engine.images(
                    term, page=page, max_results=None, backend="duckduckgo", license_image=license_image
                )
                return found
        except DDGSException as error:
            if _NOTHING in str(error):
                return []
            raise FetchError(f"DuckDuckGo does not answer: {error}", temporary=True) from None

    return search


class DuckDuckGo:
    """Images that DuckDuckGo finds for a search term.

    Args:
        search: asks for one page of a term; :func:`duckduckgo`.
        downloader: brings the images.
        turns: keeps the pauses between pages.
    """

    def __init__(self, search: Search, downloader: Downloader, turns: Turns) -> None:
        self._search = search
        self._downloader = downloader
        self._turns = turns

    def find(self, term: str) -> Iterator[Candidate]:
        """Yield what is found, page by page; see :class:`courtside.collecting.protocol.Source`."""
        if not term.strip():
            raise UserError("the search term is empty; write --class NAME=TERM")
        return self._pages(term)

    def read(self, address: str) -> bytes:
        """Return the bytes at an address; see :class:`courtside.collecting.protocol.Source`."""
        return self._downloader.get(address)

    def close(self) -> None:
        """End all waiting."""
        self._downloader.close()

    def _pages(self, term: str) -> Iterator[Candidate]:
        seen: set[str] = set()
        page = 1
        while True:
            results = self._turns.attempt(_HOST, lambda number=page: self._search(term, number))  # type: ignore[misc]
            found = {str(result["image"]): result.get("url") for result in results if result.get("image")}
            fresh = {address: url for address, url in found.items() if address not in seen}
            if not fresh:  # the last page comes again and again
                return
            seen |= fresh.keys()
            for address, url in fresh.items():
                yield Candidate(address, page=str(url) if url else None)
            page += 1
