"""Writes are whole or not at all."""

import errno

import pytest

from courtside.errors import UserError
from courtside.files import atomic_path, read_json, remove_leftovers, sha256, write_json


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    target = tmp_path / "numbers.json"
    write_json(target, {"a": 1})
    with pytest.raises(ZeroDivisionError), atomic_path(target) as temporary:
        temporary.write_text("half")
        raise ZeroDivisionError
    assert read_json(target) == {"a": 1}
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_replaces_a_folder(tmp_path):
    target = tmp_path / "folder"
    for name in ("old", "new"):
        with atomic_path(target) as temporary:
            temporary.mkdir()
            (temporary / name).touch()
    assert [path.name for path in target.iterdir()] == ["new"]
    assert list(tmp_path.iterdir()) == [target]


def test_no_space_on_the_disk_is_one_line(tmp_path):
    target = tmp_path / "numbers.json"
    write_json(target, {"a": 1})
    with (
        pytest.raises(UserError, match=r"^no space is left on the disk for .*numbers\.json; free some and run again$"),
        atomic_path(target),
    ):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert read_json(target) == {"a": 1}
    # Other errors stay what they are.
    with pytest.raises(PermissionError), atomic_path(target):
        raise PermissionError(errno.EACCES, "Permission denied")
    assert list(tmp_path.iterdir()) == [target]


def test_only_what_killed_writes_left_is_removed(tmp_path):
    target = tmp_path / "game"
    left = tmp_path / ".courtside-game-abcd1234"
    (left / "game").mkdir(parents=True)
    others = [tmp_path / name for name in (".courtside-other-abcd1234", ".game-notes", "game_2")]
    for other in others:
        other.mkdir()
    with atomic_path(target) as temporary:
        temporary.mkdir()
        remove_leftovers(target)  # as a second process would, while this one is at work
        assert temporary.is_dir()
    assert sorted(tmp_path.iterdir()) == sorted([*others, target])


def test_json_holds_no_nan(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "a.json", float("nan"))
    assert not list(tmp_path.iterdir())


def test_a_missing_or_broken_json_is_one_line(tmp_path):
    with pytest.raises(UserError, match="does not exist"):
        read_json(tmp_path / "a.json")
    (tmp_path / "a.json").write_text("{")
    with pytest.raises(UserError, match="no valid JSON"):
        read_json(tmp_path / "a.json")


def test_the_hash_of_a_folder_knows_names_and_contents(tmp_path):
    hashes = set()
    for number, (name, content) in enumerate((("a", "x"), ("b", "x"), ("a", "y"))):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / name).write_text(content)
        hashes.add(sha256(folder))
    assert len(hashes) == 3
