"""What is a `Tokenizer` in a program, and what it may be asked for."""

from __future__ import annotations

from collections.abc import Callable

import libcst as cst
from libcst import metadata

from amalthea.migrate.names import canonical
from amalthea.migrate.passes._calls import code_of
from amalthea.migrate.passes._keras_uses import paths_of_import
from amalthea.migrate.passes._values import nodes_of
from amalthea.migrate.rewriter import Rewriter

__all__ = ["FROM_JSON", "GONE", "METHODS", "TOKENIZER", "UNCOUNTED", "Receivers"]

_HOME = "keras.preprocessing.text"
TOKENIZER = f"{_HOME}.Tokenizer"
FROM_JSON = f"{_HOME}.tokenizer_from_json"

# The methods that nothing but a Tokenizer has, and what takes their place.
METHODS = {
    "fit_on_texts": "fit(texts)",
    "texts_to_sequences": "[tokenizer.encode(text).tolist() for text in texts]",
    "texts_to_sequences_generator": "(tokenizer.encode(text).tolist() for text in texts)",
    "sequences_to_texts": "[tokenizer.decode(ids) for ids in sequences]",
    "sequences_to_texts_generator": "(tokenizer.decode(ids) for ids in sequences)",
    "texts_to_matrix": "np.bincount(tokenizer.encode(text), minlength=size) for each text",
    "sequences_to_matrix": "np.bincount(ids, minlength=size) for each sequence",
}

_SET = "count the numbers in set(tokenizer.encode(text).tolist()) of each text"

# Attributes that a WordTokenizer does not have.
UNCOUNTED = {
    "num_words": "write {}.vocab_size, which is how many ids there are, or keep the number in a variable",
    "document_count": "{} does not count texts: write len(texts)",
    "word_docs": "{} does not count in how many texts a word occurs: " + _SET,
    "index_docs": "{} does not count in how many texts a word occurs: " + _SET,
}

_BY_HAND = "is not in Keras 3, and Amalthea has none: write it by hand"

GONE = {
    f"{_HOME}.text_to_word_sequence": (
        "text_to_word_sequence is not in Keras 3: write "
        "text.lower().translate(str.maketrans(filters, ' ' * len(filters))).split()"
    ),
    f"{_HOME}.one_hot": (
        "one_hot is not in Keras 3: its numbers, by Python's hash, were others in each run; number the words by "
        "amalthea.WordTokenizer"
    ),
    f"{_HOME}.hashing_trick": (
        "hashing_trick is not in Keras 3: write int(hashlib.md5(word.encode()).hexdigest(), 16) % (n - 1) + 1 for each "
        "word, as hash_function='md5' did"
    ),
    "keras.preprocessing.sequence.skipgrams": f"skipgrams {_BY_HAND}",
    "keras.preprocessing.sequence.make_sampling_table": f"make_sampling_table {_BY_HAND}",
}


class Receivers:
    """The expressions whose methods are those of a `Tokenizer`.

    Args:
        rewriter: Has the metadata of the program.
        module: The program.
        is_understood: Says whether a call of `Tokenizer` can be turned.

    Attributes:
        all_sure: Whether all tokenizers that are made here can be turned.
    """

    def __init__(self, rewriter: Rewriter, module: cst.Module, is_understood: Callable[[cst.Call], bool]) -> None:
        self._rewriter = rewriter
        self._known: set[str] = set()
        self._doubted: set[str] = set()
        nodes = list(nodes_of(module))
        self._has_tokenizers = any(
            rewriter.name_of(node) in (TOKENIZER, FROM_JSON)
            for node in nodes
            if isinstance(node, cst.Name | cst.Attribute)
        ) or any(_imports_it(node) for node in nodes if isinstance(node, cst.Import | cst.ImportFrom))
        calls = [node for node in nodes if isinstance(node, cst.Call)]
        for call in calls:
            name = rewriter.name_of(call.func)
            if any(path.startswith("amalthea.WordTokenizer") for path in rewriter.paths_of(call.func)):
                self._known |= self._targets(call)  # of an earlier run
            elif name == FROM_JSON or (name == TOKENIZER and is_understood(call)):
                self._known |= self._targets(call)
            elif name == TOKENIZER:
                self._doubted |= self._targets(call)
        made = [call for call in calls if rewriter.name_of(call.func) == TOKENIZER]
        self.all_sure = all(map(is_understood, made))
        if self.all_sure and self._has_tokenizers:  # parameters, and what comes out of a pickle
            self._known |= {
                code_of(call.func.value)
                for call in calls
                if isinstance(call.func, cst.Attribute) and call.func.attr.value in METHODS
            }
        self._known -= self._doubted

    def is_known(self, node: cst.BaseExpression) -> bool:
        """Returns whether an expression is a tokenizer that is a WordTokenizer now."""
        return code_of(node) in self._known

    def is_doubted(self, node: cst.BaseExpression) -> bool:
        """Returns whether an expression is a tokenizer that is left as it is, or may be one."""
        return code_of(node) in self._doubted or (self._has_tokenizers and not self.is_known(node))

    def _targets(self, call: cst.Call) -> set[str]:
        parent = self._rewriter.get_metadata(metadata.ParentNodeProvider, call)
        if isinstance(parent, cst.Assign):
            return {code_of(target.target) for target in parent.targets}
        return {code_of(parent.target)} if isinstance(parent, cst.AnnAssign) else set()


def _imports_it(node: cst.Import | cst.ImportFrom) -> bool:
    return any(canonical(path) in (TOKENIZER, FROM_JSON) for _, path in paths_of_import(node))
