"""Splits into any number of parts: exactly once, stratified, grouped; of numbers, sources and loaders."""

import collections

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import amalthea
from amalthea import transforms
from amalthea.errors import ConfigurationError
from amalthea.sources import Subset
from amalthea.splits import folds, split

seeds = st.integers(0, 2**40)
sizes = st.integers(4, 300)
thirds = st.tuples(st.integers(1, 20), st.integers(1, 20), st.integers(1, 20)).map(
    lambda weights: tuple(weight / sum(weights) for weight in weights)
)


def drawn(size, shares, **options):
    """The parts, where the samples are enough for them."""
    try:
        return split(size, shares, **options)
    except ConfigurationError as error:
        assume("leaves it empty" not in str(error))
        raise


@st.composite
def labelled(draw):
    """Samples with a class and a group each."""
    size = draw(sizes)
    rng = np.random.default_rng(draw(seeds))
    classes = rng.integers(0, draw(st.integers(1, 6)), size)
    groups = rng.integers(0, draw(st.integers(3, 60)), size)
    return size, classes, groups


@given(data=labelled(), shares=thirds, seed=seeds, shuffle=st.booleans(), by=st.sampled_from(["", "s", "g", "sg"]))
def test_every_sample_is_in_exactly_one_part(data, shares, seed, shuffle, by):
    size, classes, groups = data
    options = {"stratify": classes if "s" in by else None, "groups": groups if "g" in by else None}
    parts = drawn(size, shares, **options, shuffle=shuffle, seed=seed)
    assert np.concatenate(parts).dtype == np.int64
    assert sorted(np.concatenate(parts)) == list(range(size))
    assert all((np.diff(part) > 0).all() and part.size for part in parts)


@given(size=sizes, shares=thirds, seed=seeds)
def test_a_part_is_within_one_sample_of_its_share(size, shares, seed):
    for part, share in zip(drawn(size, shares, seed=seed), shares, strict=True):
        assert abs(len(part) - share * size) < 1


@given(data=labelled(), shares=thirds, seed=seeds, shuffle=st.booleans())
def test_stratified_a_part_is_within_one_sample_of_its_share_of_each_class(data, shares, seed, shuffle):
    size, classes, _ = data
    for part, share in zip(drawn(size, shares, stratify=classes, seed=seed, shuffle=shuffle), shares, strict=True):
        for number, count in zip(*np.unique(classes, return_counts=True), strict=True):
            assert abs((classes[part] == number).sum() - share * count) < 1


def test_stratified_classes_of_one_sample_each_fill_all_parts_by_their_shares():
    parts = split(100, (0.7, 0.2, 0.1), stratify=np.arange(100))
    assert [len(part) for part in parts] == [70, 20, 10]


@given(data=labelled(), shares=thirds, seed=seeds, stratified=st.booleans())
def test_no_group_is_in_two_parts(data, shares, seed, stratified):
    size, classes, groups = data
    parts = drawn(size, shares, groups=groups, stratify=classes if stratified else None, seed=seed)
    seen = [set(groups[part].tolist()) for part in parts]
    assert not (seen[0] & seen[1] or seen[0] & seen[2] or seen[1] & seen[2])


def test_many_groups_come_near_to_the_shares():
    rng = np.random.default_rng(0)
    groups = rng.integers(0, 200, 5000)
    largest = np.bincount(groups).max()
    for seed in range(5):
        parts = split(5000, (0.7, 0.2, 0.1), groups=groups, seed=seed)
        for part, share in zip(parts, (0.7, 0.2, 0.1), strict=True):
            assert abs(len(part) - share * 5000) < largest


def test_groups_and_classes_at_once_keep_the_classes_near_their_shares():
    """Patients who are mostly of one class each: a draw of patients alone misses the shares of the rare class."""
    rng = np.random.default_rng(1)
    groups = np.repeat(np.arange(100), 10)
    classes = (rng.random(1000) < np.repeat(np.where(np.arange(100) % 10 == 0, 0.9, 0.02), 10)).astype(int)

    def miss(**options):
        parts = split(1000, (0.6, 0.4), groups=groups, **options)
        return abs(classes[parts[0]].sum() - 0.6 * classes.sum())

    assert miss(stratify=classes) <= 3
    assert np.mean([miss(seed=seed) for seed in range(10)]) > 5


