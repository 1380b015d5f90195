"""Writes sentences from the numbers: the conclusion, and what a reader should know before trusting it."""

from __future__ import annotations

from courtside.report.content import (
    TEST_AND_TRAINING,
    Classifier,
    Cleaning,
    Finding,
    PseudoLabels,
    Round,
    Scores,
    Split,
    SplitScore,
    Track,
)
from courtside.report.numbers import change, count, fraction, in_words, listed, percent, plural

SPACE = "\u00a0"  # keeps a figure on one line


def conclude(
    rounds: tuple[Round, ...],
    final: str,
    test_videos: tuple[str, ...],
    split: Split,
    *,
    lost_below: float = 0.3,
) -> str:
    """Say in one sentence what the final round reaches, on what, and how it came about.

    Args:
        rounds: all rounds, in order.
        final: name of the one the chain ends in.
        test_videos: names of the videos it was tested on.
        split: who learns and who is tested.
        lost_below: a label whose AP50 is below this is not said to be found.
    """
    last = _named(rounds, final)
    lost = [scores for scores in last.labels if scores.map50 is not None and scores.map50 < lost_below]
    found = listed([_noun(scores) for scores in last.labels if scores not in lost]) or "its objects"
    if len(lost) == len(last.labels) > 0:
        text = f"{last.name} does not find {listed([_noun(scores) for scores in lost])} yet"
    else:
        but = f", but not {listed([_noun(scores) for scores in lost])}," if lost else ""
        text = f"{last.name} finds {found}{but}"
    text += f" with mAP50 {fraction(last.overall.map50)}"
    if test_videos:
        text += f" on {in_words(len(test_videos))} video{'s' if len(test_videos) > 1 else ''}"
        # Only a split that was checked may claim this.
        text += " no round ever saw" if split.leaks == 0 else " kept for testing"
    earlier = [each.name for each in rounds]
    if len(rounds) > 1 and all(each.teacher in earlier for each in rounds[1:]):
        text += "; each round labelled the data for the next"
    return f"{text}."


def conclude_classes(classifier: Classifier | None, split: Split) -> str:
    """Say in one sentence what an experiment without rounds reaches: how well its classifier tells classes apart.

    Args:
        classifier: its scores, or None.
        split: who learns and who validates.
    """
    if classifier is None or not classifier.trained:
        return "No rounds were planned, and no classifier was trained."
    known = next((row.in_classes for row in split.rows if row.name == "val"), None)
    on = f"{count(known)} frames" if known else "frames"
    text = f"The classifier names the right class of {percent(classifier.top1)} of {on} it did not learn from"
    return f"{text}, none of which looks like one that it did." if split.twins is not None else f"{text}."


def find(
    rounds: tuple[Round, ...],
    final: str,
    cleaning: Cleaning,
    split: Split,
    classifier: Classifier | None,
    pseudo_labels: tuple[PseudoLabels, ...],
    tracks: tuple[Track, ...],
    *,
    weak_below: float = 0.7,
    wide_above: float = 0.1,
    few_validation_images: int = 50,
    few_usable_below: float = 0.5,
) -> tuple[Finding, ...]:
    """List what the numbers say, good and bad.

    Args:
        rounds: all rounds, in order.
        final: name of the one the chain ends in.
        cleaning: verdicts of all frames.
        split: who learns and who is tested.
        classifier: ball / no ball, or None.
        pseudo_labels: audits of the labels the rounds made.
        tracks: scores of trackers.
        weak_below: a recall or precision below this is pointed out.
        wide_above: a 95 % interval of mAP50 wider than this is pointed out.
        few_validation_images: fewer validation images than this are pointed out.
        few_usable_below: a smaller share of usable frames is pointed out.
    """
    findings: list[Finding] = []
    if rounds:
        findings += _of_rounds(rounds, _named(rounds, final), weak_below, wide_above, few_validation_images)
    findings += _clean(split, cleaning, few_usable_below)
    findings += _classified(classifier) if classifier else []
    for labels in pseudo_labels:
        if labels.rejected:
            text = f"The labels of {labels.round_name} are worse than those of {labels.champion} by more than noise; "
            findings.append(Finding(False, f"{text}{labels.champion} stays the champion, and its labels are used."))
    findings += _not_audited(pseudo_labels)
    refused = [labels for labels in pseudo_labels if labels.accepted is False and labels.verdict == "accepted"]
    if refused:
        worse = [f"{each.round_name} ({_change(each)})" for each in refused]
        text = f"Refining the pseudo-labels of {listed(worse)} did not help; their plain labels are used."
        findings.append(Finding(False, text))
    findings += _followed(tracks)
    return tuple(sorted(findings, key=lambda finding: not finding.good))


