"""The configuration says what the domain's settings say."""

from dataclasses import asdict
from pathlib import Path

import pytest
import yaml

from courtside.config import ConditionsSettings, SingleCheckSettings
from courtside.metrics.conditions import ConditionLimits
from courtside.single.settings import CheckSettings

CONF = yaml.safe_load((Path(__file__).resolve().parents[2] / "conf/config.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("domain", "config", "written"),
    [
        (CheckSettings, SingleCheckSettings, CONF["single"]["check"]),
        (ConditionLimits, ConditionsSettings, CONF["conditions"]),
    ],
)
def test_defaults_stand_there_once_in_effect(domain, config, written):
    assert asdict(domain()) == asdict(config()) == written
