"""Loader: any source, in batches, as the `keras.utils.PyDataset` that Keras trains from."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

from amalthea._checks import check_choice, check_int, checked_seed
from amalthea._trees import map_leaves
from amalthea.batches import Batches, check_sample, longer
from amalthea.errors import ConfigurationError, SampleError
from amalthea.fingerprint import fingerprint
from amalthea.loaders.arguments import batches_of, check_quarantine, check_weighted, samples_of, workers_of
from amalthea.loaders.base import BatchLoader, passes_of
from amalthea.loaders.layers import Layers
from amalthea.loaders.ordering import lengths_of, order_of
from amalthea.loaders.parts import options_of_part
from amalthea.loaders.sharding import check_one_order, checked_shard
from amalthea.quarantine import NOTHING, Errors, checked_quarantine
from amalthea.rows import ON_ERROR, Rows, Transform
from amalthea.sources import Subset
from amalthea.sources._reading import by_place
from amalthea.sources.protocol import Source
from amalthea.sources.weighted import ClassWeighted
from amalthea.transforms import Compose
from amalthea.workers.grouped import stream_of
from amalthea.workers.rowwise import BatchTransform

__all__ = ["Loader", "listed"]

# The options that decide the stream: those that a state shows as they are, and those of which it has a fingerprint.
PLAIN_FIELDS = ("batch_size", "shuffle", "drop_remainder", "bucket_by_length", "steps_per_epoch", "on_error")
VALUE_FIELDS = ("transform", "batch_transform", "sampling_weights")


class Loader(BatchLoader):
    """Batches of any source, for `fit`, `evaluate` and `predict`, or for a loop written by hand.

    For one seed the batches are the same, bit for bit, on every backend and with any number of workers. Workers fill
    the rows of a batch in place while the model trains on the one before; `max_queue_size + 2` batches are in memory,
    and those that somebody keeps. A loader serves one `fit`, `evaluate` or `predict` at a time.

    A shuffled loader draws a new order of its *samples* for each epoch. Keras, which shuffles the numbers of the
    batches, gets them in that order all the same: the k-th new number that it asks for in an epoch is batch k. An
    unshuffled loader gives batch i for number i, so predictions line up with the source.

    Args:
        source: The samples: any object with `len(source)` and `source[i]`. A sample is an array, `(x, y)`,
            `(x, y, sample_weight)` or a dict, with x and y arrays, numbers, or tuples or dicts of them; all samples
            have the same shapes. Python floats become float32, Python ints int64, arrays keep their dtype.
        batch_size: Samples of a batch.
        shuffle: Whether each epoch has an order of its own.
        seed: Integer of 0 or more that decides the order and all augmentation. `None` draws one, see `loader.seed`.
        drop_remainder: Whether to leave out the last batch of an epoch when it is short.
        transform: `(sample, rng) -> sample`, or a list of them, run in the workers. `rng` is the sample's own
            `np.random.Generator`, made from `[seed, epoch, index]`.
        batch_transform: `(batch, rng) -> batch`, run in the workers on each finished batch.
        layers: Keras preprocessing layers for x: a layer, a list of them, or a dict of these by the names of the inputs
            where x is a dict. They run once for each batch, on the running backend, told that it is training; what is
            random in them depends on `seed` and the batch alone. The result is NumPy again.
        sampling_weights: One weight of 0 or more for each sample: an epoch is as many samples as there are, drawn with
            replacement by their weights. `None` is every sample once an epoch.
        bucket_by_length: Whether samples of like length are put together, in a source whose samples differ in length:
            batches are short where their samples are, of 16 different lengths at most. It needs `shuffle=True`.
        steps_per_epoch: Length of an epoch in batches, if not that of the data; the next epoch goes on where it
            stopped.
        shard: Which part of each batch this process reads, `(index, count)` of processes that train together, or
            `"auto"` to find that out. `batch_size` is that of all of them: each has `ceil(n / count)` rows of a batch
            of n samples, one behind the other. Where n does not divide, samples of the batch come once more with a
            sample weight of zero; `(x, y)` becomes `(x, y, sample_weight)`. `None` is all of each batch.
        on_error: What becomes of a sample that cannot be made. `"raise"`: its error. `"skip"`: another sample, drawn
            by `[seed, epoch, index]`, takes its place. `"substitute"`: zeros take its place, with a sample weight of
            zero; `(x, y)` becomes `(x, y, sample_weight)`. A sample of x alone has no place for a weight.
        max_errors: How many samples may be broken before that is an error all the same: a count, or a share of all
            samples, or `None` for any number.
        quarantine: Samples not to be read, as if they were broken: the path of a report that
            `loader.errors.save(path)` has written, `errors` of another loader, or a list of indices and paths.
        workers: Number of workers; `None` is one for each core, 0 is none: batches are made in the calling thread.
        use_multiprocessing: Whether the workers are processes instead of threads: for sources and transforms in plain
            Python, which threads run one at a time. Both are sent to them by `cloudpickle`.
        max_queue_size: Finished or begun batches ahead of the one in use.
        timeout_s: Seconds after which a worker process that is stuck in a sample is replaced; `None` is never.

    Attributes:
        source: The samples.
        num_samples: Samples in the source.
        shard: The part of each batch that is read here, as `(index, count)`.
        seed: The seed in use.
        errors: The samples that could not be made, as a list of `SampleError`: index, path, stage, reason.

    Raises:
        ConfigurationError: If an argument cannot be used.
        SampleError: If sample 0, which tells the shapes, cannot be made.

    Example:
    >>> import amalthea
    >>> squares = [(float(i), float(i * i)) for i in range(5)]
    >>> loader = amalthea.Loader(squares, batch_size=2, shuffle=False)
    >>> for x, y in loader:
    ...     print(x, y)
    [0. 1.] [0. 1.]
    [2. 3.] [4. 9.]
    [4.] [16.]
    """

    def __init__(
        self,
        source: Source,
        *,
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int | None = None,
        drop_remainder: bool = False,
        transform: Transform | Sequence[Transform] | None = None,
        batch_transform: BatchTransform | None = None,
        layers: Any = None,
        sampling_weights: Any = None,
        bucket_by_length: bool = False,
        steps_per_epoch: int | None = None,
        shard: Any = None,
        on_error: str = "raise",
        max_errors: int | float | None = 0.1,
        quarantine: Any = None,
        workers: int | None = None,
        use_multiprocessing: bool = False,
        max_queue_size: int = 2,
        timeout_s: float | None = None,
    ) -> None:
        options = {name: value for name, value in locals().items() if name not in ("self", "source", "__class__")}
        batch_size = check_int("batch_size", batch_size, minimum=1)
        max_queue_size = check_int("max_queue_size", max_queue_size, minimum=0)
        check_choice("on_error", on_error, ON_ERROR)
        self.shard = checked_shard(shard)
        check_one_order(self.shard, shuffle=shuffle, seed=seed)
        self.seed = checked_seed(seed)
        self._options = {**options, "seed": self.seed, "shard": self.shard}  # for loaders of parts of the samples
        source = by_place(source)
        self.source, self.num_samples = source, samples_of(source)
        known, samples = checked_quarantine(quarantine)
        self.errors = Errors(self.num_samples, max_errors, samples)
        check_quarantine(known, samples, on_error, self.num_samples)
        self._quarantine = known
        self._order_of = functools.partial(
            order_of,
            source,
            shuffle=shuffle,
            sampling_weights=sampling_weights,
            bucket_by_length=bucket_by_length,
            batch_size=batch_size,
        )
        order = self._order_of(seed=self.seed)
        length = batches_of(order.size, batch_size, drop_remainder)
        if steps_per_epoch is not None:
            length = check_int("steps_per_epoch", steps_per_epoch, minimum=1)
        self._lengths = lengths = lengths_of(source, bucket_by_length=bucket_by_length, steps=length)
        self._batches = Batches(order, batch_size, drop_remainder=drop_remainder, lengths=lengths, shard=self.shard)
        transforms = listed("transform", transform)
        if batch_transform is not None:
            _check_callable("batch_transform", batch_transform)
        self._rows = Rows(
            source,
            seed=self.seed,
            transform=Compose(transforms) if transforms else None,
            on_error=on_error,
            quarantine=known,
            weighted=self._batches.repeats,
        )
        crew = workers_of(workers, use_multiprocessing, timeout_s)
        sample = self._rows.first(self.errors.add)
        check_sample(sample)
        if self._batches.repeats:
            check_weighted(sample, batch_size, self.shard)
        self._layers = _checked_layers(layers, self.seed, sample)
        self._stream_of = functools.partial(
            stream_of,
            sample=map_leaves(_like, sample),
            workers=crew,
            max_queue_size=max_queue_size,
            batch_transform=batch_transform,
            report=self.errors.add,
        )
        stream = self._stream_of(self._batches, self._rows)
        super().__init__(passes_of(length, in_order=not shuffle), stream, seed_given=seed is not None)

    def part(self, indices: Any, *, training: bool = True) -> Loader:
        """Returns a loader of some of the samples, with the options and the seed of this one.

        Args:
            indices: Which samples of the source, integers of shape `(samples,)`.
            training: Whether it is for training; otherwise it is unshuffled, and without `augment`, `batch_transform`
                and all else that is for training only.

        Raises:
            ConfigurationError: If an index is no sample of the source.
        """
        source, options = self._part_of(indices, training)
        return Loader(source, **options)

    def _part_of(self, indices: Any, training: bool) -> tuple[Source, dict[str, Any]]:
        """Returns some of the samples, and the options of their loader."""
        chosen = Subset(self.source, indices)
        options = options_of_part(self._options, chosen.indices, training=training)
        if isinstance(self.source, ClassWeighted):
            return self.source.part(chosen.indices, training=training), options
        return chosen, options

    def _sow(self, seed: int) -> None:
        self._stream.close()
        self.seed = self._options["seed"] = seed
        self._batches = self._batches.ordered(self._order_of(seed=seed))
        self._rows = self._rows.sown(seed)
        if self._layers is not None:
            self._layers = dataclasses.replace(self._layers, seed=seed)
        self._stream = self._stream_of(self._batches, self._rows)
        self._stream.open()

    @functools.cached_property
    def _fields(self) -> dict[str, Any]:
        plain = {name: _as_json(self._options[name]) for name in PLAIN_FIELDS}
        values = {name: self._options[name] for name in VALUE_FIELDS}
        values["layers"] = None if self._layers is None else self._layers.recipe()
        quarantine = self._quarantine
        values["quarantine"] = None if quarantine == NOTHING else [sorted(quarantine.indices), sorted(quarantine.paths)]
        known = {name: None if value is None else fingerprint(value) for name, value in values.items()}
        return {"samples": self.num_samples, "source": fingerprint(self.source), **plain, **known}

    def _inspected(self, index: int, batch: Any) -> Any:
        # On TensorFlow Keras looks at two batches, and takes for fixed what is the same in both.
        return batch if self._lengths is None or index != 1 else longer(batch)

    def _finished(self, number: int, batch: Any) -> Any:
        if self._layers is None:
            return batch
        epoch, place = self._batches.place(number)
        try:
            return self._layers(batch, epoch, place, self.shard.index)
        except Exception as error:  # somebody's layer may raise anything; it arrives as the cause
            first = int(self._batches.plan(number).indices[0])
            raise SampleError(first, "layers", f"{type(error).__name__}: {error}") from error


def _checked_layers(layers: Any, seed: int, sample: Any) -> Layers | None:
    if layers is None:
        return None
    checked = dataclasses.replace(layers, seed=seed) if isinstance(layers, Layers) else Layers(layers, seed)
    checked.check(sample)
    return checked


def _as_json(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _like(leaf: Any) -> Any:
    """Returns what has the shape and dtype of a leaf, and no memory."""
    return np.broadcast_to(np.zeros((), leaf.dtype), leaf.shape) if isinstance(leaf, np.ndarray) else leaf


def listed(name: str, transform: Transform | Sequence[Transform] | None) -> list[Transform]:
    """Returns one transform or several as a list."""
    if transform is None:
        return []
    transforms: list[Any] = list(transform) if isinstance(transform, list | tuple) else [transform]
    for each in transforms:
        _check_callable(name, each)
    return transforms


def _check_callable(name: str, function: Any) -> None:
    if not callable(function):
        raise ConfigurationError(f"`{name}` holds {function!r}; it must be a function of (value, rng).")
