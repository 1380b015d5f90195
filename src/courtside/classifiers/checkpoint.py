"""What of a training outlives a killed process."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch

from courtside.classifiers.protocol import ClassifierEpoch, Examples, FitSettings
from courtside.files import atomic_path, write_text

_ROWS_A_TIME = 256


class Checkpoint:
    """The folder of one training: what it is of, its best tensors, and all it needs to go on.

    Args:
        folder: the training's own; what another training left there is removed.
        identity: what the training is of, see :func:`identity`.
    """

    def __init__(self, folder: Path, identity: str) -> None:
        self._best, self._last = folder / "best.pt", folder / "last.pt"
        note = folder / "identity.json"
        if not note.is_file() or note.read_text(encoding="utf-8").strip() != identity:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            write_text(note, identity)

    def save_best(self, tensors: Mapping[str, torch.Tensor]) -> None:
        """Keep the tensors of the best epoch so far."""
        _save(self._best, dict(tensors))

    def best(self) -> dict[str, torch.Tensor]:
        """Return the tensors of the best epoch so far."""
        return _load(self._best)

    def save_last(self, state: Mapping[str, Any]) -> None:
        """Keep what the next epoch needs: tensors, numbers and texts, in lists and dictionaries."""
        _save(self._last, dict(state))

    def last(self) -> dict[str, Any] | None:
        """Return what :meth:`save_last` kept, or None where the training begins."""
        return _load(self._last) if self._last.is_file() else None


def identity(train: Examples, val: Examples, settings: FitSettings, tensors: Mapping[str, torch.Tensor]) -> str:
    """Return a line that differs wherever another training would come out: pictures, classes, settings, first tensors.

    Hashes of all of them: a moved file changes nothing, a changed pixel does.
    """
    digest = hashlib.sha256()
    for examples in (train, val):
        digest.update(examples.classes.tobytes())
        for start in range(0, len(examples), _ROWS_A_TIME):
            chosen = np.arange(start, min(start + _ROWS_A_TIME, len(examples)))
            digest.update(np.ascontiguousarray(examples.take(chosen)).data)
    for name, tensor in tensors.items():
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(tensor.detach().cpu().numpy()).data)
    return json.dumps({"content": digest.hexdigest(), "settings": asdict(settings)}, sort_keys=True)


def plain(history: list[ClassifierEpoch]) -> list[dict[str, Any]]:
    """Return epochs as dictionaries, which a file can hold without code."""
    return [asdict(epoch) for epoch in history]


def _save(path: Path, content: dict[str, Any]) -> None:
    with atomic_path(path) as temporary:
        torch.save(content, temporary)


def _load(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    return content
