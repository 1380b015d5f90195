"""Weights of torchvision, downloaded once into the repository."""

from __future__ import annotations

import urllib.error
from pathlib import Path

import torch
from torchvision import models

from courtside.detectors.weights import Weights, load_weights, not_downloaded
from courtside.errors import UserError

IMAGENET = "imagenet"
"""What the weights are called that an architecture has of ImageNet's pictures."""
FOLDER = "data/weights"


def initial_weights(name: str | None, architecture: str, root: Path) -> Weights | None:
    """Return the weights of a classifying network that ``name`` stands for; None for none.

    Args:
        name: ``imagenet`` for torchvision's best, another of its names such as ``IMAGENET1K_V1``, a path below
            ``root``, or None. What is downloaded is kept in ``data/weights``.
        architecture: as torchvision calls it.
        root: the repository.

    Raises:
        UserError: when the name is unknown, the file missing or damaged, or the download fails.
    """
    if name is None:
        return None
    if "/" in name or (root / name).is_file():
        return load_weights(root / name)
    choices = models.get_model_weights(architecture)
    known = {choice.name.lower(): choice for choice in choices}
    chosen = known.get(name.lower(), getattr(choices, "DEFAULT", None) if name.lower() == IMAGENET else None)
    if chosen is None:
        raise UserError(
            f"weights {name!r} of {architecture} are no file and unknown to torchvision; "
            f"say {IMAGENET}, {', '.join(choice.name for choice in choices)}, a path, or null for random weights"
        )
    return load_weights(fetch(chosen.url, root / FOLDER))


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
