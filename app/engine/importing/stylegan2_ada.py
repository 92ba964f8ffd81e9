"""Network pickles of stylegan2-ada-pytorch and the stylegan3 repository's stylegan2 config."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from app.engine.importing.opcodes import Built, Refused, read_stream
from app.engine.importing.torch_data import LazyTensor, inert, known_calls

Array = npt.NDArray[np.float32]


class Network(Built):
    """A module as its saved state: never its class, and never its source."""

    def __init__(self, class_name: str, state: dict[str, Any]) -> None:
        self.class_name, self.state = class_name, state

    def tensors(self, prefix: str = "", depth: int = 0) -> dict[str, Array]:
        """Parameters and buffers with dotted names."""
        if depth > 8:
            raise Refused("modules nested too deep")
        out: dict[str, Array] = {}
        for group in ("_parameters", "_buffers"):
            for name, value in self._table(group).items():
                if isinstance(value, LazyTensor):
                    out[f"{prefix}{name}"] = value.array().astype(np.float32)
        for name, module in self._table("_modules").items():
            if isinstance(module, Network):
                out |= module.tensors(f"{prefix}{name}.", depth + 1)
        return out

    def module(self, *path: str) -> Network:
        """A sub-module by path; Refused when it is not there."""
        node = self
        for name in path:
            found = node._table("_modules").get(name)
            if not isinstance(found, Network):
                raise Refused(f"there is no module {'.'.join(path)}")
            node = found
        return node

    def _table(self, name: str) -> dict[str, Any]:
        value = self.state.get(name, {})
        if not isinstance(value, dict):
            raise Refused(f"{name} is not a table")
        return value


def _network(meta: Any, *_: Any) -> Network:
    if not isinstance(meta, dict) or not isinstance(meta.get("state"), dict):
        raise Refused("a network without state")
    return Network(str(meta.get("class_name")), meta["state"])


def read_network(path: Path) -> tuple[dict[str, Array], float | None]:
    """Tensors of ``G_ema`` under their public names, and conv_clamp (None: no clamp)."""
    known = known_calls() | {
        "torch_utils.persistence._reconstruct_persistent_obj": _network,
        "dnnlib.util.EasyDict": inert("EasyDict"),
    }
    data = read_stream(io.BytesIO(path.read_bytes()), known)
    if not isinstance(data, dict) or not isinstance(data.get("G_ema"), Network):
        raise Refused("it holds no G_ema network")
    network: Network = data["G_ema"]
    architecture = network.module("synthesis", "b8").state.get("architecture", "skip")
    if architecture != "skip":
        raise Refused(f"synthesis architecture {architecture!r} is not supported")
    if network.module("mapping").state.get("c_dim", 0):
        raise Refused("conditional generators are not supported")
    clamp = network.module("synthesis", "b8", "conv1").state.get("conv_clamp")
    return network.tensors(), None if clamp is None else float(clamp)
