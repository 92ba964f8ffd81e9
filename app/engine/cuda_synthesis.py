"""The form that draws on a GPU: half precision where the reference has it, float32 elsewhere.

Batches of fixed size are recorded block by block as CUDA graphs and replayed, so that a cache, a
preview and a stop between blocks work as in ``packed.py``. It was never run on a GPU: its
arithmetic is tested with half tensors on a CPU and its recordings with a stand-in. Therefore it is
held to the float32 form on the model's own faces before its first picture, and whatever goes wrong
then or later ends in that form, without graphs; ``name`` says so.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch

from app.engine.cuda_graphs import Chain, Chains, CudaRecorder, Recorder
from app.engine.cuda_layers import HalfLayer, HalfToRGB, half_from
from app.engine.packed import LayerCache, PackedSynthesis
from app.engine.stylegan2 import Architecture, NoiseMode, Synthesis

BATCHES = (1, 9, 16)  # one face, an array, and what ``bench`` measures
LARGEST = 4.0  # grey values by which half precision may differ in the worst pixel
MEAN = 0.5  # and on average: 128 and 256 px nets of random weights differ by up to 3.9 and .09
SAME = 0.25  # grey values by which a replay may differ from the same work unrecorded
GREY = 127.5


class CudaSynthesis(PackedSynthesis):
    """Draws w+ [n, num_ws, w_dim] on the device of ``synthesis``; blocks in half precision hand on
    half tensors. ``recorder`` None: no graphs."""

    def __init__(self, synthesis: Synthesis, recorder: Recorder | None = None) -> None:
        super().__init__(synthesis)
        first = half_from(synthesis.arch) or 2 * synthesis.arch.resolution
        self._half: dict[int, tuple[list[HalfLayer], HalfToRGB]] = {}
        with torch.inference_mode():
            for i, block in enumerate(synthesis.blocks()):
                if self.arch.resolutions[i] >= first:
                    layers = [HalfLayer.of(c) for c in block.convolutions()]
                    self._half[i] = layers, HalfToRGB.of(block.torgb)
        self._chains = Chains(recorder) if recorder is not None else None
        self._chain: Chain | None = None  # of the drawing that goes on
        self.problem = ""

    @property
    def name(self) -> str:
        """What draws: precision, graphs or not, and what was given up and why."""
        precision = "half" if self._half else "float32"
        way = "graphs" if self._chains is not None else "eager"
        return f"cuda, {precision}, {way}" + (f" ({self.problem})" if self.problem else "")

    def __call__(
        self, ws: torch.Tensor, noise_mode: NoiseMode = "none", seed: int = 0,
        cache: LayerCache | None = None, stop: int | None = None,
        check: Callable[[], None] = lambda: None,
    ) -> torch.Tensor:  # fmt: skip
        """As ``PackedSynthesis``. MemoryError where one float32 face does not fit the device."""
        arguments = (noise_mode, seed, cache, stop, check)
        try:
            return self._draw(ws, *arguments)
        except RuntimeError as error:  # what torch raises for all that a device refuses
            self.fall_back(_reason(error))
        if cache is not None:
            cache.owner = None  # its blocks are in half precision
        try:
            return self._draw(ws, *arguments)
        except torch.OutOfMemoryError as error:
            if len(ws) == 1:
                raise MemoryError(str(error)) from error
        return torch.cat([self(w[None], noise_mode, seed, None, stop, check) for w in ws])

    def fall_back(self, problem: str) -> None:
        """Draw in float32 without graphs from now on."""
        self._half, self._chains, self._chain, self.problem = {}, None, None, problem

    def _draw(self, ws: torch.Tensor, *arguments: Any) -> torch.Tensor:
        # one algorithm whatever was drawn before, and float32 that is not TF32
        exact = {"benchmark": False, "deterministic": True, "allow_tf32": False}
        with torch.backends.cudnn.flags(enabled=True, **exact), torch.inference_mode():
            try:
                self._chain = self._recorded(ws, arguments[0])
                image = super().__call__(ws, *arguments)
                return image if self._chain is None else image.clone()
            finally:
                self._chain = None

    # ---- blocks

    def _block(
        self, i: int, x: torch.Tensor, scale: torch.Tensor, image: torch.Tensor | None,
        styles: Any, noise: tuple[NoiseMode, int],
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:  # fmt: skip
        if self._chain is not None:
            piece = self._chain.pieces[i + 1]
            x, scale, image = piece.run(() if image is None else (x, scale, image))
            return x, scale, image
        return self._eager_block(i, x, scale, image, styles, noise)

    def _eager_block(
        self, i: int, x: torch.Tensor, scale: torch.Tensor, image: torch.Tensor | None,
        styles: Any, noise: tuple[NoiseMode, int],
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:  # fmt: skip
        if i not in self._half:
            return super()._block(i, x, scale, image, styles, noise)
        layers, to_rgb = self._half[i]
        for k, layer in enumerate(layers):
            x, scale = layer.run(x, scale, styles[i][k], *noise)
        rgb = to_rgb.run(x, scale, styles[i][-1])
        return x, scale, self._onto(rgb, image)

    def _styles(self, ws: torch.Tensor) -> Any:
        if self._chain is None:
            return super()._styles(ws)
        self._chain.pieces[0].run((ws,))
        return None  # the blocks' recordings read them where they lie

    def _kept(self, x: torch.Tensor, scale: torch.Tensor, image: torch.Tensor) -> Any:
        """What a cache may hold: the next drawing writes over what a recording left."""
        if self._chain is None:
            return x, scale, image
        return x.clone(), scale.clone(), image.clone()

    # ---- recordings

    def _recorded(self, ws: torch.Tensor, mode: NoiseMode) -> Chain | None:
        """The recording for this batch, made now if it is the first; None: draw as usual."""
        if self._chains is None or len(ws) not in BATCHES or mode == "seeded":
            return None
        size = len(ws) * bytes_of_blocks(self.arch)
        return self._chains.get((len(ws), mode), size, lambda chain: self._record(chain, ws, mode))

    def _record(self, chain: Chain, ws: torch.Tensor, mode: NoiseMode) -> None:
        assert self._chains is not None
        own, noise = ws.clone(), (mode, 0)
        self._chains.recorder.warm(lambda: self._whole(own, noise))
        wanted = self._whole(own, noise)

        def make_styles() -> tuple[torch.Tensor, ...]:
            return tuple(s for row in PackedSynthesis._styles(self, own) for s in row)

        flat = iter(chain.add((own,), make_styles))
        styles = [[next(flat) for _ in range(3 if i else 2)] for i in range(len(self._rgb))]
        image: torch.Tensor | None
        x, scale, image = self._begin(len(ws))
        reads: tuple[torch.Tensor, ...] = ()  # the constant belongs to the first recording
        for i in range(len(self.arch.resolutions)):
            work = partial(self._eager_block, i, x, scale, image, styles, noise)
            reads = x, scale, image = chain.add(reads, work)
        assert image is not None
        if not difference(image, wanted)[0] <= SAME:  # not a number compares false
            raise RuntimeError("a recording draws something else")

    def _whole(self, ws: torch.Tensor, noise: tuple[NoiseMode, int]) -> torch.Tensor:
        styles = PackedSynthesis._styles(self, ws)
        x, scale, image = self._begin(len(ws))
        for i in range(len(self.arch.resolutions)):
            x, scale, image = self._eager_block(i, x, scale, image, styles, noise)
        assert image is not None
        return image


def cuda_form(
    synthesis: Synthesis, latents: Callable[[], torch.Tensor] | None = None,
    recorder: Recorder | None = None,
) -> CudaSynthesis:  # fmt: skip
    """The form for the GPU that ``synthesis`` lies on, held to float32 on this model's faces.

    ``latents`` makes w+ [n, num_ws, w_dim]; None: random ones. Differences are those of a picture:
    of values clamped to -1..1, in grey values of 255.
    """
    device = synthesis.blocks()[0].const.device
    if recorder is None and device.type == "cuda":
        recorder = CudaRecorder(device)
    form = CudaSynthesis(synthesis, recorder)
    plain = PackedSynthesis(synthesis)
    try:
        ws = _random_latents(synthesis.arch).to(device) if latents is None else latents()
        for w in ws:
            largest, mean = difference(form(w[None], "const"), _exactly(plain, w[None]))
            if not (largest <= LARGEST and mean <= MEAN):  # not a number compares false
                form.fall_back(f"half precision differs by {largest:.1f}, {mean:.2f} on average")
                break
    except RuntimeError as error:
        form.fall_back(_reason(error))
    return form


def difference(found: torch.Tensor, wanted: torch.Tensor) -> tuple[float, float]:
    """Largest and mean difference of two pictures, in grey values."""
    gap = (found.float().clamp(-1, 1) - wanted.float().clamp(-1, 1)).abs() * GREY
    return float(gap.max()), float(gap.mean())


def bytes_of_blocks(arch: Architecture) -> int:
    """About what a recording holds for one picture: three float32 tensors of every layer."""
    values = sum((2 * arch.channels(r) + 3) * r * r for r in arch.resolutions)
    return 3 * 4 * values


def _exactly(plain: PackedSynthesis, ws: torch.Tensor) -> torch.Tensor:
    with torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False):
        return plain(ws, "const")


def _random_latents(arch: Architecture) -> torch.Tensor:
    seed = torch.Generator().manual_seed(1)
    return torch.randn(2, arch.num_ws, arch.w_dim, generator=seed)


def _reason(error: Exception) -> str:
    if isinstance(error, torch.OutOfMemoryError):
        return "out of memory"
    return str(error).partition("\n")[0][:120] or type(error).__name__
