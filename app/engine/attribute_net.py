"""Reads attributes, measures, shape and the appearance code of an aligned face with one net."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import nn

from app.engine.unfilled import filled, widened
from app.models.errors import ModelError

INPUT = 128


@dataclass(frozen=True)
class NetShape:
    """Everything needed to rebuild the net: heads, widths and the scales of what it reads.

    ``classes``: (attribute, values). ``scalars``: (name, mean, std). ``code`` and ``shape`` are the
    number of appearance codes and of landmark shape components; ``temperature`` per attribute
    calibrates the probabilities (Guo et al. 2017).
    """

    classes: tuple[tuple[str, tuple[str, ...]], ...]
    scalars: tuple[tuple[str, float, float], ...]
    code: int = 256
    shape: int = 64
    width: int = 48
    temperature: tuple[tuple[str, float], ...] = ()
    deep_stem: bool = False  # two 3x3 convolutions instead of one 4x4: sees thin frames and hairs

    @property
    def outputs(self) -> int:
        """Length of the net's output vector."""
        return sum(len(v) for _, v in self.classes) + len(self.scalars) + self.code + self.shape

    def to_json(self) -> str:
        """Text for the safetensors metadata."""
        return json.dumps(self.__dict__)

    @staticmethod
    def from_json(text: str) -> NetShape:
        """Read what ``to_json`` wrote."""
        d = json.loads(text)
        return NetShape(
            classes=tuple((str(a), tuple(str(v) for v in vs)) for a, vs in d["classes"]),
            scalars=tuple((str(n), float(m), float(s)) for n, m, s in d["scalars"]),
            code=int(d["code"]),
            shape=int(d["shape"]),
            width=int(d["width"]),
            temperature=tuple((str(a), float(t)) for a, t in d["temperature"]),
            deep_stem=bool(d.get("deep_stem", False)),
        )


