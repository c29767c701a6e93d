"""Weights of classes beside samples: whichever way the source is read, and part by part."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from amalthea.sources import Arrays, Noise, Texts, Zipped
from amalthea.sources.weighted import ClassWeighted
from amalthea.sources.words import WordTokenizer
from amalthea.testing import check_source

CLASSES = np.array([0, 1, 1, 1, 0, 2])
X = np.arange(6.0)


def test_every_way_of_reading_gives_the_same():
    tokenizer = WordTokenizer().fit(["a b c d"])
    texts = Texts(["a", "a b", "", "c d a", "b", "d"], tokenizer, 3, fixed_length=False)
    for inputs in (Arrays(X), [float(x) for x in X], Noise(6, 3), texts):
        check_source(ClassWeighted(Zipped(inputs, CLASSES), CLASSES, "balanced"))


@given(indices=st.lists(st.integers(0, 5), min_size=1, max_size=8))
def test_a_part_is_weighed_among_itself(indices):
    source = ClassWeighted(Arrays(X, CLASSES), CLASSES, "balanced")
    part = source.part(indices, training=True)
    weights = np.array([part[place][2] for place in range(len(part))])
    drawn = CLASSES[indices]
    sums = [weights[drawn == number].sum() for number in set(drawn.tolist())]
    np.testing.assert_allclose(sums, len(indices) / len(sums), rtol=1e-5)
    assert [part[place][:2] for place in range(len(part))] == [(X[index], CLASSES[index]) for index in indices]
    plain = source.part(indices, training=False)
    assert [plain[place] for place in range(len(plain))] == [(X[index], CLASSES[index]) for index in indices]
