"""Charts are well-formed SVG whose geometry follows the numbers."""

import xml.etree.ElementTree as ElementTree
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from courtside.report import charts
from courtside.report.charts_dots import Dot, DotRow, dot_chart

values = st.floats(-1e6, 1e6, allow_nan=False)


def tags(chart, name):
    return [element for element in ElementTree.fromstring(chart).iter() if element.tag == name]


def numbers_of(path):
    return [float(each) for each in path.replace("M", " ").replace("L", " ").split()]


def test_a_line_spans_the_plot_from_corner_to_corner():
    chart = charts.line_chart(
        [charts.Series("one", ((0.0, 0.0), (1.0, 1.0)), "r0")],
        title="t",
        x_label="x",
        y_label="y",
        x_range=(0, 1),
        y_range=(0, 1),
    )
    (line,) = [path for path in tags(chart, "path") if "line" in path.get("class")]
    x1, y1, x2, y2 = numbers_of(line.get("d"))
    grid = [path.get("d") for path in tags(chart, "path") if path.get("class") == "grid"]
    # The first grid line is y = 0 and the last y = 1; both run from the left edge to the right one.
    left, bottom, right = (float(each) for each in grid[0].replace("M", "").replace("H", " ").split())
    top = float(grid[-1].split()[1].split("H")[0])
    assert (x1, y1, x2, y2) == pytest.approx((left, bottom, right, top))


def test_a_curve_of_a_thousand_points_is_thinned_but_keeps_both_ends():
    points = tuple((number / 1000, number / 1000) for number in range(1001))
    series = charts.Series("one", points, "r0")
    few = charts.line_chart([series], title="t", x_label="x", y_label="y", x_range=(0, 1), y_range=(0, 1))
    (line,) = [path for path in tags(few, "path") if "line" in path.get("class")]
    drawn = numbers_of(line.get("d"))
    assert 200 < len(drawn) < 400
    both = charts.Series("one", (points[0], points[-1]), "r0")
    ends = charts.line_chart([both], title="t", x_label="x", y_label="y", x_range=(0, 1), y_range=(0, 1))
    (straight,) = [path for path in tags(ends, "path") if "line" in path.get("class")]
    assert drawn[:2] + drawn[-2:] == numbers_of(straight.get("d"))


def test_parts_of_a_bar_are_as_long_as_their_share_and_empty_parts_are_not_drawn():
    bar = charts.Bar("game", "", (("v-usable", "Usable", 75), ("v-dark", "Dark", 0), ("v-blur", "Blur", 25)))
    rectangles = tags(charts.stacked_bar_chart([bar], title="t"), "rect")
    assert [rectangle.get("width") for rectangle in rectangles] == ["75.000%", "25.000%"]
    assert [rectangle.get("x") for rectangle in rectangles] == ["0.000%", "75.000%"]
    assert rectangles[1].find("title").text == "game, Blur: 25 of 100 frames (25.0%)"


def test_a_video_without_frames_has_no_bar():
    assert not tags(charts.stacked_bar_chart([charts.Bar("game", "", (("v-usable", "Usable", 0),))], title="t"), "rect")


def test_bins_are_as_high_as_their_counts_and_the_threshold_is_drawn():
    chart = charts.histogram([1, 10, 100], [10, 5], title="t", x_label="blur", thresholds=[10], logarithmic=True)
    first, second = tags(chart, "rect")
    assert float(first.get("height")) == pytest.approx(2 * float(second.get("height")), abs=0.1)
    # On a logarithmic axis both bins are equally wide, and the threshold is where they meet.
    assert float(first.get("width")) == pytest.approx(float(second.get("width")), abs=0.1)
    (threshold,) = [path for path in tags(chart, "path") if path.get("class") == "threshold"]
    assert threshold.get("d").startswith(f"M{second.get('x')} ")


def test_an_interval_shows_its_ends_and_a_value_without_one_has_no_whiskers():
    rows = [charts.Interval("a", 0.5, (0.4, 0.6), "r1"), charts.Interval("b", 0.7, None, "r0")]
    chart = charts.interval_chart(rows, title="t", y_label="mAP50")
    assert len([path for path in tags(chart, "path") if "line" in path.get("class")]) == 1
    titles = [circle.find("title").text for circle in tags(chart, "circle")]
    assert titles == ["a: 0.500, 95% interval 0.400–0.600", "b: 0.700"]


