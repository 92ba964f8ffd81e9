"""The encoder against plain optimisation: how near, and in what time, per face and per group."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from app.engine.attribute_net import AttributeNet, to_input
from app.engine.encoder import FEATURE_WEIGHT
from app.engine.encoder_net import EncoderNet
from app.engine.landmark_net import POINTS, LandmarkNet, find_aligned
from app.engine.perceptual import feature_loss, pyramid_loss
from app.engine.stylegan2 import Generator, to_pixels

Pixels = npt.NDArray[np.uint8]
Values = npt.NDArray[np.float64]
SURE = 0.7  # an attribute counts towards agreement when it was read this surely from the photo


@dataclass(frozen=True, eq=False)
class Inverted:
    """Pictures uint8 [n, h, w, 3] made by one method, and the seconds that one face took."""

    pixels: Pixels
    seconds: float


@dataclass(frozen=True, eq=False)
class Inverter:
    """Ways from pictures uint8 [n, 128, 128, 3] to pictures the generator makes of them.

    ``generator`` is one whose w are scale * code.
    """

    generator: Generator
    net: AttributeNet
    scale: npt.NDArray[np.float32]

    def encoded(self, encoder: EncoderNet, pixels: Pixels) -> Inverted:
        """One look each, and the learned steps where there are any."""
        start = time.monotonic()
        shown = [
            self._draw(torch.from_numpy(encoder.look(p[None], self._draw_tensor))) for p in pixels
        ]
        return Inverted(np.concatenate(shown), (time.monotonic() - start) / len(pixels))

    def optimised(
        self, pixels: Pixels, layers: int, steps: tuple[int, ...], lr: float = 0.05
    ) -> dict[int, Inverted]:
        """Adam from the mean face on the encoder's own loss (Abdal et al. 2019), the rate falling
        over the last half; what stands at each of ``steps``. ``layers`` 1 searches W, num_ws W+."""
        target, n = to_input(pixels), len(pixels)
        scale = torch.from_numpy(np.maximum(self.scale, 1e-3))
        out = {}
        for wanted in steps:  # each its own run: the rate falls towards its own end
            code = torch.zeros(n, layers, len(scale), requires_grad=True)
            optimiser = torch.optim.Adam([code], lr, (0.9, 0.99))
            start = time.monotonic()
            for step in range(wanted):
                optimiser.param_groups[0]["lr"] = lr * min(1.0, max(0.02, 2 * (1 - step / wanted)))
                ws = (code * scale).expand(-1, self.generator.num_ws, -1)
                y = self.generator.synthesis(ws, "none")
                loss = pyramid_loss(y, target) + FEATURE_WEIGHT * feature_loss(self.net, y, target)
                optimiser.zero_grad(set_to_none=True)
                (loss * n).backward()  # faces do not share anything: as if each ran alone
                optimiser.step()
            seconds = (time.monotonic() - start) / n
            out[wanted] = Inverted(self._draw(code.detach() * scale), seconds)
        return out

    def _draw_tensor(self, w: torch.Tensor) -> torch.Tensor:
        return self.generator.synthesis(w, "none")

    def _draw(self, w: torch.Tensor) -> Pixels:
        with torch.inference_mode():
            ws = w.expand(-1, self.generator.num_ws, -1)
            return np.asarray(to_pixels(self.generator.synthesis(ws, "none")).numpy(), np.uint8)


@dataclass(frozen=True, eq=False)
class Judge:
    """Reads how far pictures are from the faces they should show; all figures per face [n]."""

    net: AttributeNet
    landmarks: LandmarkNet

    def figures(self, wanted: Pixels, found: Pixels) -> dict[str, Values]:
        """psnr in dB, gradient_error (mean absolute, 0..255), landmark_percent of the distance
        between the outer eye corners, attribute_agreement 0..1 over surely read attributes."""
        a, b = wanted.astype(np.float64), found.astype(np.float64)
        mse = np.square(a - b).mean((1, 2, 3))
        across = np.abs(np.diff(a, axis=2) - np.diff(b, axis=2)).mean((1, 2, 3))
        down = np.abs(np.diff(a, axis=1) - np.diff(b, axis=1)).mean((1, 2, 3))
        return {
            "psnr": 10 * np.log10(255.0**2 / np.maximum(mse, 1e-9)),
            "gradient_error": (across + down) / 2,
            "landmark_percent": self._landmarks(wanted, found),
            "attribute_agreement": self._agreement(wanted, found),
        }

    def _landmarks(self, wanted: Pixels, found: Pixels) -> Values:
        p, q = self._points(wanted), self._points(found)
        eyes = np.linalg.norm(p[:, POINTS.index(33)] - p[:, POINTS.index(263)], axis=1)
        return np.asarray(100 * np.linalg.norm(p - q, axis=2).mean(1) / eyes, np.float64)

    def _points(self, pixels: Pixels) -> npt.NDArray[np.float32]:
        return find_aligned(self.landmarks, pixels)[0]

    def _agreement(self, wanted: Pixels, found: Pixels) -> Values:
        first, second = self.net.read(wanted), self.net.read(found)
        same, counted = np.zeros(len(wanted)), np.zeros(len(wanted))
        for attribute, p in first.probabilities.items():
            sure = p.max(1) >= SURE
            same += sure & (p.argmax(1) == second.probabilities[attribute].argmax(1))
            counted += sure
        return np.asarray(same / np.maximum(counted, 1), np.float64)
