"""Files over HTTP from a server that does not always behave."""

import socket

import pytest

from courtside.collecting.download import Downloader
from courtside.collecting.patience import Patience, Turns
from courtside.collecting.protocol import FetchError, UnfitError
from web_server import Reply

BODY = bytes(range(256)) * 40


def downloader(delay_s=0.0, attempts=3, **limits):
    return Downloader(Turns(Patience(delay_s=delay_s, attempts=attempts, longest_wait_s=5)), **limits)


def test_the_content_comes_whole_and_the_server_learns_who_asks(server):
    server.replies["a"] = Reply(BODY)
    assert downloader().get(server.address("a")) == BODY
    assert server.asked[0][1]["User-Agent"].startswith("courtside/")


@pytest.mark.parametrize("status", [404, 403, 410])
def test_a_refusal_is_not_argued_with(server, status):
    server.replies["a"] = Reply(status=status)
    with pytest.raises(FetchError, match=f"HTTP status {status}") as failure:
        downloader().get(server.address("a"))
    assert not failure.value.temporary
    assert server.paths() == ["a"]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_server_is_asked_again(server, status):
    server.replies["a"] = [Reply(status=status), Reply(BODY)]
    assert downloader().get(server.address("a")) == BODY
    assert server.paths() == ["a", "a"]


def test_retry_after_is_honoured(server):
    server.replies["a"] = [Reply(status=429, headers={"Retry-After": "1"}), Reply(BODY)]
    assert downloader().get(server.address("a")) == BODY
    assert server.asked[1][2] - server.asked[0][2] >= 1


def test_after_too_long_a_retry_after_the_host_is_left_alone(server):
    server.replies["a"] = Reply(status=429, headers={"Retry-After": "900"})
    server.replies["b"] = Reply(BODY)
    bringing = downloader()
    with pytest.raises(FetchError, match="429"):
        bringing.get(server.address("a"))
    with pytest.raises(FetchError, match="asks to wait 900 s"):
        bringing.get(server.address("b"))
    assert server.paths() == ["a"]


def test_a_body_that_is_cut_off_is_no_body(server):
    server.replies["a"] = [Reply(BODY, sent=1000), Reply(BODY, sent=2000), Reply(BODY)]
    assert downloader().get(server.address("a")) == BODY
    server.replies["b"] = Reply(BODY, sent=1000)
    with pytest.raises(FetchError, match="broken off"):
        downloader(attempts=2).get(server.address("b"))


def test_what_is_too_large_is_not_loaded(server):
    server.replies["declared"] = Reply(BODY)
    server.replies["undeclared"] = Reply(BODY, headers={"Content-Length": "", "Connection": "close"}, sent=len(BODY))
    for path in ("declared", "undeclared"):
        with pytest.raises(UnfitError, match=r"larger than 0\.01 MB"):
            downloader(maximum_bytes=10_000).get(server.address(path))
    assert server.paths() == ["declared", "undeclared"]


def test_a_server_that_falls_silent_or_drips_is_given_up(server):
    server.replies["silent"] = Reply(BODY, pause_s=0.5)
    with pytest.raises(FetchError, match="stopped answering"):
        downloader(attempts=1, timeout_s=0.2).get(server.address("silent"))
    with pytest.raises(FetchError, match=r"longer than 0\.3 s"):
        downloader(attempts=1, longest_s=0.3).get(server.address("silent"))


def test_redirects_are_followed_but_not_for_ever(server):
    server.replies["a"] = Reply(status=302, headers={"Location": "/b"})
    server.replies["b"] = Reply(BODY)
    server.replies["round"] = Reply(status=302, headers={"Location": "/round"})
    server.replies["disk"] = Reply(status=302, headers={"Location": "file:///etc/hostname"})
    assert downloader().get(server.address("a")) == BODY
    with pytest.raises(FetchError, match="redirect"):
        downloader().get(server.address("round"))
    with pytest.raises(FetchError):
        downloader().get(server.address("disk"))


def test_a_host_that_is_not_there_is_given_up():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: a connection is refused
        bringing = downloader(attempts=2)
        with pytest.raises(FetchError, match="no connection"):
            bringing.get(f"http://127.0.0.1:{taken.getsockname()[1]}/a")
        with pytest.raises(FetchError, match="cannot be reached"):
            bringing.get("http://127.0.0.1:1/b")


@pytest.mark.parametrize("address", ["http://[::1", "ftp://127.0.0.1/a", "http://127.0.0.1:99999/a"])
def test_an_address_that_is_none_is_a_failure(address):
    with pytest.raises(FetchError):
        downloader().get(address)


def test_after_closing_nothing_comes(server):
    server.replies["a"] = Reply(BODY)
    bringing = downloader()
    bringing.close()
    bringing.close()
    with pytest.raises(FetchError):
        bringing.get(server.address("a"))
    assert server.paths() == []
