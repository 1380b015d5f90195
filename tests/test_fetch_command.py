"""``courtside fetch`` as a person runs it, against a web server on this machine."""

import json
import signal
import subprocess
import sys
import time

import pytest

from command_errors import assert_one_line_error
from courtside.apps import cli
from courtside.collecting import sports1m
from courtside.video.source import probe
from web_server import Reply, Server, write_mp4

MP4 = {"Content-Type": "video/mp4"}


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    folder = tmp_path_factory.mktemp("films")
    return [write_mp4(folder / f"{seed}.mp4", seed) for seed in range(3)]


@pytest.fixture
def server(films):
    with Server() as running:
        running.replies = {f"film{index}.mp4": Reply(film, headers=MP4) for index, film in enumerate(films)}
        yield running


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(*arguments):
    cli.main(["fetch", "--delay", "0", *map(str, arguments)])


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_addresses_and_a_list(folder, server, capsys):
    server.replies["page.mp4"] = Reply(b"<html>" * 100, headers=MP4)
    (folder / "list.txt").write_text("\n".join(server.address(f"{name}.mp4") for name in ("film1", "page", "gone")))
    call(server.address("film0.mp4"), "--list", "list.txt")
    videos = folder / "data/videos"
    assert names(videos) == ["film0.mp4", "film1.mp4", "manifest.jsonl"]
    assert probe(videos / "film0.mp4").frames == 10
    captured = capsys.readouterr()
    assert captured.out == (
        "2 videos in data/videos, 2 of them new; 0 duplicates, 1 unfit, 1 failed; "
        "listed in data/videos/manifest.jsonl\n"
    )
    assert f"{server.address('page.mp4')}: no video" in captured.err
    assert "404" in captured.err
    asked = len(server.asked)
    call(server.address("film0.mp4"), "--list", "list.txt")
    assert set(server.paths()[asked:]) == {"gone.mp4"}
    assert "2 videos in data/videos, 0 of them new" in capsys.readouterr().out


def test_sports1m_by_label_length_and_height(folder, server, monkeypatch, capsys):
    monkeypatch.setattr(sports1m, "WATCH", server.address(""))
    facts = [(1, 1, 64), (0, 1, 64), (1, 1, 64), (1, 900, 64), (1, 1, 30)]
    entries = [
        {"id": f"film{index}.mp4", "label487": [label], "duration": duration, "height": height}
        for index, (label, duration, height) in enumerate(facts)
    ]
    (folder / "train.json").write_text(json.dumps(entries))
    (folder / "labels.txt").write_text("boomerang\nbasketball\n")
    wanted = ["--sports1m", "train.json", "--labels", "labels.txt", "--label", "basketball"]
    limits = ["--maximum-seconds", "60", "--minimum-height", "64", "--output", "out"]
    call(*wanted, *limits, "--limit", "1")
    assert names(folder / "out") == ["film0.mp4", "manifest.jsonl"]
    call(*wanted, *limits)
    assert names(folder / "out") == ["film0.mp4", "film2.mp4", "manifest.jsonl"]
    assert set(server.paths()) == {"film0.mp4", "film2.mp4"}
    record = json.loads((folder / "out/manifest.jsonl").read_text().splitlines()[0])
    assert (record["label"], record["seconds"], record["height"]) == ("basketball", 0.4, 64)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_call_killed_in_the_middle_is_gone_on_with(folder, server, films, how):
    server.replies["film1.mp4"] = Reply(films[1], headers=MP4, pause_s=0.5)
    addresses = [server.address(f"film{index}.mp4") for index in range(2)]
    program = subprocess.Popen(
        [sys.executable, "-m", "courtside.apps.cli", "fetch", "--delay", "0", "--output", "out", *addresses],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    until = time.monotonic() + 30
    while not list(folder.glob("out/.fetching/*/*.part")) and time.monotonic() < until:
        time.sleep(0.02)
    time.sleep(0.1)
    program.send_signal(how)
    _, errors = program.communicate(timeout=30)
    assert program.returncode != 0
    if how == signal.SIGINT:
        assert errors.splitlines()[-1] == "courtside: interrupted; nothing is left half done"
        assert "Traceback" not in errors
    assert names(folder / "out") == [".fetching", "film0.mp4", "manifest.jsonl"]
    server.replies["film1.mp4"] = Reply(films[1], headers=MP4)
    asked = len(server.asked)
    call("--output", "out", *addresses)
    assert names(folder / "out") == ["film0.mp4", "film1.mp4", "manifest.jsonl"]
    assert (folder / "out/film1.mp4").read_bytes() == films[1]
    assert set(server.paths()[asked:]) == {"film1.mp4"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], ["nothing to fetch", "--sports1m"]),
        (["court.mp4"], ["court.mp4", "http://"]),
        (["--list", "nowhere.txt"], ["nowhere.txt does not exist"]),
        (["--sports1m", "nowhere.json"], ["nowhere.json does not exist"]),
        (["--label", "basketball", "http://a/"], ["--sports1m"]),
        (["--limit", "0", "http://a/"], ["--limit 0"]),
        (["--minimum-seconds", "-1", "http://a/"], ["--minimum-seconds -1"]),
    ],
)
def test_a_mistake_is_one_line_and_leaves_nothing(folder, capsys, arguments, words):
    assert_one_line_error(lambda: call(*arguments), words)
    assert capsys.readouterr() == ("", "")
    assert list(folder.iterdir()) == []


def test_without_the_library_one_line_says_so(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "yt_dlp", None)
    with pytest.raises(SystemExit, match=r"^error: [^\n]*pip install yt-dlp[^\n]*$"):
        call("http://127.0.0.1/a.mp4")
    assert list(folder.iterdir()) == []


def test_when_nothing_comes_the_call_fails_and_says_why(folder, server, capsys):
    with pytest.raises(SystemExit, match=r"^error: none of 1 videos came; [^\n]+$"):
        call(server.address("gone.mp4"), "--output", "out")
    assert "404" in capsys.readouterr().err
