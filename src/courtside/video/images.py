"""A folder of images as a video: the files sorted by name, one frame each."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from courtside.errors import UserError

SUFFIXES = frozenset({".jpg", ".jpeg", ".jfif", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff"})
# Files that a person takes for pictures too, but no decoder here reads.
OTHER_SUFFIXES = frozenset({".heic", ".heif", ".avif", ".jxl", ".jp2", ".svg", ".psd", ".raw", ".dng"})
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
_END_OF_JPEG = b"\xff\xd9"


def list_images(folder: Path) -> list[Path]:
    """Return the pictures of a folder, sorted by name; image *i* is frame *i*. Hidden files are none.

    Raises:
        UserError: when the folder holds no image.
    """
    images = _listed(folder, SUFFIXES)
    if not images:
        raise UserError(f"{folder} holds no .jpg or .png image; name a folder of pictures or a video file")
    return images


def list_others(folder: Path) -> list[Path]:
    """Return the pictures of a folder that are of a kind that is not read, such as ``.heic``, sorted by name."""
    return _listed(folder, OTHER_SUFFIXES)


def _listed(folder: Path, suffixes: frozenset[str]) -> list[Path]:
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in suffixes and not path.name.startswith(".") and path.is_file()
    )


def read_image(path: Path) -> NDArray[np.uint8] | None:
    """Return an image as BGR of shape (height, width, 3), uint8, as a browser shows it; None if damaged or gone.

    So it is turned as its EXIF data say, CMYK becomes RGB, 16 bits become 8, of an animation the first picture is
    taken, and what is transparent is white. The content decides, not the suffix. Damaged is also a file that ends
    early (whatever a decoder would fill it up with) and one of more than 178 million pixels, which is more likely to
    exhaust the memory than to be a picture.
    """
    return _decode(path, cv2.IMREAD_COLOR)


def read_gray(path: Path) -> NDArray[np.uint8] | None:
    """Return an image as luma of shape (height, width), uint8, read as by :func:`read_image`."""
    return _decode(path, cv2.IMREAD_GRAYSCALE)


def sizes(images: Sequence[Path]) -> list[tuple[int, int]]:
    """Return width and height of each image, in pixels; (1, 1) for one that is damaged."""
    found = (read_gray(path) for path in images)
    return [(1, 1) if image is None else (image.shape[1], image.shape[0]) for image in found]


def _decode(path: Path, mode: int) -> NDArray[np.uint8] | None:
    try:
        content = path.read_bytes()
        image: Any = _decode_with_pillow(content)
        if image is None:
            image = cv2.imdecode(np.frombuffer(content, dtype=np.uint8), mode) if content else None
        elif mode == cv2.IMREAD_GRAYSCALE:
            image = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError, cv2.error):
        return None
    return None if image is None else np.asarray(image, dtype=np.uint8)


def _decode_with_pillow(content: bytes) -> NDArray[np.uint8] | None:
    """Return what OpenCV would not read as a browser does, or None: what is transparent, and animations.

    Raises:
        OSError: when a JPEG ends early, whose rest some versions of OpenCV fill up with grey.
        Image.DecompressionBombError: when there are too many pixels.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of half as many pixels as are too many
            opened = Image.open(BytesIO(content), formats=_FORMATS)
    except UnidentifiedImageError:
        return None
    with opened as picture:
        if picture.format in ("JPEG", "MPO") and not content.rstrip(b"\0\r\n ").endswith(_END_OF_JPEG):
            picture.load()
        if picture.format != "GIF" and not picture.has_transparency_data:
            return None
        upright = ImageOps.exif_transpose(picture).convert("RGBA")
    white = Image.new("RGBA", upright.size, "white")
    return np.asarray(Image.alpha_composite(white, upright), dtype=np.uint8)[:, :, 2::-1].copy()
