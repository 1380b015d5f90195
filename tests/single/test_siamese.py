"""The Siamese trackers of OpenCV, run with networks whose weights are written down."""

import pytest

import siamese_networks
from courtside import boxes as boxes_table
from courtside.errors import UserError
from courtside.single.checked import CheckedTracker
from courtside.single.registry import NEED_WEIGHTS, create
from courtside.single.settings import CheckSettings
from moving_object import box_at, picture

NAMES = sorted(NEED_WEIGHTS)


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    folder = tmp_path_factory.mktemp("siamese")
    siamese_networks.write_vit(folder / "vit.onnx")
    siamese_networks.write_nano(folder)
    return {"vit": folder / "vit.onnx", "nano": folder}


def overlap(box, x, y):
    return boxes_table.iou(box[None], box_at(x, y)[None])[0, 0]


@pytest.mark.parametrize("name", NAMES)
def test_a_square_is_followed_across_the_court(name, weights):
    tracker = create(name, weights[name])
    assert tracker.name == name
    # Started twice: the second start counts.
    tracker.start(picture(200, 150), box_at(200, 150))
    tracker.start(picture(20, 60), box_at(20, 60))
    for step in range(1, 41):
        x, y = 20 + 5 * step, 60 + 2 * step
        assert overlap(tracker.update(picture(x, y)), x, y) > 0.8


@pytest.mark.parametrize("name", NAMES)
def test_with_the_check_it_is_lost_and_found_again(name, weights):
    checked = CheckedTracker(create(name, weights[name]), CheckSettings(reach=3.0, reach_growth=0.5))
    checked.start(picture(20, 60), box_at(20, 60))
    followed = [checked.update(picture(20 + 5 * step, 60)) for step in range(1, 16)]
    gone = [checked.update(picture()) for _ in range(8)]
    back = [checked.update(picture(140 + 3 * step, 90)) for step in range(10)]
    assert not any(state.lost for state in followed)
    assert [state.lost for state in gone[3:]] == [True] * 5
    assert not any(state.lost for state in back[5:])
    assert overlap(back[-1].box, 167, 90) > 0.5


@pytest.mark.parametrize(
    ("name", "file"),
    [("vit", "vit.onnx"), ("nano", "nanotrack_backbone_sim.onnx"), ("nano", "nanotrack_head_sim.onnx")],
)
@pytest.mark.parametrize("kept", [0, 0.5, 0.99])
def test_a_truncated_file_is_one_clear_line(name, file, kept, weights, tmp_path):
    siamese_networks.write_vit(tmp_path / "vit.onnx")
    siamese_networks.write_nano(tmp_path)
    whole = (tmp_path / file).read_bytes()
    (tmp_path / file).write_bytes(whole[: int(kept * len(whole))])
    with pytest.raises(UserError, match=r"is no network that the tracker .* fetch it again") as caught:
        create(name, tmp_path / file if name == "vit" else tmp_path)
    assert str(tmp_path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_another_network_is_told_before_the_first_frame(weights, tmp_path):
    head = weights["nano"] / "nanotrack_head_sim.onnx"
    with pytest.raises(UserError, match="'template' is not found"):
        create("vit", head)
    for file in ("nanotrack_backbone_sim.onnx", "nanotrack_head_sim.onnx"):
        (tmp_path / file).write_bytes(head.read_bytes())
    with pytest.raises(UserError, match="no network that the tracker nano can load"):
        create("nano", tmp_path)
