"""Where initial weights come from: a path in the repository, or a hub name."""

from pathlib import Path

from courtside.detectors.ultralytics_setup import fetch
from courtside.detectors.weights import Weights, load_weights

FOLDER = "data/weights"


def initial_weights(name: str | None, root: Path) -> Weights | None:
    """Return the weights ``name`` stands for; None for random ones.

    Args:
        name: a path relative to ``root``, a hub name such as ``yolov8n.pt`` (kept in ``data/weights``
            after its download), or None.
        root: the repository.

    Raises:
        UserError: when the file is missing or damaged, or the download fails.
    """
    if name is None:
        return None
    is_hub_name = "/" not in name and not (root / name).is_file()
    return load_weights(fetch(name, root / FOLDER) if is_hub_name else root / name)
