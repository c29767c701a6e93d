"""Whatever is sent to a worker process comes out as it was; what is large in it goes once, or not at all."""

import dataclasses
import gc
import os
import pickle
import random
import subprocess
import sys
import textwrap
import threading

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import amalthea
from amalthea._shared import LEAST_BYTES, SharedFile, shared_empty
from amalthea.batches import Plan
from amalthea.workers import parcel as module
from amalthea.workers.parcel import open_parcel, pack
from amalthea.workers.whole import BatchMaker, reseed
from opened import descriptors

# Longer than this is no parcel whose arrays are only named.
SMALL = 2000

DTYPES = [
    "bool", "int8", ">i2", "uint32", "int64", "float16", "float32", ">f8", "longdouble", "complex64", "datetime64[s]",
    "timedelta64[ms]", "S5", "U3", "V7", [("a", "u1"), ("b", ">f4", (2,))],
    np.dtype([("a", "u1"), ("b", "f8")], align=True),
]  # fmt: skip

# From an array of two dimensions, the second of them even, arrays that lie in memory in many ways.
LAYOUTS = {
    "c": lambda array: array,
    "fortran": np.asfortranarray,
    "transposed": lambda array: array.T,
    "rows": lambda array: array[2:-1],
    "columns": lambda array: array[:, 1:-1],
    "steps": lambda array: array[::2],
    "reversed": lambda array: array[::-1],
    "all reversed": lambda array: array[::-1, ::-1],
    "axes": lambda array: array.reshape(len(array), 2, -1).transpose(1, 2, 0),
    "flat": lambda array: array.reshape(-1),
    "broadcast": lambda array: np.broadcast_to(array[0], array.shape),
    "row": lambda array: array[:1],
    "empty": lambda array: array[:, :0],
    "one": lambda array: array[0, 0],
    "no dimension": lambda array: array[:1, :1].reshape(()),
    "unaligned": lambda array: array.reshape(-1).view("u1")[1 : 1 - array.itemsize].view(array.dtype),
}


def filled(dtype, shape):
    dtype = np.dtype(dtype)
    small = np.arange(np.prod(shape) * dtype.itemsize) % (2 if dtype.kind in "bU" else 113)  # no NaN
    if dtype.kind == "U":
        small[np.arange(len(small)) % 4 != (0 if sys.byteorder == "little" else 3)] = 0
    return small.astype(np.uint8).view(dtype).reshape(shape)


