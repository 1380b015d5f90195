"""A class's folder filled from a source, whatever the source is."""

import threading
import time

import pytest

from courtside.collecting.collect import ImageLimits, collect, known_pictures
from courtside.collecting.manifest import Manifest, Record
from courtside.collecting.protocol import Candidate, FetchError
from courtside.errors import UserError
from web_server import encoded, jpeg, photo


class Shelf:
    """A source whose images lie in a dictionary; an exception there is raised, a number is seconds to wait before."""

    def __init__(self, **shelf):
        self.shelf = shelf
        self.read_so_far = []
        self.found_so_far = []
        self.closed = False

    def find(self, term):
        if term == "wrong":
            raise UserError("no such term")
        return self._find(term)

    def _find(self, term):
        for name in self.shelf:
            if name.startswith(term):
                self.found_so_far.append(name)
                yield Candidate(name, page=f"page of {name}")
        if term == "":
            raise FetchError("the search broke off")

    def read(self, address):
        self.read_so_far.append(address)
        value = self.shelf[address]
        if isinstance(value, tuple):
            time.sleep(value[0])
            value = value[1]
        if isinstance(value, BaseException):
            raise value
        return value

    def close(self):
        self.closed = True


def run(folder, source, terms=("a",), label="ball", **limits):
    limits = ImageLimits(**{"count": 10, "minimum_side": 64, **limits})
    with Manifest(folder) as manifest:
        tally = collect(label, list(terms), source, manifest, known_pictures(manifest, limits.near_bits), limits)
        return tally, list(manifest)


def statuses(records):
    return {record.address: record.status for record in records}


