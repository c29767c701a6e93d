"""Notebooks: only the sources of cells that change do, and what is no Python in them survives."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amalthea.migrate.files import RefusedError
from amalthea.migrate.notebooks import Notebook


def code(*lines, as_string=False):
    source = "\n".join(lines)
    return {
        "cell_type": "code",
        "execution_count": 3,
        "metadata": {"scrolled": True},
        "outputs": [{"data": {"text/plain": ["<Figure size 640x480 with 1 Axes>"]}, "text": "été\n", "n": 1.50}],
        "source": source if as_string else source.splitlines(keepends=True),
    }


def text_cell(text):
    return {"cell_type": "markdown", "metadata": {}, "source": [text]}


def notebook(*cells, language="python"):
    metadata = {"kernelspec": {"display_name": "x", "language": language, "name": "x"}}
    return {"cells": list(cells), "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def of_format_3(*cells):
    old = [{("input" if key == "source" else key): value for key, value in cell.items()} for cell in cells]
    return {"metadata": {"name": ""}, "nbformat": 3, "worksheets": [{"cells": old[:1]}, {"cells": old[1:]}]}


def sources(text):
    return ["".join(cell["source"]) for cell in json.loads(text)["cells"]]


def replaced(text, old, new):
    """Returns a notebook after a rewrite that replaces a word in its module."""
    book = Notebook(text)
    assert old in book.module
    return book.rewritten(book.module.replace(old, new))


FORMATS = [
    {"indent": 1, "ensure_ascii": False},
    {"indent": 1},
    {"indent": 4, "sort_keys": True},
    {},
    {"separators": (",", ":")},
    {"indent": "\t", "ensure_ascii": False},
]
CELLS = [
    code("import keras"),
    code("%matplotlib inline", "import keras as k  # é"),
    code("x = 'old'", "y = 2", as_string=True),
    code(),
    code("", as_string=True),
    code("%%bash", "ls 'old"),
    code("for i in x:", "    !echo {i} it's", "    y"),
    code("x = (1", "     % 2)", "z = !ls old", "", "# the end"),
    text_cell("# Ein Käse"),
    code("keras?"),
    code("a = 1\r", "b = 2\r", ""),
]


@given(st.lists(st.sampled_from(CELLS)), st.sampled_from(FORMATS), st.booleans(), st.sampled_from(["", "\n", "\r\n"]))
def test_what_is_not_changed_is_the_same_text_in_any_format(cells, options, is_old, end):
    text = json.dumps(of_format_3(*cells) if is_old else notebook(*cells), **options) + end
    book = Notebook(text)
    assert book.rewritten(book.module) == text
    assert book.refusals == ()


@given(st.lists(st.sampled_from(CELLS)), st.sampled_from(FORMATS), st.booleans())
def test_what_is_changed_is_changed_there_and_nowhere_else(cells, options, is_old):
    """The same cells with another word, written in the same format, are the notebook after the change."""

    def book(word):
        changed = [*cells, code("a = 1", f"{word} = 2", "%time b = 'é'"), code(f"{word} = 3", as_string=True)]
        return json.dumps(of_format_3(*changed) if is_old else notebook(*changed), **options)

    assert replaced(book("before"), "before", "after") == book("after")


def test_lines_that_come_and_go_have_the_format_of_the_others():
    options = {"indent": 1, "ensure_ascii": False}
    text = json.dumps(notebook(code("a", "b"), code("c")), **options)
    assert replaced(text, "a\nb", "a\nnew\nlines\nb") == json.dumps(
        notebook(code("a", "new", "lines", "b"), code("c")), **options
    )
    assert replaced(text, "a\nb", "b") == json.dumps(notebook(code("b"), code("c")), **options)
    assert replaced(text, "c", "c\nd") == json.dumps(notebook(code("a", "b"), code("c", "d")), **options)


def test_a_cell_of_which_nothing_is_left_is_empty():
    text = json.dumps(notebook(code("a"), code("b"), code("c")), indent=1)
    for number, name in enumerate("abc"):
        module = "".join(line for line in Notebook(text).module.splitlines(keepends=True) if line.strip() != name)
        assert sources(Notebook(text).rewritten(module)) == [
            "" if place == number else "abc"[place] for place in range(3)
        ]


MAGICS = [
    "%matplotlib inline",
    "%load_ext autoreload",
    "!pip install 'keras<3' \\\n    tensorflow",
    '!echo "it\'s"',
    "?help",
    "help?",
    "keras.utils.Sequence??",
    "%timeit -n 3 f(x)",
    "files = !ls *.py",
    "seconds = %timeit -o f()",
    "a, b = !ls (",
    "%%time",
    "%%capture out\n%pwd",
    "for i in range(3):\n    %time f(i)\n    !rm {i}",
    "if x:\n\t%cd ..",
    "/f x y",
    ",f x y",
    "%env A='''",
]


@pytest.mark.parametrize("magic", MAGICS)
def test_magics_survive_and_the_python_around_them_is_rewritten(magic):
    text = json.dumps(notebook(code(magic, "old = '''", "% no magic", "'''"), code("old", magic)), indent=1)
    if magic.startswith("%%"):
        text = json.dumps(notebook(code(magic, "old = '''", "% no magic", "'''"), code("old")), indent=1)
    book = Notebook(text)
    assert book.refusals == ()
    assert book.module.count("old") == 2
    assert sources(replaced(text, "old", "new")) == [source.replace("old", "new") for source in sources(text)]


@pytest.mark.parametrize(
    "python",
    ["x = (1\n     % y)", "s = '''\n%time\n!ls\nhelp?\n'''", "x = 1 \\\n% 2", "# help?\n'?'", "x = [\n1,\n2\n, 3]"],
)
def test_what_only_looks_like_a_magic_is_python(python):
    """Beside a real one, so that magics are looked for."""
    book = Notebook(json.dumps(notebook(code("%pwd", *python.split("\n")))))
    assert python in book.module
    assert book.refusals == ()


@pytest.mark.parametrize("magic", ["%%bash", "%%html", "%%javascript", "%%writefile a.py", "\n%%sh", "%%R -i x"])
def test_cells_in_another_language_are_left_alone(magic):
    book = Notebook(json.dumps(notebook(code(magic, "keras"), code("import keras"))))
    assert book.module == "import keras"
    assert book.refusals == ()


def test_a_notebook_in_another_language_has_no_python():
    assert Notebook(json.dumps(notebook(code("library(keras)"), language="R"))).module == ""
    info = {"cells": [code("using Flux")], "metadata": {"language_info": {"name": "julia"}}}
    assert Notebook(json.dumps(info)).module == ""
    assert Notebook(json.dumps({"cells": [code("import keras")]})).module == "import keras"


def test_a_cell_that_is_no_python_is_left_out_and_told_with_its_line():
    cells = [text_cell("#"), code("old = 1"), code("x = 1", "!ls \\", "  x", "print 'two'"), code("b = old")]
    text = json.dumps(notebook(*cells))
    book = Notebook(text)
    (refusal,) = book.refusals
    assert refusal[0] == ":cell 2:4"
    assert "print" in refusal[1]
    assert sources(replaced(text, "old", "new")) == ["#", "new = 1", "x = 1\n!ls \\\n  x\nprint 'two'", "b = new"]


def test_lines_of_the_module_are_told_as_lines_of_cells():
    text = json.dumps(notebook(code("a", "b"), code("%%bash"), text_cell("#"), code("!ls \\", " x", "c", "", "d")))
    book = Notebook(text)
    lines = book.module.split("\n")
    assert book.place(book.module, lines.index("b") + 1) == ":cell 1:2"
    assert book.place(book.module, lines.index("c") + 1) == ":cell 3:3"
    assert book.place(book.module, lines.index("d") + 1) == ":cell 3:5"
    assert book.place(book.module, None) == ""


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ('{"cells": [\n\n}', 3, "no notebook"),
        ("", 1, "no notebook"),
        ("{}", None, "no cells"),
        ("[1, 2]", None, "no cells"),
        ('{"cells": [{"cell_type": "code", "source": 5}]}', None, "no text"),
        ("[" * 100_000, None, "too deeply"),
    ],
)
def test_what_is_no_notebook_is_refused(text, line, reason):
    with pytest.raises(RefusedError, match=reason) as refused:
        Notebook(text)
    assert refused.value.line == line


def test_a_rewrite_that_would_break_a_cell_is_refused():
    text = json.dumps(notebook(code("a = 1"), code("%pwd", "b = 2")))
    book = Notebook(text)
    broken = [
        (book.module.replace("a = 1", "a = ("), "no program"),
        (book.module.replace('"notebook part"', "pass"), "told apart"),
        (book.module.replace('"notebook part 2 0"', "pass"), "lost a magic"),
    ]
    for module, reason in broken:
        with pytest.raises(RefusedError, match=reason):
            book.rewritten(module)


def test_a_notebook_may_hold_the_words_that_part_its_cells():
    text = json.dumps(notebook(code('"notebook part"'), code("%pwd", "old")))
    assert sources(replaced(text, "old", "new")) == ['"notebook part"', "%pwd\nnew"]
