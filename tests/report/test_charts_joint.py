"""Maps of boxes and correlograms are well-formed SVG whose geometry follows the counts."""

import re
import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courtside.report.charts_joint import SHADES, correlogram, joint_chart, shade
from courtside.report.content_datasets import JointCounts, LabelShape

AXES = ("x", "y", "width", "height")
ENDS = {"x": 1.0, "y": 1.0, "width": 0.05, "height": 0.1}


def joint(counts, across="x", up="y"):
    return JointCounts(across, up, ENDS[across], ENDS[up], tuple(map(tuple, counts)))


def rectangles(chart):
    """Return x, y, width and height of every cell, by its shade."""
    found = {}
    for path in ElementTree.fromstring(chart).iter("path"):
        level = path.get("class").removeprefix("heat h")
        cells = re.findall(r"M([\d.]+) ([\d.]+)h([\d.]+)v([\d.]+)", path.get("d"))
        found[int(level)] = [tuple(map(float, cell)) for cell in cells]
    return found


def frame(chart):
    (rectangle,) = ElementTree.fromstring(chart).iter("rect")
    return tuple(float(rectangle.get(key)) for key in ("x", "y", "width", "height"))


def test_y_goes_down_as_in_the_picture_and_height_goes_up():
    counts = [[9, 0], [0, 0]]  # low in both
    left, top, width, height = frame(joint_chart(joint(counts), ENDS, title="t"))
    assert rectangles(joint_chart(joint(counts), ENDS, title="t"))[SHADES] == [
        pytest.approx((left, top, width / 2, height / 2), abs=0.1)
    ]
    sizes = joint_chart(joint(counts, "width", "height"), ENDS, title="t")
    assert rectangles(sizes)[SHADES] == [pytest.approx((left, top + height / 2, width / 2, height / 2), abs=0.1)]


def test_neighbours_of_one_shade_are_one_rectangle():
    chart = joint_chart(joint([[5, 5, 0, 5], [0, 1, 1, 1], [0] * 4, [0] * 4]), ENDS, title="t")
    assert [len(cells) for _, cells in sorted(rectangles(chart).items())] == [1, 2]


def test_a_drawing_may_go_farther_than_its_counts():
    counts = joint([[1, 1], [1, 1]], "width", "height")
    wide = joint_chart(counts, ENDS | {"width": 0.1}, title="t")
    left, _, width, _ = frame(wide)
    assert max(x + across for x, _, across, _ in rectangles(wide)[SHADES]) == pytest.approx(left + width / 2, abs=0.2)
    assert "10%" in [text.text for text in ElementTree.fromstring(wide).iter("text")]


@pytest.mark.parametrize(("count", "expected"), [(0, 0), (1, 1), (10, 4), (99, 6), (100, 6)])
def test_shades_are_logarithmic(count, expected):
    assert shade(count, 100) == expected


@given(st.lists(st.lists(st.integers(0, 10**6), min_size=6, max_size=6), min_size=6, max_size=6))
def test_the_cells_cover_as_many_bins_as_have_a_box(counts):
    chart = joint_chart(joint(counts), ENDS, title="t")
    _, _, width, height = frame(chart)
    covered = sum(w * h for cells in rectangles(chart).values() for _, _, w, h in cells)
    filled = sum(count > 0 for row in counts for count in row)
    assert covered == pytest.approx(filled * width * height / 36, rel=0.02, abs=1e-6)


def test_a_correlogram_has_each_axis_and_each_pair_once():
    pairs = tuple(joint([[1, 0], [0, 1]], across, up) for at, across in enumerate(AXES) for up in AXES[at + 1 :])
    shape = LabelShape("ball", ENDS, dict.fromkeys(AXES, (1, 1)), {}, pairs)
    chart = correlogram(AXES, shape, ENDS, title="<all>")
    tree = ElementTree.fromstring(chart)
    assert tree.get("aria-label") == "<all>"
    assert len(list(tree.iter("rect"))) == 10
    assert len(list(tree.iter("g"))) == 6
    texts = [text.text for text in tree.iter("text")]
    assert {text: texts.count(text) for text in AXES} == {"x": 1, "y": 2, "width": 2, "height": 2}
