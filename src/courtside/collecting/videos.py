"""Brings one video through yt-dlp: from a site that it knows, or a plain file."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from courtside.collecting.patience import TEMPORARY_STATUSES, Turns, retry_after_s, user_agent
from courtside.collecting.protocol import FetchError, UnfitError
from courtside.collecting.sports1m import VideoLimits
from courtside.errors import UserError
from courtside.video.source import VideoInfo, probe

# A length that a site declares is rounded.
TOLERANCE_S = 1.0
_UNFINISHED = frozenset({".part", ".ytdl", ".temp"})
_TEXT = re.compile(r"^(ERROR:\s*)?(\[[\w:]+\]\s*)?|\s*\(caused by .*|[;.]? please report this issue.*", re.S)


class Videos(Protocol):
    """Brings videos."""

    def fetch(self, address: str, scratch: Path, report: Callable[[int, int | None], None]) -> VideoInfo:
        """Bring a video into a folder, going on with what an earlier call has left there.

        Args:
            address: where it is.
            scratch: folder for this video alone; made when needed.
            report: is called with the megabytes that are there and, where known, how many it will be.

        Raises:
            FetchError: when it does not come; what came of it stays in ``scratch``.
            UnfitError: when it is no video, or none that is wanted.
            UserError: when ``scratch`` is a folder that cannot be used.
        """
        ...


@dataclass(frozen=True)
class DownloadLimits:
    """What is brought.

    Attributes:
        wanted: length and height; judged by what the site says, and again by what came.
        maximum_height: pixels; of several sizes the largest up to this one is taken.
        maximum_bytes: of one file; None for any.
        timeout_s: seconds until a server must have sent something.
    """

    wanted: VideoLimits
    maximum_height: int = 1080
    maximum_bytes: int | None = None
    timeout_s: float = 20.0

    @property
    def rules(self) -> str:
        """What decides about a video that came, for the manifest."""
        wanted = self.wanted
        return (
            f"minimum_s={wanted.minimum_s} maximum_s={wanted.maximum_s} minimum_height={wanted.minimum_height} "
            f"maximum_height={self.maximum_height} maximum_bytes={self.maximum_bytes}"
        )


class YtDlp:
    """Brings videos with yt-dlp; of a page with several videos the first.

    Only pictures are of use here: where a site has pictures without sound, these come, and FFmpeg's program is not
    needed to put both together.

    Args:
        turns: keeps the pauses between videos of one host.
        limits: what is brought.

    Raises:
        UserError: when yt-dlp is not installed.
    """

    def __init__(self, turns: Turns, limits: DownloadLimits) -> None:
        try:
            import yt_dlp
        except ImportError:
            raise UserError("fetching needs the package yt-dlp; install it with `pip install yt-dlp`") from None
        self._library = yt_dlp
        self._turns = turns
        self._limits = limits

    def fetch(self, address: str, scratch: Path, report: Callable[[int, int | None], None]) -> VideoInfo:
        """Bring a video; see :class:`Videos`."""
        scratch = scratch.absolute()  # yt-dlp takes a leading ~ for the home folder, and a $ for a variable
        if os.path.expandvars(scratch) != str(scratch):
            raise UserError(f"{scratch.parent.parent}: the $ in it would be read as a variable; name another folder")
        scratch.mkdir(parents=True, exist_ok=True)
        path = _finished(scratch)
        if path is None:
            host = urlsplit(address).hostname or ""
            path = self._turns.attempt(host, lambda: self._download(address, scratch, report))
        try:
            info = probe(path)
        except UserError as error:
            path.unlink(missing_ok=True)
            raise UnfitError(f"no video: {str(error).replace(str(path), 'what came')}") from None
        objection = self._limits.wanted.objection(info.duration_s, info.height, tolerance_s=TOLERANCE_S)
        if objection is not None:
            path.unlink(missing_ok=True)
            raise UnfitError(objection)
        return info

    def _download(self, address: str, scratch: Path, report: Callable[[int, int | None], None]) -> Path:
        log = _Log()
        objections: list[str] = []

        def fits(information: dict[str, Any], *, incomplete: bool = False) -> str | None:
            objection = self._limits.wanted.objection(
                information.get("duration"),
                None if incomplete else information.get("height"),
                tolerance_s=TOLERANCE_S,
            )
            if objection is not None:
                objections.append(objection)
            return objection

        def follow(state: dict[str, Any]) -> None:
            total = state.get("total_bytes") or state.get("total_bytes_estimate")
            report(int(state.get("downloaded_bytes") or 0) // 1_000_000, int(total) // 1_000_000 if total else None)

        height = f"[height<=?{self._limits.maximum_height}]"
        options = {
            "quiet": True,
            "noprogress": True,
            "color": "no_color",
            "logger": log,
            "cachedir": False,
            "http_headers": {"User-Agent": user_agent()},
            "socket_timeout": self._limits.timeout_s,
            # Further attempts are those of `turns`, which wait as the server asks; they go on with the part.
            "retries": 0,
            "extractor_retries": 0,
            "fragment_retries": 2,
            "skip_unavailable_fragments": False,
            "noplaylist": True,
            "playlist_items": "1",
            "format": f"bv*[ext=mp4]{height}/bv*{height}/b{height}/bv*/b",
            "fixup": "never",
            "paths": {"home": str(scratch)},
            "outtmpl": {"default": "video.%(ext)s"},
            "updatetime": False,
            "match_filter": fits,
            "progress_hooks": [follow],
            "max_filesize": self._limits.maximum_bytes,
        }
        try:
            with self._library.YoutubeDL(options) as library:
                library.extract_info(address, download=True)
        except self._library.utils.YoutubeDLError as error:
            raise self._failure(error, scratch) from None
        path = _finished(scratch)
        if path is not None:
            return path
        if objections:
            raise UnfitError(objections[-1])
        if "max-filesize" in log.last:
            raise UnfitError(f"larger than {(self._limits.maximum_bytes or 0) / 1e6:g} MB")
        raise FetchError(f"nothing came: {_plain(log.last) or 'no reason is given'}")

    def _failure(self, error: Exception, scratch: Path) -> FetchError:
        exceptions = self._library.networking.exceptions
        reason = _plain(str(error))
        for cause in _causes(error):
            if isinstance(cause, exceptions.HTTPError):
                temporary = cause.status in TEMPORARY_STATUSES
                wait_s = retry_after_s(cause.response.headers.get("Retry-After")) if temporary else None
                return FetchError(reason, temporary=temporary, wait_s=wait_s)
            if isinstance(cause, (exceptions.TransportError, self._library.utils.ContentTooShortError)):
                return FetchError(reason, temporary=True)
        # A download that breaks off is told of without its cause.
        return FetchError(reason, temporary=any(_UNFINISHED.intersection(path.suffixes) for path in scratch.iterdir()))


class _Log:
    """Takes what yt-dlp would print; the last line says what went wrong where no error does."""

    def __init__(self) -> None:
        self.last = ""

    def debug(self, line: str) -> None:
        self.last = line

    info = warning = error = debug


def _plain(line: str) -> str:
    return " ".join(_TEXT.sub("", line).split())


def _causes(error: BaseException) -> list[BaseException]:
    """Return an error of yt-dlp and what it says caused it, outermost first."""
    found: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        cause = waiting.pop(0)
        if cause is None or cause in found:
            continue
        found.append(cause)
        information = getattr(cause, "exc_info", None) or (None, None, None)
        waiting += [information[1], getattr(cause, "cause", None), cause.__cause__]
    return found


def _finished(scratch: Path) -> Path | None:
    """Return the whole file of a scratch folder; yt-dlp gives it this name only when all of it has come."""
    whole = [path for path in scratch.glob("video.*") if not _UNFINISHED.intersection(path.suffixes)]
    return max(whole, key=lambda path: path.stat().st_size, default=None)
