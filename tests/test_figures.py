"""Figures in documents are written by a command, from the reports."""

import sys

import pytest

from courtside import layout
from courtside.apps import figures
from courtside.files import read_json

pytestmark = pytest.mark.pipeline
START, END = "<!-- figures -->", "<!-- end of figures -->"


def call(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["figures", *map(str, arguments)])
    figures.main()


def test_the_tables_hold_what_the_stages_measured(pipeline, tmp_path, monkeypatch):
    document = tmp_path / "run.md"
    document.write_text(f"# Title\n\n{START}\nstale words\n{END}\n\nafter\n")
    call(monkeypatch, document, "--root", pipeline)
    text = document.read_text()
    assert text.startswith("# Title")
    assert text.endswith("after\n")
    assert "stale words" not in text
    metrics = read_json(pipeline / layout.report("evaluate", "yolo_n_40/metrics.json"))
    assert f"{metrics['mAP50']:.3f}" in text
    assert "| harbor | learn |" in text
    (row,) = [line for line in text.splitlines() if line.startswith("| `yolo_n_40` | yolov8n | yolo_n_20 |")]
    assert row.split(" | ")[-1].rstrip(" |") in ("accepted", "rejected")
    call(monkeypatch, document, "--root", pipeline)
    assert document.read_text() == text


def test_a_document_without_a_place_for_them_is_left_alone(pipeline, tmp_path, monkeypatch):
    document = tmp_path / "run.md"
    document.write_text("nothing here\n")
    with pytest.raises(SystemExit, match="once each"):
        call(monkeypatch, document, "--root", pipeline)
    assert document.read_text() == "nothing here\n"


def test_missing_reports_are_one_line(tmp_path, monkeypatch):
    document = tmp_path / "run.md"
    document.write_text(f"{START}\n{END}\n")
    (tmp_path / "params.yaml").write_text("{experiment: none, videos: {one: {}}}")
    with pytest.raises(SystemExit, match=r"one\.json does not exist"):
        call(monkeypatch, document, "--root", tmp_path)
