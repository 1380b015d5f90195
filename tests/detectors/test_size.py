"""The published table of sizes."""

import pytest

from courtside.detectors.size import architecture_for


@pytest.mark.parametrize(
    ("images", "architecture"),
    [
        (0, "yolov8n"),
        (1_100, "yolov8n"),
        (4_999, "yolov8n"),
        (5_000, "yolov8s"),
        (9_310, "yolov8s"),
        (14_999, "yolov8s"),
        (15_000, "yolov8m"),
        (49_999, "yolov8m"),
        (50_000, "yolov8l"),
        (199_999, "yolov8l"),
        (200_000, "yolov8x"),
        (2_000_000, "yolov8x"),
    ],
)
def test_the_number_of_images_decides(images, architecture):
    assert architecture_for(images) == architecture
