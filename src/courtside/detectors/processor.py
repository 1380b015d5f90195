"""What the processor can do, and how much of it PyTorch uses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from courtside.executor import cores


def multiplies_bfloat16() -> bool:
    """Return whether the processor multiplies matrices of bfloat16 natively, several times as fast as of 32 bits."""
    capabilities: Mapping[str, Any] = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
    return bool(capabilities.get("amx_bf16"))


def take_all_cores() -> None:
    """Let PyTorch use every core. Ultralytics leaves one idle whenever it chooses the CPU, which of two is half."""
    torch.set_num_threads(cores())
