"""Looks at an aligned face once and says which w+ of the bundled generator shows it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import nn

from app.engine.attribute_net import AttributeNet, AttributeTrunk, Residual, deep_stem, to_input
from app.engine.descent import Descent, Draw
from app.engine.unfilled import filled, widened
from app.models.errors import ModelError


class EncoderTrunk(nn.Module):
    """[n, 3, 128, 128] in -1..1 -> codes [n, layers, w_dim], one per layer of the generator."""

    def __init__(self, width: int, layers: int, w_dim: int) -> None:
        super().__init__()
        c = width
        self.width, self.layers, self.w_dim = width, layers, w_dim
        self.stem = deep_stem(c)  # [n, c, 32, 32]
        self.blocks = nn.ModuleList(
            [
                Residual(c, c, down=False),  # [n, c, 32, 32]
                Residual(c, 2 * c, down=True),  # [n, 2c, 16, 16]
                Residual(2 * c, 4 * c, down=True),  # [n, 4c, 8, 8]
                Residual(4 * c, 5 * c, down=True),  # [n, 5c, 4, 4]
            ]
        )
        self.hidden = nn.Linear(5 * c * 16, 512)
        self.code = nn.Linear(512, w_dim)
        self.apart = nn.Linear(512, layers * w_dim)  # how each layer's code differs from the one

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.relu(self.stem(x))
        for block in self.blocks:
            x = block(x)
        x = F.relu(self.hidden(x.flatten(1)))  # [n, 512]
        apart = self.apart(x).reshape(len(x), self.layers, self.w_dim)
        return self.code(x).unsqueeze(1) + apart


class EncoderNet:
    """The trained trunk with the scale and offset of the generator it belongs to."""

    def __init__(
        self,
        trunk: EncoderTrunk,
        scale: npt.NDArray[np.float32],
        offset: npt.NDArray[np.float32],
        descent: Descent | None = None,
    ) -> None:
        self.trunk = trunk.eval().requires_grad_(False)
        self.scale, self.offset = scale, offset  # [w_dim] each
        self.descent = descent

    def guess(self, pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Aligned faces uint8 RGB [n, h, w, 3] -> w+ [n, layers, w_dim]."""
        with torch.inference_mode():
            codes = self.trunk(to_input(pixels)).numpy()
        return np.asarray(codes * self.scale + self.offset, np.float32)

    def look(self, pixels: npt.NDArray[np.uint8], draw: Draw) -> npt.NDArray[np.float32]:
        """As ``guess``, then brought nearer by the learned steps where the model has them; ``draw``
        makes pictures [n, 3, h, w] of w+ [n, layers, w_dim]."""
        w = self.guess(pixels)
        if self.descent is None:
            return w
        return self.descent.refine(to_input(pixels), w, self.scale, draw)

    @staticmethod
    def load(path: Path) -> EncoderNet:
        """Load ``encoder.safetensors``, and ``descent.safetensors`` if it lies beside it;
        ModelError when one does not fit."""
        from safetensors import safe_open

        try:
            with safe_open(str(path), "pt") as file:
                shape = json.loads((file.metadata() or {})["shape"])
                state = {k: file.get_tensor(k) for k in file.keys()}  # noqa: SIM118
            scale, offset = (state.pop(k).float().numpy() for k in ("scale", "offset"))
            state = {k: widened(v) for k, v in state.items()}
            width, layers = int(shape["width"]), int(shape["layers"])
            trunk = filled(lambda: EncoderTrunk(width, layers, len(scale)), state)
        except Exception as error:
            raise ModelError("model.unreadable", file=str(path), why=str(error)) from error
        steps = path.with_name("descent.safetensors")
        if not steps.is_file():
            return EncoderNet(trunk, scale, offset)
        return EncoderNet(trunk, scale, offset, Descent.load(steps, trunk.layers * trunk.w_dim))

    def save(self, path: Path) -> None:
        """Write half-precision weights (scale and offset stay single) with their shape."""
        from safetensors.torch import save_file

        state: dict[str, Any] = {
            k: (v.half() if v.is_floating_point() else v).contiguous()
            for k, v in self.trunk.state_dict().items()
        }
        state["scale"] = torch.from_numpy(self.scale)
        state["offset"] = torch.from_numpy(self.offset)
        shape = {"width": self.trunk.width, "layers": self.trunk.layers}
        save_file(state, str(path), metadata={"shape": json.dumps(shape)})


def from_attribute_net(net: AttributeNet, layers: int, w_dim: int) -> EncoderTrunk:
    """An encoder that starts from what the attribute net knows: its code, for every layer alike.

    ``net`` must have a deep stem; its appearance code must be ``w_dim`` long.
    """
    old: AttributeTrunk = net.trunk
    trunk = EncoderTrunk(net.shape.width, layers, w_dim)
    trunk.stem.load_state_dict(old.stem.state_dict())
    trunk.blocks.load_state_dict(old.blocks.state_dict())
    trunk.hidden.load_state_dict(old.hidden.state_dict())
    first = net.shape.outputs - net.shape.code - net.shape.shape
    with torch.no_grad():
        trunk.code.weight.copy_(old.heads.weight[first : first + w_dim])
        trunk.code.bias.copy_(old.heads.bias[first : first + w_dim])
        trunk.apart.weight.zero_()
        trunk.apart.bias.zero_()
    return trunk
