"""Single frames in any order are those of a forward pass."""

import cv2
import numpy as np
import pytest

from courtside.errors import UserError
from courtside.video.random_access import RandomReader
from courtside.video.reader import read_frames


def test_any_order_gives_the_same_pictures(tmp_path, make_video):
    path = make_video(tmp_path / "a.mp4")
    expected = [frame.image for frame in read_frames(path)]
    with RandomReader(path) as reader:
        for index in (70, 0, 1, 89, 44, 44, 2):
            assert np.array_equal(reader.read(index), expected[index])
        assert reader.read(90) is None


def test_a_folder_of_images(tmp_path):
    for number in range(3):
        cv2.imwrite(str(tmp_path / f"{number}.png"), np.full((8, 9, 3), number, np.uint8))
    (tmp_path / "1.png").write_bytes(b"no image")
    with RandomReader(tmp_path) as reader:
        assert reader.read(2).max() == 2
        assert reader.read(1) is None
        assert reader.read(3) is None


def test_a_video_that_is_not_there_is_one_line(tmp_path):
    with pytest.raises(UserError, match="does not exist"):
        RandomReader(tmp_path / "a.mp4")