@pytest.mark.parametrize(("groups", "classes"), [(500, 100), (1000, 500), (600, 1), (700, 700)])
def test_classes_of_few_groups_each_leave_the_sizes_of_the_parts_at_their_shares(groups, classes):
    each = np.arange(groups)
    parts = split(groups, (0.8, 0.1, 0.1), groups=each, stratify=each % classes)
    np.testing.assert_allclose([len(part) for part in parts], np.multiply((0.8, 0.1, 0.1), groups), atol=0.02 * groups)


def test_folds_of_classes_of_few_groups_are_of_one_size():
    groups = np.repeat(np.arange(60), 4)
    pairs = folds(240, 5, groups=groups, stratify=groups % 20)
    assert [len(validation) for _, validation in pairs] == [48] * 5
    for _, validation in pairs:
        assert np.bincount(groups[validation] % 20).max() == 4  # each class has 3 groups of 4


@given(data=labelled(), seed=seeds)
def test_a_seed_fixes_the_parts_whatever_labels_are_called(data, seed):
    size, classes, groups = data
    options = {"groups": [f"patient {group}" for group in groups], "seed": seed}
    first = drawn(size, (0.5, 0.5), stratify=[str(each) for each in classes], **options)
    again = split(size, (0.5, 0.5), stratify=classes, groups=groups, seed=seed)
    for part, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(part, other)


def test_another_seed_is_another_split_and_none_is_that_of_another_stream():
    drawn = {tuple(split(20, (0.5, 0.5), seed=seed)[0]) for seed in range(50)}
    assert len(drawn) == 50


def test_the_split_of_a_seed_does_not_change_from_version_to_version():
    _, test = split(12, (0.75, 0.25), seed=42)
    assert test.tolist() == PINNED


def test_each_sample_is_as_likely_as_another_to_be_set_aside():
    counts = collections.Counter()
    for seed in range(2000):
        counts.update(split(10, (0.7, 0.3), seed=seed)[1].tolist())
    # Five standard deviations of 2,000 draws with a chance of 0.3 are 103.
    assert all(abs(counts[index] - 600) < 103 for index in range(10))


def test_unshuffled_the_first_are_in_the_first_part():
    training, validation, test = split(10, (0.5, 0.3, 0.2), shuffle=False)
    assert (training.tolist(), validation.tolist(), test.tolist()) == ([0, 1, 2, 3, 4], [5, 6, 7], [8, 9])


@given(size=sizes, seed=seeds)
def test_parts_by_name_do_not_depend_on_the_order_of_the_names(size, seed):
    parts = drawn(size, {"training": 0.5, "validation": 0.3, "test": 0.2}, seed=seed)
    turned = split(size, {"test": 0.2, "validation": 0.3, "training": 0.5}, seed=seed)
    assert list(parts) == ["training", "validation", "test"]
    for name, part in parts.items():
        np.testing.assert_array_equal(part, turned[name])


@given(data=labelled(), k=st.integers(2, 4), seed=seeds, by=st.sampled_from(["", "s", "g", "sg"]))
@settings(max_examples=60)
def test_folds_set_each_sample_aside_once(data, k, seed, by):
    size, classes, groups = data
    assume(len(set(groups.tolist())) >= k)
    options = {"stratify": classes if "s" in by else None, "groups": groups if "g" in by else None}
    pairs = folds(size, k, **options, seed=seed)
    assert len(pairs) == k
    assert sorted(np.concatenate([validation for _, validation in pairs])) == list(range(size))
    for training, validation in pairs:
        assert sorted([*training, *validation]) == list(range(size))
        if by == "g":
            assert not set(groups[training]) & set(groups[validation])
        if by == "s":
            counts = np.bincount(classes[validation], minlength=6)
            assert (np.abs(counts - np.bincount(classes, minlength=6) / k) < 1).all()


def test_parts_of_a_source_are_subsets():
    source = [float(i * i) for i in range(10)]
    training, test = split(source, (0.8, 0.2), seed=1)
    assert isinstance(test, Subset)
    assert sorted([*training, *test]) == source


