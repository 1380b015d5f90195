"""Bytes that should be an image, and images that should not come twice."""

import cv2
import numpy as np
import pytest

from courtside.collecting.pictures import Gallery, examine
from courtside.collecting.protocol import UnfitError
from courtside.quality.fingerprints import difference_hash
from web_server import encoded, jpeg, photo


def look(content, minimum_side=64, maximum_pixels=1_000_000):
    return examine(content, minimum_side=minimum_side, maximum_pixels=maximum_pixels)


@pytest.mark.parametrize("suffix", [".jpg", ".png"])
def test_jpeg_and_png_stay_as_they_are(suffix):
    content = encoded(photo(1), suffix)
    picture = look(content)
    assert (picture.content, picture.suffix, picture.width, picture.height) == (content, suffix, 160, 140)
    luma = cv2.cvtColor(cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2GRAY)
    assert picture.difference_hash == difference_hash(luma)


@pytest.mark.parametrize("suffix", [".webp", ".bmp", ".tiff"])
def test_other_formats_become_png(suffix):
    content = encoded(photo(1), suffix)
    picture = look(content)
    assert picture.suffix == ".png"
    written = cv2.imdecode(np.frombuffer(picture.content, np.uint8), cv2.IMREAD_COLOR)
    assert np.array_equal(written, cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR))


@pytest.mark.parametrize(
    "content", [b"", b"<html>not found</html>", b"GIF89a", b"\xff\xd8\xff", b"%!PS-Adobe-3.0 EPSF-3.0", b"\0" * 1000]
)
def test_what_is_no_image_is_unfit(content):
    with pytest.raises(UnfitError):
        look(content)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp"])
@pytest.mark.parametrize("part", [0.3, 0.9])
def test_an_image_that_is_cut_off_is_unfit(suffix, part):
    content = encoded(photo(1), suffix)
    with pytest.raises(UnfitError, match="damaged"):
        look(content[: int(part * len(content))])


def test_sizes_out_of_range_are_unfit():
    assert look(jpeg(1), minimum_side=140, maximum_pixels=160 * 140).height == 140
    with pytest.raises(UnfitError, match="160 × 140 pixels; the smaller side is below 141"):
        look(jpeg(1), minimum_side=141)
    with pytest.raises(UnfitError, match="more than"):
        look(jpeg(1), maximum_pixels=160 * 140 - 1)


def test_a_bomb_is_not_decoded():
    huge = encoded(np.zeros((20_000, 10_000), dtype=np.uint8), ".png")
    assert len(huge) < 1_000_000
    with pytest.raises(UnfitError, match="more than"):
        look(huge)


def test_the_same_bytes_and_what_looks_alike_are_twins():
    gallery = Gallery(near_bits=8)
    first = look(jpeg(1))
    assert gallery.twin(first) is None
    gallery.add("ball/1.jpg", first.sha256, first.difference_hash)
    assert gallery.twin(first) == ("ball/1.jpg", "identical bytes")
    small = cv2.resize(photo(1), (100, 88), interpolation=cv2.INTER_AREA)
    for alike in (encoded(photo(1), quality=50), encoded(photo(1), ".png"), encoded(small)):
        file, reason = gallery.twin(look(alike))
        assert file == "ball/1.jpg"
        assert "of 256 bits" in reason
    assert gallery.twin(look(jpeg(2))) is None


def test_the_nearest_twin_is_named():
    gallery = Gallery(near_bits=256)
    for seed in (1, 2, 3):
        picture = look(jpeg(seed))
        gallery.add(str(seed), picture.sha256, picture.difference_hash)
    assert gallery.twin(look(encoded(photo(2), quality=60)))[0] == "2"


def test_without_a_threshold_only_identical_bytes_are_twins():
    gallery = Gallery(near_bits=None)
    first = look(jpeg(1))
    gallery.add("1", first.sha256, first.difference_hash)
    assert gallery.twin(first) is not None
    assert gallery.twin(look(encoded(photo(1), ".png"))) is None
