"""The rendered page: complete, self-contained, and nothing in it unescaped."""

import json
import re
import shutil
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from courtside.report.collect import collect
from courtside.report.glossary import TERMS
from courtside.report.page import render, write

SECTIONS = (
    "glance",
    "cleaning",
    "split",
    "classifier",
    "datasets",
    "rounds",
    "labels",
    "tracking",
    "videos",
    "examples",
    "glossary",
    "provenance",
)
VOID = {"meta", "link", "img", "br", "hr", "input", "source"}


class Page(HTMLParser):
    """Collects tags, links, identities and table cells, and checks that tags are closed in order."""

    def __init__(self, html):
        super().__init__()
        self.open, self.tags, self.ids, self.addresses, self.rows, self.text = [], [], [], [], [], []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.tags.append((tag, values))
        self.ids += [values["id"]] if "id" in values else []
        self.addresses += [values[key] for key in ("src", "href", "poster", "srcset", "data") if key in values]
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, text):
        self.text.append(text)
        if self.open and {"td", "th"} & set(self.open) and self.rows:
            self.rows[-1][-1] += text

    def cells(self, first):
        return [[cell.strip() for cell in row] for row in self.rows if row and row[0].strip() == first]


@pytest.fixture
def page(root, settings):
    return Page(render(collect(root, settings)))


def test_there_is_one_heading_and_every_section(page):
    assert [tag for tag, _ in page.tags].count("h1") == 1
    assert [values["id"] for tag, values in page.tags if tag == "section"] == list(SECTIONS)
    assert len(page.ids) == len(set(page.ids))


def test_the_page_asks_for_nothing_outside_itself(root, settings):
    html = render(collect(root, settings))
    assert all(address.startswith(("data:", "#")) for address in Page(html).addresses)
    for request in ("http://", "https://", "url(", "@import", "fetch(", "XMLHttpRequest"):
        assert request not in html


def test_every_link_within_the_page_has_a_target(page):
    targets = {address[1:] for address in page.addresses if address.startswith("#")}
    assert targets <= set(page.ids)
    assert {f"about-{term.key}" for term in TERMS} <= set(page.ids)


def test_every_explained_term_is_used(page):
    used = {address.removeprefix("#about-") for address in page.addresses if address.startswith("#about-")}
    assert {term.key for term in TERMS} - used == {"iou"}  # explained for the sake of the others


def test_the_cleaning_table_shows_counts_and_percentages(page):
    assert page.cells("harbor learn") == [
        ["harbor learn", "1,13359.85%", "19010.04%", "30.16%", "00.00%", "00.00%", "38920.55%", "1789.40%", "1,893"]
    ]
    assert page.cells("clip 1")[0][1] == "35258.37%"
    # The ball filter never saw the test video.
    assert page.cells("summit test")[0][-2:] == ["–", "400"]
    assert page.cells("Total")[0][1] == "1,43362.49%"


def test_rounds_stand_side_by_side_with_the_best_marked(root, settings):
    html = render(collect(root, settings))
    page = Page(html)
    assert page.cells("mAP50") == [["mAP50", "0.690", "0.790", "0.890"]]
    assert page.cells("95% interval") == [["95% interval", "0.630–0.730", "0.730–0.830", "0.830–0.930"]]
    assert page.cells("AP50")[0] == ["AP50", "0.550", "0.650", "0.750"]  # the ball comes first
    assert page.cells("Teacher") == [["Teacher", "gold", "yolo_n_100", "yolo_n_200"]]
    assert page.cells("Found, FP, FN")[0][1] == "910, 75, 132"
    assert '<td class="best">0.890</td>' in html
    assert '<td class="best">0.790</td>' not in html


