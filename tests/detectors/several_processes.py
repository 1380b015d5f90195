"""A trainer in two processes where there is no second GPU: both on the CPU, or both on the one GPU, over gloo."""

from unittest.mock import patch

import torch
from torch import distributed, nn
from ultralytics.utils import DEFAULT_CFG, LOCAL_RANK, RANK

from courtside.detectors.ultralytics_trainer import NetworkTrainer


class TwoProcesses(NetworkTrainer):
    """Says that it has two GPUs; the class is pickled to its processes, so it stands in a module."""

    def __init__(self, cfg=DEFAULT_CFG, overrides=None, _callbacks=None):
        super().__init__(cfg, overrides, _callbacks)
        self.world_size, self.ddp = 2, LOCAL_RANK == -1

    def _setup_ddp(self):
        distributed.init_process_group("gloo", rank=RANK, world_size=2)

    def _setup_train(self):
        wrap = nn.parallel.DistributedDataParallel

        def wrapped(network, device_ids, **options):
            return wrap(network, device_ids=None if self.device.type == "cpu" else device_ids, **options)

        torch.set_num_threads(1)
        with patch.object(nn.parallel, "DistributedDataParallel", wrapped):
            super()._setup_train()
