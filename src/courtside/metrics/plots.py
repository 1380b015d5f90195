"""Draws the curves and the confusion matrix of a detector as PNG, about 900 pixels wide."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from courtside.metrics.confusion import normalize
from courtside.metrics.curves import Curves
from courtside.metrics.detection import DetectionScores
from courtside.metrics.plot_style import BLUES, INK, MUTED, line_style, new_figure, plain_axes, save


def plot_detection_scores(scores: DetectionScores, folder: Path) -> list[Path]:
    """Draw all plots of a detector into ``plots`` below a folder.

    Returns:
        The paths of ``precision_recall.png``, ``f1_confidence.png``, ``precision_confidence.png``,
        ``recall_confidence.png`` and ``confusion_matrix.png``.
    """
    names = ("precision_recall", "f1_confidence", "precision_confidence", "recall_confidence", "confusion_matrix")
    paths = [folder / "plots" / f"{name}.png" for name in names]
    precision_recall_plot(scores.curves, paths[0])
    f1_confidence_plot(scores.curves, paths[1], confidence=scores.confidence, f1=scores.f1)
    precision_confidence_plot(scores.curves, paths[2])
    recall_confidence_plot(scores.curves, paths[3], confidence=scores.confidence, recall=scores.recall)
    confusion_matrices_plot(scores.confusion, [label.label for label in scores.labels], paths[4])
    return paths


def precision_recall_plot(curves: Curves, path: Path) -> None:
    """Draw precision against recall, one line a label, the area beneath in the legend."""
    figure, axes = _line_figure("Precision–recall at IoU 0.5", "Recall", "Precision")
    for row, label in enumerate(curves.labels):
        text = f"{label}  (AP {curves.average_precision[row]:.3f})"
        axes.plot(curves.recall_points, curves.precision_at_recall[row], label=text, **line_style(row))
    _mean_line(
        axes,
        curves.recall_points,
        curves.precision_at_recall,
        f"all labels  (mAP50 {curves.average_precision.mean():.3f})",
    )
    _finish(figure, axes, path, columns=2)


def f1_confidence_plot(curves: Curves, path: Path, *, confidence: float, f1: float) -> None:
    """Draw F1 against confidence, the chosen confidence marked."""
    figure, axes = _by_confidence(curves, curves.f1, "F1")
    _mark(axes, confidence, f1, f"F1 {f1:.3f} at {confidence:.3f}")
    _finish(figure, axes, path)


def precision_confidence_plot(curves: Curves, path: Path) -> None:
    """Draw precision against confidence; where it reaches 1 for good is marked."""
    figure, axes = _by_confidence(curves, curves.precision, "Precision")
    if curves.full_precision_confidence is not None:
        _mark(axes, curves.full_precision_confidence, 1.0, f"all right from {curves.full_precision_confidence:.3f}")
    _finish(figure, axes, path)


def recall_confidence_plot(curves: Curves, path: Path, *, confidence: float, recall: float) -> None:
    """Draw recall against confidence, the chosen confidence marked."""
    figure, axes = _by_confidence(curves, curves.recall, "Recall")
    _mark(axes, confidence, recall, f"recall {recall:.3f} at {confidence:.3f}")
    _finish(figure, axes, path)


def confusion_matrix_plot(matrix: NDArray[np.generic], labels: Sequence[str], path: Path, normalized: bool) -> None:
    """Draw one confusion matrix.

    Args:
        matrix: shape (n, n), rows predicted, columns true; n is the number of labels, or one more for the
            background. Counts, which are divided by their column's sum where ``normalized``.
        labels: the labels without the background.
        path: the PNG to write.
        normalized: whether to show shares of the true instead of counts.
    """
    figure = new_figure(6.0, 5.2)
    _draw_matrix(figure.add_subplot(), np.asarray(matrix), labels, normalized)
    save(figure, path)


def confusion_matrices_plot(matrix: NDArray[np.int64], labels: Sequence[str], path: Path) -> None:
    """Draw the counts and, beside them, the shares; arguments as in :func:`confusion_matrix_plot`."""
    figure = new_figure(6.0, 3.25 if len(labels) < 5 else 3.9)
    left, right = figure.subplots(1, 2)
    _draw_matrix(left, matrix, labels, normalized=False)
    _draw_matrix(right, matrix, labels, normalized=True)
    right.set_ylabel("")
    save(figure, path)


def _by_confidence(curves: Curves, values: NDArray[np.float64], name: str) -> tuple[Figure, Axes]:
    """Draw a score against confidence, a line a label and one for their mean."""
    figure, axes = _line_figure(f"{name} by confidence", "Confidence", name)
    for row, label in enumerate(curves.labels):
        axes.plot(curves.confidence, values[row], label=label, **line_style(row))
    _mean_line(axes, curves.confidence, values, "all labels")
    return figure, axes


def _draw_matrix(axes: Axes, matrix: NDArray[np.generic], labels: Sequence[str], normalized: bool) -> None:
    counts = matrix.astype(np.float64)
    shares = normalize(counts)
    names = [*labels, *(["background"] if len(matrix) > len(labels) else [])]
    # The last column is no share of anything true, so it is left without colour.
    shades = np.where(np.arange(len(names)) < len(labels), shares, 0.0)
    axes.imshow(shades, cmap=BLUES, vmin=0, vmax=1)
    size = 9 if len(names) < 5 else 7
    for row in range(len(names)):
        for column in range(len(names)):
            if row == column == len(labels):
                # Nothing predicted where nothing is: boxes cannot count it.
                axes.text(column, row, "–", ha="center", va="center", color=MUTED, fontsize=size)
                continue
            text = f"{shares[row, column]:.2f}" if normalized else f"{counts[row, column]:.0f}"
            color = "white" if shades[row, column] > 0.5 else INK
            axes.text(column, row, text, ha="center", va="center", color=color, fontsize=size)
    axes.set_xticks(range(len(names)), names, rotation=30, ha="right", rotation_mode="anchor", fontsize=size - 1)
    axes.set_yticks(range(len(names)), names, fontsize=size - 1)
    axes.set_xlabel("true")
    axes.set_ylabel("predicted")
    axes.set_title("Share of the true" if normalized else "Counts", fontsize=10, color=INK, loc="left")
    axes.tick_params(length=0, colors=INK)
    for edge in np.arange(len(names) - 1) + 0.5:
        axes.axhline(edge, color="white", linewidth=1)
        axes.axvline(edge, color="white", linewidth=1)
    axes.spines[:].set_visible(False)


def _line_figure(title: str, x_name: str, y_name: str) -> tuple[Figure, Axes]:
    figure = new_figure(6.0, 3.8)
    axes = figure.add_subplot()
    plain_axes(axes, title, x_name, y_name)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.03)
    return figure, axes


def _mean_line(axes: Axes, x: NDArray[np.float64], rows: NDArray[np.float64], name: str) -> None:
    if len(rows) > 1:
        axes.plot(x, rows.mean(axis=0), color=INK, linewidth=2.6, label=name)


def _mark(axes: Axes, x: float, y: float, text: str) -> None:
    axes.axvline(x, color=MUTED, linewidth=1, linestyle=(0, (2, 3)))
    axes.plot([x], [y], "o", color=INK, markersize=6, markeredgecolor="white", zorder=5, clip_on=False)
    side = -1 if x > 0.6 else 1
    # Beside the point the note would cover the curves of other labels; down at the axis there are none.
    axes.annotate(
        text,
        (x, 0.04),
        (8 * side, 0),
        textcoords="offset points",
        ha="right" if side < 0 else "left",
        fontsize=9,
        color=INK,
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1.5},
    )


def _finish(figure: Figure, axes: Axes, path: Path, columns: int = 4) -> None:
    figure.legend(
        *axes.get_legend_handles_labels(),
        loc="outside lower center",
        ncols=columns,
        frameon=False,
        fontsize=9,
        labelcolor=INK,
    )
    save(figure, path)
