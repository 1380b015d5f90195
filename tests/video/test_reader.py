import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from courtside.errors import UserError
from courtside.video.reader import read_frames, read_luma, read_selected


@pytest.fixture(scope="module")
def whole(plain):
    return list(read_frames(plain))


def test_frames_come_in_order_of_presentation_with_their_times(whole):
    assert [frame.index for frame in whole] == list(range(90))
    assert [frame.time_s for frame in whole] == pytest.approx([index * 1001 / 30000 for index in range(90)])
    # The corner holds the number, so a frame out of order would show.
    shades = [int(frame.image[4:12, 4:12].mean()) for frame in whole]
    assert np.abs(np.array(shades) - np.arange(90)).max() <= 4


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=st.integers(0, 95), length=st.integers(0, 30), threads=st.sampled_from([1, 2]))
def test_a_range_is_the_same_frames_as_the_whole(plain, whole, start, length, threads):
    part = list(read_frames(plain, start, start + length, threads=threads))
    assert [frame.index for frame in part] == [index for index in range(start, start + length) if index < 90]
    assert all((frame.image == whole[frame.index].image).all() for frame in part)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(indices=st.lists(st.integers(0, 110), unique=True).map(sorted))
def test_selected_frames_are_the_same_frames_as_in_the_whole(plain, whole, indices):
    part = list(read_selected(plain, indices))
    assert [frame.index for frame in part] == [index for index in indices if index < 90]
    assert all((frame.image == whole[frame.index].image).all() for frame in part)


@pytest.mark.parametrize("indices", [[3, 3], [5, 2], [-1, 4]], ids=["twice", "descending", "negative"])
def test_selected_frames_must_ascend(plain, indices):
    with pytest.raises(ValueError, match="ascending"):
        list(read_selected(plain, indices))


@pytest.mark.parametrize(
    ("name", "codec", "arguments"),
    [
        # Open groups of pictures: after a seek the leading pictures cannot be decoded and must not be counted.
        ("open.mp4", "libx264", {"options": {"x264-params": "open-gop=1:bframes=3:b-adapt=0"}}),
        # HEVC, whose open groups begin with CRA pictures.
        ("open.mkv", "libx265", {"options": {"x265-params": "open-gop=1:bframes=3:log-level=none"}}),
        # VP9 with hidden reference frames.
        ("hidden.webm", "libvpx-vp9", {"options": {"cpu-used": "8", "auto-alt-ref": "1", "lag-in-frames": "10"}}),
        # VP8 keeps hidden reference frames in packets of their own.
        (
            "hidden8.webm",
            "libvpx",
            {"options": {"cpu-used": "8", "auto-alt-ref": "1", "lag-in-frames": "10"}, "b_frames": 0},
        ),
        ("b.mp4", "mpeg4", {"b_frames": 2}),
        # A transport stream has no index to seek with.
        ("stream.ts", "libx264", {}),
        # AVI has no presentation times: frames are counted.
        ("counted.avi", "libx264", {}),
        # Uneven times.
        ("uneven.mp4", "libx264", {"times_ms": [index * 40 + index % 3 * 11 for index in range(90)]}),
    ],
)
def test_numbers_do_not_depend_on_where_decoding_begins(make_video, tmp_path, name, codec, arguments):
    path = make_video(tmp_path / name, codec, **arguments)
    whole = list(read_frames(path))
    assert [frame.index for frame in whole] == list(range(90))
    damage = []
    for start in (1, 19, 20, 21, 39, 57, 89):
        part = list(read_frames(path, start, start + 3, on_damage=damage.append))
        assert [frame.index for frame in part] == list(range(start, min(start + 3, 90)))
        assert all((frame.image == whole[frame.index].image).all() for frame in part)
    assert damage == []


def test_uneven_times_are_kept(make_video, tmp_path):
    times_ms = [0, 40, 55, 130, 131, 300]
    path = make_video(tmp_path / "uneven.mkv", frames=6, times_ms=times_ms)
    assert [frame.time_s for frame in read_frames(path)] == pytest.approx([time / 1000 for time in times_ms])


