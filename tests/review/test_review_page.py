"""``courtside review`` as a person meets it: the real program, the real page, a real browser."""

import os
import re
import signal
import socket
import subprocess
import sys
import time

import cv2
import pytest

from chromium import CHROMIUM, MISSING
from courtside import frames, layout
from courtside.apps.params import read_params
from courtside.apps.review_page import Page
from courtside.apps.review_session import Session
from courtside.formats import cvat
from review_repository import ROUND, boxes_table, draw, frames_table, write_repository

MANY = 20_000
# The task that a person sees.
VISIBLE = "[...document.querySelectorAll('.stage')].find((stage) => stage.offsetParent)"

pytest.importorskip("gradio", reason="Gradio is not installed (courtside[review])")


def in_browser(test):
    """Mark a test that needs the system's Chromium."""
    missing = pytest.mark.skipif(not CHROMIUM.is_file(), reason=MISSING)
    return pytest.mark.browser(missing(test))


class App:
    """The program, running in a repository, and a page of it."""

    def __init__(self, root, browser, *options, width=1280):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [sys.executable, "-m", "courtside.apps.cli", "review", "--no-browser", "--port", str(port), *options]
        self.process = subprocess.Popen(
            command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={**os.environ}
        )
        said = self.process.stdout.readline()
        assert f"http://127.0.0.1:{port}/" in said, said + self.process.stdout.read()
        self.problems, self.elsewhere = [], []
        self.context = browser.new_context(viewport={"width": width, "height": 900})
        self.page = self.context.new_page()
        self.page.on("console", lambda message: self.problems.append(message.text))
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("request", lambda request: self._note(request.url, port))
        self.page.goto(f"http://127.0.0.1:{port}/")
        self.settle()

    def _note(self, url, port):
        if not url.startswith((f"http://127.0.0.1:{port}/", "data:", "blob:")):
            self.elsewhere.append(url)

    def seen(self, selector):
        return self.page.locator(f".stage:visible {selector}")

    def settle(self):
        """Wait until the visible task has its answer, and shows a frame or says why not."""
        self.page.wait_for_function(
            f"""() => {{ const stage = {VISIBLE}, text = (name) => stage.querySelector(name).textContent;
                return stage && stage.getAttribute("aria-busy") === "false" &&
                    (text(".frame") || /Press q|exist/.test(text(".veil"))); }}""",
            timeout=60_000,
        )

    def open(self, name):
        self.page.get_by_role("tab", name=name, exact=True).click()
        self.settle()

    def numbers(self):
        texts = [self.seen(f".counter {part}").inner_text() for part in (".done", ".left")]
        return tuple(int(text.replace(",", "")) for text in texts)

    def press(self, key, expected):
        """Press a key and wait until done and left are as expected."""
        self.page.keyboard.press(key)
        self.wait(expected)

    def wait(self, expected):
        self.page.wait_for_function(
            f"""([done, left]) => {{ const text = (name) => {VISIBLE}.querySelector(name).textContent;
                return text(".done") === done && text(".left") === left; }}""",
            arg=[f"{number:,}" for number in expected],
            timeout=20_000,
        )

    def frame(self):
        video, number = re.fullmatch(r"(\w+), frame ([\d,]+)", self.seen(".frame").inner_text()).groups()
        return video, int(number.replace(",", ""))

    def drag(self, start, stop, size):
        """Drag from a place to another, in pixels of the frame."""
        area = self.seen("canvas").bounding_box()
        scale = area["width"] / size[0]
        self.page.mouse.move(area["x"] + start[0] * scale, area["y"] + start[1] * scale)
        self.page.mouse.down()
        for share in (0.3, 0.7, 1.0):
            x, y = (begin + (end - begin) * share for begin, end in zip(start, stop, strict=True))
            self.page.mouse.move(area["x"] + x * scale, area["y"] + y * scale)
        self.page.mouse.up()

    def click(self, place, size):
        area = self.seen("canvas").bounding_box()
        scale = area["width"] / size[0]
        self.page.mouse.click(area["x"] + place[0] * scale, area["y"] + place[1] * scale)

    def quit(self):
        self.page.keyboard.press("q")
        self.page.wait_for_selector(".review-end")
        text = self.page.inner_text(".review-end")
        assert self.process.wait(20) == 0
        said = self.process.stdout.read()
        assert self.problems == []
        assert self.elsewhere == []
        self.context.close()
        return text, said

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(20)
        self.context.close()


@pytest.fixture
def start(browser):
    running = []

    def begin(root, *options, width=1280):
        running.append(App(root, browser, *options, width=width))
        return running[-1]

    yield begin
    for app in running:
        if app.process.poll() is None:
            app.kill()
        app.process.stdout.close()


def lines(path):
    return path.read_text().splitlines()[1:]


