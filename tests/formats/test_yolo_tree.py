"""Which label file belongs to which image, in every layout that is about; sizes from headers."""

import cv2
import pytest
from PIL import Image

from courtside.errors import UserError
from courtside.formats import yolo_tree


def make(root, *names):
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("")


def pairs(root, images=None):
    """Folder name, image and label of each image, and the orphans, relative to the tree."""
    found, orphans = [], []
    for folder in yolo_tree.folders(root, images):
        base = images or root
        found += [
            (folder.name, image.relative_to(base).as_posix(), folder.label(image).relative_to(root).as_posix())
            for image in folder.images
        ]
        orphans += [path.relative_to(root).as_posix() for path in folder.orphans]
    return found, orphans


@pytest.mark.parametrize(
    ("image", "label", "name"),
    [
        ("images/a.jpg", "labels/a.txt", ""),
        ("images/train/a.PNG", "labels/train/a.txt", "train"),
        ("train/images/a.jpg", "train/labels/a.txt", "train"),
        ("images/x/images/a.jpg", "images/x/labels/a.txt", "images/x"),
        ("a.jpg", "a.txt", ""),
        ("obj_train_data/a.jpg", "obj_train_data/a.txt", "obj_train_data"),
    ],
)
def test_layouts(tmp_path, image, label, name):
    make(tmp_path, image, label)
    assert pairs(tmp_path) == ([(name, image, label)], [])


def test_what_belongs_to_nothing(tmp_path):
    make(tmp_path, "images/a.jpg", "images/c.jpg", "labels/b.txt", "labels/c.txt", "labels/classes.txt", "other/d.txt")
    make(tmp_path, "labels/val/e.txt", ".courtside-x/images/f.jpg", "train.txt")
    assert pairs(tmp_path) == (
        [("", "images/a.jpg", "labels/a.txt"), ("", "images/c.jpg", "labels/c.txt")],
        ["labels/b.txt", "labels/val/e.txt"],
    )


def test_two_trees(tmp_path):
    make(tmp_path / "pictures", "x/a.jpg", "y/b.jpg")
    make(tmp_path / "labels", "x/a.txt", "z/c.txt")
    assert pairs(tmp_path / "labels", tmp_path / "pictures") == (
        [("x", "x/a.jpg", "x/a.txt"), ("y", "y/b.jpg", "y/b.txt")],
        ["z/c.txt"],
    )


def test_linked_folders_are_followed_and_loops_end(tmp_path):
    make(tmp_path / "elsewhere", "a.jpg")
    make(tmp_path / "tree", "labels/a.txt")
    (tmp_path / "tree/images").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere/up").symlink_to(tmp_path / "tree")
    assert pairs(tmp_path / "tree")[0] == [("", "images/a.jpg", "labels/a.txt")]


def test_no_tree(tmp_path):
    with pytest.raises(UserError, match="neither images nor YOLO label files"):
        list(yolo_tree.folders(tmp_path))
    with pytest.raises(UserError, match="is no folder"):
        list(yolo_tree.folders(tmp_path / "none"))


@pytest.mark.parametrize(("orientation", "size"), [(1, (40, 30)), (3, (40, 30)), (6, (30, 40)), (8, (30, 40))])
def test_size_as_shown(tmp_path, orientation, size):
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.new("RGB", (40, 30)).save(tmp_path / "a.jpg", exif=exif)
    assert yolo_tree.image_size(tmp_path / "a.jpg") == size
    assert cv2.imread(str(tmp_path / "a.jpg")).shape[1::-1] == size


@pytest.mark.parametrize("content", [b"", b"no image", b"\xff\xd8\xff"])
def test_no_image(tmp_path, content):
    (tmp_path / "a.jpg").write_bytes(content)
    with pytest.raises(UserError, match=r"a\.jpg is no readable image"):
        yolo_tree.image_size(tmp_path / "a.jpg")


def test_sizes_of_real_images(shared_data):
    for image in sorted((shared_data / "detection/football/images").iterdir())[:3]:
        assert yolo_tree.image_size(image) == cv2.imread(str(image)).shape[1::-1]
