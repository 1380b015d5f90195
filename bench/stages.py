"""How long each stage of the pipeline takes on this machine, and what comes out of it.

``python bench/stages.py --root FOLDER`` runs the stages of ``dvc.yaml`` one after another in a repository, as
``dvc repro`` would, but without DVC's hashing, and writes the seconds of each to ``bench/results/stages_NAME.json``.
Instances of a stage that need nothing of each other (videos) run side by side, and a round's ``evaluate`` beside its
``detect``.
``--set key=value`` changes the parameters of the run; ``--name`` says what it is called in the results.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import clean
import yaml

from courtside.apps.markdown import replace_section, table
from courtside.errors import UserError
from courtside.files import read_json, write_json, write_text

ROOT = Path(__file__).resolve().parent.parent
VIDEOS = ("extract", "clean")


def steps(parameters: dict[str, Any], since: str, until: str) -> list[list[tuple[str, list[str]]]]:
    """Return what runs after what: groups of stage and overrides that run side by side."""
    groups: list[list[tuple[str, list[str]]]] = [[("sample", [])]]
    groups += [[(stage, [f"video={name}"]) for name in parameters["videos"]] for stage in VIDEOS]
    groups += [[(stage, [])] for stage in ("annotate", "split", "classify")]
    for name in parameters["rounds"]:
        own = [f"round={name}"]
        groups += [[("dataset", own)], [("train", own)], [("evaluate", own), ("detect", own)], [("label", own)]]
    tracked = parameters["tracked"]
    pairs = [[f"video={video}", f"tracker={way}"] for video in tracked["videos"] for way in tracked["trackers"]]
    groups += [[("track", pair) for pair in pairs], [("report", [])]]
    names = [group[0][0] for group in groups if group]
    last = len(names) - 1 - names[::-1].index(until)
    groups = [group for group in groups if group]
    return groups[names.index(since) : last + 1]


def run(group: Sequence[tuple[str, list[str]]], root: Path) -> list[dict[str, Any]]:
    """Run the members of a group side by side; return what each took, in seconds.

    Raises:
        UserError: when one fails.
    """
    begun = time.perf_counter()
    running = {}
    for stage, overrides in group:
        log = root / ".courtside/stages" / f"{' '.join([stage, *overrides])}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", f"courtside.stages.{stage}", "-cd", ".", "-cn", "params", *overrides]
        with log.open("w", encoding="utf-8") as stream:
            process = subprocess.Popen(command, cwd=root, stdout=stream, stderr=subprocess.STDOUT)
        running[(stage, *overrides)] = process, log
    done: list[dict[str, Any]] = []
    failed = []
    while running:
        for name, (process, log) in list(running.items()):
            if process.poll() is None:
                continue
            taken = time.perf_counter() - begun
            del running[name]
            done.append({"stage": name[0], "of": " ".join(name[1:]), "seconds": round(taken, 1)})
            print(f"{' '.join(name)}: {taken:.1f} s", flush=True)
            if process.returncode:
                failed.append(f"{' '.join(name)}: {log.read_text(encoding='utf-8')[-1500:]}")
        time.sleep(0.05)
    if failed:
        raise UserError("\n".join(failed))
    return done


def scores(root: Path, parameters: dict[str, Any]) -> dict[str, Any]:
    """Return what the rounds scored on the test games, and how right their labels are."""
    result = {}
    for name in parameters["rounds"]:
        paths = {stage: root / f"reports/{stage}/{name}/metrics.json" for stage in ("evaluate", "label", "train")}
        if not all(path.is_file() for path in paths.values()):
            continue
        tested, labelled, trained = (read_json(path) for path in paths.values())
        result[name] = {
            "mAP50": tested["mAP50"],
            "mAP50-95": tested["mAP50-95"],
            "ball_mAP50": tested["labels"]["ball"]["mAP50"],
            "labels_f1": labelled["after"]["f1"],
            "rejected": labelled["rejected"],
            "validation_mAP50": max((epoch["mAP50"] for epoch in trained["epochs"]), default=None),
        }
    return result


def main() -> None:
    """Run, print, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--root", type=Path, default=ROOT, help="the repository to run in (default: this one)")
    parser.add_argument("--name", default="sample", help="of the results (default: %(default)s)")
    parser.add_argument("--since", default="sample", help="the first stage (default: %(default)s)")
    parser.add_argument("--until", default="report", help="the last stage (default: %(default)s)")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="parameters that differ")
    options = parser.parse_args()
    path = options.root / "params.yaml"
    parameters = yaml.safe_load(path.read_text(encoding="utf-8"))
    for assignment in options.set:
        key, _, value = assignment.partition("=")
        *parents, last = key.split(".")
        place = parameters
        for parent in parents:
            place = place[parent]
        place[last] = yaml.safe_load(value)
    write_text(path, yaml.safe_dump(parameters, sort_keys=False))
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    done: list[dict[str, Any]] = []
    try:
        for group in steps(parameters, options.since, options.until):
            done += run(group, options.root)
    except UserError as error:
        sys.exit(f"error: {error}")
    finally:
        found = scores(options.root, parameters)
        result = {**clean.origin(), "gpu": clean.card(), "set": options.set, "stages": done, "rounds": found}
        write_json(ROOT / f"bench/results/stages_{options.name}.json", result)
    publish(result, options.name)


def publish(result: dict[str, Any], name: str) -> None:
    """Print what each stage took, and write the rounds of a run on a GPU into docs/sample_run.md."""
    print(table(["stage", "of", "seconds"], [[row["stage"], row["of"], row["seconds"]] for row in result["stages"]]))
    if not (result["gpu"] and result["rounds"]):
        return
    taken = {(row["stage"], row["of"]): row["seconds"] for row in result["stages"]}
    of_round = ("dataset", "train", "evaluate", "detect", "label")
    scored = ("mAP50", "mAP50-95", "ball_mAP50", "labels_f1")
    lines = [
        [f"`{one}`", *(scores[each] for each in scored)]
        + [f"{taken[stage, f'round={one}']:.0f}" if (stage, f"round={one}") in taken else None for stage in of_round]
        for one, scores in result["rounds"].items()
    ]
    text = table(["round", "mAP50", "mAP50-95", "ball mAP50", "labels, F1", *(f"{one}, s" for one in of_round)], lines)
    text += f"\n\n{result['date']}, commit {result['commit']}, {result['gpu']}, `bench/stages.py --name {name}`"
    text += f", with {', '.join(f'`{each}`' for each in result['set'])}." if result["set"] else "."
    replace_section(ROOT / "docs/sample_run.md", "stages gpu", text)


if __name__ == "__main__":
    main()