def test_labels_at_the_end_of_a_ladder_do_not_cover_each_other():
    rows = [("ball", [0.5, 0.9]), ("player", [0.6, 0.9]), ("referee", [0.7, 0.901]), ("rim", [None, None])]
    chart = charts.ladder_chart(rows, [("one", "r1"), ("two", "r0")], title="t", y_label="AP50")
    heights = sorted(float(text.get("y")) for text in tags(chart, "text") if text.get("class") == "value")
    assert len(heights) == 3
    assert min(after - before for before, after in pairwise(heights)) >= 14


@pytest.mark.parametrize(
    ("names", "lines", "shown"),
    [
        (["a", "b"], 1, ["a", "b"]),  # room enough for one line
        (["yolo_n_1100"] * 5, 2, ["yolo_n_1100"] * 5),  # neighbours take turns on two lines
        (["x" * 90] * 3, 2, None),  # too long for anything: cut
    ],
)
def test_column_names_do_not_run_into_each_other(names, lines, shown):
    rows = [charts.Interval(name, 0.5, None, "r0") for name in names]
    chart = charts.interval_chart(rows, title="t", y_label="mAP50")
    written = [text for text in tags(chart, "text") if text.get("class") == "tick middle"]
    assert len({text.get("y") for text in written}) == lines
    if shown:
        assert [text.text for text in written] == shown
    else:
        assert all(text.text.endswith("…") for text in written)


def test_names_are_escaped():
    series = charts.Series("<b>", ((0.0, 0.0), (1.0, 1.0)), "r0")
    chart = charts.line_chart([series], title='"<script>', x_label="<x>", y_label="&y")
    assert "<script" not in chart
    assert "<b>" not in chart
    assert ElementTree.fromstring(chart).get("aria-label") == '"<script>'


@example([(0.0, 5e-324)])  # the smallest number there is
@example([(1e6, 1e6), (1e6 + 1e-9, 1e6)])
@given(st.lists(st.tuples(values, values), max_size=20))
def test_any_points_make_a_well_formed_chart_inside_its_frame(points):
    series = charts.Series("s", tuple(points), "r0")
    chart = charts.line_chart([series], title="t", x_label="x", y_label="y", dots=True)
    width, height = (float(each) for each in ElementTree.fromstring(chart).get("viewBox").split()[2:])
    for circle in tags(chart, "circle"):
        assert 0 <= float(circle.get("cx")) <= width
        assert 0 <= float(circle.get("cy")) <= height


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=30), st.floats(-10, 1000), st.booleans())
def test_any_counts_make_a_well_formed_histogram(counts, threshold, logarithmic):
    edges = [1.0 + 3 * number for number in range(len(counts) + 1)]
    chart = charts.histogram(edges, counts, title="t", x_label="x", thresholds=[threshold], logarithmic=logarithmic)
    assert len(tags(chart, "rect")) == sum(count > 0 for count in counts)


def test_dots_lie_where_their_values_are_and_the_last_is_written_out():
    rows = [
        DotRow("blur", "31 boxes", (Dot("sort", 0.5, "r3"), Dot("game", 1.0, "r0"))),
        DotRow("small", "7 boxes", (Dot("sort", 0.0, "r3"),)),
        DotRow("nothing", "0 boxes", ()),
    ]
    chart = dot_chart(rows, title="t", x_label="x", digits=2, end=1.0)
    half, whole, none = (float(circle.get("cx")) for circle in tags(chart, "circle"))
    assert half == pytest.approx((whole + none) / 2)
    assert [text.text for text in tags(chart, "text") if text.get("class") == "value"] == ["1.00", "0.00"]
    assert [title.text for title in tags(chart, "title")] == [
        "sort, blur: 0.50",
        "game, blur: 1.00",
        "sort, small: 0.00",
    ]


def test_without_an_end_the_highest_dot_lies_at_the_end():
    chart = dot_chart([DotRow("a", "", (Dot("x", 30.0, "r0"), Dot("y", 60.0, "r0")))], title="t", x_label="x", digits=0)
    low, high = (float(circle.get("cx")) for circle in tags(chart, "circle"))
    grid = [float(path.get("d").split()[0][1:]) for path in tags(chart, "path") if "V" in path.get("d")]
    assert (low - grid[0]) * 2 == pytest.approx(high - grid[0], abs=0.2)
