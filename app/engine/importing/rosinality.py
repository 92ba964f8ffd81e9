"""Checkpoints of rosinality/stylegan2-pytorch, renamed and rescaled to public names.

pSp and e4e checkpoints (Richardson et al. 2021, Tov et al. 2021) hold such a generator as their
decoder. It is taken; their encoder, an IR-SE-50 of another input size, is not.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from app.engine.importing.opcodes import Refused
from app.engine.importing.torch_data import LazyTensor, read_torch_file

Array = npt.NDArray[np.float32]


def read_checkpoint(path: Path) -> tuple[dict[str, Array], None]:
    """Tensors under the public names; ``mapping.w_avg`` is left out when the file has none."""
    data = read_torch_file(path)
    state = {
        n: t.array().astype(np.float32)
        for n, t in _generator_entries(data).items() if isinstance(t, LazyTensor)
    }  # fmt: skip
    out = _mapping(state)
    average = data.get("latent_avg")
    if isinstance(average, LazyTensor):
        mean = average.array().astype(np.float32)  # [w_dim], or [layers, w_dim] in pSp and e4e
        out["mapping.w_avg"] = mean.reshape(-1, mean.shape[-1]).mean(0)
    return out | _synthesis(state), None


def _generator_entries(data: Any) -> dict[str, Any]:
    if isinstance(data, dict) and isinstance(data.get("g_ema"), dict):
        return {str(n): t for n, t in data["g_ema"].items()}
    if isinstance(data, dict) and isinstance(data.get("state_dict"), dict):
        whole = {str(n): t for n, t in data["state_dict"].items()}
        decoder = {n.removeprefix("decoder."): t for n, t in whole.items() if "decoder." in n[:8]}
        if decoder:
            return decoder
    raise Refused("it holds no g_ema state and no decoder")


def _mapping(state: dict[str, Array]) -> dict[str, Array]:
    out: dict[str, Array] = {}
    i = 1  # style.0 is the normalisation
    while f"style.{i}.weight" in state:
        out[f"mapping.fc{i - 1}.weight"] = state[f"style.{i}.weight"]
        out[f"mapping.fc{i - 1}.bias"] = state[f"style.{i}.bias"]
        i += 1
    if i == 1:
        raise Refused("it has no mapping network")
    return out


def _synthesis(state: dict[str, Array]) -> dict[str, Array]:
    try:
        out = {"synthesis.b4.const": state["input.input"][0]}
        out |= _layer(state, "conv1", "synthesis.b4.conv1", 0)
        out |= _to_rgb(state, "to_rgb1", "synthesis.b4.torgb")
        k = 0
        while f"to_rgbs.{k}.bias" in state:
            block = f"synthesis.b{8 << k}"
            out |= _layer(state, f"convs.{2 * k}", f"{block}.conv0", 2 * k + 1)
            out |= _layer(state, f"convs.{2 * k + 1}", f"{block}.conv1", 2 * k + 2)
            out |= _to_rgb(state, f"to_rgbs.{k}", f"{block}.torgb")
            k += 1
    except (KeyError, IndexError) as error:
        raise Refused(f"a tensor is missing: {error}") from error
    return out


def _layer(state: dict[str, Array], old: str, new: str, index: int) -> dict[str, Array]:
    weight = state[f"{old}.conv.weight"][0]  # [out, in, 3, 3]
    resolution = 4 << ((index + 1) // 2)
    noise: Any = state.get(f"noises.noise_{index}")
    if noise is None:
        noise = np.random.default_rng(index).standard_normal((1, 1, resolution, resolution))
    return {
        # the explicit 1 / sqrt(in * 9) goes into the weights, where demodulation expects it
        f"{new}.weight": weight / math.sqrt(weight.shape[1] * 9),
        f"{new}.bias": state[f"{old}.activate.bias"].reshape(-1),
        f"{new}.affine.weight": state[f"{old}.conv.modulation.weight"],
        f"{new}.affine.bias": state[f"{old}.conv.modulation.bias"],
        f"{new}.noise_strength": state[f"{old}.noise.weight"].reshape(()),
        f"{new}.noise_const": np.asarray(noise, np.float32)[0, 0],
    }


def _to_rgb(state: dict[str, Array], old: str, new: str) -> dict[str, Array]:
    return {
        f"{new}.weight": state[f"{old}.conv.weight"][0],
        f"{new}.bias": state[f"{old}.bias"].reshape(-1),
        f"{new}.affine.weight": state[f"{old}.conv.modulation.weight"],
        f"{new}.affine.bias": state[f"{old}.conv.modulation.bias"],
    }
