"""Memory of each thread for the steps between a file and its row.

Pictures are larger than what the system's allocator keeps, so memory that is allocated for each one is mapped and
cleared by the kernel each time: up to a third of the time that a small picture takes.
"""

from __future__ import annotations

import math
import threading

import numpy as np
import numpy.typing as npt

__all__ = ["scratch"]

# Per thread and step. Larger pictures take longer than their memory.
LIMIT_BYTES = 2**22

_local = threading.local()


def scratch(step: str, shape: tuple[int, ...]) -> npt.NDArray[np.uint8]:
    """Returns uint8 memory of that shape for a step; what it holds is lost at the thread's next call for that step."""
    size = math.prod(shape)
    if size > LIMIT_BYTES:
        return np.empty(shape, np.uint8)
    memory: npt.NDArray[np.uint8] | None = getattr(_local, step, None)
    if memory is None or memory.size < size:
        memory = np.empty(size, np.uint8)
        setattr(_local, step, memory)
    return memory[:size].reshape(shape)
