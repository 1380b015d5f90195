"""What each number means, in a sentence."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Term:
    """A name on the page and what it means; ``key`` is the anchor."""

    key: str
    name: str
    meaning: str


TERMS = (
    Term("iou", "IoU", "Overlap of two boxes: the area they share over the area they cover together, 0–1."),
    Term(
        "map50",
        "mAP50, AP50",
        "Area under the precision–recall curve when an overlap (IoU) of 0.5 is a hit; AP50 of one label, "
        "mAP50 the mean over labels. 1 is perfect.",
    ),
    Term(
        "map5095",
        "mAP50-95",
        "The same, averaged over the overlaps 0.50, 0.55, … 0.95 that are asked for: also how exactly a box sits.",
    ),
    Term("precision", "Precision", "Share of what the model found that is right. What it lacks are false alarms."),
    Term("recall", "Recall", "Share of what is there that the model found. What it lacks was missed."),
    Term("f1", "F1", "Harmonic mean of precision and recall; high only when both are."),
    Term(
        "confidence",
        "Confidence",
        "The score above which a box counts. Precision, recall, F1 and confusions are taken at the one with the "
        "highest mean F1 on the test set, which flatters them a little; AP does not depend on it.",
    ),
    Term(
        "allright",
        "All right from",
        "The lowest confidence from which on everything the model finds is right, of whatever label: the threshold of "
        "100% precision. A dash where even its surest box is wrong.",
    ),
    Term(
        "interval",
        "95% interval",
        "Where the score would lie in 95 of 100 test sets drawn from the same shots (bootstrap by shot). "
        "Two rounds whose intervals overlap may be equally good.",
    ),
    Term(
        "gain",
        "gain on the round before",
        "Change of mAP50. Its interval is of the difference itself, the same test sets drawn for both rounds; an "
        "interval that holds 0 may be noise.",
    ),
    Term(
        "verdict",
        "Verdict",
        "Rejected is a round whose labels are worse than those of the best round before it by more than noise; the "
        "champion is the round the chain ends with.",
    ),
    Term(
        "confusion",
        "Confusion matrix",
        "What was predicted (rows) for what was there (columns). In the last row what was missed, in the last "
        "column what was found where nothing is. Percentages are shares of a column.",
    ),
    Term("top1", "Top-1", "Share of frames the classifier calls right, with or without a ball."),
    Term(
        "crossentropy",
        "Cross-entropy",
        "Mean of −ln of the probability given to what is there: 0 for certainty, 0.69 for tossing a coin. Classifiers "
        "are compared by it, on pictures as they are.",
    ),
    Term(
        "usable",
        "Usable",
        "A frame that passed every filter. Filters run in the order of the columns; a frame is counted by the "
        "first that removes it.",
    ),
    Term("blur", "Blur", "Variance of the Laplacian of the brightness: low where a picture has no sharp edges."),
    Term("exposure", "Dark, bright", "Mean brightness of the frame, 0–255, below or above a limit."),
    Term("empty", "Empty", "The brightness hardly varies within the frame, as in a black or plain picture."),
    Term(
        "duplicate",
        "Duplicates",
        "Structural similarity (SSIM) to one of the three frames before, 1 for the same picture. The first of a "
        "similar group stays.",
    ),
    Term("without_ball", "Without ball", "Otherwise usable frames in which the classifier sees no ball."),
    Term(
        "leak",
        "Leak",
        "A test frame with a near-copy among the frames learned from, by a 256-bit difference hash of the picture. "
        "A leak makes scores look better than they are.",
    ),
    Term(
        "teacher",
        "Teacher",
        "Whose labels a round adds to those made by hand: gold for none but human ones, or an earlier round.",
    ),
    Term(
        "pseudo",
        "Pseudo-label",
        "A box that a model drew and no person checked. It is audited on frames a person did label.",
    ),
    Term("miou", "Mean IoU", "Mean overlap of the right pseudo-labels with the true box."),
    Term(
        "loss",
        "Loss",
        "What training makes smaller: errors of box, class and box edge, summed. Only its course matters.",
    ),
    Term(
        "mota",
        "MOTA",
        "1 minus misses, false alarms and identity switches per true box. Detection weighs most; it can be negative.",
    ),
    Term("idf1", "IDF1", "F1 of boxes that carry the right identity over the whole video: how well identities last."),
    Term(
        "hota",
        "HOTA",
        "Geometric mean of detection and association quality, averaged over overlaps; weighs both alike, 0–1.",
    ),
    Term(
        "fpfn", "FP, FN", "False positives, boxes where nothing is, and false negatives, true boxes that were missed."
    ),
    Term(
        "behind",
        "HOTA to the best",
        "HOTA less that of the best tracker: the 95 % interval with whole shots drawn anew. Where it holds 0, these "
        "shots do not tell the two apart.",
    ),
    Term("switches", "Switches", "How often a true object changes the identity it is given."),
    Term("fragmentations", "Fragmentations", "How often the track of a true object is interrupted and taken up again."),
    Term(
        "mtptml",
        "MT / PT / ML",
        "True objects followed for at least 80%, for 20–80%, and for less than 20% of their life.",
    ),
    Term("assa", "AssA", "The association half of HOTA: how much of a true track is one predicted track, and back."),
    Term(
        "oracle",
        "True boxes",
        "The tracker is given the true boxes without their identities, as a detector without fault would find them. "
        "Where it looks at boxes, it then sees their colours.",
    ),
    Term(
        "balldistance",
        "F1 within a distance",
        "A ball is found where the centre is so near, however boxes overlap.",
    ),
    Term(
        "success", "Success", "Share of frames with an overlap above each of 0, 0.05, … 1, averaged (Wu et al. 2013)."
    ),
    Term("within20", "Within 20 px", "Share of frames whose centre is within 20 pixels of the true one."),
    Term(
        "saidlost",
        "Lost, and said so",
        "Frames on which the tracker lies beside its object or gives no box, and on how many of them it says so.",
    ),
    Term("ballalarms", "False alarms", "Balls seen on frames that show none."),
    Term("ballerror", "Centre error", "Median distance of the seen centre from the true one, in sizes of the ball."),
    Term("ballgap", "Longest gap", "Most frames in a row on which a visible ball was not found."),
    Term("ballfound", "Found again", "Median of the frames from where the ball is back until it is found."),
    Term(
        "condition",
        "Conditions",
        "Under which a true box stands, measured: hidden, crowded, changing its size, fast, small, changing light, "
        "blur, moving camera.",
    ),
    Term("fps", "fps", "Frames a second of the tracker, given the boxes, on the machine the stage ran on."),
    Term("trackerfps", "fps of trackers", "The same over all tracked videos, without detection and drawing."),
)
