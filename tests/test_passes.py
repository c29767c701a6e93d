"""The promise to Keras, apart from Keras: what it really asks for, and wilder things."""

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from amalthea.passes import ENDLESS, Passes


def play(trace, length, **options):
    """Plays `#` the batches are counted, `(` begin, `)` end, a digit is asked for; returns each epoch's batches."""
    passes, epochs = Passes(length, **options), []
    for step in trace.split():
        if step == "#":
            passes.arrive()
        elif step == "(":
            passes.begin()
            epochs.append([])
        elif step == ")":
            passes.end()
        else:
            batch = passes.ask(int(step)).batch
            if epochs:
                epochs[-1].append(batch)
    return epochs


def on_tensorflow(trace, length):
    return play(trace, length, look_in_epoch=False)


FOUR = [0, 1, 2, 3]


def test_fit_after_compile_gives_the_pass_from_its_beginning():
    assert play("# ( 3 # ) ( 1 3 2 0 )", 4)[1] == FOUR
    assert on_tensorflow("# 0 1 ) ( 3 0 2 1 )", 4)[0] == FOUR


def test_later_fit_goes_on_with_the_next_pass():
    first = "# ( 3 # ) ( 1 3 2 0 # )"
    assert play(f"{first} # # ) ( 0 3 2 1 )", 4)[2] == [4, 5, 6, 7]
    assert on_tensorflow("# 0 1 ) ( 3 0 2 1 ) # 0 1 ) ( 2 3 0 1 )", 4)[1] == [4, 5, 6, 7]


def test_evaluate_of_a_fresh_model_sees_each_batch_once():
    assert play("# ( 0 # ) ( 0 1 2 3 )", 4)[1] == FOUR
    assert play("# ( 0 # ) ( 0 1 2 3 ) # ( 0 1 2 3 )", 4)[2] == [4, 5, 6, 7]


def test_steps_per_epoch_goes_on_through_the_data():
    assert play(") ( 3 0 1 ) ( 2 ) ( 2 3 1 )", 4) == [[0, 1, 2], [3], [4, 5, 6]]
    assert on_tensorflow(") ( 3 1 2 ) 0 ( ) ( 0 2 1 3 )", 4) == [[0, 1, 2, 3], [], [4, 5, 6, 7]]


def test_steps_per_epoch_of_one_is_not_taken_for_a_look():
    assert play("# ( 3 # ) ( 2 ) ( 0 ) ( 1 ) ( 3 ) ( 2 )", 4)[1:] == [[0], [1], [2], [3], [4]]
    assert play("# ) ( 2 ) ( 0 ) ( 1 ) ( 3 ) ( 2 ) ( 1 )", 4) == [[0], [1], [2], [3], [4], [5]]


def test_a_loader_of_one_batch():
    assert play("# ( 0 # ) ( 0 # ) ( 0 # ) # ) ( 0 )", 1)[1:] == [[0], [1], [2]]
    assert on_tensorflow("# 0 ) ( 0 ) ( 0 )", 1) == [[0], [1]]


def test_a_look_may_fetch_a_second_batch_behind_the_one_it_needs():
    """JAX on an accelerator, and Keras 3.12."""
    assert play("# ( 3 1 # ) ( 1 3 2 0 )", 4)[1] == FOUR
    assert play("# ( 1 0 # ) ( 1 0 ) ( 0 1 )", 2)[1:] == [[0, 1], [2, 3]]


def test_under_tf_distribute_a_look_asks_for_as_many_batches_as_its_threads_come_to():
    """There it is an epoch that is given up, before each fit and evaluate; before predict there is none."""
    assert on_tensorflow("# 0 1 ( 0 1 2 3 ) # 0 1 ) ( 3 0 2 1 )", 4)[1] == [4, 5, 6, 7]
    for look in ("1", "1 3 0", "2 1 3 0"):
        fit = f"# 0 1 ( {look} ) ( 1 3 2 0 ) ( 0 1 2 3 )"
        assert on_tensorflow(fit, 4)[1:] == [FOUR, [4, 5, 6, 7]]
        assert on_tensorflow(f"{fit} # 0 1 ( {look} ) ( 3 2 0 1 )", 4)[4] == [8, 9, 10, 11]
        assert on_tensorflow(f"# 0 1 ( 0 1 2 3 ) {fit}", 4)[2:] == [[4, 5, 6, 7], [8, 9, 10, 11]]
        assert on_tensorflow(f"# 0 1 ( {look} ) ( 3 0 1 ) ( 2 ) ( 2 3 1 )", 4)[1:] == [[0, 1, 2], [3], [4, 5, 6]]


