"""How detections become labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from courtside.errors import UserError
from courtside.motion import MotionModel
from courtside.pseudolabels.linking import LinkWorth
from courtside.pseudolabels.looks import LookSettings


@dataclass(frozen=True)
class RefinementSettings:
    """Limits of the refinement; a step whose limit is out of reach does nothing.

    Attributes:
        minimum_confidence: lowest score of a label, 0–1; of labels that are followed through time, the score at which
            a box by itself is as likely right as wrong.
        minimum_confidences: the same for single labels.
        candidate_confidence: lowest score of a box that may become part of a track, 0–1.
        sure_confidence: score from which a box is sure, 0–1; what that decides is told at ``remove_unsure``.
        sure_confidences: the same for single labels.
        sure_boxes: how many sure boxes a track must have; 0 keeps all.
        maximum_aspect_ratio: longer side over shorter side, 1 or more.
        maximum_aspect_ratios: the same for single labels.
        minimum_side_px: shortest allowed shorter side of a box.
        maximum_side_px: longest allowed longer side of a box.
        maximum_overlap: of two boxes of a label that overlap by more (as a share of the smaller), the
            larger stays, or the surer; 1 keeps both.
        maximum_overlaps: the same for single labels.
        overlap_keeps: ``larger`` or ``surer``.
        exclusive_labels: a thing can only be one of these, and has the label it has the surest box of.
        exclusive_overlap: boxes of these labels that overlap by more (IoU) are around the same thing, 0–1.
        size_factors: what the sides of the boxes of a label are multiplied by, around their middle.
        maximum_counts: the most boxes of a label a frame can hold, such as ``{"ball": 1}``.
        temporal_labels: labels that are followed through time; others are judged frame by frame.
        links: what links between boxes are worth.
        fill_gaps_up_to: the most listed frames in a row on which a track may have no box.
        maximum_uncertainty: how sure the path must be where a gap is filled, in sides of the box.
        maximum_jump: Mahalanobis distance from its track above which a box is no part of it.
        motion: how objects move.
        smooth: whether boxes are moved to the smoothed path.
        minimum_track_length: boxes in a row, gaps included, below which an object is a flicker; 1 keeps all.
        carry: whether labels of the round before enter where the new one finds nothing.
        looks: what looks like nothing else.
    """

    minimum_confidence: float = 0.4
    minimum_confidences: Mapping[str, float] = field(default_factory=dict)
    candidate_confidence: float = 0.1
    sure_confidence: float = 0.65
    sure_confidences: Mapping[str, float] = field(default_factory=dict)
    sure_boxes: int = 2
    maximum_aspect_ratio: float = 6.0
    maximum_aspect_ratios: Mapping[str, float] = field(default_factory=dict)
    minimum_side_px: float = 0.0
    maximum_side_px: float = float("inf")
    maximum_overlap: float = 0.8
    maximum_overlaps: Mapping[str, float] = field(default_factory=dict)
    overlap_keeps: Literal["larger", "surer"] = "surer"
    exclusive_labels: tuple[str, ...] = ()
    exclusive_overlap: float = 0.7
    size_factors: Mapping[str, float] = field(default_factory=dict)
    maximum_counts: Mapping[str, int] = field(default_factory=dict)
    temporal_labels: tuple[str, ...] = ()
    links: LinkWorth = field(default_factory=LinkWorth)
    fill_gaps_up_to: int = 8
    maximum_uncertainty: float = 0.15
    maximum_jump: float = 6.0
    motion: MotionModel = field(default_factory=MotionModel)
    smooth: bool = False
    minimum_track_length: int = 2
    carry: bool = False
    looks: LookSettings = field(default_factory=LookSettings)

    def __post_init__(self) -> None:
        """Check the ranges.

        Raises:
            UserError: naming the value that is out of range.
        """
        unit: dict[str, list[float]] = {
            "minimum_confidence": [self.minimum_confidence, *self.minimum_confidences.values()],
            "candidate_confidence": [self.candidate_confidence],
            "sure_confidence": [self.sure_confidence, *self.sure_confidences.values()],
            "maximum_overlap": [self.maximum_overlap, *self.maximum_overlaps.values()],
            "exclusive_overlap": [self.exclusive_overlap],
        }
        for name, values in unit.items():
            if not all(0 <= value <= 1 for value in values):
                raise UserError(f"label.{name} must be within 0–1, not {values}")
        if self.overlap_keeps not in ("larger", "surer"):
            raise UserError(f"label.overlap_keeps: {self.overlap_keeps!r} is none of larger, surer")
        at_least: dict[str, tuple[float, list[float]]] = {
            "maximum_aspect_ratio": (1, [self.maximum_aspect_ratio, *self.maximum_aspect_ratios.values()]),
            "minimum_side_px": (0, [self.minimum_side_px]),
            "maximum_side_px": (self.minimum_side_px, [self.maximum_side_px]),
            "maximum_counts": (0, [*self.maximum_counts.values()]),
            "sure_boxes": (0, [self.sure_boxes]),
            "maximum_uncertainty": (0, [self.maximum_uncertainty]),
            "maximum_jump": (0, [self.maximum_jump]),
            "fill_gaps_up_to": (0, [self.fill_gaps_up_to]),
            "minimum_track_length": (1, [self.minimum_track_length]),
        }
        for name, (lowest, values) in at_least.items():
            if not all(value >= lowest for value in values):
                raise UserError(f"label.{name} must be at least {lowest:g}, not {values}")