@pytest.mark.parametrize("size", [np.int64(10), np.array(10), np.uint8(10)])
def test_a_number_of_numpy_is_a_number(size):
    for part, plain in zip(split(size, (0.5, 0.5)), split(10, (0.5, 0.5)), strict=True):
        np.testing.assert_array_equal(part, plain)
    for pair, plain in zip(folds(size, 2), folds(10, 2), strict=True):
        np.testing.assert_array_equal(pair[1], plain[1])


def test_arrays_without_axes_count_as_their_items():
    classes = [0, 1] * 5
    parts = split(10, (0.6, 0.4), stratify=[np.array(each) for each in classes])
    for part, plain in zip(parts, split(10, (0.6, 0.4), stratify=classes), strict=True):
        np.testing.assert_array_equal(part, plain)


class Missing:
    """Neither equal to itself nor not, as the missing value of pandas."""

    def __eq__(self, other):
        return self

    def __bool__(self):
        raise TypeError("it cannot be told")

    __hash__ = object.__hash__


class Pairs:
    def __len__(self):
        return 12

    def __getitem__(self, index):
        return np.float32([index]), np.int64(index)


def double(batch, rng):
    return batch[0] * 2, batch[1]


def test_parts_of_a_loader_are_loaders_with_its_options():
    loader = amalthea.Loader(Pairs(), batch_size=4, seed=5, batch_transform=double, steps_per_epoch=1, workers=1)
    training, validation, test = split(loader, (0.5, 0.25, 0.25), seed=3)
    indices = split(12, (0.5, 0.25, 0.25), seed=3)
    assert (len(training), len(validation), training.seed) == (1, 1, 5)
    for _ in range(2):  # two epochs of one batch are more than the six samples
        (x, y), *_ = training
        np.testing.assert_array_equal(x[:, 0], 2 * y)
        assert set(y) <= set(indices[0])
    for part, own in zip((validation, test), indices[1:], strict=True):
        ((x, y),) = part
        np.testing.assert_array_equal(y, own)
        np.testing.assert_array_equal(x[:, 0], own)


def test_folds_of_a_loader_are_pairs_of_loaders():
    loader = amalthea.Loader(Pairs(), batch_size=12, seed=0)
    for training, validation in folds(loader, 3):
        ((_, theirs),), ((_, ours),) = training, validation
        assert sorted([*theirs, *ours]) == list(range(12))
        assert len(ours) == 4


def test_a_part_keeps_what_is_said_of_single_samples():
    """Weights and quarantine go by the index in the source."""
    weights = np.zeros(12)
    weights[[3, 7]] = 1
    loader = amalthea.Loader(Pairs(), seed=0, sampling_weights=weights, on_error="skip", quarantine=[7])
    ((_, y),) = loader.part([1, 7, 3, 2])
    assert set(y.tolist()) <= {1, 2, 3}  # 3, and what stands in for 7
    ((_, y),) = loader.part([1, 7, 3, 2], training=False)
    assert y[[0, 2, 3]].tolist() == [1, 3, 2]
    assert y[1] != 7


def test_a_part_of_a_part_is_one():
    loader = amalthea.Loader(Pairs(), batch_size=12, batch_transform=double)
    ((x, y),) = loader.part([9, 4, 2, 1]).part([2, 0]).part([0, 1], training=False)
    assert (x[:, 0].tolist(), y.tolist()) == ([2, 9], [2, 9])


def test_an_augmented_folder_is_split_into_files(tmp_path):
    from PIL import Image

    for number in range(12):
        name = tmp_path / "ab"[number % 2] / f"{number}.png"
        name.parent.mkdir(exist_ok=True)
        Image.fromarray(np.full((4, 4, 3), 20 * number, np.uint8)).save(name)
    loader = amalthea.ImageLoader.from_directory(
        tmp_path, image_size=4, seed=0, rescale=0.5, augment=transforms.RandomBrightness((-1, -1)), verbose=False
    )
    training, validation = split(loader, (0.5, 0.5), stratify=loader.labels)
    assert sorted([*training.file_paths, *validation.file_paths]) == sorted(loader.file_paths)
    assert training.class_names == validation.class_names == ["a", "b"]
    assert np.bincount(training.labels).tolist() == [3, 3]
    ((images, labels),) = training
    assert not images.any()
    ((images, labels),) = validation
    np.testing.assert_array_equal(labels, validation.labels)
    numbers = [int(path.rsplit("/", 1)[1][:-4]) for path in validation.file_paths]
    np.testing.assert_array_equal(images[:, 0, 0, 0], np.float32(numbers) * 10)
    again = training.part([0, 1], training=False)
    ((images, labels),) = again
    assert images.any()
    assert list(again.file_paths) == list(training.file_paths)[:2]


