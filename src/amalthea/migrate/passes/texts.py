"""`Tokenizer` and its methods: `WordTokenizer` in its place, with the same ids."""

from __future__ import annotations

from typing import Any

import libcst as cst
from libcst import metadata

from amalthea.migrate.passes._calls import code_of
from amalthea.migrate.passes._layout import Layout, New
from amalthea.migrate.passes._legacy_calls import bound, literal
from amalthea.migrate.passes._removals import Removals
from amalthea.migrate.passes.texts_files import Files
from amalthea.migrate.passes.texts_names import FROM_JSON, GONE, METHODS, TOKENIZER, UNCOUNTED, Receivers
from amalthea.migrate.passes.texts_sequences import first_of, sequences
from amalthea.migrate.rewriter import Notes, Rewriter, expression

__all__ = ["Texts"]

_ARGUMENTS = ("num_words", "filters", "lower", "split", "char_level", "oov_token", "analyzer", "document_count")

_UNSURE = (
    "Tokenizer is left as it is: amalthea.WordTokenizer takes words with a separator between them; for characters or "
    "words of your own write WordTokenizer(filters='', lower=False, split='\\0', oov_token=None) and give it "
    "'\\0'.join(text)"
)
_DERIVED = "Tokenizer is not in Keras 3; write a class that has an amalthea.WordTokenizer(oov_token=None)"
_ELSEWHERE = (
    "`{0}` is a method of the legacy Tokenizer; of an amalthea.WordTokenizer write {1} (a pickle of the legacy class "
    "cannot be read any more: write its to_json() into a file where it was made, and load that)"
)
_MATRIX = (
    "WordTokenizer makes no matrices; for mode='count' write np.stack([np.bincount({0}.encode(text), minlength=size) "
    "for text in texts]), with size the number of words, 0 included"
)
_TO_JSON = "write {0}.save(path), and read it by amalthea.WordTokenizer.load(path)"
_LOAD = "write amalthea.WordTokenizer.load(path), which reads what to_json() has given"


