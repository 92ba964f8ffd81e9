"""Records what a GPU does for a fixed batch, and replays it with new values in the same memory.

Everything that needs CUDA is in ``CudaRecorder``; whatever has its three methods can stand in for
it, as the tests do. Tensors that a recording reads or leaves never move: values are copied in, and
whoever keeps what was left copies it out.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch

Tensors = tuple[torch.Tensor, ...]
MOST_RECORDINGS = 3  # batches and noise modes at once; the one not used for longest goes
SHARE_OF_FREE = 0.25  # of the free memory, at most, for what one recording holds
WARM_UPS = 2  # before recording: libraries make their plans and working space then


class Recorder(Protocol):
    """What records work on a device."""

    def free_bytes(self) -> int:
        """Memory that is free there."""

    def warm(self, work: Callable[[], Any]) -> None:
        """Do ``work`` apart from the usual stream, as often as it takes."""

    def record(self, work: Callable[[], Tensors], pool: Any) -> tuple[Callable[[], None], Tensors]:
        """Record ``work``: what replays it, and the tensors whose values a replay renews.

        ``pool`` is what ``new_pool`` gave: memory that recordings made in this order may share.
        """

    def new_pool(self) -> Any:
        """A pool for one chain of recordings."""


class CudaRecorder:
    """``torch.cuda.CUDAGraph``. Never run: there was no GPU where this was written."""

    def __init__(self, device: torch.device) -> None:
        self.device = device

    def free_bytes(self) -> int:
        """Free on the device, and what torch holds of it without using it."""
        free, _ = torch.cuda.mem_get_info(self.device)
        idle = torch.cuda.memory_reserved(self.device) - torch.cuda.memory_allocated(self.device)
        return int(free + idle)

    def warm(self, work: Callable[[], Any]) -> None:
        """On a stream of its own, as torch's notes on CUDA graphs ask."""
        stream = torch.cuda.Stream(self.device)
        stream.wait_stream(torch.cuda.current_stream(self.device))
        with torch.cuda.stream(stream):
            for _ in range(WARM_UPS):
                work()
        torch.cuda.current_stream(self.device).wait_stream(stream)

    def record(self, work: Callable[[], Tensors], pool: Any) -> tuple[Callable[[], None], Tensors]:
        """One graph. RuntimeError where recording fails, and at a replay that would read memory
        which nobody keeps any more."""
        graph, stream = torch.cuda.CUDAGraph(), torch.cuda.current_stream(self.device)
        try:
            with torch.cuda.graph(graph, pool=pool, check_input_liveness=True):
                left = work()
        finally:
            torch.cuda.set_stream(stream)  # torch leaves its own where the end of recording fails
        graph.replay()  # recording computes nothing
        return graph.replay, left

    def new_pool(self) -> Any:
        """A handle of torch's graph memory."""
        return torch.cuda.graph_pool_handle()


@dataclass(frozen=True, eq=False)
class Piece:
    """One recording: the tensors it reads, the tensors it leaves, and how to do it again.

    ``work`` is kept for what else it reads: a replay knows addresses, and holds nothing.
    """

    reads: Tensors
    left: Tensors
    replay: Callable[[], None]
    work: Callable[[], Tensors]

    def run(self, values: Sequence[torch.Tensor]) -> Tensors:
        """Do it with ``values``; what is returned is overwritten by the next run."""
        for place, value in zip(self.reads, values, strict=True):
            if place is not value:
                place.copy_(value)
        self.replay()
        return self.left


class Chain:
    """Pieces recorded one after the other, each of which may read what earlier ones left."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder, self._pool = recorder, recorder.new_pool()
        self.pieces: list[Piece] = []

    def add(self, reads: Tensors, work: Callable[[], Tensors]) -> Tensors:
        """Record ``work``, which reads ``reads``; returns what it leaves, with its values."""
        replay, left = self._recorder.record(work, self._pool)
        self.pieces.append(Piece(reads, left, replay, work))
        return left


class Chains:
    """The chains that are kept, by key (a batch and whatever else is fixed in a recording)."""

    def __init__(self, recorder: Recorder, most: int = MOST_RECORDINGS) -> None:
        self.recorder, self._most = recorder, most
        self._kept: OrderedDict[Hashable, Chain | None] = OrderedDict()

    def get(
        self, key: Hashable, bytes_held: int, build: Callable[[Chain], None]
    ) -> Chain | None:
        """The chain of ``key``, recorded by ``build`` at the first time; None where it would take
        too much of the memory (asked once). Whatever ``build`` raises leaves nothing kept."""
        if key not in self._kept:
            if bytes_held > SHARE_OF_FREE * self.recorder.free_bytes():
                self._kept[key] = None
            else:
                chain = Chain(self.recorder)
                build(chain)
                self._kept[key] = chain
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]
