"""Memory for the pictures between layers that stays mapped from one face to the next.

A page that the system has just given costs a fault, and large tensors get new pages every time:
a seventh of the time of a face of 256 pixels went there. So what a picture lay in is kept, up to a
limit, and lent again once nobody holds that picture; on Linux it is asked for in huge pages.
"""

from __future__ import annotations

import contextlib
import math
import mmap
import weakref

import torch

HUGE_FROM = 4 << 20  # bytes from which huge pages are asked for: less would waste them


def fresh(floats: int) -> torch.Tensor:
    """New float32 memory, in huge pages where it is large and the system has them."""
    size = 4 * floats
    if size < HUGE_FROM or not hasattr(mmap, "MADV_HUGEPAGE"):
        return torch.empty(floats)
    with contextlib.suppress(OSError, ValueError):
        pages = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        with contextlib.suppress(OSError):  # a kernel without them
            pages.madvise(mmap.MADV_HUGEPAGE)
        return torch.frombuffer(pages, dtype=torch.float32)
    return torch.empty(floats)


class Memory:
    """Lends memory, and keeps at most ``most`` floats of what came back."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._free: list[torch.Tensor] = []

    def picture(self, *shape: int) -> torch.Tensor:
        """An uninitialised tensor, whose memory comes back when the tensor itself is gone: a view
        that outlived it would see what is drawn next."""
        floats = math.prod(shape)
        fitting = [m for m in self._free if floats <= len(m) <= 2 * floats]
        if fitting:
            whole = min(fitting, key=len)
            self._free = [m for m in self._free if m is not whole]
        else:
            whole = fresh(floats)
        lent = whole[:floats].view(shape)
        weakref.finalize(lent, self._back, whole).atexit = False
        return lent

    def kept(self) -> int:
        """Floats that wait to be lent."""
        return sum(map(len, self._free))

    def _back(self, whole: torch.Tensor) -> None:
        self._free.append(whole)
        while self._free and self.kept() > self._most:
            self._free.pop(0)