def test_the_batch_that_the_next_epoch_begins_with_is_known_before_a_look_is_taken_back():
    passes = Passes(3, look_in_epoch=False)
    for first in (0, 3):
        passes.arrive()
        passes.begin()
        for number in (2, 0, 1):
            passes.ask(number)
        passes.end()
        assert passes.next_begin == first
        passes.begin()
        assert [passes.ask(number).batch for number in (1, 2, 0)] == [first, first + 1, first + 2]
        passes.end()
        assert passes.next_begin == first + 3


def test_a_loop_by_hand_in_mid_pass_takes_a_pass_of_its_own():
    passes = Passes(3)
    passes.begin()
    assert passes.ask(2).batch == 0
    assert passes.take() == range(3, 6)
    assert [passes.ask(number).batch for number in (0, 1)] == [1, 2]
    passes.end()
    passes.begin()
    assert passes.ask(0).batch == 6
    assert passes.take() == range(9, 12)


def test_loops_by_hand_take_one_pass_after_the_other():
    passes = Passes(3)
    for number in range(3):
        taken = passes.take()
        assert taken == range(3 * number, 3 * number + 3)
        for batch in taken:
            passes.taken(batch, taken.stop)
            assert (passes.epoch, passes.next_taken) == (number, batch + 1)
        passes.finish(taken.stop)
    assert passes.epoch == 3
    passes.take()
    assert (passes.take().start, passes.epoch) == (12, 4)
    passes.go_to(3)
    assert (passes.epoch, passes.take()) == (1, range(3, 6))


def test_after_going_to_the_middle_of_an_epoch_a_loop_has_the_rest_of_it_and_keras_goes_on_into_the_next():
    passes = Passes(4)
    passes.go_to(6)
    assert (passes.take(), passes.take()) == (range(6, 8), range(8, 12))
    passes.go_to(6)
    for first in (6, 10):
        passes.begin()
        assert [passes.ask(number).batch for number in (2, 0, 3, 1)] == [first, first + 1, first + 2, first + 3]
        passes.end()
    assert (passes.epoch, passes.next_taken) == (3, 14)


def test_a_pass_without_an_end_is_followed_by_one_from_the_beginning():
    passes = Passes(ENDLESS, in_order=True)
    passes.go_to(5)
    for first in (5, ENDLESS, 2 * ENDLESS):
        passes.arrive()
        for epoch in range(2):
            passes.begin()
            assert [passes.ask(2 * epoch + number).batch for number in range(2)] == [
                first + 2 * epoch + number for number in range(2)
            ]
            passes.end()


def test_an_epoch_in_the_middle_of_another_leaves_it_whole():
    """`evaluate` in a callback of `fit`, with a model that is built."""
    assert play("# ) ( 3 1 # ( 0 1 2 3 ) 2 0 )", 4)[0] == [0, 1]
    passes = Passes(4)
    for step in (passes.begin, passes.begin, passes.end):
        step()
    assert [passes.ask(number).batch for number in (2, 0, 3, 1)] == [0, 1, 2, 3]


def test_the_classic_loop_over_all_numbers_goes_on_at_on_epoch_end():
    passes = Passes(3)
    for epoch in range(3):
        assert [passes.ask(number).batch for number in range(3)] == [3 * epoch + number for number in range(3)]
        passes.end()
    assert passes.epoch == 3


def test_the_looks_of_a_fit_do_not_count_as_a_loop():
    assert on_tensorflow("# 0 1 ) ( 1 0 ) ( 0 1 )", 2) == [[0, 1], [2, 3]]
    assert on_tensorflow("# 0 1 ) ( 0 1 ) ) ( 0 1 ) ) ( 0 1 )", 2) == [[0, 1], [2, 3], [4, 5]]


def test_the_epoch_is_the_one_under_way_or_the_next():
    passes, epochs = Passes(2), []
    for step in (passes.begin, lambda: passes.ask(0), lambda: passes.ask(1), passes.end, passes.begin, passes.end):
        epochs.append(passes.epoch)
        step()
    assert [*epochs, passes.epoch] == [0, 0, 0, 0, 1, 1, 1]


