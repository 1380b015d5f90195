"""What the recipe of the repository's own weights draws to learn from."""

import cv2
import numpy as np
import pytest

from courtside.apps.pretrain import Job, draw


@pytest.mark.parametrize(("window", "width", "height"), [(320, 320, 180), (0, 640, 360)])
def test_images_and_labels_of_a_drawn_game(tmp_path, window, width, height):
    for kind in ("images", "labels"):
        (tmp_path / kind / "train").mkdir(parents=True)
    written = draw(Job(seed=100_007, frames=6, folder=tmp_path, split="train", width=640, window=window))
    images = sorted((tmp_path / "images" / "train").glob("*.jpg"))
    labels = sorted((tmp_path / "labels" / "train").glob("*.txt"))
    assert written == len(images) == len(labels) > 0
    assert [path.stem for path in images] == [path.stem for path in labels]
    assert {cv2.imread(str(path)).shape for path in images} == {(height, width, 3)}
    rows = np.array([line.split() for path in labels for line in path.read_text().splitlines()], float)
    assert set(rows[:, 0]) == {0, 1}  # ball and person
    assert (rows[:, 1:3] - rows[:, 3:] / 2 > -1e-5).all()
    assert (rows[:, 1:3] + rows[:, 3:] / 2 < 1 + 1e-5).all()
    balls = (rows[:, 0] == 0).sum()
    assert balls > 2 * len(images) if window else balls <= len(images)  # scattered over windows only
