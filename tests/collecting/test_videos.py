"""yt-dlp against a web server with plain files."""

import sys

import pytest

from courtside.collecting.patience import Patience, Turns
from courtside.collecting.protocol import FetchError, UnfitError
from courtside.collecting.sports1m import VideoLimits
from courtside.collecting.videos import DownloadLimits, YtDlp
from courtside.errors import UserError
from courtside.video.source import probe
from web_server import Reply, write_mp4

MP4 = {"Content-Type": "video/mp4", "Accept-Ranges": "bytes"}


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    return write_mp4(tmp_path_factory.mktemp("film") / "film.mp4", 1)


def videos(attempts=3, maximum_bytes=None, **wanted):
    limits = DownloadLimits(VideoLimits(**wanted), maximum_bytes=maximum_bytes, timeout_s=2)
    return YtDlp(Turns(Patience(delay_s=0, attempts=attempts, longest_wait_s=5)), limits)


def fetch(server, scratch, path="film.mp4", report=lambda done, total: None, **options):
    return videos(**options).fetch(server.address(path), scratch, report)


def left(scratch):
    return [path.name for path in scratch.rglob("*")]


def test_a_plain_file_comes_as_it_is(server, tmp_path, film, capfd):
    server.replies["film.mp4"] = Reply(film, headers=MP4)
    seen = []
    info = fetch(server, tmp_path / "100% $5 %(id)s", report=lambda done, total: seen.append((done, total)))
    assert info.path.read_bytes() == film
    assert (info.width, info.height, info.frames) == (96, 64, 10)
    assert seen[-1] == (0, 0)
    assert left(tmp_path / "100% $5 %(id)s") == ["video.mp4"]
    assert all(headers["User-Agent"].startswith("courtside/") for _, headers, _ in server.asked)
    assert capfd.readouterr() == ("", "")


def test_a_redirect_and_an_address_without_an_ending(server, tmp_path, film):
    server.replies["go"] = Reply(status=302, headers={"Location": "/watch?v=3"})
    server.replies["watch?v=3"] = Reply(film, headers=MP4)
    assert fetch(server, tmp_path, "go").path.read_bytes() == film


def test_a_folder_that_yt_dlp_would_misread_is_one_line(server, tmp_path, monkeypatch):
    monkeypatch.setenv("SEASON", "2024")
    with pytest.raises(UserError, match="name another folder"):
        fetch(server, tmp_path / "$SEASON")
    assert left(tmp_path) == []


@pytest.mark.parametrize("status", [404, 403])
def test_a_refusal_is_told_in_one_line(server, tmp_path, status):
    server.replies["film.mp4"] = Reply(status=status)
    with pytest.raises(FetchError, match=f"HTTP Error {status}") as failure:
        fetch(server, tmp_path)
    assert not failure.value.temporary
    assert "ERROR" not in str(failure.value)
    assert "report this issue" not in str(failure.value)
    assert left(tmp_path) == []


def test_a_busy_server_is_asked_again_when_it_wants(server, tmp_path, film):
    server.replies["film.mp4"] = [Reply(status=429, headers={"Retry-After": "1"}), Reply(film, headers=MP4)]
    assert fetch(server, tmp_path).path.read_bytes() == film
    assert server.asked[1][2] - server.asked[0][2] >= 1


def test_a_part_is_gone_on_with(server, tmp_path, film):
    half = len(film) // 2
    whole = Reply(film, headers=MP4)
    server.replies["film.mp4"] = [whole, Reply(film, headers=MP4, sent=half)]
    with pytest.raises(FetchError) as failure:
        fetch(server, tmp_path, attempts=1)
    assert failure.value.temporary
    assert left(tmp_path) == ["video.mp4.part"]
    before = len(server.asked)
    server.replies["film.mp4"] = whole
    assert fetch(server, tmp_path).path.read_bytes() == film
    ranges = [headers.get("Range") for _, headers, _ in server.asked[before:]]
    assert any(wanted and wanted != "bytes=0-" for wanted in ranges)
    assert left(tmp_path) == ["video.mp4"]


def test_a_whole_file_that_lies_there_is_not_asked_for_again(server, tmp_path, film):
    (tmp_path / "video.mp4").write_bytes(film)
    assert fetch(server, tmp_path).frames == 10
    assert server.asked == []


@pytest.mark.parametrize("content", [b"<html><body>no film here</body></html>" * 50, b"\0" * 5000])
def test_what_is_no_video_is_removed(server, tmp_path, content):
    server.replies["film.mp4"] = Reply(content, headers=MP4)
    with pytest.raises(UnfitError, match="no video") as failure:
        fetch(server, tmp_path)
    assert str(tmp_path) not in str(failure.value)
    assert left(tmp_path) == []


def test_a_page_without_a_video_is_a_failure(server, tmp_path):
    server.replies["page"] = Reply(b"<html><title>t</title>hello</html>", headers={"Content-Type": "text/html"})
    with pytest.raises(FetchError, match="Unsupported URL"):
        fetch(server, tmp_path, "page")


@pytest.mark.parametrize(
    ("wanted", "words"),
    [({"minimum_s": 5}, "shorter"), ({"minimum_height": 65}, "lower than 65"), ({"maximum_bytes": 100}, "larger than")],
)
def test_what_is_not_wanted_is_removed(server, tmp_path, film, wanted, words):
    server.replies["film.mp4"] = Reply(film, headers=MP4)
    with pytest.raises(UnfitError, match=words):
        fetch(server, tmp_path, **wanted)
    assert left(tmp_path) == []


def test_what_is_wanted_comes(server, tmp_path, film):
    server.replies["film.mp4"] = Reply(film, headers=MP4)
    assert fetch(server, tmp_path, minimum_s=0.4, maximum_s=0.4, minimum_height=64, maximum_bytes=len(film))


def test_without_the_library_one_line_says_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "yt_dlp", None)
    with pytest.raises(UserError, match="pip install yt-dlp"):
        videos()


def test_the_file_is_a_video_for_the_rest_of_the_program(server, tmp_path, film):
    server.replies["film.mp4"] = Reply(film, headers=MP4)
    info = fetch(server, tmp_path)
    assert probe(info.path) == info
