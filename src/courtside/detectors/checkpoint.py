"""What of a training outlives a killed process: whose it is, and files that are whole or not there."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from courtside.detectors.protocol import FitSettings
from courtside.files import atomic_path, sha256, write_text


def claim(
    work: Path,
    dataset: Path,
    settings: FitSettings,
    network: Sequence[Any],
    initial: Mapping[str, torch.Tensor],
) -> None:
    """Make ``work`` the folder of this training: what another training left there is removed.

    A training is the same while dataset, settings, network and first tensors are. On which device it runs and how many
    processes read images for it may change.

    Args:
        work: the folder; it exists afterwards.
        dataset: folder of the images and labels.
        settings: how to train.
        network: what else the network is known by: architecture, labels, image size.
        initial: its tensors before the first step.
    """
    identity = json.dumps(
        {
            "dataset": sha256(dataset),
            "settings": {**asdict(settings), "device": None, "workers": 0},
            "network": list(network),
            "initial": digest(initial),
        },
        sort_keys=True,
    )
    note = work / "identity.json"
    if note.is_file() and note.read_text(encoding="utf-8").strip() == identity:
        return
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    write_text(note, identity)


def save_state(path: Path, state: Mapping[str, Any]) -> None:
    """Write tensors, numbers and texts, in lists and dictionaries, atomically."""
    with atomic_path(path) as temporary:
        torch.save(dict(state), temporary)


def load_state(path: Path) -> dict[str, Any] | None:
    """Return what :func:`save_state` wrote, or None where nothing was written yet."""
    if not path.is_file():
        return None
    state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    return state


def digest(tensors: Mapping[str, torch.Tensor]) -> str:
    """Return the SHA-256 of tensors and their names, in hexadecimal digits."""
    digest = hashlib.sha256()
    for name, tensor in tensors.items():
        digest.update(name.encode() + b"\0")
        digest.update(tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()
