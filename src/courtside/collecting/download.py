"""Brings small files over HTTP: whole, within limits of size and time, with the patience of :mod:`.patience`."""

from __future__ import annotations

import time

import httpx

from courtside.collecting.patience import TEMPORARY_STATUSES, Turns, retry_after_s, user_agent
from courtside.collecting.protocol import FetchError, UnfitError

_REDIRECTS = 5


class Downloader:
    """Brings the content of addresses; several threads may use it at once.

    Args:
        turns: keeps the pauses between requests.
        maximum_bytes: of one file; more is unfit.
        timeout_s: seconds until a server must have connected, and until each further piece.
        longest_s: seconds for one whole file, so that a server that drips does not hold everybody up.
    """

    def __init__(
        self, turns: Turns, *, maximum_bytes: int = 20_000_000, timeout_s: float = 20.0, longest_s: float = 120.0
    ) -> None:
        self._turns = turns
        self._maximum_bytes = maximum_bytes
        self._longest_s = longest_s
        self._client = httpx.Client(
            headers={"User-Agent": user_agent()},
            follow_redirects=True,
            max_redirects=_REDIRECTS,
            timeout=timeout_s,
        )

    def close(self) -> None:
        """End all waiting; after this nothing comes any more."""
        self._turns.stop()
        self._client.close()

    def get(self, address: str) -> bytes:
        """Return the content of an http or https address, whole.

        Raises:
            FetchError: when it does not come after all attempts.
            UnfitError: when it is larger than wanted.
        """
        try:
            host = httpx.URL(address).host
        except httpx.InvalidURL as error:
            raise FetchError(f"no address: {error}") from None
        return self._turns.attempt(host, lambda: self._request(address))

    def _request(self, address: str) -> bytes:
        try:
            with self._client.stream("GET", address) as response:
                if response.status_code != httpx.codes.OK:
                    raise _refusal(response)
                return self._body(response)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise FetchError(f"no connection: {error}", temporary=True, unreachable=True) from None
        except httpx.TimeoutException:
            raise FetchError("the server stopped answering", temporary=True) from None
        except httpx.TransportError as error:
            raise FetchError(
                f"broken off: {error}", temporary=not isinstance(error, httpx.UnsupportedProtocol)
            ) from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise FetchError(str(error)) from None
        except RuntimeError as error:  # httpx's word for a client that was closed meanwhile
            if not self._turns.stopped:
                raise
            raise FetchError(str(error)) from None

    def _body(self, response: httpx.Response) -> bytes:
        declared = response.headers.get("content-length", "")
        if declared.isdecimal() and int(declared) > self._maximum_bytes:
            raise self._too_large()
        began = time.monotonic()
        content = bytearray()
        for piece in response.iter_bytes():
            content += piece
            if len(content) > self._maximum_bytes:
                raise self._too_large()
            if self._turns.stopped:
                raise FetchError("stopped")
            if time.monotonic() - began > self._longest_s:
                raise FetchError(f"took longer than {self._longest_s:g} s")
        return bytes(content)

    def _too_large(self) -> UnfitError:
        return UnfitError(f"larger than {self._maximum_bytes / 1e6:g} MB")


def _refusal(response: httpx.Response) -> FetchError:
    status = response.status_code
    return FetchError(
        f"HTTP status {status} {response.reason_phrase}".rstrip(),
        temporary=status in TEMPORARY_STATUSES,
        wait_s=retry_after_s(response.headers.get("retry-after")) if status in TEMPORARY_STATUSES else None,
    )
