"""The form that draws with the C kernels of ``native.py``: the same pictures, a third of the time.

Winograd's kernels and what every value goes through are in ``kernels/``; here the weights of a
``Synthesis`` are put into the order that they read, and called layer by layer.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from app.engine import native
from app.engine.native_memory import Memory
from app.engine.packed import LayerCache, PackedSynthesis
from app.engine.stylegan2 import (
    Architecture,
    Generator,
    NoiseMode,
    Synthesis,
    SynthesisLayer,
    ToRGB,
)
from app.engine.winograd import WEIGHT as FOUR

LANES = 16  # channels are multiples of it
WINOGRAD_FROM = 16  # side from which the larger weights pay
SIX_FROM = 64  # side from which tiles of 6 x 6 pixels do: they overhang small pictures
KEPT_FLOATS = 16 << 20  # working space that is kept between pictures
KEPT_PICTURES = 32 << 20  # floats of memory of pictures that are kept
SHARED_BLOCKS = 3  # up to 16x16: weights count for more than pictures, so all are done together
TOLERANCE = 1e-3  # of the largest value of a picture: an eighth of a grey level
CHECKED_TO = 64  # a model is checked up to this resolution when it is loaded
# F(6, 3) at the points 0, 1, -1, 2, -2, 1/2, -1/2
SIX = torch.tensor([
    [1, 0, 0], [-2 / 9, -2 / 9, -2 / 9], [-2 / 9, 2 / 9, -2 / 9], [1 / 90, 1 / 45, 2 / 45],
    [1 / 90, -1 / 45, 2 / 45], [1 / 45, 1 / 90, 1 / 180], [1 / 45, -1 / 90, 1 / 180], [0, 0, 1],
], dtype=torch.float64)  # fmt: skip
# F(4, 2) of the even lines (taps 2 and 0), and the one tap of the odd lines
DOUBLE = torch.tensor([
    [0, 0, 1 / 2], [-1 / 2, 0, -1 / 2], [1 / 6, 0, -1 / 6], [1 / 3, 0, 1 / 6], [1, 0, 0], [0, 1, 0],
], dtype=torch.float64)  # fmt: skip
BY_PHASE = (0, 2, 6, 8, 1, 7, 3, 5, 4)  # taps of an up-convolution in the order of its phases


def fits(arch: Architecture) -> bool:
    """Whether the kernels can draw this architecture."""
    return all(arch.channels(r) % LANES == 0 for r in arch.resolutions)


def best_form(synthesis: Synthesis) -> PackedSynthesis:
    """The quickest form whose pictures are right here: C kernels on a CPU, else torch."""
    library = native.library()
    on_cpu = synthesis.blocks()[0].const.device.type == "cpu"
    if library is not None and on_cpu and fits(synthesis.arch):
        drawn = NativeSynthesis(synthesis, library)
        if agrees(drawn, synthesis):
            return drawn
    return PackedSynthesis(synthesis)


def agrees(drawn: PackedSynthesis, synthesis: Synthesis) -> bool:
    """Whether the first blocks draw what the clear form draws, for two latents."""
    arch = synthesis.arch
    seed = torch.Generator().manual_seed(1)
    ws = torch.randn(2, arch.num_ws, arch.w_dim, generator=seed)
    stop = sum(r <= CHECKED_TO for r in arch.resolutions)
    with torch.inference_mode():
        found, wanted = drawn(ws, "const", stop=stop), synthesis(ws, "const", stop=stop)
        worst = (found - wanted).abs().max() / wanted.abs().max().clamp(min=1e-6)
    return bool(worst < TOLERANCE)  # not a number compares false


def passes_self_check(library: ctypes.CDLL) -> bool:
    """Whether small random nets with every kind of layer, with noise and with a clamp, come out
    right."""
    for clamp in (None, 1.0):
        generator = torch.Generator().manual_seed(0)
        arch = Architecture(32, 32, 64, 64 * 16, 48, 1, clamp)
        synthesis = Generator(arch).eval().requires_grad_(False).synthesis
        for value in (*synthesis.parameters(), *synthesis.buffers()):
            value.copy_(torch.randn(value.shape, generator=generator))
        if not agrees(NativeSynthesis(synthesis, library), synthesis):
            return False
    return True


def _taps(weight: torch.Tensor, up: bool) -> torch.Tensor:
    """[o, c, 3, 3] -> [o / 16, 9, c, 16], the taps of an up-convolution sorted by phase."""
    o, c = weight.shape[:2]
    taps = weight.reshape(o // LANES, LANES, c, 9)
    taps = taps[..., list(BY_PHASE)] if up else taps
    return taps.permute(0, 3, 2, 1).contiguous()


def _products(weight: torch.Tensor, g: torch.Tensor) -> torch.Tensor:
    """[o, c, 3, 3] -> Winograd's weights [planes, o / 16, c, 16] by the matrix of one axis."""
    o, c = weight.shape[:2]
    planes = len(g) ** 2
    square = torch.einsum("ia,jb->ijab", g, g).reshape(planes, 9).float()
    products = square @ weight.reshape(o * c, 9).t()  # [planes, o * c]
    return products.reshape(planes, o // LANES, LANES, c).transpose(2, 3).contiguous()


State = tuple[torch.Tensor, torch.Tensor, torch.Tensor | None]  # x, scale, image: see _block


@dataclass(frozen=True, eq=False)
class Prepared:
    """One convolution: what the kernel reads, and its constant noise (None: none)."""

    layer: native.Layer
    address: int
    source: SynthesisLayer
    noise: torch.Tensor | None

    @staticmethod
    def of(source: SynthesisLayer, layer: native.Layer) -> Prepared:
        silent = float(source.noise_strength) == 0.0
        noise = None if silent else source.noise("const", 0)
        assert noise is None or noise.is_contiguous()
        return Prepared(layer, ctypes.addressof(layer), source, noise)

    def noise_address(self, mode: NoiseMode, seed: int) -> tuple[int | None, torch.Tensor | None]:
        """Where the noise picture lies, and the picture, to be kept while it is read."""
        if mode == "none" or self.noise is None:
            return None, None
        noise = self.noise if mode == "const" else self.source.noise(mode, seed)
        assert noise is not None
        return noise.data_ptr(), noise


class NativeSynthesis(PackedSynthesis):
    """Draws w+ [n, num_ws, w_dim] on the CPU; blocks hand on pictures [n, h, w, channels]."""

    def __init__(self, synthesis: Synthesis, library: ctypes.CDLL) -> None:
        self.arch, self.num_ws, self._library = synthesis.arch, synthesis.num_ws, library
        self._spaces: dict[tuple[int, int, int], int] = {}
        self._held: list[torch.Tensor] = []  # what the structures point at
        self._space, self._memory = torch.empty(0), Memory(KEPT_PICTURES)
        with torch.inference_mode():
            blocks = synthesis.blocks()
            self._const = blocks[0].const.detach().permute(1, 2, 0).contiguous()[None]
            self._convolutions = [
                [Prepared.of(c, self._layer(c)) for c in b.convolutions()] for b in blocks
            ]
            self._colours = [self._to_rgb(b.torgb, b.conv1.resolution) for b in blocks]

    # ---- preparation

    def _at(self, tensor: torch.Tensor) -> int:
        """The address of a tensor's values, which stay."""
        self._held.append(tensor.detach().float().contiguous())
        return self._held[-1].data_ptr()

    def _affine(self, layer: SynthesisLayer | ToRGB, gain: float = 1.0) -> tuple[int, int]:
        a = layer.affine
        weight, bias = a.weight.t() * (a.weight_gain * gain), a.bias * (a.bias_gain * gain)
        return self._at(weight), self._at(bias)

    def _layer(self, layer: SynthesisLayer) -> native.Layer:
        outputs, inputs = layer.weight.shape[:2]
        side = layer.resolution // 2 if layer.up else layer.resolution
        tile = 0 if side < WINOGRAD_FROM else 4 if layer.up or side < SIX_FROM else 6
        g = DOUBLE if layer.up else SIX if tile == 6 else FOUR
        weight = _products(layer.weight, g) if tile else _taps(layer.weight, layer.up)
        return native.Layer(
            inputs, outputs, side, layer.up, tile, layer.affine.weight.shape[1],
            layer.clamp or 0.0, *self._affine(layer),
            self._at(layer.weight.square().sum((2, 3)).t()), self._at(weight),
            self._at(layer.bias),
        )  # fmt: skip

    def _to_rgb(self, layer: ToRGB, side: int) -> native.ToRGB:
        return native.ToRGB(
            layer.weight.shape[1], side, layer.affine.weight.shape[1], layer.clamp or 0.0,
            *self._affine(layer, layer.gain), self._at(layer.weight[:, :, 0, 0]),
            self._at(layer.bias),
        )  # fmt: skip

    # ---- drawing

    def __call__(
        self, ws: torch.Tensor, noise_mode: NoiseMode = "none", seed: int = 0,
        cache: LayerCache | None = None, stop: int | None = None,
        check: Callable[[], None] = lambda: None,
    ) -> torch.Tensor:  # fmt: skip
        """As ``PackedSynthesis``. Several pictures share the small blocks; the large ones are drawn
        picture by picture, so that working memory is that of one."""
        if len(ws) == 1:
            return super().__call__(ws, noise_mode, seed, cache, stop, check)
        with torch.inference_mode():
            noise, end = (noise_mode, seed), stop or len(self.arch.resolutions)
            latents = self._styles(ws)
            first, begun = min(SHARED_BLOCKS, end), self._begin(len(ws))
            state = self._blocks(0, first, begun, latents, noise, check)
            assert state[2] is not None
            image, each = state[2], []
            for k in range(len(ws) if end > SHARED_BLOCKS else 0):
                alone = (state[0][k : k + 1], state[1], image[k : k + 1])
                drawn = self._blocks(SHARED_BLOCKS, end, alone, latents[k : k + 1], noise, check)
                assert drawn[2] is not None
                each.append(drawn[2])
            self._end()
            return torch.cat(each) if each else image

    def _blocks(
        self, first: int, end: int, state: State, latents: torch.Tensor,
        noise: tuple[NoiseMode, int], check: Callable[[], None],
    ) -> State:  # fmt: skip
        for i in range(first, end):
            check()
            state = self._block(i, *state, latents, noise)
        return state

    def _styles(self, ws: torch.Tensor) -> Any:
        """The kernels make the styles: the latents themselves."""
        return ws.float().contiguous()

    def _begin(self, n: int) -> tuple[torch.Tensor, torch.Tensor, None]:
        return self._const, self._const.new_empty(0), None

    def _block(
        self, i: int, x: torch.Tensor, scale: torch.Tensor, image: torch.Tensor | None,
        styles: Any, noise: tuple[NoiseMode, int],
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:  # fmt: skip
        ws: torch.Tensor = styles
        n, at, layers = len(ws), ws.data_ptr(), self._convolutions[i]
        line, step = ws.stride(1) * ws.element_size(), ws.stride(0)
        threads = torch.get_num_threads()
        at += max(0, 2 * i - 1) * line
        whole = i == len(self._convolutions) - 1 and n == 1 and layers[-1].layer.winograd != 0
        for c in layers[:-1] if whole else layers:
            x = self._convolved(c, x, n, at, step, noise)
            at += line
        r, colours = layers[-1].source.resolution, ctypes.addressof(self._colours[i])
        out, small = torch.empty(n, 3, r, r), None if image is None else image.data_ptr()
        if whole:  # the pixels before ToRGB are needed by nobody
            picture, kept = layers[-1].noise_address(*noise)
            floats = self._needed(layers[-1], 1)
            self._library.pp_last(
                layers[-1].address, colours, x.data_ptr(), at, ws.stride(1), picture, small,
                out.data_ptr(), self._room(floats + 20 * layers[-1].layer.outputs), threads,
            )  # fmt: skip
            del kept
            return scale, scale, out
        self._library.pp_rgb(
            colours, n, x.data_ptr(), at, step, small, out.data_ptr(),
            self._room(20 * x.shape[3]), threads,
        )  # fmt: skip
        return x, scale, out

    def _convolved(
        self, c: Prepared, x: torch.Tensor, n: int, at: int, step: int,
        noise: tuple[NoiseMode, int],
    ) -> torch.Tensor:  # fmt: skip
        """One layer of n pictures x (the constant: one for all), whose latents lie at ``at``."""
        r, threads = c.source.resolution, torch.get_num_threads()
        y = self._memory.picture(n, r, r, c.layer.outputs)
        picture, kept = c.noise_address(*noise)
        self._library.pp_layer(
            c.address, n, x.data_ptr(), x.stride(0) if len(x) == n else 0, at, step, picture,
            y.data_ptr(), self._room(self._needed(c, n)), threads,
        )  # fmt: skip
        del kept
        return y

    def _needed(self, c: Prepared, n: int) -> int:
        """Floats of working space for a layer of n pictures; asked for once, it takes its time."""
        key = (c.address, n, torch.get_num_threads())
        if key not in self._spaces:
            self._spaces[key] = self._library.pp_space(*key)
        return self._spaces[key]

    def _room(self, floats: int) -> int:
        """The address of working space, on a cache line."""
        if self._space.numel() < floats + LANES:
            self._space = torch.empty(floats + LANES)
        return -(-self._space.data_ptr() // 64) * 64

    def _end(self) -> None:
        """A large model's working space is given back."""
        if self._space.numel() > KEPT_FLOATS:
            self._space = torch.empty(0)