def test_after_go_to_nothing_of_an_interrupted_epoch_is_left():
    passes = Passes(4)
    for number in (0, 3):
        passes.begin()
        passes.ask(number)
    passes.go_to(0)
    assert passes.ask(1)[:2] == (1, True)
    passes.end()
    passes.begin()
    assert [passes.ask(number).batch for number in (1, 3, 2, 0)] == FOUR


def test_a_model_that_is_rebuilt_in_mid_pass_gives_the_pass_up_and_loses_no_batch():
    assert play("# ) ( 3 0 ) # ( 3 # ) ( 1 3 0 2 )", 4)[2] == [4, 5, 6, 7]
    assert play("# ) ( 3 ) # ( 1 # ) ( 1 3 0 2 )", 4)[2] == [4, 5, 6, 7]


def test_a_callback_that_looks_at_a_batch_in_mid_epoch_takes_nothing():
    assert play(") ( 3 1 3 3 0 1 2 )", 4) == [[0, 1, 0, 0, 2, 1, 3]]


def test_after_a_stop_the_next_fit_sees_every_batch_once():
    epochs = play(") ( 0 3 ) ( 2 1 0 3 )", 4)
    assert sorted(epochs[1]) == FOUR
    assert epochs[1][:2] == [2, 3]


def test_an_end_without_a_begin_in_mid_pass_gives_the_pass_up():
    assert play(") ( 0 3 ) ) ( 1 0 2 3 )", 4)[1] == [4, 5, 6, 7]


def test_unshuffled_number_i_is_batch_i():
    assert play(") ( 2 0 3 1 ) ) ( 1 0 )", 4, in_order=True) == [[2, 0, 3, 1], [5, 4]]


def test_a_look_between_passes_shows_the_coming_pass_and_is_kept():
    passes = Passes(3)
    assert passes.ask(1)[:2] == (1, True)
    passes.begin()
    assert [passes.ask(number).batch for number in (1, 0, 2)] == [0, 1, 2]
    passes.end()
    assert passes.ask(0)[:2] == (3, True)


def test_what_comes_next_is_known_at_every_step():
    passes, expected = Passes(3), []
    for numbers in ((2, 0, 1), (1, 2, 0)):
        passes.begin()
        for number in numbers:
            expected.append(passes.next_batch)
            assert passes.ask(number).batch == expected[-1]
        passes.end()
    assert expected == [0, 1, 2, 3, 4, 5]


@settings(max_examples=300)
@given(
    data=st.data(),
    length=st.integers(1, 6),
    start=st.integers(0, 20),
    fits=st.lists(st.integers(1, 4), min_size=1, max_size=4),
)
def test_fits_evaluates_and_models_built_or_not_give_one_stream(data, length, start, fits):
    """The same stream on JAX and PyTorch as on TensorFlow, with a model that is rebuilt before any fit, from any
    batch on, the middle of an epoch of the data as well."""
    looking, other = Passes(length), Passes(length, look_in_epoch=False)
    looking.go_to(start)
    other.go_to(start)
    streams = ([], [])
    first = True
    for epochs in fits:
        looking.arrive()
        other.arrive()
        if first or data.draw(st.booleans(), label="model is rebuilt"):
            looking.begin()
            for number in data.draw(st.lists(st.integers(0, length - 1), min_size=1, max_size=2)):
                looking.ask(number)
            looking.end()  # the reset of the fit
        else:
            looking.end()
        for number in range(min(2, length)):
            other.ask(number)
        other.end()
        first = False
        for _ in range(epochs):
            numbers = data.draw(st.permutations(range(length)))
            for passes, stream in zip((looking, other), streams, strict=True):
                passes.begin()
                stream.extend(passes.ask(number).batch for number in numbers)
                passes.end()
    assert streams[0] == streams[1]
    assert streams[1] == list(range(start, start + length * sum(fits)))


