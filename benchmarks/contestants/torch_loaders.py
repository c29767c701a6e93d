"""torch's `DataLoader`, as its documentation uses it."""

import numpy as np
import torch
from torch.utils.data import BatchSampler, DataLoader, RandomSampler, TensorDataset

from benchmarks.case import WORKERS
from benchmarks.contestants.orders import whole_epochs
from benchmarks.data.blocks import opened
from benchmarks.data.photos import listed
from benchmarks.data.stores import paths_in_store, sign_in
from benchmarks.samples import Casting, Lengths, Numbers, Pictures, Pieces, Rows, StoredPictures


def images(told):
    """A dataset that reads with Pillow, in worker processes that stay."""
    return _loader(Pictures(*listed(told["folder"]), told["size"]), told)


def stored(told, *, client, at_once=False):
    """The same of an object store: file by file, or those of a batch at once."""
    sign_in(told, client)
    return _loader(StoredPictures(*paths_in_store(told), told["size"], client=client, at_once=at_once), told)


def tensors(told):
    """`DataLoader(TensorDataset(...), shuffle=True)`."""
    dataset = TensorDataset(torch.from_numpy(told["x"]), torch.from_numpy(told["y"]))
    return DataLoader(dataset, batch_size=told["batch"], shuffle=True)


def mapped(told):
    return _loader(Rows(*opened(told)), told)


def casting(told):
    return _loader(Casting(told["file"], told["count"]), told)


def pieces(told):
    return _loader(Pieces(told["count"]), told)


def numbers(told):
    return _loader(Numbers(told["count"]), told)


def lengths(told):
    """A list of strings, as `ImageFolder` keeps it: each worker copies what it touches."""
    from benchmarks.data.trees import names
    from benchmarks.tree import private_mb, workers

    loader = _loader(Lengths(list(names(told["count"]))), told)
    loader.figures = lambda: {"worker_private_mb": max(map(private_mb, workers()))}
    return loader


def _loader(source, told):
    return DataLoader(source, told["batch"], shuffle=True, num_workers=WORKERS, persistent_workers=True)


def sampled(told):
    """The order that `DataLoader(shuffle=True)` draws, in batches."""
    sampler = BatchSampler(RandomSampler(range(told["torch_size"])), told["batch"], drop_last=False)
    return whole_epochs(told, told["torch_size"], lambda: map(np.asarray, sampler))
