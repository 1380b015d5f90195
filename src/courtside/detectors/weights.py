"""Weights files: plain tensors with what is needed to rebuild the network, and every other form people have.

Ultralytics' own checkpoints pickle whole Python objects, the date and paths of the machine. Ours hold
tensors and three facts, so the same training gives the same bytes, and ``torch.load`` needs to run no
code from the file.
"""

from __future__ import annotations

import pickle
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import torch

from courtside.errors import UserError
from courtside.files import atomic_path

FORMAT = "courtside-weights-1"


@dataclass(frozen=True)
class Weights:
    """A network's tensors.

    Attributes:
        architecture: for example ``yolov8n``; empty where the file does not say.
        labels: what its classes are called; empty where the file does not say.
        image_size: longer side of the input it was trained at, in pixels; 0 where the file does not say.
        tensors: parameter and buffer names to tensors.
        renamed: where a detector is used with the classes it came with: what is looked for, and its name here.
    """

    architecture: str
    labels: tuple[str, ...]
    image_size: int
    tensors: dict[str, torch.Tensor]
    renamed: Mapping[str, str] = field(default_factory=dict)


def save_weights(path: Path, weights: Weights) -> None:
    """Write ``weights`` in half precision, atomically; the same weights give the same bytes."""
    tensors = {
        name: (tensor.half() if tensor.is_floating_point() else tensor).detach().cpu().contiguous()
        for name, tensor in weights.tensors.items()
    }
    content = {
        "format": FORMAT,
        "architecture": weights.architecture,
        "labels": list(weights.labels),
        "image_size": weights.image_size,
        "tensors": tensors,
    } | ({"renamed": dict(weights.renamed)} if weights.renamed else {})
    with atomic_path(path) as temporary:
        torch.save(content, temporary)


def load_weights(path: Path) -> Weights:
    """Read weights: ours, a plain dictionary of tensors, or a checkpoint of Ultralytics.

    Raises:
        UserError: when the file is missing, cut off, or holds no tensors.
    """
    if not path.is_file():
        raise UserError(f"weights {path} do not exist; give a path that does, a hub name, or null")
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError:
        content = _load_checkpoint(path)
    except (RuntimeError, EOFError, OSError, ValueError, zipfile.BadZipFile):
        raise UserError(f"weights {path} are damaged or cut off; download or train them again") from None
    if isinstance(content, dict) and content.get("format") == FORMAT:
        return Weights(
            architecture=str(content["architecture"]),
            labels=tuple(content["labels"]),
            image_size=int(content["image_size"]),
            tensors=content["tensors"],
            renamed=content.get("renamed", {}),
        )
    if isinstance(content, torch.nn.Module):
        names = getattr(content, "names", None) or {}
        labels = tuple(str(names[number]) for number in sorted(names))
        return Weights(architecture="", labels=labels, image_size=0, tensors=dict(content.state_dict()))
    tensors = content.get("state_dict", content) if isinstance(content, dict) else {}
    tensors = {str(name): value for name, value in tensors.items() if isinstance(value, torch.Tensor)}
    if not tensors:
        raise UserError(f"weights {path} hold no tensors; give a weights file of a detector or classifier")
    return Weights(architecture="", labels=(), image_size=0, tensors=tensors)


def not_downloaded(name: str, folder: Path) -> UserError:
    """Return what is raised where a hub's weights are neither there nor to be had."""
    return UserError(
        f"weights {name} are not in {folder} and could not be downloaded; "
        "put the file there, name a path, or say null to train from random weights"
    )


def _load_checkpoint(path: Path) -> torch.nn.Module:
    from courtside.detectors.ultralytics_setup import prepare  # only these files need it

    prepare()
    try:
        from ultralytics.utils.patches import torch_load

        content = torch_load(path, map_location="cpu")
    except Exception as error:  # unpickling foreign objects fails in any way it likes
        reason = type(error).__name__
        raise UserError(f"weights {path} are damaged or no checkpoint of Ultralytics ({reason})") from None
    model = (content.get("ema") or content.get("model")) if isinstance(content, dict) else content
    if not isinstance(model, torch.nn.Module):
        raise UserError(f"weights {path} hold no network; give a weights file of a detector or classifier")
    return model.float()


def transfer(model: torch.nn.Module, tensors: dict[str, torch.Tensor]) -> float:
    """Copy every tensor whose name and shape fit into ``model``.

    Returns:
        The share of the model's tensors that were copied, 0–1. How many batches a normalisation saw does not count:
        networks whose normalisation is fixed leave it out, and only training reads it.
    """
    own = model.state_dict()
    fitting = {
        name: tensor.to(own[name].dtype)
        for name, tensor in tensors.items()
        if name in own and own[name].shape == tensor.shape
    }
    model.load_state_dict(fitting, strict=False)
    counted = {name for name in own if not name.endswith("num_batches_tracked")}
    return len(counted & fitting.keys()) / len(counted)
