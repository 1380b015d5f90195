"""Says in sentences what the reports of a round hold, as a person would close a page about it.

The arguments are the reports as they lie on the disk. A number that a report lacks, or that is null, costs the sentence
that would have named it and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from courtside.metrics.losses import whole_losses

Report = Mapping[str, Any]

_NOT_FALLING = 1.02


def remarks_on_test(name: str, metrics: Report, trained: Report) -> list[str]:
    """Say what a round learned from and what it reaches on the frozen test set.

    Args:
        name: of the round.
        metrics: ``reports/evaluate/NAME/metrics.json``.
        trained: ``reports/train/NAME/metrics.json``; empty where there is none.

    Returns:
        Sentences, in the order to read them in.
    """
    sentences = [_learned(name, trained), _scores(metrics), _at_confidence(metrics), _all_right(metrics)]
    sentences += [_hardest(metrics.get("labels") or {}), _losses(trained.get("epochs") or [])]
    return [sentence for sentence in sentences if sentence]


def remarks_on_labels(name: str, labels: Report) -> list[str]:
    """Say how the labels that a round made did in the audit, and whether the round was rejected, which comes first.

    Args:
        name: of the round.
        labels: ``reports/label/NAME/metrics.json``; empty where there is none.

    Returns:
        Sentences, in the order to read them in.
    """
    if not labels:
        return []
    champion = labels.get("champion")
    used = "after" if labels.get("accepted") else "before"
    audited = labels.get(used) or {}
    scores = ""
    if audited.get("f1") is not None:
        scores = f" (F1 {_fraction(audited['f1'])}"
        scores += "".join(f", {key} {_fraction(audited[key])}" for key in ("precision", "recall") if _is(audited, key))
        scores += ")"
    comparison = labels.get("comparison") or {}
    if labels.get("rejected"):
        text = f"Rejected: in the audit its labels{scores} are worse than those of {champion} by more than noise"
        return [f"{text}{_difference('F1', comparison)}. {champion} stays the champion, and its labels are used."]
    if not scores:
        return ["Its labels could not be audited: no person labelled a frame to compare them with."]
    better = "better" if (comparison.get("low") or 0.0) > 0 else "not worse"
    text = f"In the audit its labels{scores} are {better} than those of {comparison.get('with')} by more than noise"
    first = f"{text}{_difference('F1', comparison)}." if comparison else f"Its labels were audited{scores}."
    sentences = [f"{first} {name} became the champion."] if champion == name else [first]
    if labels.get("accepted") is False:
        sentences.append("Refining them did not help, so the plain ones are used.")
    return sentences


def remark_on_gain(other: str, difference: float, interval: tuple[float, float] | None) -> str:
    """Say whether a round is better than the one before it on the same test frames.

    Args:
        other: name of the round before.
        difference: its mAP50 less that of the other, −1 to 1.
        interval: 95 % interval of the difference, the same test sets drawn for both; None where there is none.
    """
    size = _fraction(abs(difference))
    if size == _fraction(0.0):
        text = f"Its mAP50 is that of {other}"
    else:
        text = f"Its mAP50 is {size} {'higher' if difference > 0 else 'lower'} than that of {other}"
    if interval is None:
        return f"{text}."
    between = f"{_signed(interval[0])} to {_signed(interval[1])}"
    if interval[0] > 0 or interval[1] < 0:
        return f"{text}, by more than noise: the 95% interval of the difference is {between}."
    return f"{text}, which may be noise: the 95% interval of the difference is {between}."


def _learned(name: str, trained: Report) -> str:
    if not trained:
        return ""
    epochs = trained.get("epochs") or []
    if not epochs:
        return f"{name} was not trained: {trained.get('detector') or 'its detector'} is scored as it is."
    images, human = trained.get("images") or {}, trained.get("human_images")
    train, val = images.get("train"), images.get("val")
    if train is None:
        return f"{name} was trained for {_plural(len(epochs), 'epoch')}."
    text = f"{name} learned for {_plural(len(epochs), 'epoch')} from {_plural(train, 'image')}"
    if human is not None and val is not None:
        by_hand = human - val
        taught = train - by_hand
        teacher = trained.get("teacher") or "a model"
        if taught > 0 and by_hand > 0:
            text += f", {by_hand:,} labelled by hand and {taught:,} by {teacher}"
        else:
            text += f", all labelled by {teacher if taught > 0 else 'hand'}"
    return f"{text}."


def _scores(metrics: Report) -> str:
    if metrics.get("mAP50") is None:
        return ""
    interval = metrics.get("mAP50_interval")
    between = f" (95% interval {_fraction(interval[0])} to {_fraction(interval[1])})" if interval else ""
    strict = f" and mAP50-95 {_fraction(metrics['mAP50-95'])}" if _is(metrics, "mAP50-95") else ""
    on = f"On {_plural(metrics['images'], 'test frame')}" if metrics.get("images") else "On the test set"
    return f"{on} it reaches mAP50 {_fraction(metrics['mAP50'])}{between}{strict}."


def _at_confidence(metrics: Report) -> str:
    if not all(_is(metrics, key) for key in ("confidence", "f1", "precision", "recall")):
        return ""
    text = f"Its F1 is highest, {_fraction(metrics['f1'])}, at a confidence of {_fraction(metrics['confidence'])}, "
    text += f"with precision {_fraction(metrics['precision'])} and recall {_fraction(metrics['recall'])}"
    counts = metrics.get("confusion") or {}
    if all(_is(counts, key) for key in ("tp", "fp", "fn")):
        found, missed, wrong = counts["tp"], counts["fn"], counts["fp"]
        false_ones = _plural(wrong, "false one") if wrong else "no false one"
        text += f": it finds {found:,} of {_plural(found + missed, 'box')}, and reports {false_ones}"
    return f"{text}."


def _all_right(metrics: Report) -> str:
    if "full_precision_confidence" not in metrics or not _is(metrics, "mAP50"):
        return ""
    confidence = metrics["full_precision_confidence"]
    if confidence is None:
        return "There is no confidence from which on everything it finds is right."
    return f"From a confidence of {_fraction(confidence)} on everything it finds is right."


def _hardest(labels: Mapping[str, Report]) -> str:
    scores = {name: each.get("AP50", each.get("mAP50")) for name, each in labels.items()}
    known = {name: score for name, score in scores.items() if score is not None}
    if len(known) < 2:
        return ""
    low, high = min(known, key=lambda name: known[name]), max(known, key=lambda name: known[name])
    if known[low] == known[high]:
        return ""
    return f"The hardest label is {low} (AP50 {_fraction(known[low])}), the easiest {high} ({_fraction(known[high])})."


def _losses(epochs: Sequence[Report]) -> str:
    train, val = (whole_losses(epochs, split) for split in ("train", "val"))
    if len(train) < 2 or len(val) < 2:
        return ""
    text = (
        f"Training loss went from {train[0]:.2f} to {train[-1]:.2f}, validation loss from {val[0]:.2f} to {val[-1]:.2f}"
    )
    best = val.index(min(val))
    if val[-1] > val[best] * _NOT_FALLING:
        return f"{text}; it was lowest after {_plural(best + 1, 'epoch')} and has risen since."
    return f"{text}; no overfitting shows."


def _difference(what: str, comparison: Report) -> str:
    if not _is(comparison, "difference"):
        return ""
    text = f": {what} {_signed(comparison['difference'])}"
    if _is(comparison, "low") and _is(comparison, "high"):
        text += f", 95% interval {_signed(comparison['low'])} to {_signed(comparison['high'])}"
    return text


def _is(values: Report, key: str) -> bool:
    return values.get(key) is not None


def _fraction(value: float) -> str:
    return f"{value:.3f}"


def _signed(value: float) -> str:
    rounded = round(value, 3)
    return f"{'+' if rounded > 0 else '−' if rounded < 0 else ''}{abs(rounded):.3f}"


def _plural(number: int, noun: str) -> str:
    ending = "" if number == 1 else "es" if noun.endswith("x") else "s"
    return f"{number:,} {noun}{ending}"