def test_one_table_has_everything_about_a_round(page):
    table = [row[0].strip() for row in page.rows[next(i for i, row in enumerate(page.rows) if row[0] == "Verdict") :]]
    assert page.cells("Verdict") == [["Verdict", "accepted", "accepted", "champion"]]
    assert page.cells("Detector") == [["Detector", "yolov8n", "yolov8n", "yolov8n"]]
    assert page.cells("labelled by hand")[0] == ["labelled by hand", "85", "85", "85"]
    assert page.cells("pseudo-labelled") == [["pseudo-labelled", "0", "100", "200"]]
    assert ["Epochs", "8", "7", "6"] in page.cells("Epochs")
    assert page.cells("gain on the round before") == [["gain on the round before", "–", "+0.100", "+0.100"]]
    # Draw by draw the later round is exactly so much better, whatever the width of either interval.
    assert page.cells("its 95% interval")[0][1:] == ["–", "+0.100 to +0.100", "+0.100 to +0.100"]
    assert page.cells("Best confidence") == [["Best confidence", "0.314", "0.314", "0.314"]]
    assert page.cells("All right from") == [["All right from", "–", "0.910", "0.920"]]
    assert ["F1", "0.755", "0.686", "0.686"] in page.cells("F1")  # of its labels: the plain ones where these are used
    assert (
        table.index("mAP50")
        < table.index("mAP50-95")
        < table.index("ball")
        < table.index("gain on the champion before")
    )


def test_rounds_drawn_from_other_test_sets_have_no_interval_of_their_difference(root, settings):
    path = root / "reports/evaluate/yolo_n_200/resamples.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"seed": 8}))
    (root / "reports/evaluate/yolo_n_400/resamples.json").unlink()
    page = Page(render(collect(root, settings)))
    assert page.cells("gain on the round before")[0][1:] == ["–", "+0.100", "+0.100"]
    assert page.cells("its 95% interval")[0][1:] == ["–", "–", "–"]


def test_a_rejected_round_is_plain_to_see(root, settings):
    path = root / "reports/label/yolo_n_200/metrics.json"
    comparison = {"with": "yolo_n_100", "difference": -0.2, "low": -0.3, "high": -0.1}
    changed = {"rejected": True, "accepted": True, "champion": "yolo_n_100", "comparison": comparison}
    path.write_text(json.dumps(json.loads(path.read_text()) | changed))
    html = render(collect(root, settings))
    page = Page(html)
    assert page.cells("Verdict")[0][1:] == ["accepted", "rejected", "champion"]
    assert '<b class="best">rejected</b>' in html
    assert page.cells("gain on the champion before")[0][1:] == ["–", "−0.200", "–"]
    assert page.cells("its 95% interval")[1][1:] == ["–", "−0.300 to −0.100", "–"]
    closing = "".join(page.text).split("In words")[1]
    said = closing.split("yolo_n_200")[1].strip()
    assert said.startswith("rejected")
    assert "Rejected: in the audit its labels (F1 0.655, precision 0.900, recall 0.650) are worse" in said


def test_every_round_is_closed_in_words(page):
    closing = "".join(page.text).split("In words")[1]
    assert "yolo_n_200 learned for 7 epochs from 185 images, 85 labelled by hand and 100 by yolo_n_100." in closing
    assert "From a confidence of 0.910 on everything it finds is right." in closing
    assert "Its mAP50 is 0.100 higher than that of yolo_n_200, by more than noise" in closing


