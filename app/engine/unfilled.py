"""Makes networks of the right shapes without values, so that what is read from a file is all.

torch's own ``torch.device("meta")`` context would do, but the first random tensor or division on
that device imports torch's symbolic half and sympy: 2 s and 70 to 90 MB at every start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

Network = TypeVar("Network", bound=nn.Module)
MAKERS = {torch.randn, torch.zeros, torch.ones, torch.empty}
FILLERS = {
    torch.Tensor.uniform_, torch.Tensor.normal_, torch.Tensor.fill_, torch.Tensor.zero_,
    torch.Tensor.__truediv__, torch.Tensor.div,
}  # fmt: skip


class _Unfilled(TorchFunctionMode):
    """Inside it new tensors have a shape and no memory, and filling them does nothing."""

    def __torch_function__(
        self, func: Any, types: Iterable[type], args: Any = (), kwargs: Any = None
    ) -> Any:
        kwargs = dict(kwargs or {})
        if func in MAKERS:
            return torch.empty(*args, **{**kwargs, "device": "meta"})
        if func is torch.full:
            return torch.empty(args[0], device="meta")
        if func in FILLERS and args[0].is_meta:
            return args[0]
        return func(*args, **kwargs)


def unfilled(make: Callable[[], Network]) -> Network:
    """The network of ``make``, its parameters and buffers without memory."""
    with _Unfilled():
        return make()


def filled(make: Callable[[], Network], state: Mapping[str, torch.Tensor]) -> Network:
    """The network of ``make`` around the very tensors of ``state``: nothing is copied.

    RuntimeError as of ``load_state_dict`` where a name is missing or too many, or a shape is wrong.
    """
    network = unfilled(make)
    network.load_state_dict(state, strict=True, assign=True)
    return network


def widened(tensor: torch.Tensor) -> torch.Tensor:
    """float32 of a floating-point tensor, in memory of its own; integers as they are."""
    return tensor.to(torch.float32, copy=True) if tensor.is_floating_point() else tensor.clone()
