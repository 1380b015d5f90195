"""Renders the content as one HTML file that asks for nothing else."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from courtside.files import write_text
from courtside.frames import VERDICTS
from courtside.report import figures, figures_datasets, figures_tracking, numbers
from courtside.report.content import Content, Number, Round, Scores
from courtside.report.glossary import TERMS

TEMPLATE = "page.html.j2"
_SCORES = (
    ("map50", "AP50", "map50"),
    ("map50_95", "AP50-95", "map5095"),
    ("precision", "Precision", "precision"),
    ("recall", "Recall", "recall"),
    ("f1", "F1", "f1"),
)
_TRACK_COLUMNS = (
    ("MOTA", "MOTA", "mota"),
    ("IDF1", "IDF1", "idf1"),
    ("HOTA", "HOTA", "hota"),
    ("precision", "Precision", "precision"),
    ("recall", "Recall", "recall"),
    ("false_positives", "FP", "fpfn"),
    ("false_negatives", "FN", "fpfn"),
    ("switches", "Switches", "switches"),
    ("fragmentations", "Fragm.", "fragmentations"),
)


_COMPARED_PARTS = (("overall", "Everything"), ("ball", "The ball"), ("player", "Players"))
_COMPARED_COLUMNS = (
    ("HOTA", "HOTA", "hota", False),
    ("MOTA", "MOTA", "mota", False),
    ("IDF1", "IDF1", "idf1", False),
    ("AssA", "AssA", "assa", False),
    ("switches", "Switches", "switches", True),
)
_BALL_COLUMNS = (
    ("F1 1 diameters", "F1 within its size", "balldistance", False),
    ("F1 10 px", "within 10 px", "balldistance", False),
    ("false_alarms", "False alarms", "ballalarms", True),
    ("error_diameters_median", "Error, sizes", "ballerror", True),
    ("longest_gap_frames", "Longest gap", "ballgap", True),
    ("frames_until_found_median", "Found again", "ballfound", True),
    ("identities", "Identities", "switches", True),
)


def render(content: Content) -> str:
    """Return the page as HTML."""
    environment = Environment(
        loader=PackageLoader("courtside", "report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    terms = {term.key: term for term in TERMS}

    def term(key: str, text: str | None = None) -> Markup:
        found = terms[key]
        return Markup('<a class="term" href="#about-{}" title="{}">{}</a>').format(
            key, found.meaning, text or found.name
        )

    environment.filters |= {
        "count": numbers.count,
        "ends": numbers.ends,
        "fraction": numbers.fraction,
        "percent": numbers.percent,
        "plain": numbers.plain,
        "plural": numbers.plural,
        "track_value": _track_value,
    }
    environment.globals |= {"change": numbers.change, "share": numbers.share, "term": term}
    return environment.get_template(TEMPLATE).render(
        content=content,
        terms=TERMS,
        verdicts=VERDICTS,
        verdict_names=figures.VERDICT_NAMES,
        verdict_terms={"dark": "exposure", "bright": "exposure"},
        figures=figures,
        datasets=figures_datasets,
        closing=_closing(content),
        score_rows=_score_rows(content),
        track_columns=_TRACK_COLUMNS,
        tracking=figures_tracking,
        compared_parts=_COMPARED_PARTS,
        compared_columns=_COMPARED_COLUMNS,
        ball_columns=_BALL_COLUMNS,
    )


def write(path: Path, html: str) -> None:
    """Write the page, atomically."""
    write_text(path, html)


def _closing(content: Content) -> list[tuple[Round, tuple[str, ...]]]:
    """Return what the numbers say of each round; a rejection comes first."""
    audits = {labels.round_name: labels for labels in content.pseudo_labels}
    closing = []
    for each in content.rounds:
        labels = audits.get(each.name)
        of_labels = labels.remarks if labels else ()
        parts = (*of_labels, *each.remarks) if labels and labels.rejected else (*each.remarks, *of_labels)
        closing += [(each, parts)] if parts else []
    return closing


def _score_rows(content: Content) -> list[dict[str, Any]]:
    """Return groups of rows, a value for each round: all labels first, then each label."""
    groups = [
        {
            "name": "All labels",
            "rows": [_row(content, None, *column) for column in _SCORES],
        }
    ]
    groups += [
        {"name": label, "rows": [_row(content, label, *column) for column in _SCORES]}
        for label in figures.labels(content)
    ]
    return groups


def _row(content: Content, label: str | None, key: str, name: str, term_key: str) -> dict[str, Any]:
    values: list[Number] = []
    for each in content.rounds:
        scores = each.overall if label is None else _scores_of(each.labels, label)
        values.append(asdict(scores)[key] if scores else None)
    known = [value for value in values if value is not None]
    best = max(known) if len(known) > 1 and max(known) > min(known) else None
    name = f"m{name}" if label is None and name.startswith("AP") else name
    return {"key": key, "name": name, "term": term_key, "values": values, "best": best}


def _scores_of(labels: tuple[Scores, ...], label: str) -> Scores | None:
    return next((scores for scores in labels if scores.label == label), None)


def _track_value(value: Number) -> str:
    return numbers.count(value) if isinstance(value, int) else numbers.fraction(value)
