"""How numbers are written on the page."""

from __future__ import annotations

from courtside.report.content import Number

DASH = "–"


def count(value: Number) -> str:
    """Write a whole number with commas: 85748 → 85,748."""
    return DASH if value is None else f"{round(value):,}"


def fraction(value: Number) -> str:
    """Write a score with three decimals and a proper minus sign: 0.93 → 0.930."""
    return DASH if value is None else f"{value:.3f}".replace("-", "−")


def percent(value: Number, decimals: int = 1) -> str:
    """Write a share as a percentage: 0.788 → 78.8%."""
    return DASH if value is None else f"{100 * value:.{decimals}f}%"


def share(part: Number, whole: Number, decimals: int = 1) -> str:
    """Write ``part`` of ``whole`` as a percentage."""
    return DASH if part is None or not whole else percent(part / whole, decimals)


def change(before: Number, after: Number, decimals: int = 3) -> str:
    """Write a difference with its sign: 0.8, 0.85 → +0.050."""
    if before is None or after is None:
        return DASH
    difference = round(after - before, decimals)
    sign = "+" if difference > 0 else "−" if difference < 0 else "±"
    return f"{sign}{abs(difference):,.{decimals}f}"


def ends(interval: tuple[float, float] | None) -> str:
    """Write both ends of a difference's interval: −0.051 to −0.012."""
    return DASH if interval is None else " to ".join(change(0.0, end) for end in interval)


def plain(value: Number) -> str:
    """Write a setting as short as it can be: 150.0 → 150."""
    return DASH if value is None else f"{value:g}"


def plural(number: Number, noun: str) -> str:
    """Write a number with its noun: 1 frame, 2 frames, 2 boxes."""
    ending = "" if number == 1 else "es" if noun.endswith("x") else "s"
    return f"{count(number)} {noun}{ending}"


def in_words(number: int) -> str:
    """Write a small number as a word."""
    words = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    return words[number] if 0 <= number < len(words) else count(number)


def listed(names: tuple[str, ...] | list[str]) -> str:
    """Join names as a sentence does: a, b and c."""
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]])) if names else ""
