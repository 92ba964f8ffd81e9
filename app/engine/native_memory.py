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
            whole = torch.empty(floats)
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
