"""Weights of torchvision, downloaded once into the repository."""

from __future__ import annotations

import urllib.error
from pathlib import Path

import torch

from courtside.detectors.weights import not_downloaded


def fetch(url: str, folder: Path) -> Path:
    """Return the path of the file at ``url``, downloading it into ``folder`` if it is not there.

    What is downloaded is compared with the first digits of its SHA-256, in which torchvision's file names end.

    Raises:
        UserError: when the file is not there and cannot be downloaded.
    """
    path = folder / url.rsplit("/", 1)[-1]
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        digits = path.stem.rsplit("-", 1)[-1]
        try:
            torch.hub.download_url_to_file(url, str(path), hash_prefix=digits, progress=False)
        except (OSError, RuntimeError, urllib.error.URLError):  # no network, a refusal, or another hash than named
            raise not_downloaded(path.name, folder) from None
    return path
