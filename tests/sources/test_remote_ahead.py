"""What is begun before it is asked for: bounded, let go of in time, and given to whoever asks."""

import concurrent.futures

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

import amalthea
from amalthea.sources import Cached, Concatenated, Labelled, Mapped, Subset, Zipped, _remote_ahead
from amalthea.sources._remote_ahead import EXPIRE_S, LEAST, MOST, MOST_BYTES, Ahead, Sizes
from amalthea.sources._remote_pool import Pool
from amalthea.sources.finished import Finished
from amalthea.sources.mirrored import Mirrored
from amalthea.sources.pixelwise import Pixelwise
from amalthea.sources.weighted import ClassWeighted


class Desk:
    """Notes what is begun, and answers when it is told to."""

    def __init__(self):
        self.asked, self.now = [], 0.0
        self.ahead = Ahead(self.start, lambda: self.now, Sizes())

    def start(self, question):
        self.asked.append((question, concurrent.futures.Future()))
        return self.asked[-1][1]

    def answer(self, size=1):
        for _, future in self.asked:
            if not future.done():
                future.set_result(bytes(size))


class Far:
    """Notes what is to be fetched; sample i is an image of i, far away."""

    def __init__(self, size=8):
        self.size, self.fetched = size, []

    def __len__(self):
        return self.size

    def __getitem__(self, index):
        return np.full((2, 2, 1), index, np.uint8)

    def fetch_ahead(self, indices):
        self.fetched += indices.tolist()


@pytest.mark.parametrize(
    ("wrap", "fetched"),
    [
        (lambda far: Subset(far, [7, 6, 5, 4]), [6, 4]),
        (lambda far: Labelled(far, np.arange(8)), [1, 3]),
        (lambda far: Zipped({"a": far, "b": [0] * 8}, far, same_names=False), [1, 3, 1, 3]),
        (lambda far: Mapped(far, np.square), [1, 3]),
        (lambda far: Concatenated([[np.zeros((2, 2, 1), np.uint8)] * 2, far]), [1]),
        (lambda far: Mirrored(far), [1, 3]),
        (lambda far: ClassWeighted(Labelled(far, np.arange(8)), np.arange(8), "balanced"), [1, 3]),
        (lambda far: Cached(far, "memory"), [1, 3]),
        (lambda far: Finished(Cached(far, "memory"), Pixelwise(None, "uint8", "channels_last")), [1, 3]),
    ],
)
def test_every_source_around_a_source_passes_it_on(wrap, fetched):
    far = Far()
    source = wrap(far)
    source.fetch_ahead(np.array([1, 3]))
    assert far.fetched == fetched
    near = wrap(np.zeros((8, 2, 2, 1), np.uint8))
    assert near.fetch_ahead is None


def test_of_a_cache_only_what_is_missing_is_fetched():
    far = Far()
    cache = Cached(far, "memory")
    cache[3]
    cache.fetch_ahead(np.array([1, 3, 5]))
    assert far.fetched == [1, 5]


@pytest.mark.parametrize("workers", [0, 1, 2])
def test_a_loader_has_each_sample_fetched_once_before_it_is_made(workers):
    far = Far(50)
    with amalthea.Loader(far, batch_size=8, seed=0, workers=workers, max_queue_size=0) as loader:
        batches = [batch[:, 0, 0, 0].tolist() for batch in loader]
    assert sorted(far.fetched) == list(range(50))
    assert set(batches[0]) == set(far.fetched[:8])


@given(st.lists(st.tuples(st.booleans(), st.lists(st.integers(0, 5), max_size=8))))
def test_each_answer_goes_to_who_asks_for_its_question_however_often(steps):
    desk = Desk()
    for begins, questions in steps:
        if begins:
            desk.ahead.begin(questions)
        for question in () if begins else questions:
            future = desk.ahead.take(question)
            assert (question, future) in desk.asked
    for question in range(6):
        while question in desk.ahead._begun:
            desk.ahead.take(question)
    assert len(desk.ahead) == 0