def files(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*") if path.is_file())


def test_each_image_is_judged_and_listed(tmp_path):
    source = Shelf(
        a1=jpeg(1),
        a2=jpeg(1),
        a3=encoded(photo(1), quality=60),
        a4=b"<html>",
        a5=jpeg(5, width=50, height=50),
        a6=FetchError("HTTP status 404"),
        a7=encoded(photo(7), ".webp"),
    )
    tally, records = run(tmp_path, source)
    assert statuses(records) == {
        "a1": "kept",
        "a2": "duplicate",
        "a3": "duplicate",
        "a4": "rejected",
        "a5": "rejected",
        "a6": "failed",
        "a7": "kept",
    }
    assert (tally.kept, tally.before, tally.duplicates, tally.rejected) == (2, 0, 2, 2)
    assert tally.failures == [("a6", "HTTP status 404")]
    kept = [record for record in records if record.status == "kept"]
    assert files(tmp_path) == sorted(["manifest.jsonl", *(record.file for record in kept)])
    assert (tmp_path / kept[0].file).read_bytes() == jpeg(1)
    assert [record.file for record in records[1:3]] == [kept[0].file] * 2
    assert records[0].page == "page of a1"


def test_no_more_are_asked_for_than_are_wanted(tmp_path):
    source = Shelf(**{f"a{index}": jpeg(index) for index in range(9)})
    tally, _ = run(tmp_path, source, count=3)
    assert tally.kept == 3
    assert sorted(source.read_so_far) == source.found_so_far == ["a0", "a1", "a2"]


def test_the_order_of_the_source_decides_not_that_of_arrival(tmp_path):
    source = Shelf(a1=(0.1, jpeg(1)), a2=encoded(photo(1), quality=60), a3=jpeg(3))
    _, records = run(tmp_path, source)
    assert statuses(records) == {"a1": "kept", "a2": "duplicate", "a3": "kept"}


def test_only_so_many_are_asked_for_at_once(tmp_path):
    working, most, lock = [0], [0], threading.Lock()

    class Counting(Shelf):
        def read(self, address):
            with lock:
                working[0] += 1
                most[0] = max(most[0], working[0])
            time.sleep(0.02)
            with lock:
                working[0] -= 1
            return super().read(address)

    run(tmp_path, Counting(**{f"a{index}": jpeg(index) for index in range(9)}), parallel=3)
    assert most[0] == 3


def test_a_second_call_asks_only_for_what_is_not_settled(tmp_path):
    shelf = {"a1": jpeg(1), "a2": b"<html>", "a3": jpeg(1), "a4": FetchError("later"), "a5": jpeg(5)}
    run(tmp_path, Shelf(**shelf))
    again = Shelf(**{**shelf, "a4": jpeg(4)})
    tally, records = run(tmp_path, again)
    assert again.read_so_far == ["a4"]
    assert (tally.before, tally.kept) == (2, 1)
    assert statuses(records)["a4"] == "kept"
    full = Shelf(**shelf)
    tally, _ = run(tmp_path, full, count=3)
    assert (tally.before, tally.kept, full.found_so_far) == (3, 0, [])


def test_under_other_limits_unfit_images_are_judged_again(tmp_path):
    shelf = {"a1": jpeg(1), "a2": jpeg(2, width=60, height=60), "a3": encoded(photo(1), ".png")}
    run(tmp_path, Shelf(**shelf))
    again = Shelf(**shelf)
    tally, _ = run(tmp_path, again, minimum_side=50, near_bits=None)
    assert again.read_so_far == ["a2", "a3"]
    assert tally.kept == 2


def test_what_a_person_deleted_stays_away_and_makes_room_for_another(tmp_path):
    _, records = run(tmp_path, Shelf(a1=jpeg(1), a2=jpeg(2)), count=2)
    (tmp_path / records[0].file).unlink()
    source = Shelf(a1=jpeg(1), a1_copy=jpeg(1), a2=jpeg(2), a3=jpeg(3), a4=jpeg(4))
    tally, records = run(tmp_path, source, count=2)
    assert (tally.before, tally.kept) == (1, 1)
    assert statuses(records) == {"a1": "kept", "a2": "kept", "a1_copy": "duplicate", "a3": "kept"}


def test_an_image_is_in_one_class_only(tmp_path):
    shelf = {"a1": jpeg(1), "b1": jpeg(1), "b2": jpeg(2)}
    run(tmp_path, Shelf(**shelf))
    tally, records = run(tmp_path, Shelf(**shelf), terms=["a", "b"], label="hoop")
    assert (tally.kept, tally.duplicates) == (1, 1)
    assert [record.label for record in records] == ["ball", "hoop", "hoop"]
    assert records[2].file.startswith("hoop/")


def test_a_search_that_breaks_off_costs_what_it_had_not_found_yet(tmp_path):
    tally, records = run(tmp_path, Shelf(a1=jpeg(1), b1=jpeg(2)), terms=["", "b"])
    assert tally.failures == [("", "the search broke off")]
    assert statuses(records) == {"a1": "kept", "b1": "kept"}


def test_a_wrong_term_is_told_of_before_anything_is_asked_for(tmp_path):
    source = Shelf(a1=jpeg(1))
    with pytest.raises(UserError, match="no such term"):
        run(tmp_path / "out", source, terms=["a", "wrong"])
    assert source.read_so_far == []
    assert not (tmp_path / "out").exists()


def test_an_interruption_closes_the_source_and_loses_nothing(tmp_path):
    shelf = {"a1": jpeg(1), "a2": KeyboardInterrupt(), "a3": jpeg(3), "a4": jpeg(4)}
    source = Shelf(**shelf)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, source, parallel=1)
    assert source.closed
    with Manifest(tmp_path) as manifest:
        assert statuses(manifest) == {"a1": "kept"}
    again = Shelf(**{**shelf, "a2": jpeg(2)})
    run(tmp_path, again)
    assert "a1" not in again.read_so_far
    assert len(files(tmp_path)) == 5


def test_a_file_whose_record_a_kill_came_before_gets_it(tmp_path):
    run(tmp_path, Shelf(a1=jpeg(1)))
    (tmp_path / "manifest.jsonl").write_text("")
    tally, records = run(tmp_path, Shelf(a1=jpeg(1)))
    assert tally.kept == 1
    assert files(tmp_path) == sorted(["manifest.jsonl", records[0].file])


def test_old_records_without_a_hash_are_no_hindrance(tmp_path):
    with Manifest(tmp_path) as manifest:
        manifest.add(Record("a0", "kept", label="ball", file="ball/0.jpg"))
    tally, _ = run(tmp_path, Shelf(a1=jpeg(1)))
    assert (tally.before, tally.kept) == (0, 1)