def test_a_round_that_was_not_trained_makes_a_page(root, settings):
    """A pretrained detector as it is: no images, no epochs, and labels that nobody could audit."""
    path = root / "reports/train/yolo_n_100/metrics.json"
    nothing = {"images": {"train": 0, "val": 0}, "human_images": 0, "epochs": [], "teacher": "zero_shot"}
    path.write_text(json.dumps(json.loads(path.read_text()) | nothing))
    empty = {"images": {"train": 0, "val": 0}, "human": 0, "teacher": 0, "background": 0}
    empty["boxes"] = {label: {"train": 0, "val": 0} for label in ("ball", "player", "referee")}
    (root / "reports/dataset/yolo_n_100/metrics.json").write_text(json.dumps(empty))
    (root / "reports/dataset/yolo_n_100/labels.json").write_text("{}")
    null = dict.fromkeys(("precision", "recall", "f1", "mean_iou", "boxes"))
    audit = {"before": null, "after": null, "steps": [{"name": "size", "removed": 1, "added": 0, "moved": 0} | null]}
    audit |= {"frames": {"labelled": 12, "audited": 0}, "accepted": None, "champion": "yolo_n_100", "comparison": None}
    audit |= {"intervals": {"before": None, "after": {"f1": None}}, "rejected": False}
    (root / "reports/label/yolo_n_100/metrics.json").write_text(json.dumps(audit))
    content = collect(root, settings)
    page = Page(render(content))
    text = "".join(page.text)
    assert page.cells("Verdict")[0][1:] == ["–", "accepted", "champion"]
    assert ["Epochs", "not trained", "7", "6"] in page.cells("Epochs")
    assert page.cells("Images to train on")[-1][1:] == ["0", "185", "285"]
    assert "yolo_n_100 was not trained: yolov8n is scored as it is." in text
    assert "yolo_n_100 learned from no box." in text
    assert "Not audited: no person labelled a frame to compare these labels with." in text
    assert "Nobody knows how right the labels of yolo_n_100 are" in text
    assert page.cells("Boxes of ball") == [["Boxes of ball", "0", "185", "285"]]
    assert "None" not in text
    # Such a round alone, where the chain also ends.
    alone = collect(root, replace(settings, rounds=settings.rounds[:1], final_round=""))
    assert "None" not in "".join(Page(render(alone)).text)
    assert any("yolo_n_100 was not trained" in finding.text for finding in alone.findings)
    assert not any("best epoch" in finding.text for finding in alone.findings)


def test_what_the_rounds_learned_from_is_counted_and_drawn(root, settings):
    html = render(collect(root, settings))
    page = Page(html)
    counted = [json.loads((root / f"reports/dataset/{each.name}/metrics.json").read_text()) for each in settings.rounds]
    for label in ("ball", "player", "referee"):
        expected = [f"{each['boxes'][label]['train']:,}" for each in counted]
        assert page.cells(f"Boxes of {label}") == [[f"Boxes of {label}", *expected]]
        for name in ("yolo_n_100", "yolo_n_200", "yolo_n_400"):
            assert f'aria-label="x and y of the {label} boxes that {name} learned from"' in html
            assert f'aria-label="width and height of the {label} boxes that {name} learned from"' in html
            assert f'aria-label="Correlogram of the {label} boxes that {name} learned from"' in html
    assert page.cells("median size")[0][1].startswith("2.")


def test_rounds_that_learned_from_other_labels_stand_beside_each_other(root, settings):
    path = root / "reports/dataset/yolo_n_200/metrics.json"
    metrics = json.loads(path.read_text())
    metrics["boxes"] = {"rim": {"train": 4, "val": 1}, "ball": metrics["boxes"]["ball"]}
    path.write_text(json.dumps(metrics))
    page = Page(render(collect(root, settings)))
    assert page.cells("Boxes of rim") == [["Boxes of rim", "–", "4", "–"]]
    assert page.cells("Boxes of ball") == [["Boxes of ball", "85", "185", "285"]]
    assert page.cells("Boxes of player")[0][2] == "–"


def test_confusion_matrices_show_share_and_count(page):
    matrix = [row for row in page.cells("referee") if len(row) == 5]
    assert matrix[0] == ["referee", "0%0", "1%9", "82%150", "9%5"]
    assert page.cells("background")[0][-1] == ""
    assert page.cells("no ball") == [["no ball", "3%6", "72%23"]]


