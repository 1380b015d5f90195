"""Judges bytes that should be an image, and remembers images so that none comes twice."""

from __future__ import annotations

import hashlib
import warnings
from dataclasses import dataclass
from io import BytesIO

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from courtside.collecting.protocol import UnfitError
from courtside.quality.fingerprints import HASH_SIDE, difference_hash, differing_bits

# Pillow opens more, some of it with the help of other programs; these are what the web shows.
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
# MPO is a JPEG with further pictures behind the first.
_SUFFIXES = {"JPEG": ".jpg", "MPO": ".jpg", "PNG": ".png"}
_WORDS = HASH_SIDE * HASH_SIDE // 64


@dataclass(frozen=True)
class Picture:
    """An image that may be kept.

    Attributes:
        content: what to write: the bytes as they came where they are JPEG or PNG, otherwise a PNG made of them.
        suffix: ``.jpg`` or ``.png``, by what the content is, whatever its address said.
        width: pixels, as shown.
        height: pixels, as shown.
        sha256: of the bytes as they came, 64 hexadecimal digits.
        difference_hash: 32 bytes.
    """

    content: bytes
    suffix: str
    width: int
    height: int
    sha256: str
    difference_hash: bytes


def examine(content: bytes, *, minimum_side: int, maximum_pixels: int) -> Picture:
    """Return what an image is.

    Args:
        content: bytes of any kind.
        minimum_side: pixels that width and height must have at least.
        maximum_pixels: width × height at most; checked before anything is decoded.

    Raises:
        UnfitError: when the bytes are no whole image that OpenCV decodes, or its size is out of range.
    """
    kind = _whole_image(content, maximum_pixels)
    try:
        decoded = cv2.imdecode(np.frombuffer(content, dtype=np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:
        decoded = None
    if decoded is None:
        raise UnfitError("no image that OpenCV decodes")
    image = np.asarray(decoded, dtype=np.uint8)
    height, width = image.shape[:2]
    if min(width, height) < minimum_side:
        raise UnfitError(f"{width} × {height} pixels; the smaller side is below {minimum_side}")
    luma = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
    suffix = _SUFFIXES.get(kind)
    return Picture(
        content=content if suffix else cv2.imencode(".png", image)[1].tobytes(),
        suffix=suffix or ".png",
        width=width,
        height=height,
        sha256=hashlib.sha256(content).hexdigest(),
        difference_hash=difference_hash(luma),
    )


class Gallery:
    """Images that are known by their bytes and by their look.

    Args:
        near_bits: images whose 256-bit difference hashes differ in at most this many bits look alike, 0–256;
            None counts identical bytes only.
    """

    def __init__(self, near_bits: int | None) -> None:
        self._near_bits = near_bits
        self._file_of: dict[str, str] = {}
        self._words: NDArray[np.uint64] = np.empty((0, _WORDS), dtype=np.uint64)
        self._files: list[str] = []

    def add(self, file: str, sha256: str, hashed: bytes) -> None:
        """Remember an image under the name of its file."""
        self._file_of.setdefault(sha256, file)
        self._files.append(file)
        self._words = np.vstack([self._words, _as_words(hashed)])

    def twin(self, picture: Picture) -> tuple[str, str] | None:
        """Return the file that a picture repeats and in what; of several that look like it the nearest; else None."""
        same = self._file_of.get(picture.sha256)
        if same is not None:
            return same, "identical bytes"
        if self._near_bits is None or not self._files:
            return None
        bits = differing_bits(_as_words(picture.difference_hash), self._words)[0]
        nearest = int(bits.argmin())
        if bits[nearest] > self._near_bits:
            return None
        return self._files[nearest], f"{bits[nearest]} of 256 bits of the difference hash differ"


def _as_words(hashed: bytes) -> NDArray[np.uint64]:
    return np.frombuffer(hashed, dtype=np.uint64).reshape(1, _WORDS)


def _whole_image(content: bytes, maximum_pixels: int) -> str:
    """Return the format of an image; Pillow, unlike OpenCV, does not fill up with grey what is cut off."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(BytesIO(content), formats=_FORMATS) as image:
                width, height = image.size
                if width * height > maximum_pixels:
                    raise UnfitError(f"{width} × {height} pixels; more than {maximum_pixels / 1e6:g} million")
                image.load()
                return str(image.format)
    except Image.DecompressionBombError:
        raise UnfitError(f"more than {maximum_pixels / 1e6:g} million pixels") from None
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        what = "no image" if isinstance(error, UnidentifiedImageError) else f"a damaged image: {error}"
        raise UnfitError(" ".join(what.split())) from None
