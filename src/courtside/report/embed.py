"""Turns files into data URIs, so that the page needs no file beside it."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from courtside.errors import UserError
from courtside.report.content import Film
from courtside.report.content_pictures import Picture
from courtside.video.reader import read_selected
from courtside.video.source import probe


def data_uri(content: bytes, media_type: str) -> str:
    """Return ``content`` as a ``data:`` URI."""
    return f"data:{media_type};base64,{base64.b64encode(content).decode('ascii')}"


def embed_picture(path: Path, caption: str, *, width: int = 960, quality: int = 82) -> Picture:
    """Read a picture and embed it as JPEG.

    Args:
        path: a PNG or JPEG.
        caption: what is to be seen.
        width: pixels; a wider picture is shrunk to it.
        quality: of the JPEG, 1–100.

    Raises:
        UserError: when the file is missing or no picture.
    """
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise UserError(f"{path} is missing or no picture; delete it and run `dvc repro`")
    return encode_picture(np.asarray(image, dtype=np.uint8), caption, width=width, quality=quality)


def encode_picture(image: NDArray[np.uint8], caption: str, *, width: int = 960, quality: int = 82) -> Picture:
    """Embed pixels, shape (h, w, 3) BGR, as JPEG; a wider picture is shrunk to ``width``."""
    height, original_width = image.shape[:2]
    if original_width > width:
        size = (width, max(1, round(height * width / original_width)))
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    encoded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return Picture(data_uri(encoded.tobytes(), "image/jpeg"), image.shape[1], image.shape[0], caption)


def embed_film(path: Path, page: Path, caption: str, *, bytes_limit: int, width: int = 960) -> Film:
    """Embed an MP4 with a poster; above the limit only the poster, and a link relative to the page.

    Args:
        path: the MP4.
        page: the HTML file that will show it.
        caption: what is to be seen.
        bytes_limit: size of the largest file to embed.
        width: pixels to which the poster is shrunk.

    Raises:
        UserError: when the file is missing or no video.
    """
    middle = probe(path).frames // 2
    frame = next(iter(read_selected(path, [middle])), None)
    if frame is None:
        raise UserError(f"{path} has no readable frame; delete it and run `dvc repro`")
    size = path.stat().st_size
    return Film(
        data_uri=data_uri(path.read_bytes(), "video/mp4") if size <= bytes_limit else None,
        poster=encode_picture(frame.image, caption, width=width),
        link=Path(os.path.relpath(path, page.parent)).as_posix(),
        megabytes=size / 1e6,
    )
