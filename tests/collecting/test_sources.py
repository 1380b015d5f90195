"""Where images come from: a folder, a list of addresses, DuckDuckGo as the library ddgs answers."""

import sys
import types

import pytest

from courtside.collecting.addresses import AddressList, read_addresses
from courtside.collecting.download import Downloader
from courtside.collecting.folder import Folder
from courtside.collecting.patience import Patience, Turns
from courtside.collecting.protocol import FetchError, UnfitError
from courtside.collecting.search import DuckDuckGo, duckduckgo
from courtside.errors import UserError
from web_server import Reply


@pytest.fixture
def turns():
    return Turns(Patience(delay_s=0, attempts=2))


def found(source, term):
    return [candidate.address for candidate in source.find(term)]


def test_a_folder_gives_its_images_in_order(tmp_path):
    for name in ("b.PNG", "a/c.jpg", "a/notes.txt", "d.webp"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    source = Folder(maximum_bytes=6)
    addresses = found(source, str(tmp_path))
    assert [address.removeprefix(f"{tmp_path}/") for address in addresses] == ["a/c.jpg", "b.PNG", "d.webp"]
    assert source.read(addresses[1]) == b"b.PNG"
    with pytest.raises(UnfitError):
        source.read(addresses[0])
    (tmp_path / "d.webp").unlink()
    with pytest.raises(FetchError):
        source.read(addresses[2])


def test_a_folder_that_is_none_or_holds_none_is_one_line(tmp_path):
    for term in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(UserError):
            Folder().find(str(term))


def test_a_list_gives_each_address_once(tmp_path, turns, server):
    path = tmp_path / "list.txt"
    address = server.address("a")
    path.write_text(f"\ufeff{address}\n\n# more\n  https://b.example/x#y \n{address}\r\n", encoding="utf-8")
    source = AddressList(Downloader(turns))
    assert found(source, str(path)) == [address, "https://b.example/x#y"]
    server.replies["a"] = Reply(b"came")
    assert source.read(address) == b"came"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("http://a/\nfile:///etc/passwd\n", "line 2"),
        ("court.jpg", "line 1"),
        ("http://", "line 1"),
        ("http://[", "line 1"),
        ("# nothing\n", "no address"),
        (b"\xff\xfe\x00", "cannot be read"),
        (None, "does not exist"),
    ],
)
def test_a_list_that_is_none_is_one_line(tmp_path, content, words):
    path = tmp_path / "list.txt"
    if content is not None:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(UserError, match=words):
        read_addresses(path)


def pages_of(*pages):
    """A search that answers with these pages, the last one again and again, and the pages it was asked for."""
    asked = []

    def search(term, page):
        asked.append((term, page))
        answer = pages[min(page, len(pages)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return [{"image": name, "url": f"of {name}"} for name in answer]

    return search, asked


def test_a_search_goes_from_page_to_page_only_when_more_is_wanted(turns):
    search, asked = pages_of("ab", "bc", "bc")
    candidates = DuckDuckGo(search, Downloader(turns), turns).find("court")
    assert [next(candidates).address for _ in range(2)] == ["a", "b"]
    assert asked == [("court", 1)]
    assert [(candidate.address, candidate.page) for candidate in candidates] == [("c", "of c")]
    assert asked == [("court", 1), ("court", 2), ("court", 3)]


def test_a_search_that_fails_is_repeated_and_then_told_of(turns):
    failure = FetchError("busy", temporary=True)
    search, asked = pages_of("a", failure)
    candidates = DuckDuckGo(search, Downloader(turns), turns).find("court")
    assert next(candidates).address == "a"
    with pytest.raises(FetchError, match="busy"):
        next(candidates)
    assert asked == [("court", 1), ("court", 2), ("court", 2)]


def test_an_empty_term_is_one_line(turns):
    with pytest.raises(UserError, match="empty"):
        DuckDuckGo(pages_of("")[0], Downloader(turns), turns).find(" ")


def test_without_the_library_one_line_says_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "ddgs", None)
    with pytest.raises(UserError, match="pip install ddgs"):
        duckduckgo()


class _Engine:
    def __init__(self, **options):
        self.options = options

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def images(self, query, *, page, max_results, backend, **more):
        assert (backend, max_results, more) == ("duckduckgo", None, {"license_image": "Public"})
        if page == 3:
            raise sys.modules["ddgs.exceptions"].DDGSException("HTTP 202 Ratelimit")
        if page == 2:
            raise sys.modules["ddgs.exceptions"].DDGSException("No results found.")
        return [{"image": "a", "url": "b"}]


def test_the_library_is_asked_for_one_page(monkeypatch):
    error = type("DDGSException", (Exception,), {})
    monkeypatch.setitem(sys.modules, "ddgs", types.SimpleNamespace(DDGS=_Engine))
    monkeypatch.setitem(sys.modules, "ddgs.exceptions", types.SimpleNamespace(DDGSException=error))
    search = duckduckgo(license_image="Public")
    assert search("court", 1) == [{"image": "a", "url": "b"}]
    assert search("court", 2) == []
    with pytest.raises(FetchError, match="Ratelimit") as failure:
        search("court", 3)
    assert failure.value.temporary


def test_the_library_is_as_we_take_it_to_be():
    ddgs = pytest.importorskip("ddgs")
    from ddgs.engines import ENGINES
    from ddgs.exceptions import DDGSException

    assert "duckduckgo" in ENGINES["images"]
    assert issubclass(DDGSException, Exception)
    assert callable(ddgs.DDGS.images)
