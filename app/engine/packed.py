"""The form that draws: weights prepared once, scales carried along, the same pictures.

Three identities make it quick on a CPU. (1) Modulating the input is modulating the weights, so
weights never change and need no work per picture. (2) Leaky ReLU is homogeneous for
positive factors: sqrt2 * lrelu(d * y + b) = (sqrt2 * d) * lrelu(y + b / d), so demodulation and
gain wait and are multiplied into the next layer's modulation; the bias goes into the convolution.
(3) ToRGB's scales go into its 3 x c weights. Sums of squared weights (demodulation) are kept.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
import torch.nn.functional as F

from app.engine.ops import GAIN, SLOPE, upsample2
from app.engine.stylegan2 import DEMODULATION_EPSILON, NoiseMode, Synthesis, SynthesisLayer, ToRGB
from app.engine.winograd import Winograd

CACHED_BLOCK_BYTES = 8 << 20


@dataclass(frozen=True, eq=False)
class PackedLayer:
    """One convolution: ``weight`` as stored, ``energy`` [inputs, outputs] its squared sums,
    ``kernel`` [outputs, 1, 4, 4] the filter after an up-convolution (depthwise, channels last),
    ``quick`` the Winograd form where it is the faster one."""

    weight: torch.Tensor
    energy: torch.Tensor
    bias: torch.Tensor
    noise: torch.Tensor | None
    kernel: torch.Tensor | None
    source: SynthesisLayer
    quick: Winograd | None = None

    @staticmethod
    def of(layer: SynthesisLayer, memory: torch.memory_format) -> PackedLayer:
        weight = layer.weight.detach()
        energy = weight.square().sum((2, 3)).t().contiguous()  # [inputs, outputs]
        strength = float(layer.noise_strength)
        noise = layer.noise_const * strength if strength else None
        quick = Winograd.of(weight) if _prefers_winograd(layer) else None
        weight, kernel = as_convolved(weight, layer.up, memory)
        return PackedLayer(weight, energy, layer.bias.detach(), noise, kernel, layer, quick)

    def run(
        self, x: torch.Tensor, scale: torch.Tensor, style: torch.Tensor, mode: NoiseMode, seed: int
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """x [n, inputs, h, w] that stands for x * scale [n, inputs] -> the same for the output."""
        d = torch.addmm(_epsilon(style), style.square(), self.energy).rsqrt_()  # [n, outputs]
        bias = self.bias / d  # [n, outputs]
        x = self._convolve(x, scale * style, bias)
        noise = self.noise if mode == "const" else None
        if mode == "seeded" and self.noise is not None:
            noise = self.source.noise(mode, seed)
        if noise is not None:
            x = torch.addcdiv(x, noise.expand(1, 1, -1, -1), d[:, :, None, None])
        x = F.leaky_relu_(x, SLOPE)
        scale = d * GAIN
        if self.source.clamp is not None:
            limit = (self.source.clamp / scale)[:, :, None, None]
            x = torch.clamp(x, -limit, limit)
        return x, scale

    def _convolve(self, x: torch.Tensor, style: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        weight, single = self.weight, len(x) == 1
        if single and self.quick is not None:
            return self.quick(x * style[:, :, None, None], bias[0])
        if single and x.shape[2] * x.shape[3] > 9 * len(bias[0]):  # fewer weights than pixels
            weight = weight * (style.t() if self.kernel is not None else style)[..., None, None]
        else:
            x = x * style[:, :, None, None]
        own_bias = bias[0] if single else None
        if self.kernel is None:
            x = F.conv2d(x, weight, own_bias, padding=1)
        else:
            x = F.conv_transpose2d(x, weight, stride=2)  # [n, outputs, 2h + 1, 2w + 1]
            x = F.conv2d(x, self.kernel, own_bias, padding=1, groups=len(self.kernel))
        return x if single else x.add_(bias[:, :, None, None])


def _prefers_winograd(layer: SynthesisLayer) -> bool:
    """Where F(4x4, 3x3) was measured to win on a CPU by a fifth or more (64 channels and up)."""
    return (
        not layer.up
        and layer.weight.device.type == "cpu"
        and min(layer.weight.shape[:2]) >= 64
        and 8 <= layer.resolution <= 64
    )


def as_convolved(
    weight: torch.Tensor, up: bool, memory: torch.memory_format
) -> tuple[torch.Tensor, torch.Tensor | None]:
    """weight [outputs, inputs, 3, 3] as torch's convolution wants it; for an up-convolution
    [inputs, outputs, 3, 3], and the filter after it [outputs, 1, 4, 4] of the same type."""
    kernel = None
    if up:
        kernel = depthwise_filter(len(weight)).to(weight).contiguous(memory_format=memory)
        weight = weight.transpose(0, 1)  # as transposed convolution
    return weight.contiguous(memory_format=memory), kernel


def depthwise_filter(channels: int) -> torch.Tensor:
    """[channels, 1, 4, 4]: the low-pass filter after an up-convolution, its gain of 4 included."""
    taps = torch.tensor([1.0, 3.0, 3.0, 1.0]) / 4.0  # sum 2: the gain of 4 over both axes
    return (taps[:, None] * taps[None, :]).expand(channels, 1, 4, 4)


def _epsilon(style: torch.Tensor) -> torch.Tensor:
    return torch.full((), DEMODULATION_EPSILON, device=style.device)


@dataclass(frozen=True, eq=False)
class PackedToRGB:
    """The 1x1 convolution to three channels; ``weight`` [3, inputs] includes the style gain."""

    weight: torch.Tensor
    bias: torch.Tensor
    clamp: float | None

    @staticmethod
    def of(layer: ToRGB) -> PackedToRGB:
        return PackedToRGB(
            layer.weight.detach()[:, :, 0, 0] * layer.gain, layer.bias.detach(), layer.clamp
        )

    def run(self, x: torch.Tensor, scale: torch.Tensor, style: torch.Tensor) -> torch.Tensor:
        """x [n, inputs, h, w] standing for x * scale -> [n, 3, h, w]."""
        factor = scale * style  # [n, inputs]
        if len(x) == 1:
            pixels = x[0].permute(1, 2, 0).reshape(-1, x.shape[1])  # [h * w, inputs], a view
            rgb = torch.addmm(self.bias[:, None], self.weight * factor, pixels.t())
            rgb = rgb.reshape(1, 3, *x.shape[2:])
        else:
            rgb = torch.einsum("nchw,nc,oc->nohw", x, factor, self.weight)
            rgb = rgb + self.bias[:, None, None]
        return rgb if self.clamp is None else rgb.clamp_(-self.clamp, self.clamp)


@dataclass(eq=False)
class LayerCache:
    """What the last picture left after each block, so that a change in late layers starts late."""

    owner: object = None  # the drawing form whose blocks these are
    ws: torch.Tensor | None = None
    noise: tuple[NoiseMode, int] = ("none", 0)
    blocks: list[tuple[torch.Tensor, torch.Tensor, torch.Tensor]] = field(default_factory=list)

    def reusable(self, owner: object, ws: torch.Tensor, noise: tuple[NoiseMode, int]) -> int:
        """How many blocks of ``owner`` are still right for ``ws`` [1, num_ws, w_dim]."""
        if self.owner is not owner or self.ws is None:
            return 0
        if self.noise != noise or self.ws.shape != ws.shape:
            return 0
        same = (self.ws[0] == ws[0]).all(1).tolist()
        rows = same.index(False) if False in same else len(same)
        return min(rows // 2, len(self.blocks))

    def keep(
        self, owner: object, ws: torch.Tensor, noise: tuple[NoiseMode, int],
        blocks: list[tuple[torch.Tensor, torch.Tensor, torch.Tensor]],
    ) -> None:  # fmt: skip
        """Take what a picture left: its first blocks, as far as they are small enough."""
        self.owner, self.ws, self.noise = owner, ws.clone(), noise
        large = [k[0].nbytes > CACHED_BLOCK_BYTES for k in blocks]
        self.blocks = blocks[: large.index(True)] if True in large else blocks


class PackedSynthesis:
    """Draws w+ [n, num_ws, w_dim] with the weights of a ``Synthesis``; never changes them."""

    def __init__(
        self, synthesis: Synthesis, memory: torch.memory_format = torch.channels_last
    ) -> None:
        self.arch, self.num_ws = synthesis.arch, synthesis.num_ws
        blocks = synthesis.blocks()
        self.memory = memory
        with torch.inference_mode():
            self.const = blocks[0].const.detach()[None].contiguous(memory_format=memory)
            self._layers = [
                [PackedLayer.of(c, memory) for c in b.convolutions()] for b in blocks
            ]
            self._rgb = [PackedToRGB.of(b.torgb) for b in blocks]
            self._affines = _stacked_affines(synthesis)

    def __call__(
        self, ws: torch.Tensor, noise_mode: NoiseMode = "none", seed: int = 0,
        cache: LayerCache | None = None, stop: int | None = None,
        check: Callable[[], None] = lambda: None,
    ) -> torch.Tensor:  # fmt: skip
        """Pictures [n, 3, r, r]. ``cache`` is used and refilled for n = 1; ``stop`` ends after that
        many blocks with the small picture (a preview, whose blocks the whole picture then finds in
        the cache); ``check`` may raise between blocks, which leaves the cache as it was."""
        with torch.inference_mode():
            styles = self._styles(ws)
            noise = (noise_mode, seed)
            alone = cache if len(ws) == 1 else None
            start = alone.reusable(self, ws, noise) if alone is not None else 0
            end = stop or len(self.arch.resolutions)
            kept = list(alone.blocks[: min(start, end)]) if alone is not None else []
            x, scale, image = kept[-1] if kept else self._begin(len(ws))
            for i in range(len(kept), end):
                check()
                x, scale, image = self._block(i, x, scale, image, styles, noise)
                if alone is not None:
                    kept.append(self._kept(x, scale, image))
            if alone is not None and start < end:
                alone.keep(self, ws, noise, kept)
            self._end()
            assert image is not None
            return image

    def _end(self) -> None:
        """Nothing to give back."""

    def _begin(self, n: int) -> tuple[torch.Tensor, torch.Tensor, None]:
        return self.const.expand(n, -1, -1, -1), self.const.new_ones(n, self.const.shape[1]), None

    def _block(
        self, i: int, x: torch.Tensor, scale: torch.Tensor, image: torch.Tensor | None,
        styles: Any, noise: tuple[NoiseMode, int],
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:  # fmt: skip
        for k, layer in enumerate(self._layers[i]):
            x, scale = layer.run(x, scale, styles[i][k], *noise)
        rgb = self._rgb[i].run(x, scale, styles[i][-1])
        return x, scale, self._onto(rgb, image)

    def _onto(self, rgb: torch.Tensor, image: torch.Tensor | None) -> torch.Tensor:
        """A block's colours added to the picture so far."""
        return rgb if image is None else rgb.add_(upsample2(image))

    def _kept(
        self, x: torch.Tensor, scale: torch.Tensor, image: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """What a cache may hold of a block."""
        return x, scale, image

    def _styles(self, ws: torch.Tensor) -> Any:
        """Styles per block: of its convolutions, then of its ToRGB; each [n, inputs]."""
        flat: list[torch.Tensor] = []
        for row, (weight, bias, widths) in enumerate(self._affines):
            flat.extend(torch.addmm(bias, ws[:, row], weight).split(widths, 1))
        # by row: conv1 | torgb, conv0 | conv1 | torgb, conv0 | ...: two, then three per block
        out, at = [], 0
        for i in range(len(self._layers)):
            if i == 0:
                out.append(flat[:2])
                at = 2
            else:
                conv0, conv1, rgb = flat[at : at + 3]
                out.append([conv0, conv1, rgb])
                at += 3
        return out


def _stacked_affines(synthesis: Synthesis) -> list[tuple[torch.Tensor, torch.Tensor, list[int]]]:
    """For each row of w+: the affine layers that read it, as one [w_dim, sum] matrix and bias."""
    rows: list[list[SynthesisLayer | ToRGB]] = [[] for _ in range(synthesis.num_ws)]
    for i, block in enumerate(synthesis.blocks()):
        first = max(0, 2 * i - 1)
        layers = block.convolutions()
        drawn: list[SynthesisLayer | ToRGB] = [*layers, block.torgb]
        for k, layer in enumerate(drawn):
            rows[first + k].append(layer)
    out = []
    for row in rows:
        weight = torch.cat([a.affine.weight.detach() * a.affine.weight_gain for a in row])
        bias = torch.cat([a.affine.bias.detach() * a.affine.bias_gain for a in row])
        out.append((weight.t().contiguous(), bias, [a.affine.weight.shape[0] for a in row]))
    return out


def gflop(synthesis: Synthesis) -> float:
    """Multiply-adds of one picture times two, in 1e9, convolutions only."""
    total = 0
    for block in synthesis.blocks():
        layers = block.convolutions()
        for layer in layers:
            side = layer.resolution // 2 if layer.up else layer.resolution
            total += math.prod(layer.weight.shape) * side * side
        total += math.prod(block.torgb.weight.shape) * layers[-1].resolution ** 2
    return 2 * total / 1e9
