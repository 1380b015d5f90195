"""``courtside collect`` as a person runs it, against a web server on this machine."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from command_errors import assert_one_line_error
from courtside.apps import cli
from courtside.collecting import search
from web_server import Reply, Server, encoded, jpeg, photo


@pytest.fixture
def server():
    with Server() as running:
        yield running


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(*arguments):
    cli.main(["collect", "--delay", "0", "--minimum-side", "64", *map(str, arguments)])


def records(folder):
    lines = (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    return {record["address"]: record for record in map(json.loads, lines)}


def images(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.suffix in (".jpg", ".png"))


def listed(server, path, *names):
    path.write_text("\n".join(server.address(name) for name in names))
    return path


def test_a_list_with_all_that_goes_wrong(folder, server, capsys):
    server.replies |= {
        "good": Reply(jpeg(1)),
        "same": Reply(jpeg(1)),
        "alike": Reply(encoded(photo(1), ".png")),
        "busy": [Reply(status=429, headers={"Retry-After": "0"}), Reply(jpeg(2))],
        "moved": Reply(status=301, headers={"Location": "/good2"}),
        "good2": Reply(jpeg(3)),
        "cut": Reply(jpeg(4), sent=500),
        "page": Reply(b"<html>hello</html>"),
        "tiny": Reply(jpeg(5, width=40, height=40)),
    }
    path = listed(server, folder / "list.txt", "good", "same", "alike", "busy", "moved", "cut", "page", "tiny", "gone")
    call("--source", "list", "--class", f"court={path}", "--attempts", "2", "--output", "out")
    statuses = {address.rsplit("/", 1)[1]: record["status"] for address, record in records(folder / "out").items()}
    assert statuses == {
        "good": "kept",
        "same": "duplicate",
        "alike": "duplicate",
        "busy": "kept",
        "moved": "kept",
        "cut": "failed",
        "page": "rejected",
        "tiny": "rejected",
        "gone": "failed",
    }
    assert len(images(folder / "out")) == 3
    assert all(name.startswith("court/") for name in images(folder / "out"))
    captured = capsys.readouterr()
    assert "court: 3 images, 3 of them new; 2 duplicates, 2 unfit, 2 failed" in captured.out
    assert captured.out.splitlines()[-1] == "3 new images in out, listed in out/manifest.jsonl"
    assert f"{server.address('gone')}: HTTP status 404" in captured.err
    assert "collect court: 3/100 images" in captured.err
    asked = len(server.asked)
    call("--source", "list", "--class", f"court={path}", "--attempts", "1", "--output", "out")
    assert sorted(server.paths()[asked:]) == ["cut", "gone"]
    assert "court: 3 images, 0 of them new" in capsys.readouterr().out


def test_a_search_fills_each_class(folder, server, monkeypatch, capsys):
    for term in ("ball", "court"):
        server.replies |= {f"{term}{index}": Reply(jpeg((index, len(term)))) for index in range(6)}

    def fake(**_):
        def answer(term, page):
            names = [f"{term}{index}" for index in range(3 * page - 3, 3 * page)] if page < 3 else []
            return [{"image": server.address(name), "url": "http://page/"} for name in names]

        return answer

    monkeypatch.setattr(search, "duckduckgo", fake)
    call("--class", "ball=ball", "--class", "court=court", "--count", "4")
    kept = images(folder / "data/images")
    assert [sum(name.startswith(f"{label}/") for name in kept) for label in ("ball", "court")] == [4, 4]
    assert {record["page"] for record in records(folder / "data/images").values()} == {"http://page/"}
    assert "8 new images in data/images" in capsys.readouterr().out
    call("--class", "ball=ball", "--class", "court=court", "--count", "6")
    assert len(images(folder / "data/images")) == 12
    assert len(server.asked) == 12  # none was asked for twice


def test_a_folder_is_copied_from(folder):
    (folder / "mine").mkdir()
    for seed in (1, 2):
        (folder / "mine" / f"{seed}.JPG").write_bytes(jpeg(seed))
    call("--source", "folder", "--class", "court=mine", "--output", "out")
    assert len(images(folder / "out")) == 2
    assert list(records(folder / "out")) == ["mine/1.JPG", "mine/2.JPG"]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_call_killed_in_the_middle_is_gone_on_with(folder, server, how):
    server.replies |= {f"{index}": Reply(jpeg(index), pause_s=0.01 if index < 4 else 0.5) for index in range(8)}
    path = listed(server, folder / "list.txt", *map(str, range(8)))
    arguments = ["collect", "--delay", "0", "--source", "list", "--class", f"court={path}", "--output", "out"]
    program = subprocess.Popen(
        [sys.executable, "-m", "courtside.apps.cli", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONFAULTHANDLER": ""},
    )
    until = time.monotonic() + 30
    while len(images(folder / "out")) < 3 and time.monotonic() < until:
        time.sleep(0.01)
    program.send_signal(how)
    _, errors = program.communicate(timeout=30)
    assert program.returncode != 0
    if how == signal.SIGINT:
        assert errors.splitlines()[-1] == "courtside: interrupted; nothing is left half done"
        assert "Traceback" not in errors
    done = images(folder / "out")
    assert 3 <= len(done) < 8
    server.replies = {f"{index}": Reply(jpeg(index)) for index in range(8)}
    asked = len(server.asked)
    call("--source", "list", "--class", f"court={path}", "--output", "out")
    assert len(images(folder / "out")) == 8
    assert set(done) <= set(images(folder / "out"))
    settled = len([record for record in records(folder / "out").values() if record["file"] in done])
    assert len(server.asked) - asked <= 8 - settled + 1  # one whose record the kill came before may come again
    assert sorted(path.name for path in (folder / "out").iterdir()) == ["court", "manifest.jsonl"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--class", "court"], ["'court'", "NAME=TERM"]),
        (["--class", "Court=x"], ["Court", "lower-case"]),
        (["--class", "../x=x"], ["../x", "lower-case"]),
        (["--class", "court= "], ["NAME=TERM"]),
        (["--source", "folder", "--class", "court=nowhere"], ["nowhere", "no folder"]),
        (["--source", "list", "--class", "court=nowhere"], ["nowhere does not exist"]),
        (["--source", "folder", "--class", "court=.", "--count", "0"], ["--count 0", "1–"]),
        (["--source", "folder", "--class", "court=.", "--parallel", "99"], ["--parallel 99", "1–16"]),
        (["--source", "folder", "--class", "court=.", "--near-bits", "300"], ["--near-bits 300"]),
        (["--source", "folder", "--class", "court=.", "--license", "Public"], ["--license", "duckduckgo"]),
        (["--class", "court=x", "--license", "mine"], ["--license", "ShareCommercially"]),
    ],
)
def test_a_mistake_is_one_line_and_leaves_nothing(folder, capsys, arguments, words):
    assert_one_line_error(lambda: call(*arguments), words)
    assert capsys.readouterr() == ("", "")
    assert list(folder.iterdir()) == []


def test_without_the_library_one_line_says_so(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "ddgs", None)
    with pytest.raises(SystemExit, match=r"^error: [^\n]*pip install ddgs[^\n]*$"):
        call("--class", "court=court")
    assert list(folder.iterdir()) == []


def test_when_nothing_comes_the_call_fails_and_says_why(folder, server, capsys):
    path = listed(server, folder / "list.txt", "a", "b")
    with pytest.raises(SystemExit, match=r"^error: no image came from list; [^\n]+$"):
        call("--source", "list", "--class", f"court={path}", "--output", "out")
    assert capsys.readouterr().err.count("HTTP status 404") == 2
