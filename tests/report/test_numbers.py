import pytest

from courtside.report import numbers


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (numbers.count(85748), "85,748"),
        (numbers.count(None), "–"),
        (numbers.count(0), "0"),
        (numbers.fraction(0.93), "0.930"),
        (numbers.fraction(-0.114), "−0.114"),
        (numbers.fraction(None), "–"),
        (numbers.share(85748, 108771, 2), "78.83%"),  # the published total
        (numbers.share(0, 0), "–"),
        (numbers.share(None, 5), "–"),
        (numbers.change(0.8, 0.85), "+0.050"),
        (numbers.change(0.8, 0.7), "−0.100"),
        (numbers.change(0.8, 0.8), "±0.000"),
        (numbers.change(5120, 4987, 0), "−133"),
        (numbers.change(None, 1.0), "–"),
        (numbers.ends((-0.1512, 0.004)), "−0.151 to +0.004"),
        (numbers.ends(None), "–"),
        (numbers.plain(150.0), "150"),
        (numbers.plural(1, "frame"), "1 frame"),
        (numbers.plural(2, "frame"), "2 frames"),
        (numbers.in_words(2), "two"),
        (numbers.in_words(11), "11"),
        (numbers.listed(["a"]), "a"),
        (numbers.listed(["a", "b", "c"]), "a, b and c"),
        (numbers.listed([]), ""),
    ],
)
def test_numbers_are_written_as_a_reader_expects(written, expected):
    assert written == expected
