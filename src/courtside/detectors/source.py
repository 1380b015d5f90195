"""Where initial weights come from: a path in the repository, or a hub name."""

from pathlib import Path

from torchvision import models

from courtside.detectors import torchvision_hub, ultralytics_setup
from courtside.detectors.faster_rcnn_network import BUILDERS
from courtside.detectors.torchvision_hub import FOLDER
from courtside.detectors.weights import Weights, load_weights

_COCO = "_coco"


def initial_weights(name: str | None, root: Path) -> Weights | None:
    """Return the weights ``name`` stands for; None for random ones.

    Args:
        name: a path relative to ``root``, a hub name such as ``yolov8n.pt`` or ``fasterrcnn_resnet50_fpn_coco`` (kept
            in ``data/weights`` after its download), or None.
        root: the repository.

    Raises:
        UserError: when the file is missing or damaged, or the download fails.
    """
    if name is None:
        return None
    if "/" in name or (root / name).is_file():
        return load_weights(root / name)
    architecture = name.removesuffix(_COCO)
    if name == hub_name(architecture) and architecture in BUILDERS:
        url = models.get_model_weights(architecture)["COCO_V1"].url
        return load_weights(torchvision_hub.fetch(url, root / FOLDER))
    return load_weights(ultralytics_setup.fetch(name, root / FOLDER))


def hub_name(architecture: str) -> str:
    """Return what the hub calls the weights of an architecture that were taught on COCO."""
    return f"{architecture}{_COCO}" if architecture in BUILDERS else f"{architecture}.pt"
