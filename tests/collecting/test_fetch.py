"""A folder filled with videos, whatever brings them."""

import pytest

from courtside.collecting.fetch import SCRATCH, Wanted, fetch, file_stem
from courtside.collecting.manifest import Manifest
from courtside.collecting.protocol import FetchError, UnfitError
from courtside.video.source import probe
from web_server import write_mp4


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    folder = tmp_path_factory.mktemp("films")
    return {seed: write_mp4(folder / f"{seed}.mp4", seed) for seed in (1, 2)}


class Cinema:
    """Brings what a dictionary holds for an address: bytes, or an exception, which leaves a part behind."""

    def __init__(self, **reel):
        self.reel = {f"http://a/{name}.mp4": value for name, value in reel.items()}
        self.asked = []

    def fetch(self, address, scratch, report):
        self.asked.append(address)
        scratch.mkdir(parents=True, exist_ok=True)
        value = self.reel[address]
        if isinstance(value, BaseException):
            if not isinstance(value, FetchError) or "refused" not in str(value):
                (scratch / "video.mp4.part").write_bytes(b"part")
            raise value
        report(0, 1)
        (scratch / "video.mp4").write_bytes(value)
        return probe(scratch / "video.mp4")


def run(folder, cinema, rules="1", limit=None):
    with Manifest(folder) as manifest:
        wanted = [Wanted(address, "basketball") for address in cinema.reel]
        return fetch(wanted, cinema, manifest, rules, limit), {record.address: record for record in manifest}


def names(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_each_video_is_listed_and_nothing_else_is_left(tmp_path, films):
    cinema = Cinema(one=films[1], two=films[2], again=films[1], wrong=UnfitError("short"), gone=FetchError("HTTP 404"))
    tally, records = run(tmp_path, cinema)
    assert tally.kept == ["one.mp4", "two.mp4"]
    assert (tally.duplicates, tally.rejected) == (1, [("http://a/wrong.mp4", "short")])
    assert tally.failures == [("http://a/gone.mp4", "HTTP 404")]
    assert [record.status for record in records.values()] == ["kept", "kept", "duplicate", "rejected", "failed"]
    one = records["http://a/one.mp4"]
    assert (one.label, one.file, one.width, one.height, one.seconds) == ("basketball", "one.mp4", 96, 64, 0.4)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["manifest.jsonl", "one.mp4", "two.mp4"]


def test_a_second_call_brings_only_what_is_missing(tmp_path, films):
    cinema = Cinema(one=films[1], wrong=UnfitError("short"), late=FetchError("busy", temporary=True))
    run(tmp_path, cinema)
    assert len(names(tmp_path / SCRATCH)) == 1  # the part, to go on with
    cinema.asked.clear()
    cinema.reel["http://a/late.mp4"] = films[2]
    tally, _ = run(tmp_path, cinema)
    assert cinema.asked == ["http://a/late.mp4"]
    assert (tally.before, tally.kept) == (1, ["late.mp4"])
    assert not (tmp_path / SCRATCH).exists()
    (tmp_path / "one.mp4").unlink()
    run(tmp_path, cinema, rules="2")
    assert cinema.asked[1:] == ["http://a/one.mp4", "http://a/wrong.mp4"]
    assert names(tmp_path) == ["late.mp4", "manifest.jsonl", "one.mp4"]


def test_a_failure_without_a_part_leaves_no_folder(tmp_path):
    run(tmp_path, Cinema(late=FetchError("refused", temporary=True)))
    assert names(tmp_path) == ["manifest.jsonl"]
    assert not (tmp_path / SCRATCH).exists()


def test_an_interruption_leaves_nothing_under_a_final_name(tmp_path, films):
    cinema = Cinema(one=films[1], two=KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, cinema)
    assert [name for name in names(tmp_path) if not name.startswith(SCRATCH)] == ["manifest.jsonl", "one.mp4"]
    cinema.reel["http://a/two.mp4"] = films[2]
    run(tmp_path, cinema)
    assert names(tmp_path) == ["manifest.jsonl", "one.mp4", "two.mp4"]


def test_the_limit_counts_what_is_there(tmp_path, films):
    cinema = Cinema(gone=FetchError("HTTP 404"), one=films[1], two=films[2])
    tally, _ = run(tmp_path, cinema, limit=1)
    assert (tally.kept, len(cinema.asked)) == (["one.mp4"], 2)
    tally, _ = run(tmp_path, cinema, limit=1)
    assert (tally.before, tally.kept) == (1, [])


def test_a_duplicate_comes_when_what_it_repeats_is_deleted(tmp_path, films):
    cinema = Cinema(one=films[1], again=films[1])
    run(tmp_path, cinema)
    (tmp_path / "one.mp4").unlink()
    del cinema.reel["http://a/one.mp4"]
    tally, _ = run(tmp_path, cinema)
    assert tally.kept == ["again.mp4"]


def test_a_persons_own_file_is_not_written_over(tmp_path, films):
    (tmp_path / "one.mp4").write_bytes(b"mine")
    tally, _ = run(tmp_path, Cinema(one=films[1]))
    assert (tmp_path / "one.mp4").read_bytes() == b"mine"
    assert len(tally.kept) == 1
    assert tally.kept[0].startswith("one_")


def test_a_file_whose_record_a_kill_came_before_gets_it(tmp_path, films):
    (tmp_path / "one.mp4").write_bytes(films[1])
    tally, _ = run(tmp_path, Cinema(one=films[1]))
    assert tally.kept == ["one.mp4"]
    assert names(tmp_path) == ["manifest.jsonl", "one.mp4"]


@pytest.mark.parametrize(
    ("address", "stem"),
    [
        ("https://www.youtube.com/watch?v=-wtIMTCHWuI&t=3", "youtube_-wtIMTCHWuI"),
        ("https://youtu.be/RE0kZJ3P10A", "youtube_RE0kZJ3P10A"),
        ("https://www.youtube.com/watch?v=../../etc", "watch"),
        ("http://a/films/Final%20Game%20(2).MP4?x=1", "final_game_2"),
        ("http://a/../../x/..%2F..%2Fpasswd.mp4", "passwd"),
        ("http://a.example/", "a_example"),
        ("http://a/---.mp4", "video"),
        ("http://a/" + "x" * 300 + ".mp4", "x" * 80),
    ],
)
def test_names_of_files(address, stem):
    assert file_stem(address) == stem
