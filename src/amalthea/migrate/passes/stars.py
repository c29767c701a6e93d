"""What `from keras... import *` gives, imported by its names, so that all that follows can tell what that is."""

from __future__ import annotations

from typing import Any

import libcst as cst
from libcst import metadata

from amalthea.migrate.names import canonical
from amalthea.migrate.passes._calls import dotted
from amalthea.migrate.passes._values import nodes_of
from amalthea.migrate.passes.modern import missing
from amalthea.migrate.rewriter import Rewriter

__all__ = ["Stars"]

_HOME = "keras.preprocessing"

# Of the modules that have lost or renamed what programs take from them, all that they take.
_NAMES = {
    f"{_HOME}.image": (
        "DataFrameIterator DirectoryIterator ImageDataGenerator Iterator NumpyArrayIterator apply_affine_transform "
        "apply_brightness_shift apply_channel_shift array_to_img image_dataset_from_directory img_to_array load_img "
        "random_brightness random_channel_shift random_rotation random_shear random_shift random_zoom save_img "
        "smart_resize"
    ),
    f"{_HOME}.sequence": "TimeseriesGenerator make_sampling_table pad_sequences skipgrams",
    f"{_HOME}.text": "Tokenizer hashing_trick one_hot text_to_word_sequence tokenizer_from_json",
    "keras.optimizers": (
        "Adadelta Adagrad Adam Adamax Ftrl Nadam Optimizer RMSprop SGD TFOptimizer adadelta adagrad adam adamax nadam "
        "rmsprop schedules sgd"
    ),
    "keras.utils": (
        "CustomObjectScope GeneratorEnqueuer HDF5Matrix OrderedEnqueuer Progbar PyDataset Sequence SequenceEnqueuer "
        "array_to_img custom_object_scope data_utils generic_utils get_custom_objects get_file img_to_array load_img "
        "model_to_dot multi_gpu_model normalize np_utils pad_sequences plot_model save_img set_random_seed "
        "to_categorical vis_utils"
    ),
}


class Stars(Rewriter):
    """`from keras.preprocessing.image import *` becomes an import of what is used of it."""

    METADATA_DEPENDENCIES = (*Rewriter.METADATA_DEPENDENCIES, metadata.ScopeProvider)
    words = ("import *",)

    def visit_Module(self, node: cst.Module) -> None:
        """Looks for names that are set nowhere."""
        names = [each for each in nodes_of(node) if isinstance(each, cst.Name)]
        self._free = {each.value for each in names if self._is_free(each)}

    def leave_ImportFrom(self, original_node: cst.ImportFrom, updated_node: cst.ImportFrom) -> cst.ImportFrom:
        """Writes the names."""
        module: Any = original_node.module
        if not isinstance(original_node.names, cst.ImportStar) or module is None or original_node.relative:
            return updated_node
        path = canonical(dotted(module))
        names = [name for name in _NAMES.get(path or "", "").split() if name in self._free]
        if not names:
            if path is not None and missing(path) is not None:
                self.mark(f"Keras 3 has no `{path}`")
            return updated_node
        self._free -= set(names)
        self.changed(original_node, "names in place of `import *`")
        return updated_node.with_changes(names=[cst.ImportAlias(cst.Name(name)) for name in names])

    def _is_free(self, name: cst.Name) -> bool:
        scope = self.get_metadata(metadata.ScopeProvider, name, None)
        return scope is not None and not scope[name.value]