@pytest.mark.parametrize("degrees", [90, 180, -90])
def test_rotation_is_applied_as_players_do(make_video, tmp_path, degrees):
    upright = next(read_frames(make_video(tmp_path / "upright.mp4", frames=3)))
    path = make_video(tmp_path / "turned.mp4", frames=3, rotation=degrees)
    turned, luma = next(read_frames(path)), next(read_luma(path))
    # The rotation is against the clock, as NumPy counts it.
    # Two files were encoded, and x264 does not promise the same bits twice; a wrong turn differs by 80 levels.
    assert abs(turned.image.astype(int) - np.rot90(upright.image, degrees // 90)).mean() < 2
    assert luma.image.shape == turned.image.shape[:2]
    capture = cv2.VideoCapture(str(path))
    assert (capture.read()[1] == turned.image).all()


def test_luma_is_the_grey_of_the_colours(plain, whole):
    # The bound is what FFmpeg's fast conversion to BGR loses (up to 3 levels) plus clipped colours.
    for luma, frame in zip(read_luma(plain), whole, strict=True):
        assert (luma.index, luma.time_s) == (frame.index, frame.time_s)
        difference = cv2.cvtColor(frame.image, cv2.COLOR_BGR2GRAY).astype(int) - luma.image
        assert abs(difference).mean() < 3


@pytest.mark.parametrize("pixel_format", ["yuv444p", "yuv422p10le", "yuvj420p"])
def test_luma_of_other_pixel_formats(make_video, tmp_path, pixel_format):
    path = make_video(tmp_path / "x.mkv", frames=4, pixel_format=pixel_format)
    for luma, frame in zip(read_luma(path), read_frames(path), strict=True):
        difference = cv2.cvtColor(frame.image, cv2.COLOR_BGR2GRAY).astype(int) - luma.image
        assert abs(difference).mean() < 3


def test_black_and_white_reach_the_ends_of_the_range(tmp_path):
    from courtside.video.writer import VideoWriter

    with VideoWriter(tmp_path / "x.mp4", 64, 48, 25) as writer:
        for level in (0, 128, 255):
            writer.write(np.full((48, 64, 3), level, dtype=np.uint8))
    assert [int(np.median(luma.image)) for luma in read_luma(tmp_path / "x.mp4")] == pytest.approx([0, 128, 255], abs=1)


@pytest.mark.parametrize("rotation", [0, 90])
def test_luma_is_written_where_it_is_told_to(make_video, tmp_path, rotation):
    path = make_video(tmp_path / "x.mp4", frames=4, rotation=rotation)
    places = []

    def place(height, width):
        places.append(np.zeros((height, width), dtype=np.uint8))
        return places[-1]

    placed, whole = list(read_luma(path, place=place)), list(read_luma(path))
    assert [luma.image is there for luma, there in zip(placed, places, strict=True)] == [True] * 4
    for luma, other in zip(placed, whole, strict=True):
        np.testing.assert_array_equal(luma.image, other.image)


def test_real_clips_equal_opencv_bit_for_bit(real_videos):
    for path in real_videos:
        capture = cv2.VideoCapture(str(path))
        for frame in read_frames(path, 0, 40):
            assert (capture.read()[1] == frame.image).all(), (path.name, frame.index)


def test_real_clips_have_the_frames_that_opencv_counts(real_videos):
    for path in real_videos:
        capture = cv2.VideoCapture(str(path))
        assert sum(1 for _ in read_luma(path)) == int(capture.get(cv2.CAP_PROP_FRAME_COUNT)), path.name


def test_a_folder_of_images_is_a_video(tmp_path):
    for number, shade in ((10, 200), (2, 100), (1, 50)):
        cv2.imwrite(str(tmp_path / f"frame_{number:03}.png"), np.full((8, 8 + number, 3), shade, dtype=np.uint8))
    (tmp_path / "notes.txt").write_text("no image")
    frames = list(read_frames(tmp_path))
    # Sorted by name; each keeps its own size.
    assert [(frame.index, frame.time_s, frame.image.shape[1], frame.image[0, 0, 0]) for frame in frames] == [
        (0, 0.0, 9, 50),
        (1, 0.04, 10, 100),
        (2, 0.08, 18, 200),
    ]
    assert [frame.index for frame in read_selected(tmp_path, [0, 2, 7])] == [0, 2]
    assert [luma.image.shape for luma in read_luma(tmp_path, 1)] == [(8, 10), (8, 18)]


def test_a_damaged_image_costs_that_image(tmp_path):
    for number in range(3):
        cv2.imwrite(str(tmp_path / f"{number}.jpg"), np.zeros((8, 8, 3), dtype=np.uint8))
    (tmp_path / "1.jpg").write_bytes(b"")
    damage = []
    assert [frame.index for frame in read_frames(tmp_path, on_damage=damage.append)] == [0, 2]
    assert damage == [f"{tmp_path / '1.jpg'} is damaged and left out"]


def test_a_folder_without_images_is_a_mistake(tmp_path):
    with pytest.raises(UserError, match=r"holds no \.jpg or \.png image"):
        list(read_frames(tmp_path))