def test_what_was_begun_is_not_asked_again():
    desk = Desk()
    desk.ahead.begin(["a", "b", "a"])
    taken = [desk.ahead.take(question) for question in "aab"]
    assert [question for question, _ in desk.asked] == ["a", "b"]
    assert taken[0] is taken[1]
    desk.ahead.take("a")
    assert len(desk.asked) == 3


def test_what_is_given_up_is_cancelled_and_makes_room():
    desk = Desk()
    desk.ahead.begin([*range(2 * LEAST), 0])
    taken = desk.ahead.take(0)
    desk.ahead.forget(lambda question: question < LEAST)
    assert [future.cancelled() for _, future in desk.asked] == [False] + [True] * (LEAST - 1) + [False] * LEAST
    assert not taken.cancelled()  # somebody waits for it
    assert len(desk.ahead) == LEAST
    desk.ahead.forget(lambda question: True)
    assert len(desk.ahead) == 0


def test_a_reader_may_be_ended_in_the_midst_of_anything():
    """The garbage collector does so, in whatever thread it runs in."""
    desk = Desk()

    def start(question):
        if question == "b":
            desk.ahead.forget(lambda other: other == "a")
        return Desk.start(desk, question)

    desk.ahead._start = start
    desk.ahead.begin("abc")
    desk.ahead.begin("d")
    assert list(desk.ahead._begun) == ["b", "c", "d"]
    assert desk.asked[0][1].cancelled()
    desk.ahead.forget(lambda other: True)
    assert len(desk.ahead) == 0


def test_no_more_are_under_way_than_there_is_room_for():
    desk = Desk()
    desk.ahead.begin(range(3 * MOST))
    assert len(desk.asked) == LEAST  # how large they are is not known yet
    desk.answer()
    for question in range(3 * MOST):
        desk.ahead.take(question)
        assert len(desk.asked) == min(MOST + question + 1, 3 * MOST)


@pytest.mark.parametrize("size", [1, 100_000, MOST_BYTES // 50, MOST_BYTES // LEAST, MOST_BYTES])
def test_from_the_first_no_more_bytes_are_held_than_there_is_room_for(size):
    desk = Desk()
    desk.ahead.begin(range(2 * MOST))
    most = 0
    for question in range(2 * MOST):
        most = max(most, len(desk.asked) - question)
        desk.answer(size)
        desk.ahead.take(question)
    assert most == max(LEAST, min(MOST, MOST_BYTES // size))


def test_one_large_file_among_small_ones_makes_the_next_ones_fewer():
    desk = Desk()
    desk.ahead.begin(range(4 * MOST))
    desk.answer()
    desk.ahead.take(0)
    desk.answer(MOST_BYTES)
    for question in range(1, 2 * MOST):
        desk.ahead.take(question)
    assert len(desk.asked) <= 2 * MOST + LEAST


def test_what_nobody_asks_for_is_let_go_of_in_time():
    desk = Desk()
    desk.ahead.begin(range(10))
    desk.now = EXPIRE_S
    desk.ahead.forget_old()
    assert len(desk.ahead) == 10
    desk.now += 1
    desk.ahead.forget_old()
    assert len(desk.ahead) == 0
    asked = len(desk.asked)
    desk.ahead.begin(range(MOST))
    assert len(desk.asked) == asked + LEAST


def test_what_many_others_have_overtaken_is_let_go_of():
    desk = Desk()
    desk.ahead.begin(["given up"])
    for question in range(_remote_ahead.OVERTAKEN + 1):
        desk.ahead.begin([question])
        desk.ahead.take(question)
    desk.ahead.begin(["next"])
    assert desk.ahead.known("given up") is None
    assert desk.ahead.known("next") is not None


def test_a_pool_has_as_many_threads_as_are_needed_and_no_more():
    pool, release = Pool(3), concurrent.futures.Future()
    calls = [pool.submit(release.result) for _ in range(5)]
    release.set_result("done")
    assert [call.result(60) for call in calls] == ["done"] * 5
    with pytest.raises(ZeroDivisionError):
        pool.submit(lambda: 1 / 0).result(60)
    cancelled = [pool.submit(int) for _ in range(3)]
    assert all(call.cancel() or call.result(60) == 0 for call in cancelled)
