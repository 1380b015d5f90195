"""Class numbers and names: on a command line and in the files of a YOLO tree."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from courtside.errors import UserError
from courtside.formats import class_names


@pytest.mark.parametrize(
    ("text", "first", "names"),
    [
        ("ball, player", 0, {0: "ball", 1: "player"}),
        ("ball,player", 1, {1: "ball", 2: "player"}),
        ("4:ball,0:ball,2:player", 0, {4: "ball", 0: "ball", 2: "player"}),
        ("-1:player", 1, {-1: "player"}),
        ("sports ball", 0, {0: "sports ball"}),
    ],
)
def test_a_list_of_classes(text, first, names):
    assert list(class_names.parse(text, first).items()) == list(names.items())


@pytest.mark.parametrize("text", ["", "ball,", "0:ball,player", "0:", "x:ball", "0:a,0:b", "99999999999:a", "1.5:a"])
def test_no_list_of_classes(text):
    with pytest.raises(UserError, match="classes"):
        class_names.parse(text)


@pytest.mark.parametrize(
    ("name", "content", "names"),
    [
        ("data.yaml", "names: [ball, player]\nnc: 2\n", {0: "ball", 1: "player"}),
        ("data.yaml", "names:\n  4: ball\n  0: 7\n", {0: "7", 4: "ball"}),
        ("classes.txt", "ball\n\nplayer\n", {0: "ball", 2: "player"}),
        ("labels/classes.txt", "ball\n", {0: "ball"}),
        ("obj.names", "ball\n", {0: "ball"}),
        ("other.txt", "ball\n", None),
    ],
)
def test_names_of_a_tree(tmp_path, name, content, names):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(content)
    assert class_names.find(tmp_path) == names


@pytest.mark.parametrize(
    "content",
    ["", "names: ball", "names: []", "names: {a: b}", "names: {-1: b}", "names: [[a]]", "names: [", "[a]", "\0"],
)
def test_damaged_data_yaml(tmp_path, content):
    (tmp_path / "data.yaml").write_text(content)
    with pytest.raises(UserError, match=r"^[^\n]*data\.yaml[^\n]*$"):
        class_names.find(tmp_path)


@given(names=st.lists(st.text(st.characters(codec="utf-8"), min_size=1).map(str.strip).filter(bool), min_size=1))
@example(names=["0\x850"])
@example(names=["a\u2028b", "ü"])
def test_any_names_come_back(tmp_path_factory, names):
    path = tmp_path_factory.mktemp("yaml") / "data.yaml"
    class_names.write_data_yaml(path, dict(enumerate(names)), {"train": "images/train"})
    assert class_names.read_data_yaml(path) == dict(enumerate(names))


def test_real_data_yaml(shared_data):
    assert class_names.find(shared_data / "detection/football") == {
        0: "ball", 1: "goalkeeper", 2: "player", 3: "referee"
    }  # fmt: skip
