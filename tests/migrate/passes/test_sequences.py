"""Classes derived from `Sequence`, one thing at a time."""

import keras
import pytest

from amalthea.migrate.rewrite import rewrite


def of_class(body, bases="PyDataset", imports="from keras.utils import PyDataset\nimport numpy as np\nimport random\n"):
    return f"{imports}class A({bases}):\n{body}x = np, random\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("def __init__(self): pass", "def __init__(self, **kwargs):\n        super().__init__(**kwargs)"),
        ("def __init__(self, *a): pass", "def __init__(self, *a, **kwargs):\n        super().__init__(**kwargs)"),
        ("def __init__(self, *, a): pass", "def __init__(self, *, a, **kwargs):\n        super().__init__(**kwargs)"),
        ("def __init__(self, **o): use(o)", "def __init__(self, **o):\n        super().__init__()\n        use(o)"),
        (
            "def __init__(self):\n        super().__init__()",
            "def __init__(self, **kwargs):\n        super().__init__(**kwargs)",
        ),
        (
            "def __init__(self):\n        super(A, self).__init__(2)",
            "def __init__(self, **kwargs):\n        super(A, self).__init__(2, **kwargs)",
        ),
        (
            "def __init__(self):\n        PyDataset.__init__(self)",
            "def __init__(self, **kwargs):\n        PyDataset.__init__(self, **kwargs)",
        ),
        (
            'def __init__(self):\n        """Says."""\n        self.on_epoch_end()',
            'def __init__(self, **kwargs):\n        """Says."""\n        super().__init__(**kwargs)\n'
            "        self.on_epoch_end()",
        ),
        (
            "def __init__(self):\n        self.on_epoch_end()\n        super().__init__()",
            "def __init__(self, **kwargs):\n        super().__init__(**kwargs)\n        self.on_epoch_end()",
        ),
    ],
)
def test_an_init_calls_that_of_keras_first(before, after):
    assert rewrite(of_class(f"    {before}\n")).text == of_class(f"    {after}\n")


def test_a_class_beside_others_calls_that_of_keras_by_name():
    rewritten = rewrite(of_class("    def __init__(self): pass\n", bases="Other, PyDataset")).text
    assert "        PyDataset.__init__(self, **kwargs)\n" in rewritten


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[a, b], y", "(a, b), y"),
        ("[a], [y]", "a, y"),
        ("a, y, None", "a, y"),
        ("a, None, None", "(a,)"),
        ("([a, b], [y, z], w)", "((a, b), (y, z), w)"),
        ("[f(i) for i in r], y", "tuple(f(i) for i in r), y"),
        ("[[a, b], y]", "[(a, b), y]"),
        ("a, y", "a, y"),
        ("[], y", "[], y"),
        ("a, None, w", "a, None, w"),
        ("{'a': [a, b]}, y", "{'a': [a, b]}, y"),
    ],
)
def test_a_batch_is_of_tuples(before, after):
    method = "    def __getitem__(self, i):\n        return {}\n"
    assert rewrite(of_class(method.format(before))).text == of_class(method.format(after))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("np.ceil(n / 2)", "int(np.ceil(n / 2))"),
        ("n / 2", "int(n / 2)"),
        ("n // 2", "n // 2"),
        ("int(np.ceil(n / 2))", "int(np.ceil(n / 2))"),
    ],
)
def test_a_length_is_an_integer(before, after):
    method = "    def __len__(self):\n        return {}\n"
    assert rewrite(of_class(method.format(before))).text == of_class(method.format(after))


@pytest.mark.parametrize(
    ("method", "line", "marked"),
    [
        ("__getitem__", "np.random.shuffle(x)", True),
        ("__getitem__", "random.random()", True),
        ("__getitem__", "self.rng.shuffle(x)", False),
        ("__getitem__", "np.random.default_rng(0).shuffle(x)", False),
        ("on_epoch_end", "np.random.shuffle(x)", True),
        ("__init__", "np.random.shuffle(x)", False),
        ("other", "np.random.shuffle(x)", False),
    ],
)
def test_the_global_random_state_is_marked_where_batches_are_made(method, line, marked):
    rewritten = rewrite(of_class(f"    def {method}(self, i=0, **o):\n        super().__init__(**o)\n        {line}\n"))
    assert bool(rewritten.marks) == marked
    if marked:
        above, below = rewritten.text.split(rewritten.marks[0].text)
        assert above.endswith("# TODO(amalthea): ") and below.lstrip().startswith(line)


def test_methods_that_a_batch_is_made_by_are_looked_at():
    body = (
        "    def __getitem__(self, i):\n        X, y = self.make(i)\n        return X, y\n"
        "    def make(self, i):\n        return [np.random.rand(), 1], self.more(i)\n"
        "    def more(self, i):\n        return [1, 2], None\n"
    )
    rewritten = rewrite(of_class(body))
    assert "return (np.random.rand(), 1), self.more(i)" in rewritten.text
    assert "return [1, 2], None" in rewritten.text, "this is no batch"
    assert len(rewritten.marks) == 1


def test_a_count_of_its_own_does_not_meet_the_property():
    body = "    def count(self, **o):\n        self.num_batches = 3\n        return self.num_batches\n"
    assert rewrite(of_class(body)).text == of_class(body.replace("num_batches", "_num_batches"))


def test_a_method_in_the_place_of_the_property_is_marked():
    body = "    def num_batches(self):\n        return 3\n"
    assert ["@property" in mark.text for mark in rewrite(of_class(body)).marks] == [True]
    assert rewrite(of_class("    @property\n" + body)).marks == ()


def test_a_class_that_is_no_sequence_is_left_alone():
    text = of_class("    def __init__(self): pass\n    def __getitem__(self, i): return [a, b], None\n", bases="object")
    assert rewrite(text).text == text


def test_keras_needs_what_is_added():
    """Why `__init__` is called, and why a count of one's own is renamed."""

    class Silent(keras.utils.PyDataset):
        def __init__(self):
            pass

    with pytest.warns(UserWarning, match="should call"):
        assert Silent().workers == 1
    with pytest.raises(AttributeError):
        Silent().num_batches = 3
