"""Fills the folder of a class with images from a source."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

from courtside.collecting.manifest import DUPLICATE, FAILED, KEPT, REJECTED, Manifest, Record
from courtside.collecting.pictures import Gallery, examine
from courtside.collecting.protocol import Candidate, FetchError, Source, UnfitError
from courtside.files import atomic_path


@dataclass(frozen=True)
class ImageLimits:
    """What is kept.

    Attributes:
        count: images of the class, those of earlier calls included.
        minimum_side: pixels, width and height.
        maximum_pixels: width × height.
        near_bits: images whose difference hashes differ in at most so many of 256 bits are one; None: only identical
            bytes are. Of 25 photographs saved again at half size or at quality 50, none differed in more than 12
            bits; different photographs differed in 72 or more.
        parallel: images that are asked for at once.
    """

    count: int
    minimum_side: int = 128
    maximum_pixels: int = 50_000_000
    near_bits: int | None = 16
    parallel: int = 4

    @property
    def rules(self) -> str:
        """What decides about an image that came, for the manifest."""
        return f"minimum_side={self.minimum_side} maximum_pixels={self.maximum_pixels} near_bits={self.near_bits}"


@dataclass
class Tally:
    """What became of a class.

    Attributes:
        kept: images that came in this call.
        before: images that were there already.
        duplicates: images that repeat one that is kept.
        rejected: images that came and are unfit.
        failures: what did not come: address or search term, and the reason.
    """

    kept: int = 0
    before: int = 0
    duplicates: int = 0
    rejected: int = 0
    failures: list[tuple[str, str]] = field(default_factory=list)


def known_pictures(manifest: Manifest, near_bits: int | None) -> Gallery:
    """Return the kept images of a manifest, those too whose file a person has deleted since: it would come again."""
    gallery = Gallery(near_bits)
    for record in manifest:
        if record.status == KEPT and record.file and record.sha256 and record.difference_hash:
            gallery.add(record.file, record.sha256, bytes.fromhex(record.difference_hash))
    return gallery


def collect(
    label: str,
    terms: list[str],
    source: Source,
    manifest: Manifest,
    gallery: Gallery,
    limits: ImageLimits,
    report: Callable[[int], None] = lambda done: None,
) -> Tally:
    """Bring images of a class into its folder until there are enough or the source has no more.

    Images are judged in the order in which the source found them, whichever arrives first. A file is named after the
    SHA-256 of its content and appears whole; its record follows.

    Args:
        label: name of the class and of its folder beside the manifest.
        terms: what the source is asked for, one after the other.
        source: finds and brings the images; closed when the call is interrupted.
        manifest: what was asked for before; records are added.
        gallery: images that must not come again, from all classes; images are added.
        limits: what is kept.
        report: is called with the number of images of the class.

    Raises:
        UserError: when a term is wrong, or the disk is full.
    """
    here = [record for record in manifest if record.label == label and manifest.present(record)]
    tally = Tally(before=len(here))
    report(tally.before)
    if tally.before >= limits.count:
        return tally
    candidates = _unsettled(_found(terms, source, tally), manifest, limits.rules)
    waiting: deque[tuple[Candidate, Future[bytes]]] = deque()
    with ThreadPoolExecutor(limits.parallel, thread_name_prefix="collect") as pool:
        try:
            while True:
                wanted = limits.count - tally.before - tally.kept
                # No more than are wanted still, so that none is asked for in vain.
                while len(waiting) < min(wanted, limits.parallel) and (candidate := next(candidates, None)):
                    waiting.append((candidate, pool.submit(source.read, candidate.address)))
                if not waiting:
                    return tally
                candidate, future = waiting.popleft()
                manifest.add(_judge(label, candidate, future, manifest, gallery, limits, tally))
                report(tally.before + tally.kept)
        except BaseException:
            source.close()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _found(terms: list[str], source: Source, tally: Tally) -> Iterator[Candidate]:
    for found, term in [(source.find(term), term) for term in terms]:  # a wrong term is told of before anything comes
        try:
            yield from found
        except FetchError as error:
            tally.failures.append((term, str(error)))


def _unsettled(found: Iterator[Candidate], manifest: Manifest, rules: str) -> Iterator[Candidate]:
    tried = set()
    for candidate in found:
        if candidate.address not in tried and not manifest.settled(candidate.address, rules):
            tried.add(candidate.address)
            yield candidate


def _judge(
    label: str,
    candidate: Candidate,
    future: Future[bytes],
    manifest: Manifest,
    gallery: Gallery,
    limits: ImageLimits,
    tally: Tally,
) -> Record:
    """Keep an image or not; return what to write of it."""
    record = partial(Record, candidate.address, label=label, page=candidate.page)
    try:
        picture = examine(future.result(), minimum_side=limits.minimum_side, maximum_pixels=limits.maximum_pixels)
    except FetchError as error:
        tally.failures.append((candidate.address, str(error)))
        return record(FAILED, reason=str(error))
    except UnfitError as error:
        tally.rejected += 1
        return record(REJECTED, reason=str(error), rules=limits.rules)
    twin = gallery.twin(picture)
    if twin is not None:
        tally.duplicates += 1
        return record(DUPLICATE, file=twin[0], reason=twin[1], rules=limits.rules, sha256=picture.sha256)
    file = f"{label}/{picture.sha256[:16]}{picture.suffix}"
    with atomic_path(manifest.folder / file) as temporary:
        temporary.write_bytes(picture.content)
    gallery.add(file, picture.sha256, picture.difference_hash)
    tally.kept += 1
    return record(
        KEPT,
        file=file,
        sha256=picture.sha256,
        difference_hash=picture.difference_hash.hex(),
        width=picture.width,
        height=picture.height,
    )