class Texts(Removals):
    """`Tokenizer` becomes `WordTokenizer`; `oov_token=None` and the ids stay what they were."""

    METADATA_DEPENDENCIES = (*Rewriter.METADATA_DEPENDENCIES, metadata.ParentNodeProvider, metadata.ScopeProvider)

    words = ("Tokenizer", "tokenizer_from_json", *METHODS, *UNCOUNTED, "preprocessing.text")

    def __init__(self, notes: Notes) -> None:
        super().__init__(notes)
        self._module: Any = None
        self._receivers: Any = None
        self._files: Any = None

    def visit_Module(self, node: cst.Module) -> None:
        """Looks for tokenizers, and for the files that they are in."""
        self._module = node
        self._receivers = Receivers(self, node, _is_understood)
        self._files = Files(self, node, self._receivers)

    def leave_ClassDef(self, original_node: cst.ClassDef, updated_node: cst.ClassDef) -> cst.ClassDef:
        """Marks a class that is derived from it."""
        if any(self.name_of(base.value) == TOKENIZER for base in original_node.bases):
            self.mark(_DERIVED)
        return updated_node

    def leave_Annotation(self, original_node: cst.Annotation, updated_node: cst.Annotation) -> cst.Annotation:
        """Rewrites the type of a parameter."""
        if self.name_of(original_node.annotation) != TOKENIZER or not self._receivers.all_sure:
            return updated_node
        return updated_node.with_changes(annotation=self.use("amalthea.WordTokenizer"))

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        """Rewrites the making of a tokenizer, and what it is asked for."""
        name = self.name_of(original_node.func)
        if name == TOKENIZER:
            return self._made(original_node, updated_node)
        if name == FROM_JSON:
            return self._loaded(original_node, updated_node)
        if name in GONE:
            self.mark(GONE[name])
        if isinstance(original_node.func, cst.Attribute) and isinstance(updated_node.func, cst.Attribute):
            return self._asked(original_node, original_node.func, updated_node)
        return updated_node

    def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> cst.Attribute:
        """Marks what a WordTokenizer does not count, and methods that are handed on."""
        parent = self.get_metadata(metadata.ParentNodeProvider, original_node)
        method = original_node.attr.value
        is_called = isinstance(parent, cst.Call) and parent.func is original_node
        if method in METHODS and not is_called and self._receivers.is_known(original_node.value):
            self.mark(_ELSEWHERE.format(method, METHODS[method]))
        if original_node.attr.value in UNCOUNTED and self._receivers.is_known(original_node.value):
            self.mark(UNCOUNTED[original_node.attr.value].format(code_of(original_node.value)))
        return updated_node

    def leave_Subscript(self, original_node: cst.Subscript, updated_node: cst.Subscript) -> cst.BaseExpression:
        """Rewrites `texts_to_sequences([text])[0]`: there is no need of a list for one text."""
        if not isinstance(original_node.value, cst.Call) or updated_node.value is original_node.value:
            return updated_node
        return first_of(updated_node) if self._is_sequences(original_node.value) else updated_node

    def leave_With(self, original_node: cst.With, updated_node: cst.With) -> Any:
        """Rewrites the writing and reading of its JSON."""
        code = self._files.code_of(original_node)
        if code is None:
            return updated_node
        self.notes.imports.add("amalthea")
        if not code:
            return self.removed_block(updated_node)
        self.changed(original_node, f"`{code}` opens the file itself")
        return cst.parse_statement(code).with_changes(leading_lines=updated_node.leading_lines)

    def _made(self, original_node: cst.Call, call: cst.Call) -> cst.Call:
        args = bound(call.args, _ARGUMENTS, {"nb_words": "num_words"})
        if args is None or not _is_understood(original_node):
            self.mark(_UNSURE)
            return call
        self.changed(original_node, "`Tokenizer` is `amalthea.WordTokenizer`")
        new = [
            New(name if arg.keyword is not None or place else None, arg.value, arg)
            for place, (name, arg) in enumerate((_name(name), arg) for name, arg in args.items() if _is_kept(name))
        ]
        if "oov_token" not in args:
            new.append(New("oov_token", cst.Name("None")))
        layout = Layout.at(self, self._module, original_node)
        return layout.call(call, self.use("amalthea.WordTokenizer"), new)

    def _loaded(self, original_node: cst.Call, call: cst.Call) -> cst.Call:
        path = self._files.path_of(original_node)
        if path is None:
            self.mark(_LOAD)
            return call
        self.changed(
            original_node, "`tokenizer_from_json` is `amalthea.WordTokenizer.load`, which reads the file itself"
        )
        return cst.Call(self.use("amalthea.WordTokenizer.load"), [cst.Arg(expression(path))])

    def _asked(self, original_node: cst.Call, func: cst.Attribute, call: cst.Call) -> cst.BaseExpression:
        method, receiver = func.attr.value, func.value
        if method == "to_json" and self._receivers.is_known(receiver):
            self.mark(_TO_JSON.format(code_of(receiver)))
        if method not in METHODS or self._receivers.is_doubted(receiver):
            return call
        if not self._receivers.is_known(receiver):
            self.mark(_ELSEWHERE.format(method, METHODS[method]))
        elif method.endswith("_to_matrix"):
            self.mark(_MATRIX.format(code_of(receiver)))
        elif len(call.args) == 1 and not call.args[0].star:
            self.changed(original_node, f"`{method}` is `{METHODS[method]}`")
            if method == "fit_on_texts":
                return call.with_deep_changes(call.func, attr=cst.Name("fit"))
            parent = self.get_metadata(metadata.ParentNodeProvider, original_node)
            outer = self.get_metadata(metadata.ParentNodeProvider, parent)
            padded = isinstance(outer, cst.Call) and (self.name_of(outer.func) or "").endswith(".pad_sequences")
            return sequences(call, as_lists=not padded)
        else:
            self.mark(_ELSEWHERE.format(method, METHODS[method]))
        return call

    def _is_sequences(self, call: cst.Call) -> bool:
        func = call.func
        return (
            isinstance(func, cst.Attribute)
            and func.attr.value in ("texts_to_sequences", "sequences_to_texts")
            and self._receivers.is_known(func.value)
        )


def _is_understood(call: cst.Call) -> bool:
    """Returns whether a Tokenizer takes words with something between them, as a WordTokenizer does."""
    args = bound(call.args, _ARGUMENTS, {"nb_words": "num_words"})
    if args is None:
        return False
    return not any(
        name in args and literal(args[name].value) not in (False, None) for name in ("char_level", "analyzer")
    )


def _is_kept(name: str) -> bool:
    return name not in ("char_level", "analyzer", "document_count")


def _name(name: str) -> str:
    return "vocab_size" if name == "num_words" else name
