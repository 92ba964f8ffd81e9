"""What every request of the engine's protocol is built on; re-exported by api.py."""

from __future__ import annotations

from typing import ClassVar, Generic, TypeVar

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
Answer_co = TypeVar("Answer_co", covariant=True)


class Request(Generic[Answer_co]):
    """Base of all requests; ``lane`` decides what replaces what, ``worker`` where it runs."""

    lane: ClassVar[str] = "model"
    worker: ClassVar[str] = "torch"
