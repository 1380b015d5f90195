import cv2
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.metrics import structural_similarity

from courtside import frames as frames_table
from courtside.errors import UserError
from courtside.quality.fingerprints import difference_hash, quarter, signature
from courtside.quality.measures import light, measure_video
from courtside.video.reader import read_luma
from courtside.video.writer import VideoWriter


def write_video(path, count=50, size=(96, 128), seed=0):
    """A camera that moves over noise, so that every frame differs."""
    scene = np.random.default_rng(seed).integers(0, 256, (200, 400), dtype=np.uint8)
    scene = cv2.GaussianBlur(scene, (0, 0), 1.5)
    with VideoWriter(path, size[1], size[0], 25, crf=20, keyframe_interval=12) as writer:
        for index in range(count):
            view = scene[index % 40 : index % 40 + size[0], 2 * index : 2 * index + size[1]]
            writer.write(cv2.cvtColor(np.ascontiguousarray(view), cv2.COLOR_GRAY2BGR))
    return path


@settings(max_examples=40, deadline=None)
@given(height=st.integers(1, 60), width=st.integers(1, 60), seed=st.integers(0, 99), top=st.integers(1, 256))
def test_parity_with_opencv_and_numpy(height, width, seed, top):
    luma = np.random.default_rng(seed).integers(0, top, (height, width), dtype=np.uint8)
    sharpness, mean, variance = light(luma)
    assert sharpness == pytest.approx(cv2.Laplacian(luma, cv2.CV_64F).var(), rel=1e-9, abs=1e-6)
    assert mean == pytest.approx(luma.mean())
    assert variance == pytest.approx(luma.var(), abs=1e-6)


def test_sharpness_of_a_large_sharp_picture():
    # The strongest edges there are, on many pixels: the sum of squares must not overflow.
    luma = (np.indices((540, 4320)).sum(axis=0) % 2 * 255).astype(np.uint8)
    assert light(luma)[0] == pytest.approx(cv2.Laplacian(luma, cv2.CV_64F).var(), rel=1e-9)


def test_a_flat_picture():
    luma = np.full((50, 60), 77, dtype=np.uint8)
    assert light(luma) == (0, 77, 0)


@pytest.mark.parametrize(
    ("picture", "expected"),
    [
        # Brighter to the right everywhere: every bit is set.
        (np.tile(np.arange(0, 255, 15, dtype=np.uint8).repeat(4), (64, 1)), b"\xff" * 32),
        # Brighter to the left everywhere.
        (np.tile(np.arange(255, 0, -15, dtype=np.uint8).repeat(4), (64, 1)), b"\0" * 32),
        # Nothing differs: no bit is set.
        (np.full((64, 68), 9, dtype=np.uint8), b"\0" * 32),
    ],
)
def test_difference_hash(picture, expected):
    assert difference_hash(picture) == expected


def test_difference_hash_tells_likeness():
    def bits(first, second):
        return sum((a ^ b).bit_count() for a, b in zip(difference_hash(first), difference_hash(second), strict=True))

    rng = np.random.default_rng(0)
    scene = cv2.GaussianBlur(rng.integers(0, 256, (360, 640), dtype=np.uint8), (0, 0), 20)
    scene = cv2.normalize(scene, None, 0, 255, cv2.NORM_MINMAX)
    darker = (scene * 0.6).astype(np.uint8)
    other = cv2.flip(scene, 1)
    assert bits(scene, cv2.resize(scene, (320, 180), interpolation=cv2.INTER_AREA)) <= 8
    assert bits(scene, darker) <= 16
    assert bits(scene, other) > 80
    assert bits(scene, quarter(scene)) <= 8


