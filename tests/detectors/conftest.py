"""What tests of detectors share."""

import numpy as np
import pytest
import torch

from box_pictures import HEIGHT, WIDTH, square_picture, write_picture
from courtside.executor import cores


@pytest.fixture(scope="session")
def squares(tmp_path_factory):
    """Eight pictures to learn from, two of them without a square, and four to validate on, one without."""
    folder = tmp_path_factory.mktemp("squares")
    random = np.random.default_rng(1)
    for split, count, empty in (("train", 8, (3, 6)), ("val", 4, (2,))):
        for number in range(count):
            left, top = int(random.integers(0, WIDTH - 24)), int(random.integers(0, HEIGHT - 24))
            if number in empty:
                image, boxes = np.random.default_rng(number).integers(0, 60, (HEIGHT, WIDTH, 3), dtype=np.uint8), []
            else:
                image, boxes = square_picture(left, top, seed=number), [(left, top, left + 24, top + 24)]
            write_picture(folder, split, f"{number}", image, boxes)
    return folder


@pytest.fixture(scope="module", autouse=True)
def one_core():
    """So small a network gains nothing from a second core, and loses much where that is busy with something else."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("courtside.detectors.processor.cores", lambda: 1)
        yield
    torch.set_num_threads(cores())
