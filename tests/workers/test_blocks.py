"""A block is used again when, and only when, nobody can see it any more."""

import gc
import mmap
import os
import resource
import threading

import keras
import numpy as np
import pytest

from amalthea.batches import ALIGNMENT, Layout
from amalthea.errors import WorkerError
from amalthea.workers.blocks import Blocks, PrivateMemory
from amalthea.workers.shared import Arena

STORES = pytest.mark.parametrize("store", [PrivateMemory, Arena])


def address(array):
    return array.ctypes.data


@STORES
def test_a_block_is_used_again_when_its_last_view_has_died(store):
    blocks = Blocks(store(1000), keep=2)
    block = blocks.lease().memory
    first = address(block)
    view = block[:100].view(np.float32).reshape(5, 5)[2]
    del block
    assert blocks.in_use == 1
    assert address(blocks.lease().memory) != first  # and that one died at once
    del view
    assert blocks.in_use == 0
    again = [blocks.lease().memory, blocks.lease().memory]
    assert first in {address(each) for each in again}


@STORES
def test_blocks_are_aligned_so_that_backends_need_no_copy(store):
    blocks = Blocks(store(777), keep=4)
    assert all(address(block.memory) % ALIGNMENT == 0 for block in [blocks.lease() for _ in range(5)])


@STORES
def test_no_more_idle_blocks_are_kept_than_said(store):
    blocks = Blocks(store(64), keep=2)
    leased = [blocks.lease() for _ in range(10)]
    assert blocks.in_use == 10
    leased.clear()
    assert blocks.in_use == 0
    assert len(blocks._free) == 2


@STORES
def test_memory_that_the_backend_sees_is_never_given_out_again(store):
    """JAX, PyTorch and TensorFlow may use NumPy memory without a copy: what they hold must not change."""
    layout, tensors = Layout(np.zeros((16, 16), np.float32), 8), []
    blocks = Blocks(store(layout.block_bytes), keep=3)
    for number in range(20):
        batch = layout.arrays(blocks.lease().memory, 8)
        batch[...] = number
        tensors.append(keras.ops.convert_to_tensor(batch))
        del batch
        if number % 3 == 0:
            tensors[number // 2] = None
    gc.collect()
    for number, tensor in enumerate(tensors):
        if tensor is not None:
            assert (keras.ops.convert_to_numpy(tensor) == number).all()


@STORES
def test_blocks_die_in_any_thread(store):
    blocks = Blocks(store(4096), keep=4)

    def use():
        for _ in range(500):
            blocks.lease().memory[:] = 1

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert blocks.in_use == 0


def test_shared_memory_that_nobody_uses_is_given_back_and_its_place_used_again():
    arena = Arena(2**20)
    blocks = Blocks(arena, keep=1)
    leased = [blocks.lease() for _ in range(6)]
    for block in leased:
        block.memory[:] = 7
    assert os.fstat(arena.file.handle).st_blocks * 512 >= 6 * 2**20
    leased.clear()
    del block
    if hasattr(mmap, "MADV_REMOVE"):
        assert os.fstat(arena.file.handle).st_blocks * 512 <= 2 * 2**20
    assert {blocks.lease().number for _ in range(3)} <= set(range(6))


def test_a_full_memory_is_an_error_that_says_what_to_do():
    """Space is reserved before it is written: never a bus error. The limit here is on the size of files."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, limits[1]))
        with pytest.raises(WorkerError, match="Make `batch_size` or `max_queue_size` smaller"):
            Arena(2**21).allocate(0)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
