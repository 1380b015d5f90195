"""Parameters of trackers: which there are, which hold for a label, and their ranges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any

from trackers.utils.iou import BIoU, CIoU, DIoU, GIoU, IoU

from courtside.errors import UserError

PER_LABEL = "labels"
OVERLAPS = ("iou", "biou", "giou", "diou", "ciou")


def defaults_of(kind: type[Any]) -> dict[str, Any]:
    """Return the parameters of a tracker class that is a dataclass, with their defaults."""
    return {
        parameter.name: parameter.default
        for parameter in fields(kind)
        if parameter.init and parameter.name != PER_LABEL
    }


def values_for(tracker: Any, label: str | None) -> dict[str, Any]:
    """Return the parameters that hold for a label: those of the tracker, and over them the label's own.

    Raises:
        UserError: when the label names a parameter that the tracker has not, or one of another type.
    """
    defaults = defaults_of(type(tracker))
    values = {name: getattr(tracker, name) for name in defaults}
    own: Mapping[str, Any] = (getattr(tracker, PER_LABEL) or {}).get(label, {}) if label is not None else {}
    where = f"trackers.{tracker.name}" + (f".{PER_LABEL}.{label}" if own else "")
    check_names(own, tuple(defaults), where)
    values.update(own)
    for name, value in values.items():
        _check_type(f"{where}.{name}", value, defaults[name])
    return values


def check_names(given: Mapping[str, Any], allowed: tuple[str, ...], where: str) -> None:
    """Check that every parameter is known.

    Raises:
        UserError: naming the first unknown one and all that there are.
    """
    for name in given:
        if name not in allowed:
            raise UserError(f"{where}.{name}: no such parameter; allowed: {', '.join(allowed)}")


def check_range(where: str, value: float, low: float, high: float) -> None:
    """Check that a number lies within its range.

    Raises:
        UserError: when it does not.
    """
    if not low <= value <= high:
        raise UserError(f"{where}: {value:g} is outside {low:g}–{high:g}")


def check_common(values: Mapping[str, Any], where: str) -> None:
    """Check the parameters that every tracker of boxes has.

    Raises:
        UserError: when one is out of range.
    """
    check_range(f"{where}.frames_per_second", values["frames_per_second"], 1e-3, 1e4)
    check_range(f"{where}.lost_track_buffer", values["lost_track_buffer"], 0, 1e6)
    check_range(f"{where}.minimum_consecutive_frames", values["minimum_consecutive_frames"], 1, 1e4)
    check_range(f"{where}.minimum_overlap", values["minimum_overlap"], -1, 1)


def overlap_measure(where: str, name: str) -> Any:
    """Return the measure of overlap of that name.

    Raises:
        UserError: when there is none.
    """
    if name not in OVERLAPS:
        raise UserError(f"{where}: {name!r} is none of {', '.join(OVERLAPS)}")
    return dict(zip(OVERLAPS, (IoU, BIoU, GIoU, DIoU, CIoU), strict=True))[name]()


def _check_type(where: str, value: object, default: object) -> None:
    if default is MISSING or isinstance(value, type(default)):
        fits = isinstance(value, bool) == isinstance(default, bool) or default is MISSING
    else:
        fits = isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool)
    if not fits:
        raise UserError(f"{where}: {value!r} must be of the kind of its default, {default!r}")
