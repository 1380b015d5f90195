"""The networks of Ultralytics in OpenVINO (Apache-2.0), which on a CPU is faster than PyTorch, for the same boxes."""

from __future__ import annotations

import copy
import platform
import sys
import warnings
from importlib.util import find_spec
from typing import Any

import torch

from courtside.errors import UserError
from courtside.executor import cores

_SMALL = (1, 3, 64, 96)  # of any size: the converted network takes every other


def chosen(backend: str) -> bool:
    """Return whether a detector computes with OpenVINO.

    Args:
        backend: ``torch``, ``openvino``, or ``auto``: OpenVINO where it is installed, PyTorch has no GPU, and the
            processor is an x86, the only kind it was tried on (``bench/backends.py``).

    Raises:
        UserError: when ``openvino`` is asked for and not installed.
    """
    installed = find_spec("openvino") is not None
    if backend == "openvino" and not installed:
        raise UserError(
            "detector.backend: openvino is not installed; install courtside[openvino], or say detector.backend=torch"
        )
    if backend != "auto":
        return backend == "openvino"
    return installed and not torch.cuda.is_available() and platform.machine() in ("x86_64", "AMD64")


class OpenVINONetwork:
    """A network of Ultralytics in OpenVINO.

    It is converted once for pictures of any size, in a second or two, so no converted file is kept; for each shape it
    then gets, it is compiled, which takes less. Multiplying in bfloat16, OpenVINO's own choice where the processor can,
    would be more than twice as fast, but moves boxes by more than a pixel.

    Args:
        network: Ultralytics' network, on any device; it is left as it is.
        precision: what it multiplies in, ``f32`` or ``bf16``; the second is there to be measured.
    """

    def __init__(self, network: torch.nn.Module, precision: str = "f32") -> None:
        self._precision = precision
        self._openvino = _import_openvino()
        self._model = _converted(network)
        self._requests: dict[tuple[int, ...], Any] = {}

    def __call__(self, pictures: torch.Tensor, *_: Any, **__: Any) -> torch.Tensor:
        """Return what the network says before non-maximum suppression, as Ultralytics' own does.

        Args:
            pictures: (n, 3, height, width) float32, RGB, 0–1; the sides multiples of 32. Other arguments that
                Ultralytics passes mean nothing in plain prediction.

        Returns:
            (n, 4 + labels, places) float32: centre, width and height in pixels of the input, then a score 0–1 a label;
            of networks that need no suppression (n, boxes, 6): corners, score and class.
        """
        shape = tuple(pictures.shape)
        if shape not in self._requests:
            self._requests[shape] = self._compiled(shape)
        outputs = self._requests[shape].infer({0: pictures.float().contiguous().cpu().numpy()}, share_inputs=True)
        return torch.from_numpy(outputs[0]).to(pictures.device)

    def _compiled(self, shape: tuple[int, ...]) -> Any:
        model = self._model.clone()
        model.reshape(list(shape))
        settings = {
            "INFERENCE_PRECISION_HINT": self._precision,
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_NUM_THREADS": cores(),
        }
        return self._openvino.Core().compile_model(model, "CPU", settings).create_infer_request()


class _Outputs(torch.nn.Module):
    """A network that returns its boxes and scores alone, not what they were made of."""

    def __init__(self, network: torch.nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, pictures: torch.Tensor) -> Any:
        found = self.network(pictures)
        return found[0] if isinstance(found, list | tuple) else found


def _import_openvino() -> Any:
    # Importing it sends a note to its makers; where this package of theirs is missing it does not.
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    try:
        import openvino
    except ImportError as error:
        raise UserError(
            f"openvino cannot be imported ({error}); install it again, or say detector.backend=torch"
        ) from None
    return openvino


def _converted(network: torch.nn.Module) -> Any:
    from openvino.frontend import FrontEndManager
    from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder

    network = copy.deepcopy(network).cpu().float().to(memory_format=torch.contiguous_format).eval()
    for module in network.modules():
        if hasattr(module, "dynamic") and hasattr(module, "export"):  # the head: its anchors fit any size
            vars(module).update(dynamic=True, export=True)
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # each condition in Python, though all hold for any size
        trace: Any = torch.jit.trace
        traced = trace(_Outputs(network), torch.zeros(_SMALL), check_trace=False)
        frontend = FrontEndManager().load_by_framework("pytorch")
        decoder = TorchScriptPythonDecoder(traced)  # `load` does not keep it alive
        return frontend.convert(frontend.load(decoder))