def test_tracks_show_bad_numbers_as_they_are(page):
    assert page.cells("overall")[0] == [
        "overall",
        *("0.812", "0.735", "0.657", "0.950", "0.870", "181", "502", "17", "29", "9 / 3 / 1", "23"),
    ]
    ball = page.cells("ball")[-1]
    assert ball[:4] == ["ball", "−0.114", "–", "0.657"]
    assert "tidal, bytetrack: no true tracks to compare with; 21 frames a second." in "".join(page.text)


def test_trackers_side_by_side_begin_with_the_best(page):
    rows = [row for name in ("deepsort", "sort") for row in page.cells(name) if len(row) == 10]
    assert rows[0] == ["deepsort", "0.620", "0.700", "0.720", "0.600", "12", "–", "0.900", "0.910", "300"]
    assert [row[0] for row in rows] == ["deepsort", "deepsort", "sort", "sort"]  # everything, and the ball
    assert rows[1][1] == "–"
    assert [row[6] for row in rows] == ["–", "–", "−0.151 to +0.004", "–"]
    assert re.search(r"given what \w+ found on summit and tidal", "".join(page.text))


def test_a_ball_as_a_point_and_what_was_hard(page):
    balls = [row for row in page.cells("deepsort") if len(row) == 8]
    assert balls == [["deepsort", "0.360", "–", "–", "–", "12", "–", "–"]]
    assert page.cells("fast motion") == [
        ["fast motion", "31", "0.310", "0.255"],
        ["fast motion", "31", "tidal 8", "tidal 8"],
    ]
    assert "fast motion, small: ball 1, tidal 8" in "".join(page.text)  # one box, shown once


def test_single_objects_begin_with_the_best(page):
    assert page.cells("csrt, checked") == [["csrt, checked", "0.500", "45.6%", "12 of 40", "28"]]
    assert page.cells("csrt, alone") == [["csrt, alone", "0.321", "45.6%", "0 of 40", "28"]]
    assert "summit: ball 1, 90 frames" in "".join(page.text)


def test_a_tracker_of_balls_alone_is_not_blamed_for_players(root, settings):
    path = root / "reports/compare/metrics.json"
    found = json.loads(path.read_text())
    found["trackers"]["sort"]["detections"]["scores"]["overall"]["HOTA"] = 0.99
    found["trackers"]["sort"]["detections"]["scores"]["player"] = {"predicted_boxes": 0}
    path.write_text(json.dumps(found))
    page = Page(render(collect(root, settings)))
    assert [row[1] for row in page.cells("sort") if len(row) == 10] == ["–"]  # in the table of the ball
    assert len([row for row in page.cells("deepsort") if len(row) == 10]) == 2


def test_pseudo_labels_show_before_after_and_refusal(page):
    assert ["F1", "0.686", "0.555", "−0.131"] in page.cells("F1")
    assert ["Mean IoU", "0.710", "–", "–"] in page.cells("Mean IoU")
    assert ["Boxes", "5,120", "4,987", "−133"] in page.cells("Boxes")
    assert "".join(page.text).count("Refinement refused, plain labels used") == 2


def test_a_rejected_round_says_what_it_was_compared_with(root, settings):
    path = root / "reports/label/yolo_n_200/metrics.json"
    metrics = json.loads(path.read_text())
    metrics["intervals"] = {"after": {"f1": [0.5, 0.6]}}
    metrics |= {"rejected": True, "champion": "yolo_n_100"}
    metrics["comparison"] = {"with": "yolo_n_100", "difference": -0.2, "low": -0.3, "high": -0.1}
    metrics["steps"][0] |= {"precision": 0.9, "recall": 0.5, "f1": 0.643}
    path.write_text(json.dumps(metrics))
    page = Page(render(collect(root, settings)))
    assert "Round rejected, yolo_n_100 stays the champion" in page.text
    text = "".join(page.text)
    assert "95% interval of the F1 after: 0.500–0.600." in text
    assert "F1 −0.200 against yolo_n_100 (95% interval −0.300 to −0.100, the same shots drawn for both)." in text
    assert ["confidence", "812", "0", "0", "0.900", "0.500", "0.643"] in page.cells("confidence")


