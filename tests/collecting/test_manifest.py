"""What became of each address, also after a kill in the middle of a line."""

import json

import pytest

from courtside.collecting.manifest import NAME, Manifest, Record
from courtside.errors import UserError


def test_the_last_record_of_an_address_counts(tmp_path):
    with Manifest(tmp_path / "out") as manifest:
        manifest.add(Record("http://a/ö", "failed", reason="HTTP status 503"))
        manifest.add(Record("http://b/", "rejected", reason="small", rules="side=9"))
        manifest.add(Record("http://a/ö", "kept", label="ball", file="ball/1.jpg", width=3))
    lines = [json.loads(line) for line in (tmp_path / "out" / NAME).read_text(encoding="utf-8").splitlines()]
    assert lines[0] == {"address": "http://a/ö", "status": "failed", "reason": "HTTP status 503"}
    with Manifest(tmp_path / "out") as manifest:
        assert [record.address for record in manifest] == ["http://a/ö", "http://b/"]
        assert manifest.get("http://a/ö") == Record("http://a/ö", "kept", label="ball", file="ball/1.jpg", width=3)


def test_what_is_settled(tmp_path):
    with Manifest(tmp_path) as manifest:
        for status in ("kept", "failed", "duplicate", "rejected"):
            manifest.add(Record(status, status, rules="1" if status in ("duplicate", "rejected") else None))
        settled = {
            rules: [record.address for record in manifest if manifest.settled(record.address, rules)] for rules in "12"
        }
        assert settled == {"1": ["kept", "duplicate", "rejected"], "2": ["kept"]}
        assert not manifest.settled("never asked for", "1")


@pytest.mark.parametrize("cut", [1, 10, 38])
def test_half_a_line_is_dropped_and_the_next_one_is_whole(tmp_path, cut):
    with Manifest(tmp_path) as manifest:
        manifest.add(Record("http://a", "kept"))
        manifest.add(Record("http://b", "kept"))
    path = tmp_path / NAME
    content = path.read_bytes()
    path.write_bytes(content[:-cut])
    with Manifest(tmp_path) as manifest:
        assert [record.address for record in manifest] == ["http://a"]
        manifest.add(Record("http://c", "kept"))
    assert [json.loads(line)["address"] for line in path.read_text().splitlines()] == ["http://a", "http://c"]


@pytest.mark.parametrize(
    "line", ["no JSON", "[1]", "{}", '{"address": "a", "status": "lost"}', '{"address": 3, "status": "kept"}']
)
def test_a_line_of_something_else_is_told_with_its_number(tmp_path, line):
    (tmp_path / NAME).write_text('{"address": "a", "status": "kept"}\n' + line + "\n")
    with pytest.raises(UserError, match="line 2 is no record"), Manifest(tmp_path):
        pass


def test_one_command_at_a_time(tmp_path):
    with Manifest(tmp_path), pytest.raises(UserError, match="another command"), Manifest(tmp_path):
        pass
    with Manifest(tmp_path):
        pass


def test_a_call_without_a_record_leaves_no_trace(tmp_path):
    with Manifest(tmp_path / "out"):
        pass
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "mine").mkdir()
    with Manifest(tmp_path / "mine"):
        pass
    assert list(tmp_path.iterdir()) == [tmp_path / "mine"]


def test_a_folder_that_is_a_file_is_one_line(tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(UserError, match="cannot be written"), Manifest(tmp_path / "taken"):
        pass


def test_only_a_kept_file_that_is_there_is_present(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"")
    with Manifest(tmp_path) as manifest:
        assert manifest.present(Record("a", "kept", file="a.jpg"))
        assert not manifest.present(Record("b", "kept", file="b.jpg"))
        assert not manifest.present(Record("c", "duplicate", file="a.jpg"))