@settings(max_examples=200)
@given(
    length=st.integers(1, 6),
    start=st.integers(0, 20),
    in_order=st.booleans(),
    looking=st.booleans(),
    evaluations=st.lists(st.tuples(st.booleans(), *[st.integers(1, 6)] * 3), min_size=1, max_size=5),
)
def test_the_batch_that_an_evaluation_begins_with_is_known_however_far_the_one_before_it_was_asked_ahead(
    length, start, in_order, looking, evaluations
):
    """The first of a `fit` comes anew, the later ones do not, and TensorFlow goes on asking behind the end of one."""
    one, other = (Passes(length, in_order=in_order, look_in_epoch=looking) for _ in range(2))
    for passes in (one, other):
        passes.go_to(start)
    for number, (anew, steps, *ahead) in enumerate(evaluations):
        assert one.next_evaluation == other.next_evaluation == start + number * length
        for passes, asked in zip((one, other), ahead, strict=True):
            if anew:
                passes.arrive()
                if not looking:
                    passes.ask(0)
            passes.end()
            passes.begin()
            batches = [passes.ask(index).batch for index in range(min(steps, length))]
            assert batches == list(range(start + number * length, start + number * length + len(batches)))
            if asked % 2:
                passes.end()
            for index in range(len(batches), min(steps + asked, length)):
                passes.ask(index)
            if not asked % 2:
                passes.end()


def test_the_evaluation_behind_one_that_was_interrupted_begins_it_anew():
    passes = Passes(4)
    passes.go_to(4)
    passes.begin()
    assert [passes.ask(number).batch for number in (0, 1)] == [4, 5]
    assert passes.next_evaluation == 4
    for step in (passes.arrive, passes.end, passes.begin):
        step()
    assert passes.ask(0).batch == 4


class WildTraces(RuleBasedStateMachine):
    """Whatever is asked for, in whatever order: a pass is never left with a batch lost or given twice."""

    @initialize(length=st.integers(1, 5), in_order=st.booleans(), look_in_epoch=st.booleans())
    def make(self, length, in_order, look_in_epoch):
        self.passes = Passes(length, in_order=in_order, look_in_epoch=look_in_epoch)
        self.given: dict[int, int] = {}
        self.first = 0  # the batch that the pass begins with

    def _new_pass(self):
        if not self.passes.asked:
            self.given, self.first = {}, self.passes.next_batch

    @rule(data=st.data())
    def go_to(self, data):
        """Any batch may be the next, that in the middle of an epoch of the data too."""
        batch = data.draw(st.integers(0, 4 * self.passes.length))
        self.passes.go_to(batch)
        assert self.passes.next_batch == self.passes.next_taken == batch
        assert self.passes.epoch == batch // self.passes.length
        assert self.passes.shifted == (batch % self.passes.length > 0)
        self._new_pass()
        assert self.first == batch

    @rule()
    def begin(self):
        self.passes.begin()
        self._new_pass()

    @rule()
    def end(self):
        self.passes.end()
        self._new_pass()

    @rule()
    def arrive(self):
        self.passes.arrive()

    @rule()
    def take(self):
        """A loop by hand has what is left of an epoch of the data, and leaves the pass in use as it is."""
        number, asked, length = self.passes.number, self.passes.asked, self.passes.length
        taken = self.passes.take()
        assert (self.passes.number, self.passes.asked) == ((number, asked) if asked else (number + 1, 0))
        assert taken.start >= self.first + length if asked else taken.start == self.first
        assert taken.stop == (taken.start // length + 1) * length
        assert self.passes.next_taken == taken.start
        self._new_pass()

    @rule(data=st.data())
    def ask(self, data):
        number = data.draw(st.integers(0, self.passes.length - 1))
        before = self.passes.asked
        batch = self.passes.ask(number).batch
        if self.passes.asked == before and number not in self.given:
            assert batch == self.passes.next_batch + number  # a look at the coming pass
            return
        if not before:
            self.given = {}
        if number in self.given and self.passes.asked == before and batch != self.given[number]:
            assert batch == self.passes.next_batch + number  # a look at the coming pass
            return
        assert self.given.setdefault(number, batch) == batch

    @precondition(lambda self: hasattr(self, "passes"))
    @invariant()
    def one_to_one(self):
        batches = list(self.given.values())
        assert len(set(batches)) == len(batches)
        assert all(self.first <= batch < self.first + self.passes.length for batch in batches)
        if len(self.given) == self.passes.length:
            assert self.passes.over


TestWildTraces = WildTraces.TestCase
TestWildTraces.settings = settings(max_examples=200, stateful_step_count=40)
