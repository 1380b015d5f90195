"""``courtside score``: exact tables, several sequences and classes, real files, mistakes."""

import json
import subprocess
import sys
from pathlib import Path

import motmetrics
import pytest

from command_errors import assert_one_line_error
from courtside.apps import cli
from courtside.formats import mot

TUD = Path(motmetrics.__file__).parent / "data"


def call(*arguments):
    cli.main(["score", *map(str, arguments)])


def write(path, *lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def walk(identity, frames, category=1, left=10, seen=1):
    return [f"{frame},{identity},{left + frame},20,30,40,1,{category},{seen}" for frame in frames]


def rows(output):
    """The cells of the table, by sequence and class."""
    head, *lines = output.split("\n\n")[0].splitlines()
    names = head.split()
    return {tuple(line.split()[:2]): dict(zip(names[2:], line.split()[2:], strict=True)) for line in lines}


@pytest.mark.parametrize("name", ["TUD-Campus", "TUD-Stadtmitte"])
def test_published_figures(capsys, name):
    call(TUD / name / "gt.txt", TUD / name / "test.txt", "--classes=-1:player")
    [scores] = rows(capsys.readouterr().out).values()
    mota, idf1, hota, switches = {
        "TUD-Campus": ("0.526", "0.558", "0.391", "7"),
        "TUD-Stadtmitte": ("0.564", "0.645", "0.398", "7"),
    }[name]
    assert [scores[key] for key in ("MOTA", "IDF1", "HOTA", "switches")] == [mota, idf1, hota, switches]


@pytest.fixture
def season(tmp_path):
    """Two sequences in MOTChallenge's layout with their predictions; the second has no ball."""
    for name in ("a", "b"):
        truth = [*walk(1, range(1, 11), 2), *(walk(2, range(1, 11), 1, left=200) if name == "a" else [])]
        write(tmp_path / "truth" / name / "gt" / "gt.txt", *truth)
        write(tmp_path / "truth" / name / "gt" / "labels.txt", "ball", "player")
        mot.write_sequence_info(tmp_path / "truth" / name / "seqinfo.ini", name, 25, 12, 640, 480)
        write(tmp_path / "tracks" / f"{name}.txt", *walk(7, range(1, 6), 2), *walk(8, range(6, 11), 2))
    return tmp_path


def test_sequences_classes_and_combined(season, capsys):
    call(season / "truth", season / "tracks")
    out, err = capsys.readouterr()
    found = rows(out)
    assert list(found) == [
        (name, label) for name in ("a", "b", "combined") for label in ("ball", "player", "overall")
    ]  # fmt: skip
    assert [found[name, "player"]["MOTA"] for name in ("a", "b", "combined")] == ["0.900"] * 3
    assert found["a", "overall"]["MOTA"] == "0.450"
    assert found["combined", "overall"]["MOTA"] == "0.600"  # 18 of 30, not the mean of 0.45 and 0.9
    assert (found["b", "ball"]["MOTA"], found["b", "ball"]["boxes"], found["b", "ball"]["FN"]) == ("–", "0", "0")
    assert found["combined", "player"]["switches"] == "2"
    assert "py-motmetrics" in out
    assert err == ""


def test_json(season, capsys):
    call(season / "truth", season / "tracks", "--json")
    scores = json.loads(capsys.readouterr().out)
    assert scores["combined"]["player"]["MOTA"] == pytest.approx(0.9)
    assert scores["videos"]["b"]["ball"]["MOTA"] is None
    assert set(scores["convention"]) == {"CLEAR", "identity", "HOTA", "combined"}


def test_named_classes_only(season, capsys):
    call(season / "truth", season / "tracks", "--classes", "2:player,3:referee")
    out, err = capsys.readouterr()
    assert {label for _, label in rows(out)} == {"player"}
    assert err == "the truth has no referee: it is not scored\n"


def test_visibility_and_overlap(tmp_path, capsys):
    truth = write(tmp_path / "truth.txt", *walk(1, range(1, 5)), *walk(2, range(1, 5), left=300, seen=0.1))
    said = write(tmp_path / "tracks.txt", *walk(5, range(1, 5), left=18))  # overlaps by 22 of 38
    call(truth, said, "--minimum-visibility", "0.2", "--classes", "ball")
    assert rows(capsys.readouterr().out)["combined", "ball"]["recall"] == "1.000"
    call(truth, said, "--iou", "0.6", "--classes", "ball")
    assert rows(capsys.readouterr().out)["combined", "ball"]["recall"] == "0.000"


def test_predictions_without_a_class_are_of_the_only_one(tmp_path, capsys):
    truth = write(tmp_path / "truth.txt", *walk(1, range(1, 5), 3))
    said = write(tmp_path / "tracks.txt", "1,4,11,20,30,40,0.9,-1,-1,-1")
    call(truth, said)
    assert capsys.readouterr().out.splitlines()[1].split()[:4] == ["combined", "class", "3", "0.250"]


def test_frames_that_count_from_0(tmp_path, capsys):
    truth = write(tmp_path / "truth.txt", *walk(1, range(1, 8), left=0))
    said = write(tmp_path / "tracks.txt", *(f"{frame},5,{frame + 1},20,30,40,1,1,1" for frame in range(7)))
    assert_one_line_error(lambda: call(truth, said), ["tracks.txt has a box on frame 0", "say --offset 1"])
    call(truth, said, "--offset", "1", "--classes", "ball")
    assert rows(capsys.readouterr().out)["combined", "ball"]["MOTP"] == "1.000"
    # Without a box on frame 0 nothing is wrong by itself, but they fit better with 1 more.
    write(said, *(f"{frame},5,{frame + 1},20,30,40,1,1,1" for frame in range(1, 7)))
    call(truth, said, "--classes", "ball")
    assert "say --offset 1\n" in capsys.readouterr().err
    call(truth, said, "--offset", "2", "--classes", "ball")
    assert "say --offset 1\n" in capsys.readouterr().err
    call(truth, said, "--offset", "1", "--classes", "ball")
    assert capsys.readouterr().err == ""


def test_real_basketball(shared_data, capsys):
    folder = shared_data / "tracking" / "basketball_3x3"
    assert_one_line_error(
        lambda: call(folder / "truth", folder / "botsort"), ["basket_S1T1_pre.txt", "frame 0", "say --offset 1"]
    )
    call(folder / "truth", folder / "botsort", "--offset", "1", "--classes=-1:player")
    out, err = capsys.readouterr()
    found = rows(out)
    assert len(found) == 22
    assert err == ""
    # What trackers.eval says of them, once frames and classes are as it wants them.
    assert found["combined", "player"]["boxes"] == "22,332"
    assert 0.4 < float(found["combined", "player"]["MOTA"]) < 0.5
    assert 0.6 < float(found["combined", "player"]["IDF1"]) < 0.8
    call(folder / "truth", folder / "botsort", "--offset", "2", "--classes=-1:player")
    assert "say --offset 1\n" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["v_-6Os86HzwCs_c001", "v_1yHWGw8DH4A_c047"])