@given(st.integers(16, 40), st.integers(16, 40), st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_a_quarter_is_what_opencv_makes_of_it(height, width, seed):
    luma = np.random.default_rng(seed).integers(0, 256, (4 * height, 4 * width), dtype=np.uint8)
    np.testing.assert_array_equal(quarter(luma), cv2.resize(luma, (width, height), interpolation=cv2.INTER_AREA))


def test_small_pictures_have_fingerprints_too():
    luma = np.arange(40, dtype=np.uint8).reshape(5, 8)
    assert quarter(luma) is luma
    assert len(difference_hash(luma)) == 32
    assert signature(luma).shape == (576,)


def test_a_video_is_measured_frame_by_frame(tmp_path):
    path = write_video(tmp_path / "x.mp4")
    reports = []
    table = measure_video(path, report=lambda done, total: reports.append((done, total)))
    lumas = [luma.image for luma in read_luma(path)]
    assert table.columns == [
        "frame",
        "time_s",
        "shot",
        "blur",
        "brightness",
        "variance",
        "ssim_1",
        "ssim_2",
        "ssim_3",
        "hash",
    ]
    assert table["frame"].to_list() == list(range(50))
    assert table["time_s"].to_list() == pytest.approx([index / 25 for index in range(50)])
    assert table["shot"].to_list() == [0] * 50
    for index, luma in enumerate(lumas):
        row = table.row(index, named=True)
        assert row["blur"] == pytest.approx(cv2.Laplacian(luma, cv2.CV_64F).var())
        assert (row["brightness"], row["variance"]) == pytest.approx((luma.mean(), luma.var()))
        for distance in (1, 2, 3):
            value = row[f"ssim_{distance}"]
            if index + distance < 50:
                assert value == pytest.approx(structural_similarity(luma, lumas[index + distance]), abs=1e-5)
            else:
                assert value is None
    assert reports[-1] == (50, 50)
    assert reports == sorted(reports)
    # With names added it is a frames table.
    frames_table.check(table.with_columns(video=pl.lit("x"), clip=pl.lit(0)))


def test_processes_measure_the_same(tmp_path, monkeypatch):
    path = write_video(tmp_path / "x.mp4")
    reports = []
    alone = measure_video(path, workers=1)
    # Ranges of 13 frames end in the middle of groups of pictures and of batches.
    monkeypatch.setattr("courtside.quality.measures._RANGE_FRAMES", 13)
    shared = measure_video(path, workers=2, parallel_above=20, report=lambda done, total: reports.append((done, total)))
    assert shared.equals(alone)
    assert reports == [(13, 50), (26, 50), (39, 50), (50, 50)]


def test_threads_measure_the_same(tmp_path):
    path = write_video(tmp_path / "x.mp4", count=90)
    assert measure_video(path, workers=3).equals(measure_video(path, workers=1))


@pytest.mark.parametrize("workers", [1, 3])
def test_runs_of_one_size_that_fill_batches_and_do_not(tmp_path, workers):
    rng = np.random.default_rng(0)
    shapes = [(20, 30)] * 41 + [(30, 20)] * 2 + [(20, 30)] * 19 + [(8, 8)]
    images = [rng.integers(0, 256, shape, dtype=np.uint8) for shape in shapes]
    for index, image in enumerate(images):
        cv2.imwrite(str(tmp_path / f"{index:02}.png"), image)
    table = measure_video(tmp_path, workers=workers)
    for index in range(len(images)):
        for distance in (1, 2, 3):
            value = table[f"ssim_{distance}"][index]
            if len(set(shapes[index : index + distance + 1])) > 1 or index + distance >= len(images):
                assert value is None
            else:
                assert value == pytest.approx(structural_similarity(images[index], images[index + distance]), abs=1e-5)


def test_pictures_of_another_size_have_no_similarity(tmp_path):
    rng = np.random.default_rng(0)
    for index, width in enumerate((40, 40, 50, 50, 50)):
        cv2.imwrite(str(tmp_path / f"{index}.png"), rng.integers(0, 256, (30, width), dtype=np.uint8))
    table = measure_video(tmp_path)
    known = table.select(pl.col("^ssim_.$").is_not_null()).rows()
    assert known == [(True, False, False), (False,) * 3, (True, True, False), (True, False, False), (False,) * 3]


def test_damaged_images_have_no_row(tmp_path):
    rng = np.random.default_rng(0)
    for index in range(6):
        cv2.imwrite(str(tmp_path / f"{index}.png"), rng.integers(0, 256, (30, 40), dtype=np.uint8))
    (tmp_path / "2.png").write_bytes(b"no image")
    damage = []
    table = measure_video(tmp_path, on_damage=damage.append)
    assert table["frame"].to_list() == [0, 1, 3, 4, 5]
    assert len(damage) == 1
    # The frame after the damaged one is the next that can be compared with.
    first, second = (cv2.imread(str(tmp_path / f"{index}.png"), cv2.IMREAD_GRAYSCALE) for index in (1, 3))
    assert table["ssim_1"][1] == pytest.approx(structural_similarity(first, second), abs=1e-5)


def test_a_range_without_a_readable_frame_costs_itself(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    for index in range(20):
        cv2.imwrite(str(tmp_path / f"{index:02}.png"), rng.integers(0, 256, (30, 40), dtype=np.uint8))
    # Ranges of five frames: one is lost whole, and begins in the middle of the damage that the one before sees.
    for index in range(8, 17):
        (tmp_path / f"{index:02}.png").write_bytes(b"no image")
    monkeypatch.setattr("courtside.quality.measures._RANGE_FRAMES", 5)
    damage = []
    table = measure_video(tmp_path, workers=2, parallel_above=5, on_damage=damage.append)
    assert table["frame"].to_list() == [*range(8), 17, 18, 19]
    assert damage == [f"{tmp_path / f'{index:02}.png'} is damaged and left out" for index in range(8, 17)]


def test_where_nothing_can_be_read(tmp_path):
    (tmp_path / "1.png").write_bytes(b"no image")
    with pytest.raises(UserError, match="holds no image that can be read"):
        measure_video(tmp_path)


def test_real_clips_are_one_shot_each_and_sharp(real_videos):
    table = measure_video(real_videos[-1])
    assert table["shot"].max() == 0
    assert table["blur"].min() > 150
