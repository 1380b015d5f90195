"""Which size of YOLOv8 a number of images is enough for."""

from __future__ import annotations

AUTO = "auto"
"""What the configuration says for an architecture chosen by the number of images, and for the hub's weights of it."""

_IMAGES_FROM = ((200_000, "yolov8x"), (50_000, "yolov8l"), (15_000, "yolov8m"), (5_000, "yolov8s"), (0, "yolov8n"))


def architecture_for(images: int) -> str:
    """Return the YOLOv8 for a dataset of so many images: n, s, m, l or x.

    The sizes are those of the published NBA ball tracker ("YOLOv8 Model Variants", recommended dataset size): n below
    5,000 images, s 5,000–15,000, m 10,000–50,000, l 50,000–200,000, x from 100,000. Where two ranges overlap the
    smaller network is taken, which is faster and learns as much: s up to 15,000, l up to 200,000.

    Args:
        images: number of images of the dataset, 0 or more.
    """
    return next(name for least, name in _IMAGES_FROM if images >= least)