def compare_splits(shots: SplitScore, at_random: SplitScore) -> str:
    """Say what the same detector's scores on whole shots and on frames drawn at random tell of each other."""
    text = "Same detector, as many images, but frames drawn at random have near-twins among those it learned from"
    if shots.map50 is None or at_random.map50 is None:
        return f"{text}."
    if shots.interval is None or shots.interval[0] <= at_random.map50 <= shots.interval[1]:
        return (
            f"{text}. Here the two differ by no more than chance does: so few frames cannot show an inflation, "
            "nor rule one out."
        )
    if at_random.map50 < shots.map50:
        return f"{text}. Here their score is the lower one nevertheless: the shots that validate are the easier ones."
    return f"{text}: {fraction(at_random.map50 - shots.map50)} of their score is inflation."


def _classified(classifier: Classifier, loses_above: float = 0.05) -> list[Finding]:
    """Say what a reader should be wary of: no classifier, an idle filter, or that videos never seen are harder."""
    if not classifier.trained:
        reason = classifier.reason or "too few frames were sorted by hand"
        return [Finding(False, f"The ball / no-ball classifier was not trained: {reason}.")]
    findings = []
    if classifier.filter and not classifier.filter.applied:
        findings.append(Finding(False, f"The ball filter takes no frame out: {classifier.filter.reason}."))
    used = next((each.name for each in classifier.compared if each.used), None)
    rows = classifier.by_source.classifiers if classifier.by_source else ()
    unseen = next((row for row in rows if row.name == used), None)
    if unseen and unseen.seen_accuracy - unseen.accuracy > loses_above:
        text = (
            f"On videos it has never seen, {unseen.name} calls {percent(unseen.accuracy)} of the frames right, on "
            f"validation frames of videos it knows {percent(unseen.seen_accuracy)}."
        )
        findings.append(Finding(False, text))
    return findings


def _of_rounds(
    rounds: tuple[Round, ...], last: Round, weak_below: float, wide_above: float, few_validation_images: int
) -> list[Finding]:
    findings = [*_chain(rounds, last), *_weak_labels(last, weak_below)]
    if last.interval and last.interval[1] - last.interval[0] > wide_above:
        low, high = last.interval
        findings.append(
            Finding(
                False,
                f"The test set is small: with {plural(last.test_images, 'frame')}, mAP50 of {last.name} is only known "
                f"to lie between {low:.3f} and {high:.3f} (95% interval).",
            )
        )
    if last.epochs == 0:
        text = f"{last.name} was not trained: it is the detector as it came, and no label of this experiment taught it."
        findings.append(Finding(True, text))
    elif last.val_images == 0:
        text = f"{last.name} had no validation image: nothing but its training tells which of its epochs is the best."
        findings.append(Finding(False, text))
    elif last.val_images is not None and last.val_images < few_validation_images:
        text = f"The best epoch of {last.name} was chosen on only {plural(last.val_images, 'validation image')}."
        findings.append(Finding(False, text))
    return findings


def _chain(rounds: tuple[Round, ...], last: Round) -> list[Finding]:
    first = rounds[0]
    scored = [each for each in rounds if each.overall.map50 is not None]
    findings = []
    if first is not last and first.overall.map50 is not None and last.overall.map50 is not None:
        moved = f"from {fraction(first.overall.map50)} ({first.name}) to {fraction(last.overall.map50)} ({last.name})"
        paired = last.since_first.interval if last.since_first and last.since_first.other == first.name else None
        apart = first.interval and last.interval and first.interval[1] < last.interval[0]
        if last.overall.map50 <= first.overall.map50:
            findings.append(Finding(False, f"The chain did not help: mAP50 went {moved}."))
        elif paired:
            certain = paired[0] > 0
            verdict = "by more than noise" if certain else "which may be noise"
            text = f"mAP50 rose {moved}, {verdict}: the 95% interval of the difference is {_between(paired)}."
            findings.append(Finding(certain, text))
        elif first.interval and last.interval and not apart:
            text = f"mAP50 rose {moved}, but the 95% intervals overlap: on this test set the gain is not certain."
            findings.append(Finding(False, text))
        else:
            findings.append(Finding(True, f"mAP50 rose {moved}{', with intervals apart' if apart else ''}."))
    if scored and last.overall.map50 is not None:
        best = max(scored, key=lambda each: each.overall.map50 or 0.0)
        if (best.overall.map50 or 0.0) > last.overall.map50:
            text = f"{best.name} scores higher than the final round: mAP50 {fraction(best.overall.map50)}."
            findings.append(Finding(False, text))
    return findings


