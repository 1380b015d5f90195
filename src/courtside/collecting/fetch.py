"""Fills a folder with videos."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from courtside.collecting.manifest import DUPLICATE, FAILED, KEPT, REJECTED, Manifest, Record
from courtside.collecting.protocol import FetchError, UnfitError
from courtside.collecting.videos import Videos
from courtside.files import sha256

SCRATCH = ".fetching"


@dataclass(frozen=True)
class Wanted:
    """A video to bring.

    Attributes:
        address: where it is.
        label: what is known of its content, for the manifest; may be empty.
    """

    address: str
    label: str = ""


@dataclass
class Tally:
    """What became of a list of videos.

    Attributes:
        kept: files that came in this call, relative to the folder.
        before: videos that were there already.
        duplicates: videos that repeat one that is there.
        rejected: addresses of what came or would have come and is unfit, and the reason.
        failures: addresses of what did not come, and the reason.
    """

    kept: list[str] = field(default_factory=list)
    before: int = 0
    duplicates: int = 0
    rejected: list[tuple[str, str]] = field(default_factory=list)
    failures: list[tuple[str, str]] = field(default_factory=list)


def fetch(
    wanted: Iterable[Wanted],
    videos: Videos,
    manifest: Manifest,
    rules: str,
    limit: int | None = None,
    report: Callable[[str, int, int | None], None] = lambda name, done, total: None,
) -> Tally:
    """Bring videos into the manifest's folder, one after the other.

    A video is made in a hidden folder and moved to its name when it is whole and has proved to be a video; its record
    follows. What came of a video that broke off stays in the hidden folder, and the next call goes on with it; what is
    left of one that will not come is removed.

    Args:
        wanted: what to bring, in this order.
        videos: brings them.
        manifest: what was asked for before; records are added. A kept video whose file is gone comes again.
        rules: what ``videos`` judges by, for the manifest.
        limit: how many of the wanted videos shall be there in the end; None for all.
        report: is called with the name of a video, its megabytes so far, and how many it will be.

    Raises:
        UserError: when the disk is full.
    """
    tally = Tally()
    known = {record.sha256: record for record in manifest if record.sha256 and manifest.present(record)}
    for video in {video.address: video for video in wanted}.values():
        if limit is not None and tally.before + len(tally.kept) >= limit:
            break
        earlier = manifest.get(video.address)
        if earlier is not None and manifest.present(earlier):
            tally.before += 1
        elif earlier is None or not (_settled_elsewhere(earlier, manifest) or _unfit(earlier, manifest, rules)):
            record = _fetch_one(video, videos, manifest, rules, known, tally, report)
            manifest.add(record)
            if record.status == KEPT and record.sha256:
                known[record.sha256] = record
    with suppress(OSError):  # it is not empty, or was never made
        (manifest.folder / SCRATCH).rmdir()
    return tally


def file_stem(address: str) -> str:
    """Return a name for the video of an address: lower-case letters, digits, hyphens and underscores.

    A video of YouTube has ``youtube_`` and its id, whose case counts; any other the name of its file.
    """
    parts = urlsplit(address)
    host = (parts.hostname or "").removeprefix("www.").removeprefix("m.")
    if host == "youtu.be":
        identity = parts.path.strip("/")
    else:
        identity = (parse_qs(parts.query).get("v") or [""])[0] if host == "youtube.com" else ""
    if re.fullmatch(r"[\w-]+", identity, re.ASCII):
        return f"youtube_{identity}"
    name = Path(unquote(parts.path)).stem or host
    return re.sub(r"[^a-z0-9_-]+", "_", name.lower()).strip("_-")[:80] or "video"


def _settled_elsewhere(record: Record, manifest: Manifest) -> bool:
    """Return whether a video repeats one that is still there."""
    return record.status == DUPLICATE and record.file is not None and (manifest.folder / record.file).is_file()


def _unfit(record: Record, manifest: Manifest, rules: str) -> bool:
    return record.status == REJECTED and manifest.settled(record.address, rules)


def _fetch_one(
    video: Wanted,
    videos: Videos,
    manifest: Manifest,
    rules: str,
    known: dict[str, Record],
    tally: Tally,
    report: Callable[[str, int, int | None], None],
) -> Record:
    """Bring a video; return what to write of it."""
    stem = file_stem(video.address)
    digest = hashlib.sha256(video.address.encode()).hexdigest()
    scratch = manifest.folder / SCRATCH / digest[:16]
    record = partial(Record, video.address, label=video.label)
    try:
        info = videos.fetch(video.address, scratch, lambda done, total: report(stem, done, total))
    except FetchError as error:
        if not error.temporary:
            shutil.rmtree(scratch, ignore_errors=True)
        else:
            with suppress(OSError):  # a part lies in it
                scratch.rmdir()
        tally.failures.append((video.address, str(error)))
        return record(FAILED, reason=str(error))
    except UnfitError as error:
        shutil.rmtree(scratch, ignore_errors=True)
        tally.rejected.append((video.address, str(error)))
        return record(REJECTED, reason=str(error), rules=rules)
    came = sha256(info.path)
    if came in known:
        shutil.rmtree(scratch, ignore_errors=True)
        tally.duplicates += 1
        return record(DUPLICATE, file=known[came].file, reason="identical bytes", sha256=came)
    target = manifest.folder / f"{stem}{info.path.suffix}"
    # Another address has the name, or it is a person's own file; not one whose record a kill came before.
    if target.exists() and sha256(target) != came:
        target = target.with_stem(f"{stem}_{digest[:8]}")
    info.path.replace(target)
    shutil.rmtree(scratch, ignore_errors=True)
    tally.kept.append(target.name)
    return record(
        KEPT,
        file=target.name,
        sha256=came,
        width=info.width,
        height=info.height,
        seconds=round(info.duration_s, 3),
    )
