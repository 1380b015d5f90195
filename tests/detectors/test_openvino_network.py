"""OpenVINO's cases run in a process of their own: beside other compiled libraries in one process it has crashed."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from imports import ROOT

CASES = Path(__file__).with_name("openvino_cases.py")


def test_openvino_says_what_pytorch_says():
    if find_spec("openvino") is None:
        pytest.skip("OpenVINO is not installed: courtside[openvino]")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(CASES)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout
