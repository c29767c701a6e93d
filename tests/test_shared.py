"""Memory that other processes can see: it lives as long as somebody looks at it, and no longer."""

import gc
import mmap
import os

import numpy as np
import pytest
from loky.backend import get_context

from amalthea._shared import (
    LEAST_BYTES,
    Growing,
    SharedFile,
    file_of,
    receive_handle,
    send_handle,
    shared_empty,
    shared_take,
)
from amalthea.workers.shared import Arena, SharedMemory
from opened import descriptors

PAGE = mmap.ALLOCATIONGRANULARITY


def opened():
    gc.collect()
    return len(descriptors("memfd:amalthea"))


def test_a_file_is_as_long_as_what_was_asked_for_and_never_gets_shorter():
    file = SharedFile()
    assert file.size == 0
    file.reserve(0, 10)
    file.extend(3 * PAGE)
    assert file.size == 3 * PAGE
    file.extend(5)
    file.reserve(PAGE, 10)
    assert file.size == 3 * PAGE
    assert not file.map(3 * PAGE).memory.any()


def test_what_is_extended_only_takes_no_space():
    file = SharedFile()
    file.extend(2**26)
    assert os.fstat(file.handle).st_blocks == 0


def test_mappings_see_the_same_bytes_and_a_private_one_keeps_its_changes():
    file = SharedFile()
    file.reserve(0, 2 * PAGE)
    whole, second, private = file.map(2 * PAGE), file.map(PAGE, offset=PAGE), file.map(2 * PAGE, private=True)
    second.memory[:] = 7
    assert (whole.memory == [0] * PAGE + [7] * PAGE).all()
    private.memory[:] = 9
    assert (whole.memory == [0] * PAGE + [7] * PAGE).all()
    assert (private.memory == 9).all()


@pytest.mark.parametrize("end", ["close", "del", "both"])
def test_what_is_mapped_stays_when_the_file_is_closed_and_goes_with_its_last_view(end):
    before = opened()
    file = SharedFile()
    file.reserve(0, PAGE)
    view = file.map(PAGE).memory[10:20].view(np.int16)
    if end != "del":
        file.close()
        file.close()
    if end != "close":
        del file
    view[:] = 5
    assert view.tolist() == [5] * 5
    file = view = None
    assert opened() <= before


def test_many_files_and_mappings_leave_no_file_descriptor_behind():
    before = opened()
    kept = [shared_empty(LEAST_BYTES, np.uint8)[::2] for _ in range(50)]
    assert opened() >= before + 40
    kept.clear()
    assert opened() <= before


@pytest.mark.parametrize("dtype", ["uint8", "int64", ">f4", "datetime64[s]", [("a", "u1"), ("b", "f8")]], ids=str)
def test_a_large_array_lies_in_a_file_and_a_small_one_does_not(dtype):
    least = -(-LEAST_BYTES // np.dtype(dtype).itemsize)
    small, large = shared_empty(least - 1, dtype), shared_empty(least, dtype)
    assert (small.dtype, small.shape, large.dtype, large.shape) == (dtype, (least - 1,), dtype, (least,))
    assert file_of(small) is None
    file, start = file_of(large)
    assert (start, file.size) == (0, large.nbytes)
    large.view(np.uint8)[-1] = 7
    assert file.map(file.size).memory[-1] == 7


@pytest.mark.parametrize("count", [0, 1, 1000, LEAST_BYTES // 4, 3 * LEAST_BYTES])
def test_what_grows_is_as_if_it_had_come_at_once(count):
    """Small in memory of this process, large in a file, by any pieces."""
    numbers = np.arange(count, dtype=np.int32)
    growing = Growing(np.int32)
    for piece in np.array_split(numbers, 7):
        growing.append(piece.tobytes())
    growing.append(b"\x05\0\0\0")
    array = growing.array()
    assert array.dtype == np.int32
    np.testing.assert_array_equal(array, [*numbers, 5])
    assert (file_of(array) is not None) == (array.nbytes >= LEAST_BYTES)
    array[-1] = 6  # it can be written to


def test_a_piece_larger_than_the_rest_and_nothing_at_all_may_come():
    growing = Growing(np.uint8)
    for piece in (b"", b"a", bytes(10 * LEAST_BYTES), b"", b"b"):
        growing.append(piece)
    array = growing.array()
    assert (array.size, bytes(array[[0, -1]])) == (10 * LEAST_BYTES + 2, b"ab")
    assert Growing(np.int64).array().shape == (0,)


@pytest.mark.parametrize("shape", [(10,), (50_000,), (30_000, 2)])
def test_what_is_taken_is_what_an_index_gives_and_shared_where_it_is_large(shape):
    array = np.arange(np.prod(shape)).reshape(shape)
    indices = np.random.default_rng(0).integers(0, len(array), len(array) + 5)
    taken = shared_take(array, indices)
    np.testing.assert_array_equal(taken, array[indices])
    assert taken.dtype == array.dtype
    assert (file_of(taken) is not None) == (taken.nbytes >= LEAST_BYTES)
    assert shared_take(array, indices[:0]).shape == (0, *shape[1:])


def test_a_view_is_found_in_its_file_and_a_copy_is_not():
    array = shared_empty(LEAST_BYTES, np.int32)
    file, _ = file_of(array)
    for view, start in [(array[5:], 20), (array.reshape(4, -1)[2], LEAST_BYTES * 2), (array[:8].view("u1")[3:], 3)]:
        assert file_of(view) == (file, start)
    assert file_of(array.copy()) is file_of(array + 1) is file_of(np.zeros(5)) is None


def test_a_file_that_was_sent_to_another_process_is_the_same_memory():
    before = opened()

    def answer(connection):
        connection.recv()
        file = SharedFile(receive_handle(connection))
        file.map(file.size).memory[:] += 1
        connection.send("done")
        connection.recv()
        own = SharedFile()
        own.reserve(0, 8)
        own.map(8).memory[:] = 3
        send_handle(connection, own.handle, os.getppid())

    file = SharedFile()
    file.reserve(0, 100)
    memory = file.map(100).memory
    memory[:] = 7
    context = get_context("loky")
    here, there = context.Pipe(duplex=True)
    process = context.Process(target=answer, args=(there,), daemon=True)
    process.start()
    there.close()
    here.send("expect a file")
    send_handle(here, file.handle, process.pid)
    assert here.recv() == "done"
    assert (memory == 8).all()
    here.send("send one")
    received = SharedFile(receive_handle(here))
    process.join(60)
    assert process.exitcode == 0
    assert received.map(8).memory.tolist() == [3] * 8  # the process is gone, its file is not
    here.close()
    file = memory = received = process = None
    assert opened() <= before


@pytest.mark.parametrize("block_bytes", [1, PAGE, PAGE + 1])
def test_a_thousand_blocks_cost_few_file_descriptors_and_each_keeps_its_content(block_bytes):
    before = opened()
    arena = Arena(block_bytes)
    blocks = [arena.allocate(number) for number in range(1000)]
    for number, block in enumerate(blocks):
        block[:] = number % 251
    assert opened() - before < 20
    other = SharedMemory(SharedFile(os.dup(arena.file.handle)), block_bytes)
    for number in reversed(range(1000)):
        for seen in (blocks[number], other.map(number)):
            assert seen.shape == (block_bytes,)
            assert (seen == number % 251).all()
    assert opened() - before < 40
    other = arena = block = seen = None
    assert [int(each[-1]) for each in blocks] == [number % 251 for number in range(1000)]
    blocks = None
    assert opened() <= before


def test_blocks_that_are_given_back_do_not_touch_their_neighbours():
    arena = Arena(PAGE + 1)
    blocks = [arena.allocate(number) for number in range(60)]
    for number, block in enumerate(blocks):
        block[:] = number + 1
    for number in range(0, 60, 2):
        arena.release(number)
    assert all((blocks[number] == number + 1).all() for number in range(1, 60, 2))
    for number in range(0, 60, 2):
        arena.allocate(number)[:] = 99
    assert all((blocks[number] == (number + 1 if number % 2 else 99)).all() for number in range(60))
