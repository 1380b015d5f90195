"""Ultralytics, tamed: no settings outside the project, no telemetry, no installs at run time, no run of its own."""

from __future__ import annotations

import logging
import os
from pathlib import Path

from courtside.detectors.weights import not_downloaded
from courtside.executor import cores


def prepare() -> None:
    """Set up Ultralytics before its first import; calling it again changes nothing.

    Downloads stay possible where ``YOLO_OFFLINE=false`` is set or a hub name is asked for through
    :func:`fetch`.
    """
    folder = Path(os.environ.get("YOLO_CONFIG_DIR") or Path.cwd() / ".courtside" / "ultralytics")
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["YOLO_CONFIG_DIR"] = str(folder)
    os.environ.setdefault("YOLO_OFFLINE", "true")
    os.environ.setdefault("YOLO_AUTOINSTALL", "false")
    os.environ.setdefault("YOLO_VERBOSE", "false")
    os.environ.setdefault("OMP_NUM_THREADS", str(cores()))  # Ultralytics would say 1
    from PIL import Image
    from ultralytics import settings  # reads the environment when imported
    from ultralytics.utils import patches

    # It replaces Pillow's open by one that wants to install a package for any file that is no image.
    Image.open = getattr(patches, "_image_open", Image.open)
    wanted = dict.fromkeys(("sync", "mlflow", "tensorboard", "wandb", "comet", "clearml", "dvc", "hub"), False)
    changes = {name: value for name, value in wanted.items() if settings.get(name, value) != value}
    if changes:
        settings.update(changes)
    logging.getLogger("ultralytics").setLevel(logging.ERROR)


def coco_names() -> tuple[str, ...]:
    """Return the names of COCO's eighty classes, in the order in which Ultralytics' networks number them."""
    prepare()
    from ultralytics.utils import ROOT, YAML

    names = YAML.load(ROOT / "cfg" / "datasets" / "coco.yaml")["names"]
    return tuple(str(names[number]) for number in sorted(names))


def fetch(name: str, folder: Path) -> Path:
    """Return the path of hub weights such as ``yolov8n.pt``, downloading them into ``folder`` if needed.

    Raises:
        UserError: when they are not there and cannot be downloaded.
    """
    path = folder / name
    if path.is_file():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    prepare()
    from ultralytics.utils.downloads import attempt_download_asset

    try:
        found = Path(attempt_download_asset(str(path)))
    except Exception:  # whatever the network layer raises, the answer for the person is the same
        found = path
    if not found.is_file():
        raise not_downloaded(name, folder)
    return found