@in_browser
def test_frames_are_sorted_key_by_key_and_gone_on_with(tmp_path, start):
    root = write_repository(tmp_path)
    answers = root / "data/labels/monday.csv"
    app = start(root)
    assert app.numbers() == (0, 60)
    assert app.frame() == ("monday", 0)
    app.press("y", (1, 59))
    assert lines(answers) == ["0,ball"]
    assert app.frame() == ("monday", 32)
    app.press("n", (2, 58))
    assert lines(answers) == ["0,ball", "32,no_ball"]
    app.press("u", (1, 59))
    assert lines(answers) == ["0,ball"]
    assert app.frame() == ("monday", 32)
    app.press("Y", (2, 58))
    app.seen("button[data-key=n]").click()  # every key has a button
    app.wait((3, 57))
    assert lines(answers) == ["0,ball", "16,no_ball", "32,ball"]
    assert app.seen(".counts").inner_text().split() == ["ball", "2", "no", "ball", "1"]
    following = app.frame()
    app.kill()

    app = start(root, width=390)
    assert app.numbers() == (3, 57)
    assert app.frame() == following
    assert app.page.evaluate("document.documentElement.scrollWidth") <= 390
    app.page.keyboard.press("u")
    app.page.wait_for_function("/nothing to undo/.test(document.querySelector('.message').textContent)")
    assert app.numbers() == (3, 57)
    app.press("y", (4, 56))
    on_page, on_terminal = app.quit()
    for text in (on_page, on_terminal):
        assert "sorted frames of monday: 4, in data/labels/monday.csv" in text
        assert "name it" not in text


@in_browser
def test_boxes_are_drawn_rejected_and_accepted(tmp_path, start):
    root = write_repository(tmp_path)
    answers = root / "data/labels/monday_reviewed.xml"
    size = (320, 180)
    app = start(root, "--budget", "5", "--apart", "4")
    app.open("Boxes")
    assert app.numbers() == (0, 5)
    _, first = app.frame()
    proposed = boxes_table("monday", [first])
    assert app.seen("ol.boxes li").count() == 2

    app.seen("button[data-key='2']").click()  # player
    app.drag((100, 60), (160, 150), size)
    app.page.wait_for_function("document.querySelectorAll('.stage.boxy ol.boxes li').length === 3")
    app.click((20, 160), size)  # the round's player
    app.page.keyboard.press("r")
    app.seen("ol.boxes li.rejected").wait_for()
    assert not answers.exists()  # begun, and no label yet
    app.kill()

    app = start(root, "--budget", "5", "--apart", "4")
    app.open("Boxes")
    assert app.frame() == ("monday", first)
    assert app.seen("ol.boxes li").count() == 3
    app.press("a", (1, 4))
    read = cvat.read(answers, "monday")
    assert read.frames == [first]
    ball, drawn = read.boxes.sort("label").iter_rows(named=True)
    assert [ball[corner] for corner in ("x1", "y1", "x2", "y2")] == list(proposed.row(0)[2:6])
    assert drawn["label"] == "player"
    assert [drawn[corner] for corner in ("x1", "y1", "x2", "y2")] == pytest.approx([100, 60, 160, 150], abs=1)

    _, second = app.frame()
    app.page.keyboard.press("ArrowRight")
    app.seen("ol.boxes li.selected").wait_for()
    app.page.keyboard.press("x")
    app.page.wait_for_function("document.querySelectorAll('.stage.boxy ol.boxes li').length === 1")
    app.page.keyboard.press("u")
    app.page.wait_for_function("document.querySelectorAll('.stage.boxy ol.boxes li').length === 2")
    app.press("a", (2, 3))
    assert cvat.read(answers, "monday").frames == sorted([first, second])
    app.press("u", (1, 4))
    assert cvat.read(answers, "monday").frames == [first]
    assert app.frame() == ("monday", second)
    app.page.keyboard.press("n")
    app.page.wait_for_function(f"!/frame {second}$/.test(document.querySelector('.stage.boxy .frame').textContent)")
    assert app.numbers() == (1, 4)  # passed over is still to do
    on_page, _ = app.quit()
    assert "reviewed frames of monday: 1, in data/labels/monday_reviewed.xml" in on_page
    assert "name it in videos.monday.reviewed" in on_page