class Residual(nn.Module):
    """Two 3x3 convolutions with batch norm and a skip; ``down`` halves the resolution."""

    def __init__(self, cin: int, cout: int, down: bool) -> None:
        super().__init__()
        stride = 2 if down else 1
        self.conv0 = nn.Conv2d(cin, cout, 3, stride, 1, bias=False)
        self.norm0 = nn.BatchNorm2d(cout)
        self.conv1 = nn.Conv2d(cout, cout, 3, 1, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(cout)
        self.skip = nn.Conv2d(cin, cout, 1, bias=False) if down or cin != cout else None
        self.down = down

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = F.relu(self.norm0(self.conv0(x)))
        y = self.norm1(self.conv1(y))
        if self.skip is not None:
            x = self.skip(F.avg_pool2d(x, 2) if self.down else x)
        return F.relu(x + y)


def deep_stem(width: int) -> nn.Sequential:
    """[n, 3, 128, 128] -> [n, width, 32, 32]."""
    return nn.Sequential(
        nn.Conv2d(3, width // 2, 3, 2, 1, bias=False),
        nn.BatchNorm2d(width // 2),
        nn.ReLU(),
        nn.Conv2d(width // 2, width, 3, 2, 1),
    )


class AttributeTrunk(nn.Module):
    """[n, 3, 128, 128] in -1..1 -> [n, outputs]; an early 32x32 keeps it quick on a laptop CPU."""

    def __init__(self, shape: NetShape) -> None:
        super().__init__()
        c = shape.width
        self.stem = deep_stem(c) if shape.deep_stem else nn.Conv2d(3, c, 4, 4)  # [n, c, 32, 32]
        self.blocks = nn.ModuleList(
            [
                Residual(c, c, down=False),  # [n, c, 32, 32]
                Residual(c, 2 * c, down=True),  # [n, 2c, 16, 16]
                Residual(2 * c, 4 * c, down=True),  # [n, 4c, 8, 8]
                Residual(4 * c, 5 * c, down=True),  # [n, 5c, 4, 4]
            ]
        )
        self.hidden = nn.Linear(5 * c * 16, 512)
        self.drop = nn.Dropout(0.2)
        self.heads = nn.Linear(512, shape.outputs)

    def features(self, x: torch.Tensor) -> list[torch.Tensor]:
        """Activations after each block, finest first (for perceptual losses and distances)."""
        x = F.relu(self.stem(x))
        out = []
        for block in self.blocks:
            x = block(x)
            out.append(x)
        return out

    def embed(self, x: torch.Tensor) -> torch.Tensor:
        """[n, 512] embedding before the heads."""
        return F.relu(self.hidden(self.features(x)[-1].flatten(1)))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.heads(self.drop(self.embed(x)))


@dataclass(frozen=True, eq=False)
class Read:
    """What was read from n faces: probabilities per attribute and value, scalars in own units."""

    probabilities: dict[str, npt.NDArray[np.float32]]
    scalars: dict[str, npt.NDArray[np.float32]]
    code: npt.NDArray[np.float32]
    shape: npt.NDArray[np.float32]


class AttributeNet:
    """The trained net with its scales; numpy in, numpy out."""

    def __init__(self, shape: NetShape, trunk: AttributeTrunk) -> None:
        self.shape = shape
        self.trunk = trunk.eval().requires_grad_(False)

    @staticmethod
    def load(path: Path) -> AttributeNet:
        """Load ``attributes.safetensors``; ModelError when it does not fit this class."""
        from safetensors import safe_open

        try:
            with safe_open(str(path), "pt") as file:
                shape = NetShape.from_json((file.metadata() or {})["shape"])
                state = {k: widened(file.get_tensor(k)) for k in file.keys()}  # noqa: SIM118
            trunk = filled(lambda: AttributeTrunk(shape), state)
        except Exception as error:
            raise ModelError("model.unreadable", file=str(path), why=str(error)) from error
        return AttributeNet(shape, trunk)

    def save(self, path: Path) -> None:
        """Write half-precision weights with the shape in the metadata."""
        from safetensors.torch import save_file

        state = {
            k: (v.half() if v.is_floating_point() else v).contiguous()
            for k, v in self.trunk.state_dict().items()
        }
        save_file(state, str(path), metadata={"shape": self.shape.to_json()})

    def read(self, pixels: npt.NDArray[np.uint8], batch: int = 32) -> Read:
        """Read faces uint8 RGB ``[n, h, w, 3]`` of any size (resized to 128 by area)."""
        starts = range(0, len(pixels), batch)
        with torch.inference_mode():
            out = [self.trunk(to_input(pixels[i : i + batch])) for i in starts]
        return self.split(torch.cat(out))

    def split(self, y: torch.Tensor) -> Read:
        """Cut the output vector ``[n, outputs]`` into named, calibrated parts."""
        at = 0
        temperature = dict(self.shape.temperature)
        probabilities: dict[str, npt.NDArray[np.float32]] = {}
        scalars: dict[str, npt.NDArray[np.float32]] = {}
        for attribute, values in self.shape.classes:
            logits = y[:, at : at + len(values)] / temperature.get(attribute, 1.0)
            probabilities[attribute] = logits.softmax(1).numpy()
            at += len(values)
        for name, mean, std in self.shape.scalars:
            scalars[name] = (y[:, at] * std + mean).numpy()
            at += 1
        code = y[:, at : at + self.shape.code].numpy()
        return Read(probabilities, scalars, code, y[:, at + self.shape.code :].numpy())

    def values(self, attribute: str) -> tuple[str, ...]:
        """The values one attribute can take here; KeyError when the net does not read it."""
        return dict(self.shape.classes)[attribute]


def to_input(pixels: npt.NDArray[Any]) -> torch.Tensor:
    """uint8 RGB [n, h, w, 3] -> float32 [n, 3, 128, 128] in -1..1."""
    x = torch.from_numpy(np.ascontiguousarray(pixels)).permute(0, 3, 1, 2).float() / 127.5 - 1
    if x.shape[-2:] != (INPUT, INPUT):
        x = F.interpolate(x, (INPUT, INPUT), mode="area")  # [n, 3, 128, 128]
    return x