def test_whatever_a_report_says_is_escaped(root, settings):
    hostile = "<script>alert(1)</script>"
    settings = replace(settings, experiment=hostile, date=hostile, parameters={hostile: hostile}, commit=hostile)
    path = root / "reports/evaluate/yolo_n_400/metrics.json"
    metrics = json.loads(path.read_text())
    metrics["labels"][hostile] = metrics["labels"].pop("ball")
    metrics["confusion_matrix"]["labels"][0] = hostile
    path.write_text(json.dumps(metrics))
    html = render(collect(root, settings))
    assert "<script>alert" not in html
    assert html.count("<script>") == 1
    assert "summit &lt;frame&gt; 10 &amp; more" in html


@pytest.mark.parametrize(
    ("removed", "gone"),
    [
        (["reports/classify"], {"classifier"}),
        (["reports/label"], {"labels"}),
        (["reports/dataset"], {"datasets"}),
        (["reports/track"], {"tracking", "videos"}),
        (["reports/track/summit/bytetrack.mp4"], {"videos"}),
        (["reports/evaluate/yolo_n_400/examples"], {"examples"}),
        (["reports/train", "data"], set()),
    ],
)
def test_a_part_that_is_missing_leaves_no_trace(root, settings, removed, gone):
    for name in removed:
        path = root / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    page = Page(render(collect(root, settings)))
    assert [values["id"] for tag, values in page.tags if tag == "section"] == [s for s in SECTIONS if s not in gone]
    assert {address[1:] for address in page.addresses if address.startswith("#")} <= set(page.ids)


def test_an_untrained_classifier_is_said_to_be_one(root, settings):
    empty = dict.fromkeys(("top1", "precision", "recall", "confusion", "mlflow_run_id"))
    (root / "reports/classify/metrics.json").write_text(json.dumps(empty))
    assert "Not trained: too few frames" in render(collect(root, settings))


def test_one_round_without_numbers_still_makes_a_page(root, settings):
    path = root / "reports/evaluate/yolo_n_100/metrics.json"
    path.write_text(json.dumps({"mAP50": None, "images": 0}))
    for name in ("classify", "train", "label", "track"):
        shutil.rmtree(root / "reports" / name)
    (root / "reports/evaluate/yolo_n_100/curves.json").unlink()
    page = Page(render(collect(root, replace(settings, rounds=settings.rounds[:1], commit=None))))
    assert page.cells("mAP50") == [["mAP50", "–"]]


def test_a_page_without_rounds_has_no_section_of_theirs(root, settings):
    path = root / "reports/split/metrics.json"
    changed = {"sorted": {"train": 60, "val": 15}, "twins": {"groups": 1, "pictures": 2}, "doubtful": 2}
    path.write_text(json.dumps(json.loads(path.read_text()) | changed))
    plan = replace(settings, rounds=(), final_round="", tracked_videos=(), trackers=())
    html = render(collect(root, plan))
    page = Page(html)
    gone = {"datasets", "rounds", "labels", "tracking", "videos", "examples"}
    assert [values["id"] for tag, values in page.tags if tag == "section"] == [s for s in SECTIONS if s not in gone]
    assert {address[1:] for address in page.addresses if address.startswith("#")} <= set(page.ids)
    assert "The classifier names the right class of" in html
    assert page.cells("train")[-1][-1] == "60"
    assert "2 pictures of classes look like another one and are kept on its side" in html
    assert "2 pictures look like one of another class" in html


def test_the_page_is_written_whole(tmp_path):
    target = tmp_path / "reports" / "index.html"
    write(target, "<p>–</p>")
    assert target.read_text(encoding="utf-8") == "<p>–</p>"
    assert [path.name for path in target.parent.iterdir()] == ["index.html"]
