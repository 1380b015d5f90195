"""The losses of a training, as its report has them: ``train_NAME_loss`` and ``val_NAME_loss`` of each epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Epoch = Mapping[str, float | None]


def loss_names(epochs: Sequence[Epoch]) -> list[str]:
    """Return the parts of the loss that were measured: ``box`` for ``train_box_loss`` or ``val_box_loss``, in order."""
    keys = dict.fromkeys(key for epoch in epochs for key in epoch)
    parts = [
        key.removeprefix(split).removesuffix("loss")
        for split in ("train_", "val_")
        for key in keys
        if key.startswith(split) and key.endswith("loss")
    ]
    return [part.removesuffix("_") for part in dict.fromkeys(parts)]


def whole_losses(epochs: Sequence[Epoch], split: str) -> list[float]:
    """Return the sum of the losses of a split after each epoch; none where a part is missing."""
    sums = []
    for epoch in epochs:
        parts = [value for key, value in epoch.items() if key.startswith(f"{split}_") and key.endswith("loss")]
        known = [value for value in parts if value is not None]
        if not known or len(known) < len(parts):
            return []
        sums.append(sum(known))
    return sums