@in_browser
def test_doubted_answers_are_kept_changed_and_dropped(tmp_path, start):
    root = write_repository(tmp_path)
    answers, confirmed = root / "data/labels/monday.csv", root / "data/labels/monday_confirmed.csv"
    answers.parent.mkdir(parents=True)
    answers.write_text("frame,ball\n0,1\n1,1\n2,0\n")
    app = start(root, "--budget", "3")
    app.open("Clean")
    assert app.frame() == ("monday", 0)  # the highest loss
    assert "labelled ball; the classifier says no_ball (98%)" in app.seen(".about").inner_text()
    app.press("1", (1, 5))  # no_ball
    assert lines(answers) == ["0,no_ball", "1,ball", "2,no_ball"]
    app.press("k", (2, 4))
    assert lines(answers) == ["0,no_ball", "1,ball", "2,no_ball"]
    app.press("d", (3, 3))
    assert lines(answers) == ["0,no_ball", "1,dropped", "2,no_ball"]
    app.press("u", (2, 4))
    assert lines(answers) == ["0,no_ball", "1,ball", "2,no_ball"]
    assert lines(confirmed) == ["0,no_ball", "2,no_ball"]

    app.open("Low scores")
    assert app.numbers() == (0, 3)
    _, lowest = app.frame()
    assert app.seen("ol.boxes li.selected").inner_text().split()[:2] == ["ball", "0.50"]
    app.press("d", (1, 2))
    labels = root / "data/labels/monday_reviewed.xml"
    assert cvat.read(labels, "monday").boxes["label"].to_list() == ["player"]
    _, second = app.frame()
    app.press("2", (2, 1))
    read = cvat.read(labels, "monday")
    assert read.frames == sorted([lowest, second])
    assert read.boxes.filter(read.boxes["frame"] == second)["label"].to_list() == ["player", "player"]
    app.press("k", (3, 0))
    app.kill()

    app = start(root, "--budget", "3")
    app.open("Clean")
    assert app.numbers() == (2, 4)
    assert app.frame() == ("monday", 1)
    app.open("Low scores")
    assert app.numbers() == (3, 0)
    assert "All done" in app.seen(".veil").inner_text()
    app.quit()


@in_browser
def test_twenty_thousand_candidates(tmp_path, start):
    """A folder of images that repeat: the counter and the answers hold, and a start goes on."""
    root = write_repository(tmp_path, videos=("many",), count=12)
    folder = root / "data/videos/many.mp4"
    folder.unlink()
    folder.mkdir()
    for number in range(10):
        cv2.imwrite(str(root / f"{number}.jpg"), draw(number, (64, 36)))
    for number in range(MANY):
        os.link(root / f"{number % 10}.jpg", folder / f"{number:05}.jpg")
    frames.write(root / layout.LEARN_FRAMES, frames_table("many", MANY))
    answers = root / "data/labels/many.csv"
    answers.parent.mkdir(parents=True)
    # All but two hundred are sorted already: the file is as long as it gets.
    rows = [f"{number},{'ball' if number % 3 else 'no_ball'}" for number in range(MANY) if number % 100]
    answers.write_text("\n".join(["frame,label", *rows]) + "\n")
    app = start(root)
    assert app.numbers() == (19_800, 200)
    balls = sum(row.endswith(",ball") for row in rows)
    seen = []
    for step, key in enumerate("ynyyn", start=1):
        seen.append(app.frame()[1])
        app.press(key, (19_800 + step, 200 - step))
    written = dict(line.split(",") for line in lines(answers))
    assert len(written) == 19_805
    assert [written[str(number)] for number in seen] == ["ball", "no_ball", "ball", "ball", "no_ball"]
    assert len(set(seen)) == 5
    assert all(number % 100 == 0 for number in seen)
    assert app.seen(".counts b").first.inner_text() == f"{balls + 3:,}"
    app.press("u", (19_804, 196))
    assert str(seen[-1]) not in dict(line.split(",") for line in lines(answers))
    app.quit()


@in_browser
def test_a_task_without_its_tables_says_so_and_the_others_work(tmp_path, start):
    root = write_repository(tmp_path)
    (root / f"data/label/{ROUND}.parquet").unlink()
    app = start(root)
    app.open("Boxes")
    assert f"data/label/{ROUND}.parquet does not exist; run `dvc repro`" in app.seen(".veil").inner_text()
    app.open("Sort")
    app.press("y", (1, 59))
    app.quit()


def test_the_program_itself_asks_nobody(tmp_path, monkeypatch):
    root = write_repository(tmp_path)
    asked = []
    connect, look_up = socket.socket.connect, socket.getaddrinfo
    monkeypatch.setattr(socket.socket, "connect", lambda own, place: (asked.append(place[0]), connect(own, place))[1])
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *more, **named: (asked.append(host), look_up(host, *more, **named))[1]
    )
    config = read_params(root / "params.yaml")
    session = Session(config, root, ["monday"], ROUND, budget=2, frames_apart=4)
    page = Page(session, "monday", ["no_ball", "ball"], ["ball"], None)
    time.sleep(1)  # whoever asks does so in a thread
    page.close()
    session.close()
    assert set(asked) <= {"127.0.0.1", "localhost"}
