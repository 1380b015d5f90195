"""What the check and the search for a lost object go by; ``conf/config.yaml`` says what is worth trying."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CheckSettings:
    """When a tracker is believed, and how a lost object is looked for.

    Attributes:
        lost_below: share of its usual confidence, 0–1, below which a tracker may have lost its object.
        patience: so many frames in a row below make it lost.
        learn_above: confidence from which the object's look is remembered, 0–1.
        gallery: how many looks are remembered besides the first.
        size_tolerance: how many times larger or smaller than lately a box may be before confidence falls, above 1.
        jump_tolerance: how far from where it was going a box may be before confidence falls, in its own sizes.
        found_above: confidence, 0–1, from which what a search finds is the object.
        detection_confidence: the score of a detection that a search may take, 0–1.
        reach: how far from its last place an object is looked for in the first lost frame, in its own sizes.
        reach_growth: and how much farther in every frame after it.
    """

    lost_below: float = 0.6
    patience: int = 3
    learn_above: float = 0.8
    gallery: int = 8
    size_tolerance: float = 1.6
    jump_tolerance: float = 1.5
    found_above: float = 0.7
    detection_confidence: float = 0.4
    reach: float = 3.0
    reach_growth: float = 1.0