def _weak_labels(last: Round, weak_below: float) -> list[Finding]:
    findings = []
    for scores in last.labels:
        where = f"at confidence {fraction(last.confidence)}"
        if scores.recall is not None and scores.recall < weak_below:
            text = f"{last.name} misses {percent(1 - scores.recall, 0)} of the {scores.label} boxes {where}."
            findings.append(Finding(False, text))
        if scores.precision is not None and scores.precision < weak_below:
            text = f"{percent(1 - scores.precision, 0)} of what {last.name} calls {scores.label} {where} is none."
            findings.append(Finding(False, text))
    known = [scores for scores in last.labels if scores.map50 is not None]
    if len(known) > 1:
        hardest = min(known, key=lambda scores: scores.map50 or 0.0)
        easiest = max(known, key=lambda scores: scores.map50 or 0.0)
        text = (
            f"{_capital(_noun(hardest))} {_is(hardest)} hardest (AP50 {fraction(hardest.map50)}), "
            f"{_noun(easiest)} easiest ({fraction(easiest.map50)})."
        )
        findings.append(Finding((hardest.map50 or 0.0) >= weak_below, text))
    return findings


def _clean(split: Split, cleaning: Cleaning, few_usable_below: float) -> list[Finding]:
    findings = []
    tested = next((row.frames for row in split.rows if row.name == "test"), None) != 0
    if split.leaks == 0 and tested:
        pair = next((pair for pair in split.nearest if pair.between == TEST_AND_TRAINING), None)
        near = f"; the most alike pair differs in {count(pair.distance)} of 256 hash bits" if pair else ""
        findings.append(Finding(True, f"No test frame has a near-twin among the frames learned from{near}."))
    elif split.leaks:
        text = f"{plural(split.leaks, 'test frame')} have a near-twin among the frames learned from: scores flatter."
        findings.append(Finding(False, text))
    if split.doubtful:
        text = f"{plural(split.doubtful, 'picture')} look like one of another class: some labels must be wrong."
        findings.append(Finding(False, text))
    usable = cleaning.total.verdicts["usable"] or 0
    if cleaning.total.total and usable / cleaning.total.total < few_usable_below:
        text = f"Only {percent(usable / cleaning.total.total)} of the frames are usable; see the filters below."
        findings.append(Finding(False, text))
    return findings


def _not_audited(pseudo_labels: tuple[PseudoLabels, ...]) -> list[Finding]:
    names = [labels.round_name for labels in pseudo_labels if labels.verdict is None]
    if not names:
        return []
    text = f"Nobody knows how right the labels of {listed(names)} are: no person labelled a frame to audit them on."
    return [Finding(False, text)]


def _followed(tracks: tuple[Track, ...]) -> list[Finding]:
    findings = []
    for track in tracks:
        overall = next((scores.values for scores in track.scores if scores.part == "overall"), {})
        mota = overall.get("MOTA")
        if mota is not None and mota < 0:
            text = f"{track.tracker} makes more mistakes on {track.video} than there are boxes (MOTA {fraction(mota)})."
            findings.append(Finding(False, text))
    return findings


def _between(interval: tuple[float, float]) -> str:
    return f"{change(0, interval[0])} to {change(0, interval[1])}"


def _change(labels: PseudoLabels) -> str:
    return SPACE.join(["F1", fraction(labels.before.f1), "→", fraction(labels.after.f1)])


def _named(rounds: tuple[Round, ...], name: str) -> Round:
    return next(each for each in rounds if each.name == name)


def _noun(scores: Scores) -> str:
    return f"the {scores.label}" if scores.label == "ball" else f"{scores.label}s"


def _is(scores: Scores) -> str:
    return "is" if scores.label == "ball" else "are"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
