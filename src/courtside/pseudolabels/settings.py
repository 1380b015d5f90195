"""How detections become labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from courtside.errors import UserError


@dataclass(frozen=True)
class RefinementSettings:
    """Limits of the refinement; a step whose limit is out of reach does nothing.

    Attributes:
        minimum_confidence: lowest score of a label, 0–1.
        minimum_confidences: the same for single labels.
        maximum_aspect_ratio: longer side over shorter side, 1 or more.
        maximum_aspect_ratios: the same for single labels.
        minimum_side_px: shortest allowed shorter side of a box.
        maximum_side_px: longest allowed longer side of a box.
        maximum_overlap: of two boxes of a label that overlap by more (as a share of the smaller), the
            larger stays; 1 keeps both.
        maximum_overlaps: the same for single labels.
        maximum_counts: the most boxes of a label a frame can hold, such as ``{"ball": 1}``.
        temporal_labels: labels that are followed through time; others are judged frame by frame.
        link_distance: how far from where it is expected an object may be a frame later, in sides of its box.
        fill_gaps_up_to: the most listed frames without a box that are filled in between two boxes.
        minimum_track_length: boxes in a row, gaps included, below which an object is a flicker; 1 keeps all.
        carry: whether labels of the round before enter where the new one finds nothing.
    """

    minimum_confidence: float = 0.4
    minimum_confidences: Mapping[str, float] = field(default_factory=dict)
    maximum_aspect_ratio: float = 6.0
    maximum_aspect_ratios: Mapping[str, float] = field(default_factory=dict)
    minimum_side_px: float = 0.0
    maximum_side_px: float = float("inf")
    maximum_overlap: float = 0.8
    maximum_overlaps: Mapping[str, float] = field(default_factory=dict)
    maximum_counts: Mapping[str, int] = field(default_factory=dict)
    temporal_labels: tuple[str, ...] = ()
    link_distance: float = 3.0
    fill_gaps_up_to: int = 3
    minimum_track_length: int = 2
    carry: bool = False

    def __post_init__(self) -> None:
        """Check the ranges.

        Raises:
            UserError: naming the value that is out of range.
        """
        unit: dict[str, list[float]] = {
            "minimum_confidence": [self.minimum_confidence, *self.minimum_confidences.values()],
            "maximum_overlap": [self.maximum_overlap, *self.maximum_overlaps.values()],
        }
        for name, values in unit.items():
            if not all(0 <= value <= 1 for value in values):
                raise UserError(f"label.{name} must be within 0–1, not {values}")
        at_least: dict[str, tuple[float, list[float]]] = {
            "maximum_aspect_ratio": (1, [self.maximum_aspect_ratio, *self.maximum_aspect_ratios.values()]),
            "minimum_side_px": (0, [self.minimum_side_px]),
            "maximum_side_px": (self.minimum_side_px, [self.maximum_side_px]),
            "maximum_counts": (0, [*self.maximum_counts.values()]),
            "link_distance": (0, [self.link_distance]),
            "fill_gaps_up_to": (0, [self.fill_gaps_up_to]),
            "minimum_track_length": (1, [self.minimum_track_length]),
        }
        for name, (lowest, values) in at_least.items():
            if not all(value >= lowest for value in values):
                raise UserError(f"label.{name} must be at least {lowest:g}, not {values}")