def test_real_truth_against_itself(shared_data, capsys, name):
    truth = shared_data / "tracking" / "sportsmot_truth" / name / "gt" / "gt.txt"
    call(truth, truth, "--classes", "player")
    scores = rows(capsys.readouterr().out)["combined", "player"]
    assert {scores[key] for key in ("MOTA", "IDF1", "HOTA", "MOTP", "LocA")} == {"1.000"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["missing", "tracks"], ["missing does not exist"]),
        (["truth", "missing"], ["missing does not exist"]),
        (["empty", "tracks"], ["empty holds neither NAME/gt/gt.txt nor NAME.txt"]),
        (["truth", "tracks/a.txt"], ["tracks/a.txt is one file", "holds 2 sequences"]),
        (["truth", "empty"], ["empty/a.txt does not exist"]),
        (["truth", "tracks", "--iou", "50"], ["--iou 50 is no share"]),
        (["truth", "tracks", "--minimum-visibility", "-1"], ["--minimum-visibility -1 is no share"]),
        (["truth", "tracks", "--classes", "9:ball"], ["class 2 is unknown, but the classes are 9:ball"]),
        (["truth", "tracks", "--classes", "1:ball"], ["tracks/a.txt, line 1: class 2 is unknown"]),
        (["truth", "tracks", "--classes", "1:ball,2:"], ["is no class"]),
        (["truth/a/gt/gt.txt", "truth/a/seqinfo.ini"], ["seqinfo.ini, line 1: 1 fields"]),
        (["nothing.txt", "nothing.txt"], ["nothing.txt holds no box that counts"]),
        (["truth/a", "beyond"], ["predictions: player 7 in a, frame 12", "a video of 12 frames"]),
    ],
)
def test_mistakes(season, monkeypatch, arguments, words):
    monkeypatch.chdir(season)
    (season / "empty").mkdir()
    write(season / "nothing.txt")
    write(season / "beyond" / "a.txt", *walk(7, [1, 13], 2))
    assert_one_line_error(lambda: call(*arguments), words)


def test_the_command_line_starts_without_the_libraries_of_the_scores():
    code = "import sys, courtside.apps.cli as cli; cli.parser(); sys.exit('trackers' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