def large(number=0):
    return np.arange(number, number + LEAST_BYTES // 4, dtype=np.int32)


def opened(parcel):
    return open_parcel(parcel.data, [os.dup(file.handle) for file in parcel.files])


def sent(value):
    return opened(pack(value)).value


def assert_same(got, value):
    """Asserts that two trees have the same structure and the very same bytes in their arrays."""
    if isinstance(value, dict):
        assert list(got) == list(value)
    if isinstance(value, dict | list | tuple):
        assert (type(got), len(got)) == (type(value), len(value))
        pairs = [(got[key], value[key]) for key in value] if isinstance(value, dict) else zip(got, value, strict=True)
        for pair in pairs:
            assert_same(*pair)
    elif isinstance(value, np.ndarray | np.generic):
        assert (got.shape, got.dtype.names) == (value.shape, value.dtype.names)
        if value.dtype.names:  # what is between the fields is lost by some copies of NumPy itself
            assert got.dtype == value.dtype
            for name in value.dtype.names:
                assert_same(got[name], value[name])
        else:  # NumPy itself pickles some small arrays in the byte order of the machine
            assert got.dtype.newbyteorder("=") == value.dtype.newbyteorder("=")
            assert got.astype(value.dtype).tobytes() == value.tobytes()
    else:
        assert got == value


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_an_array_comes_out_equal_and_a_large_one_is_not_in_the_data(dtype, layout):
    for columns in (4, LEAST_BYTES // 4):
        array = LAYOUTS[layout](filled(dtype, (7, columns)))
        parcel = pack(array)
        got = opened(parcel).value
        assert_same(got, array)
        assert bool(parcel.files) == (array.nbytes >= LEAST_BYTES)
        assert got.dtype == array.dtype or not parcel.files
        assert len(parcel.data) < SMALL + (0 if parcel.files else array.nbytes)


@st.composite
def arrays(draw):
    columns = draw(st.sampled_from([4, LEAST_BYTES // 8]))
    return LAYOUTS[draw(st.sampled_from(sorted(LAYOUTS)))](filled(draw(st.sampled_from(DTYPES)), (3, columns)))


TREES = st.recursive(
    arrays() | st.none() | st.integers() | st.text() | st.binary(),
    lambda trees: st.lists(trees) | st.dictionaries(st.text(), trees) | st.tuples(trees, trees),
    max_leaves=8,
)


@settings(max_examples=50)
@given(TREES)
def test_trees_of_arrays_and_others_come_out_equal(tree):
    assert_same(sent(tree), tree)


def test_other_kinds_of_arrays_come_out_equal():
    masked = np.ma.masked_array(large(), large() % 3 == 0)
    record = np.zeros(LEAST_BYTES, [("a", "u1"), ("b", "f8")]).view(np.recarray)
    objects = np.empty(LEAST_BYTES // 8, object)
    objects[:] = [{"n": number} for number in range(len(objects))]
    objects[0] = large(5)
    one = np.array(filled("V70000", 1)[0])
    got = sent([masked, record, objects, np.float32(3), one])
    assert isinstance(got[0], np.ma.MaskedArray)
    assert isinstance(got[1], np.recarray)
    assert (got[0].mask == masked.mask).all()
    assert_same([got[0].data, *got[1:2], *got[3:]], [masked.data, record, np.float32(3), one])
    assert_same(got[2].tolist(), objects.tolist())


def test_what_is_the_same_object_comes_out_as_the_same_object():
    array, rng = large(), np.random.default_rng(0)
    parcel = pack([array, {"again": array}, rng, (rng,)])
    got, randoms = opened(parcel)
    assert got[0] is got[1]["again"]
    assert got[2] is got[3][0]
    assert len(randoms) == 1
    assert sum(file.size for file in parcel.files) == array.nbytes


def test_what_a_receiver_writes_stays_with_it():
    for array in (large(), large().reshape(2, -1).T, large().repeat(2)[::2]):
        before, parcel = array.copy(), pack(array)
        first, second = opened(parcel).value, opened(parcel).value
        first[...] = -1
        assert_same([array, second, opened(parcel).value, sent(array)], [before] * 4)


def test_what_a_receiver_has_written_is_in_what_it_sends_on():
    first = sent(large())
    first[0] = -1
    assert_same(sent(first), first)


@pytest.mark.parametrize("form", [lambda a: a, np.asfortranarray, lambda a: a.T], ids=["c", "fortran", "transposed"])
def test_what_is_unchanged_is_not_copied_again(form):
    array, other = form(large().reshape(8, -1)), large(3)
    first, again, with_more = pack(array), pack({"x": array}), pack([array, other])
    assert first.files[0] is again.files[0] is with_more.files[0]
    assert [len(parcel.files) for parcel in (first, again, with_more)] == [1, 1, 2]
    assert first.files[0].size == array.nbytes
    assert pack(other).files[0] is with_more.files[1]
    assert_same(opened(with_more).value, [array, other])


@pytest.mark.parametrize("place", [0, 1 << 20, (3 << 20) - 1])
def test_what_was_changed_in_place_is_sent_anew_and_an_older_parcel_has_the_old_values(place):
    array = np.zeros(3 << 20, np.uint8)
    parcels, values = [pack(array)], [array.copy()]
    for value in (1, 2, 0):
        array[place] = value
        parcels.append(pack(array))
        values.append(array.copy())
    assert len({parcel.files[0] for parcel in parcels}) == 4
    assert_same([opened(parcel).value for parcel in parcels], values)
    assert pack(array).files[0] is parcels[-1].files[0]


def test_copies_go_with_their_arrays_and_leave_no_file_descriptor():
    gc.collect()
    module._copies.clear()
    before = len(descriptors("memfd:amalthea"))
    kept = [large(number) for number in range(30)]
    looped = [kept[0]]
    looped.append(looped)  # freed by the collector only
    got = [sent(array) for array in kept] + sent([kept, kept[3][::2], looped])[0]
    assert len(module._copies) == 30
    assert len(descriptors("memfd:amalthea")) >= before + 30
    del got, looped
    kept.clear()
    gc.collect()
    assert not module._copies
    assert len(descriptors("memfd:amalthea")) <= before


def test_arrays_that_lie_in_shared_memory_are_not_copied():
    array = shared_empty(LEAST_BYTES, np.float64)
    array[:] = range(LEAST_BYTES)
    square = array.reshape(4, 64, -1)
    tree = [array, array[5:-3], square[1], square[::-1], square.T, array[::3], array.view("u2")[1:], array[:10]]
    for view in tree[:3]:
        parcel = pack(view)
        assert parcel.files[0].handle == pack(array).files[0].handle
        assert len(parcel.files) == 1
        assert len(parcel.data) < SMALL
    assert_same(sent(tree), tree)
    sent(array)[:] = 0
    assert array[-1] == LEAST_BYTES - 1


def test_an_array_in_a_file_that_was_closed_is_sent():
    """So it is with batches that worker processes made as a whole."""
    file = SharedFile()
    file.reserve(0, LEAST_BYTES)
    array = file.map(LEAST_BYTES).memory
    array[:] = 7
    file.close()
    assert_same(sent(array), array)


@pytest.mark.parametrize("processes", [False, True])
def test_a_batch_of_a_loader_may_be_the_data_of_another(processes):
    class Ones:
        def __len__(self):
            return 2

        def __getitem__(self, number):
            return np.full((64, 1024), number + 1, np.int32)

    options = {"workers": 1, "use_multiprocessing": processes}
    with amalthea.SequenceLoader(Ones(), **options) as batches:
        first = next(iter(batches))
    with amalthea.Loader(first, batch_size=64, shuffle=False, workers=1, use_multiprocessing=True) as loader:
        assert_same(list(loader), [np.ones((64, 1024), np.int32)])


SHAPE = (12, 30, 100)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("mapped") / "numbers.bin"
    path.write_bytes(b"x" * 13 + np.arange(np.prod(SHAPE), dtype=np.int32).tobytes())
    return path


def mapped(path, mode="r"):
    return np.memmap(path, np.int32, mode, 13, SHAPE)


def is_named(parcel):
    return not parcel.files and len(parcel.data) < SMALL


VIEWS = {
    "all": lambda array: array,
    "part": lambda array: array[3:],
    "of a part": lambda array: array[1:][2:, 3:-1],
    "steps": lambda array: array[:, ::-1, 2:],
    "backwards": lambda array: array[::-1, ::-1, ::-1][1:],
    "transposed": lambda array: array.T[::-2],
    "asarray": lambda array: np.asarray(array[2:])[1:],
    "bytes": lambda array: array.view("u1")[..., 1:],
    "records": lambda array: array.view([("a", "i1"), ("b", ">f2"), ("c", "u1")])["b"][1:],
    "flat": lambda array: array.reshape(-1)[3:],
    "broadcast": lambda array: np.broadcast_to(array[0, 0], (200, 100)),
}


@pytest.mark.parametrize("mode", ["r", "r+"])
@pytest.mark.parametrize("view", VIEWS)
def test_what_is_mapped_from_a_file_is_only_named(view, mode, path):
    array = VIEWS[view](mapped(path, mode))
    parcel = pack({"x": array})
    assert is_named(parcel)
    got = opened(parcel).value["x"]
    assert_same(got, array)
    assert got.flags.writeable == array.flags.writeable
    assert is_named(pack(got[::-1]))  # also when it is sent on
    assert_same(sent(got[::-1]), array[::-1])


@settings(max_examples=200)
@given(data=st.data())
def test_any_view_of_a_mapped_file_comes_out_equal(data, path):
    array = mapped(path)
    for _ in range(data.draw(st.integers(1, 2))):
        array = array[tuple(data.draw(st.slices(length)) for length in array.shape)]
        array = array.transpose(data.draw(st.permutations(range(3))))
        array = np.asarray(array) if data.draw(st.booleans()) else array
    parcel = pack(array)
    assert is_named(parcel) or array.nbytes < LEAST_BYTES
    assert_same(opened(parcel).value, np.asarray(array))


@pytest.mark.parametrize("mode", ["r+", "w+"])
def test_what_is_written_into_a_mapped_file_later_is_seen(mode, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_bytes(bytes(LEAST_BYTES))
    array = np.memmap("file", np.uint8, mode, shape=(LEAST_BYTES,))
    parcel = pack(array)
    assert is_named(parcel)
    monkeypatch.undo()  # the name holds in any folder
    got = opened(parcel).value
    array[7] = 5
    assert got[7] == opened(parcel).value[7] == 5


def test_private_changes_of_a_mapped_file_are_sent(path):
    array = mapped(path, "c")
    array[1, 2, 3] = -7
    parcel = pack([array, array[1:, ::-1]])
    assert len(parcel.data) < SMALL
    assert_same(opened(parcel).value, [np.asarray(array), np.asarray(array[1:, ::-1])])
    assert mapped(path)[1, 2, 3] != -7


def test_what_was_computed_from_a_mapped_file_is_sent_itself(path):
    array = mapped(path)
    tree = [array + 1, array.copy(), array[[3, 1]], np.add(array, 1), array.astype(">i8"), np.concatenate([array] * 2)]
    assert_same(sent(tree), [np.asarray(each) for each in tree])
    assert pack(tree).files


GENERATORS = {
    "pcg64": lambda: np.random.Generator(np.random.PCG64(5)),
    "pcg64dxsm": lambda: np.random.Generator(np.random.PCG64DXSM(5)),
    "philox": lambda: np.random.Generator(np.random.Philox(5)),
    "sfc64": lambda: np.random.Generator(np.random.SFC64(5)),
    "mt19937": lambda: np.random.Generator(np.random.MT19937(5)),
    "legacy": lambda: np.random.RandomState(5),
    "legacy pcg64": lambda: np.random.RandomState(np.random.PCG64(5)),
    "python": lambda: random.Random(5),
}


def draw(generator):
    """Returns numbers that depend on all of the state, an odd number of them from each of its stores."""
    if isinstance(generator, np.random.Generator):
        return [*generator.random(3), *generator.integers(0, 9, 3, np.uint32), generator.normal()]
    if hasattr(generator, "randn"):
        return [*generator.rand(3), *generator.randn(3), *generator.randint(0, 9, 3)]
    return [generator.random(), generator.gauss(0, 1), generator.getrandbits(100)]


@dataclasses.dataclass
class Holder:
    draw: object
    inner: object


@pytest.mark.parametrize("kind", GENERATORS)
def test_generators_come_out_in_the_same_state_and_are_listed(kind):
    first, second = GENERATORS[kind](), GENERATORS[kind]()
    draw(second)
    objects = np.array([None, first], object)
    got, randoms = opened(pack({"a": [Holder(second.random if kind == "python" else second, {"x": objects})]}))
    got_first, got_second = got["a"][0].inner["x"][1], got["a"][0].draw
    got_second = got_second.__self__ if kind == "python" else got_second
    assert sorted(map(id, randoms)) == sorted(map(id, [got_first, got_second]))
    assert [draw(got_first), draw(got_second)] == [draw(first), draw(second)]
    assert draw(got_first) == draw(first)


@pytest.fixture
def _global_state():
    states = np.random.get_state(legacy=False), random.getstate()
    yield
    np.random.set_state(states[0])
    random.setstate(states[1])


def numbers(seed, epoch, number, used=0):
    """Returns what the global generators and two of each kind give for a batch, whatever was drawn before."""
    randoms = [make() for make in GENERATORS.values() for _ in range(2)]
    for _ in range(used):
        for each in (np.random, random, *randoms):
            draw(each)
    reseed(BatchMaker(None, seed), Plan(epoch, 77, np.array([number])), randoms)
    return [tuple(map(float, draw(each))) for each in (np.random, random, *randoms)]


@pytest.mark.usefixtures("_global_state")
def test_random_numbers_are_a_function_of_seed_epoch_number_and_place_alone():
    keys = [(seed, epoch, number) for seed in (0, 1, 2**70) for epoch in (0, 1, 2) for number in (0, 1, 2)]
    drawn = [numbers(*key) for key in keys]
    assert drawn == [numbers(*key, used=1) for key in keys]
    assert drawn == [numbers(*key, used=2) for key in keys]
    alike = [each[0] for streams in drawn for each in streams]
    assert len(alike) == len(set(alike)) == len(keys) * (2 + 2 * len(GENERATORS))


def test_functions_and_classes_without_an_address_survive():
    base, table = 3, large()

    class Local:
        kept = table

        def __init__(self, value):
            self.value = value

        def __call__(self, number):
            return self.value + base + int(table[number])

    class Derived(Local):
        def __call__(self, number):
            return -super().__call__(number)

    parcel = pack([lambda number: number * base + int(table[number]), Local(10), Derived(10), Derived])
    assert len(parcel.data) < 3 * SMALL
    assert sum(file.size for file in parcel.files) == table.nbytes
    got = opened(parcel).value
    assert [each(2) for each in got[:3]] == [8, 15, -15]
    assert got[3](1)(1) == -5


def test_what_pickling_raises_is_raised():
    class Stubborn:
        def __reduce__(self):
            raise ZeroDivisionError("no")

    with pytest.raises(ZeroDivisionError, match="no"):
        pack([large(), Stubborn()])
    with pytest.raises((TypeError, pickle.PicklingError)):
        pack([large(), threading.Lock()])


SCRIPT = """
    import sys
    import keras
    import numpy as np
    import amalthea

    class Mine(keras.utils.PyDataset):
        def __init__(self, **options):
            super().__init__(**options)
            self.more = np.arange(100_000)

        def __len__(self): return 2
        def __getitem__(self, number):
            frameworks = {"keras", "tensorflow", "jax", "torch"} & set(sys.modules)
            return np.array([len(frameworks), self.num_batches, self.workers, self.more[number - 1]])

    def local():
        class Local(Mine):
            def __getitem__(self, number): return super().__getitem__(number) + 10
        class Alone(keras.utils.Sequence):
            def __len__(self): return 1
            def __getitem__(self, number): return np.array(["keras" in sys.modules])
        return [Local(workers=4), Alone()]

    for sequence in [Mine(workers=3), *local()]:
        with amalthea.SequenceLoader(sequence, workers=1, use_multiprocessing=True) as loader:
            print([batch.tolist() for batch in loader])
"""


def test_a_keras_dataset_of_a_script_is_opened_without_keras(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(SCRIPT), encoding="utf-8")
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=240)
    expected = ["[[0, 2, 3, 99999], [0, 2, 3, 0]]", "[[10, 12, 14, 100009], [10, 12, 14, 10]]", "[[False]]"]
    assert done.stdout.splitlines() == expected, done.stderr


def test_a_keras_dataset_of_a_function_is_opened_without_keras():
    class Local(keras.utils.PyDataset):
        def __len__(self):
            return 2

        def __getitem__(self, number):
            return np.array([number, "keras" in sys.modules])

    with amalthea.SequenceLoader(Local(), workers=1, use_multiprocessing=True) as loader:
        assert [batch.tolist() for batch in loader] == [[0, 0], [1, 0]]
