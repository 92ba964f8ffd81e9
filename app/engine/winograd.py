"""3x3 convolution of one picture by Winograd's F(4x4, 3x3): a quarter of the multiplications.

Lavin and Gray 2016 (arXiv 1509.09308). The transforms are matrix products with small fixed
matrices, so the whole is four matrix products and two copies. float32 in and out; differs from the
direct form by about 1e-5 of the largest value.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F

TILE, WINDOW = 4, 6
_INPUT = torch.tensor([
    [4, 0, -5, 0, 1, 0], [0, -4, -4, 1, 1, 0], [0, 4, -4, -1, 1, 0],
    [0, -2, -1, 2, 1, 0], [0, 2, -1, -2, 1, 0], [0, 4, 0, -5, 0, 1],
], dtype=torch.float64)  # fmt: skip
WEIGHT = torch.tensor([
    [1 / 4, 0, 0], [-1 / 6, -1 / 6, -1 / 6], [-1 / 6, 1 / 6, -1 / 6],
    [1 / 24, 1 / 12, 1 / 6], [1 / 24, -1 / 12, 1 / 6], [0, 0, 1],
], dtype=torch.float64)  # fmt: skip
_OUTPUT = torch.tensor([
    [1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1],
], dtype=torch.float64)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Winograd:
    """One layer: ``weight`` [36, inputs, outputs] transformed once, and the two fixed matrices."""

    weight: torch.Tensor
    into: torch.Tensor  # [36, 36]
    out: torch.Tensor  # [16, 36]

    @staticmethod
    def of(weight: torch.Tensor) -> Winograd:
        """Prepare a 3x3 weight [outputs, inputs, 3, 3]."""
        g = WEIGHT.to(weight.device)
        u = torch.einsum("ia,ocab,jb->ijco", g, weight.double(), g)  # [6, 6, inputs, outputs]
        u = u.reshape(WINDOW * WINDOW, *u.shape[2:]).to(weight.dtype).contiguous()
        into, out = (torch.kron(m, m).to(weight) for m in (_INPUT, _OUTPUT))
        return Winograd(u, into.contiguous(), out.contiguous())

    def __call__(self, x: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        """x [1, inputs, h, w] channels last, sides multiples of 4 -> [1, outputs, h, w] + bias."""
        _, c, h, w = x.shape
        rows, columns = h // TILE, w // TILE
        padded = F.pad(x[0].permute(1, 2, 0), (0, 0, 1, 1, 1, 1))  # [h + 2, w + 2, c]
        line = (w + 2) * c
        windows = padded.as_strided(
            (WINDOW, WINDOW, rows, columns, c), (line, c, TILE * line, TILE * c, 1)
        )
        v = self.into @ windows.reshape(WINDOW * WINDOW, -1)  # [36, tiles * c]
        m = torch.bmm(v.reshape(WINDOW * WINDOW, -1, c), self.weight)  # [36, tiles, outputs]
        k = m.shape[2]
        y = self.out @ m.reshape(WINDOW * WINDOW, -1)  # [16, tiles * outputs]
        y = y.reshape(TILE, TILE, rows, columns, k).permute(2, 0, 3, 1, 4)  # r, 4, c, 4, k
        return (y.reshape(h, w, k) + bias).permute(2, 0, 1)[None]