@pytest.mark.parametrize(
    ("shares", "options", "message"),
    [
        ((0.8, 0.1), {}, r"`shares` is \(0\.8, 0\.1\).*1 in sum"),
        ((1.0,), {}, "two or more"),
        ((1.5, -0.5), {}, "above 0"),
        (0.8, {}, "two or more"),
        ("ab", {}, "two or more"),
        (("0.5", "0.5"), {}, "two or more numbers"),
        ({"a": 0.5, "b": 0.6}, {}, "1 in sum"),
        ((0.95, 0.05), {}, r"`shares` gives 0\.05 of 10 samples to part 1"),
        ({"a": 0.95, "b": 0.05}, {}, "part 'b', which leaves it empty"),
        ((0.5, 0.5), {"groups": [0] * 10}, "too few groups"),
        ((0.5, 0.5), {"groups": [0] * 9}, r"`groups`.*one value for each of the 10 samples"),
        ((0.5, 0.5), {"stratify": "abcdefghij"}, "`stratify`"),
        ((0.5, 0.5), {"stratify": [*range(9), None]}, r"`stratify` holds None at place 9"),
        ((0.5, 0.5), {"stratify": np.array([np.nan] * 10)}, "holds nan at place 0"),
        ((0.5, 0.5), {"stratify": np.zeros((10, 2))}, r"holds \[0\.0, 0\.0\] at place 0"),
        ((0.5, 0.5), {"stratify": [np.array([0, 1])] * 10}, r"holds array\(\[0, 1\]\) at place 0"),
        ((0.5, 0.5), {"stratify": [{1}] * 10}, r"holds \{1\} at place 0"),
        ((0.5, 0.5), {"stratify": [(1, [2])] * 10}, r"holds \(1, \[2\]\) at place 0"),
        ((0.5, 0.5), {"groups": [*range(9), Missing()]}, r"`groups` holds <.*Missing.* at place 9"),
        ((0.5, 0.5), {"stratify": np.array(3)}, "one value for each of the 10 samples"),
        ((0.5, 0.5), {"stratify": dict.fromkeys(range(10))}, "one value for each of the 10 samples"),
        ({1: 0.5, "a": 0.5}, {}, "names a part 1; names must be strings"),
        ((0.5, 0.5), {"seed": -1}, "`seed`"),
    ],
)
def test_arguments_that_make_no_split_are_told(shares, options, message):
    with pytest.raises(ConfigurationError, match=message):
        split(10, shares, **options)


@pytest.mark.parametrize(("data", "k", "message"), [(10, 1, "`k`"), (3, 4, "too few samples")])
def test_folds_that_cannot_be_are_told(data, k, message):
    with pytest.raises(ConfigurationError, match=message):
        folds(data, k)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (-1, "`data` is -1"),
        (np.float64(10), "`data` is .*10.0.*integer"),
        ({"x": np.zeros(6), "y": np.zeros(6)}, "`data` is of type dict; it must be a number of samples, a source"),
        ("abcdef", "`data` is of type str"),
        (None, "`data` is of type NoneType"),
        ((np.zeros(6), np.zeros(6)), r"`data` is a tuple of arrays.*write `sources\.Arrays\(x, y\)`"),
    ],
)
def test_what_cannot_be_split_is_told(data, message):
    with pytest.raises(ConfigurationError, match=message):
        split(data, (0.5, 0.5))
    with pytest.raises(ConfigurationError, match=message):
        folds(data, 2)


def test_fewer_groups_than_folds_are_told():
    with pytest.raises(ConfigurationError, match="too few groups"):
        folds(10, 3, groups=[0, 1] * 5)


PINNED = [1, 2, 10]
