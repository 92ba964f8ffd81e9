"""Memory for the pictures between layers that stays mapped from one face to the next.

A page that the system has just given costs a fault, and large tensors get new pages every time:
a seventh of the time of a face of 256 pixels went there. So what a picture lay in is kept, up to a
limit, and lent again once nobody holds that picture. (Huge pages were tried: no quicker, and where
memory is scarce the system spends longer finding them than small pages take.)
"""

from __future__ import annotations

import math
import weakref

import torch


class Memory:
    """Lends memory, and keeps at most ``most`` floats of what came back, by size."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.kept = 0  # floats that wait to be lent
        self._free: dict[int, list[torch.Tensor]] = {}

    def picture(self, *shape: int) -> torch.Tensor:
        """An uninitialised tensor, whose memory comes back when the tensor itself is gone: a view
        that outlived it would see what is drawn next."""
        floats = math.prod(shape)
        free = self._free.get(floats)
        if free:
            whole = free.pop()
            self.kept -= floats
        else:
            whole = torch.empty(floats)
        lent = whole.view(shape)
        weakref.finalize(lent, self._back, whole, floats).atexit = False
        return lent

    def _back(self, whole: torch.Tensor, floats: int) -> None:
        if self.kept + floats <= self._most:
            self._free.setdefault(floats, []).append(whole)
            self.kept += floats
