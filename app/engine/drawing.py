"""Chooses the form that draws a model on a device, and leaves it no weights but its own."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TypeVar

import torch
from torch import nn

from app.engine.cuda_synthesis import CudaSynthesis, cuda_form
from app.engine.native_synthesis import NativeSynthesis, best_form
from app.engine.packed import PackedSynthesis
from app.engine.stylegan2 import FullyConnected, Synthesis, SynthesisLayer

Module = TypeVar("Module", bound=nn.Module)


def drawing_form(
    synthesis: Synthesis, latents: Callable[[], torch.Tensor] | None = None
) -> PackedSynthesis:
    """The quickest form whose pictures are right on the device of ``synthesis``.

    ``latents`` makes w+ [n, num_ws, w_dim] to hold a GPU's form to (None: random ones).
    The form looks at no memory of ``synthesis`` afterwards: a mapped file may be cut short, and
    widened weights are freed when ``synthesis`` is.
    """
    owned = _with_own_small_tensors(synthesis)
    on_gpu = owned.blocks()[0].const.device.type == "cuda"
    form = cuda_form(owned, latents) if on_gpu else best_form(owned)
    _release(owned)
    return form


def form_name(form: PackedSynthesis) -> str:
    """What draws, for ``bench``: ``native``, ``torch``, or what a GPU came to and why."""
    if isinstance(form, CudaSynthesis):
        return form.name
    return "native" if isinstance(form, NativeSynthesis) else "torch"


def _with_own_small_tensors(synthesis: Synthesis) -> Synthesis:
    """The same network; of what forms take over as it is (biases, constant, colours) a copy."""
    owned = _shallow(synthesis)
    for module in owned.modules():
        for name, value in module._parameters.items():
            large = isinstance(module, SynthesisLayer | FullyConnected) and name == "weight"
            if value is not None and not large:
                module._parameters[name] = nn.Parameter(value.detach().clone(), False)
    return owned


def _shallow(module: Module) -> Module:
    """The same tensors in modules of their own."""
    made = copy.copy(module)
    made._parameters, made._buffers = dict(module._parameters), dict(module._buffers)
    made._modules = {n: m and _shallow(m) for n, m in module._modules.items()}
    return made


def _release(synthesis: Synthesis) -> None:
    """Take the large weights out of layers that a form keeps for their noise and their clamp."""
    for module in synthesis.modules():
        if isinstance(module, SynthesisLayer | FullyConnected):
            module._parameters["weight"] = None
