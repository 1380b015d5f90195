"""Pictures as the web has them: what is odd is read as a browser shows it, and what is damaged is left out."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from courtside.errors import UserError
from courtside.quality.measures import measure_video
from courtside.video.images import list_images, list_others, read_gray, read_image, sizes

WIDTH, HEIGHT = 60, 40


@pytest.fixture(scope="module")
def picture():
    """Smooth colours, so that no format changes them by much; the left half is darker."""
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    red, green = 60 + 2 * columns, 80 + 3 * rows
    return Image.fromarray(np.dstack([red, green, np.full_like(red, 120)]).astype(np.uint8))


def saved(image, kind, **options):
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def turned():
    exif = Image.Exif()
    exif[0x0112] = 6  # the top is at the right
    return exif


def with_alpha(image):
    """The picture with its left half transparent, and black beneath, as drawing programs leave it."""
    pixels = np.dstack([np.asarray(image), np.full((HEIGHT, WIDTH), 255, dtype=np.uint8)])
    pixels[:, : WIDTH // 2] = 0
    return Image.fromarray(pixels)


def sixteen_bits(image):
    return cv2.imencode(".png", np.asarray(image)[:, :, ::-1].astype(np.uint16) * 257)[1].tobytes()


@pytest.mark.parametrize(
    ("name", "content", "tolerance"),
    [
        ("plain.jpg", lambda image: saved(image, "JPEG"), 4),
        ("progressive.JPEG", lambda image: saved(image, "JPEG", progressive=True), 4),
        ("cmyk.jpg", lambda image: saved(image.convert("CMYK"), "JPEG", quality=95), 6),
        ("windows.jfif", lambda image: saved(image, "JPEG"), 4),
        ("trailing.jpg", lambda image: saved(image, "JPEG") + b"\0" * 40, 4),
        ("appended.jpg", lambda image: saved(image, "JPEG") + b"and what a phone writes behind it", 4),
        ("plain.png", lambda image: saved(image, "PNG"), 0),
        ("sixteen.png", sixteen_bits, 0),
        ("palette.png", lambda image: saved(image.quantize(256), "PNG"), 8),
        ("opaque.png", lambda image: saved(image.convert("RGBA"), "PNG"), 0),
        ("plain.webp", lambda image: saved(image, "WEBP", lossless=True), 0),
        ("plain.bmp", lambda image: saved(image, "BMP"), 0),
        ("plain.tif", lambda image: saved(image, "TIFF"), 0),
        ("moving.gif", lambda image: saved(image, "GIF", save_all=True, append_images=[image.rotate(180)]), 8),
        ("really_a_webp.jpg", lambda image: saved(image, "WEBP", lossless=True), 0),
    ],
)
def test_odd_but_sound_pictures_are_read(tmp_path, picture, name, content, tolerance):
    (tmp_path / name).write_bytes(content(picture))
    assert [path.name for path in list_images(tmp_path)] == [name]
    image, gray = read_image(tmp_path / name), read_gray(tmp_path / name)
    expected = np.asarray(picture)[:, :, ::-1].astype(int)
    assert image.dtype == gray.dtype == np.uint8
    assert abs(image.astype(int) - expected).mean() <= tolerance
    assert abs(gray.astype(int) - cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)).mean() <= 1.5
    assert sizes([tmp_path / name]) == [(WIDTH, HEIGHT)]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_pictures_are_turned_as_their_data_say(tmp_path, picture, kind):
    path = tmp_path / f"turned.{kind.lower()}"
    path.write_bytes(saved(picture, kind, exif=turned()))
    expected = np.rot90(np.asarray(picture)[:, :, ::-1], -1).astype(int)
    assert abs(read_image(path).astype(int) - expected).mean() < 5
    assert read_gray(path).shape == (WIDTH, HEIGHT)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("alpha.png", lambda image: saved(with_alpha(image), "PNG")),
        ("alpha.webp", lambda image: saved(with_alpha(image), "WEBP", lossless=True)),
        ("gray_alpha.png", lambda image: saved(with_alpha(image).convert("LA"), "PNG")),
        ("palette_alpha.png", lambda image: saved(with_alpha(image).quantize(64), "PNG")),
    ],
)
def test_what_is_transparent_is_white(tmp_path, picture, name, content):
    (tmp_path / name).write_bytes(content(picture))
    image, gray = read_image(tmp_path / name), read_gray(tmp_path / name)
    assert (image[:, : WIDTH // 2] == 255).all()
    assert (gray[:, : WIDTH // 2] == 255).all()
    assert image[:, WIDTH // 2 :].max() < 250
    assert image.flags["C_CONTIGUOUS"]


@pytest.mark.parametrize(
    "content",
    [
        lambda image: b"",
        lambda image: b"<html>404 Not Found</html>" * 50,
        lambda image: saved(image, "JPEG")[:-40],
        lambda image: saved(image, "JPEG")[:300],
        lambda image: saved(image, "JPEG", progressive=True)[:-40],
        lambda image: saved(image, "PNG")[:-40],
        lambda image: saved(with_alpha(image), "PNG")[:-40],
        lambda image: saved(image, "WEBP")[:-40],
        lambda image: saved(image, "BMP")[:-40],
        lambda image: saved(image, "GIF")[:-40],
        lambda image: saved(Image.new("1", (20_000, 20_000)), "PNG"),  # a bomb: 50 kB, 1.2 GB decoded
    ],
    ids=["empty", "text", "jpeg", "head", "progressive", "png", "alpha", "webp", "bmp", "gif", "bomb"],
)
def test_damaged_pictures_are_none(tmp_path, picture, content):
    path = tmp_path / "damaged.jpg"
    path.write_bytes(content(picture))
    assert read_image(path) is None
    assert read_gray(path) is None
    assert sizes([path]) == [(1, 1)]


def test_pictures_of_any_size_are_measured(tmp_path):
    shapes = [(1, 1), (1, 300), (300, 1), (2, 2), (6, 6), (7, 7), (16, 17), (64, 64), (64, 64), (480, 33), (3000, 4000)]
    for number, shape in enumerate(shapes):
        noise = np.random.default_rng(number).integers(0, 256, shape, dtype=np.uint8)
        cv2.imwrite(str(tmp_path / f"{number:02d}.png"), noise)
    (tmp_path / "05b.png").write_bytes(b"damaged")
    lines = []
    table = measure_video(tmp_path, on_damage=lines.append)
    assert table["frame"].to_list() == [0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11]
    assert [line.split("/")[-1] for line in lines] == ["05b.png is damaged and left out"]
    # Only the two of one size can be compared.
    assert table.filter(table["ssim_1"].is_not_null())["frame"].to_list() == [8]
    assert table["ssim_2"].null_count() == table.height
    assert all(len(value) == 32 for value in table["hash"])
    assert table.select("blur", "brightness", "variance").null_count().row(0) == (0, 0, 0)
    assert table["blur"].is_finite().all()


def test_other_files_are_no_frames(tmp_path):
    for name in ("b.png", "a.jpg", "._a.jpg", ".hidden.png", "notes.txt", "c.HEIC", "d.svg", "Thumbs.db"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "folder.png").mkdir()
    assert [path.name for path in list_images(tmp_path)] == ["a.jpg", "b.png"]
    assert [path.name for path in list_others(tmp_path)] == ["c.HEIC", "d.svg"]


def test_a_folder_without_pictures_is_one_line(tmp_path):
    (tmp_path / "c.heic").write_bytes(b"x")
    with pytest.raises(UserError, match=r"holds no \.jpg or \.png image") as caught:
        list_images(tmp_path)
    assert "\n" not in str(caught.value)
