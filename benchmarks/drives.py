"""How batches are drawn from a dataset: by the iterator of `fit`, by `fit`, or by the dataset itself.

Each is `drive(dataset, told)` and returns `epoch(see)`, which runs one epoch and shows each batch as it is there.
"""


def through_keras(dataset, told):
    """Keras' own epoch iterator: what `fit` draws its batches from, without a model behind it."""
    iterator = _epoch_iterator(dataset)

    def epoch(see):
        with iterator.catch_stop_iteration():
            for _, _, batches in iterator.enumerate_epoch():
                # TensorFlow hands its iterator on; the others the batches themselves.
                see(batches[0] if isinstance(batches, list) else next(batches))

    return epoch


def through_fit(dataset, told):
    """`fit`, with a model that does next to nothing, or with one that takes longer than the loading."""
    import keras

    from benchmarks.models import model_of

    model = model_of(told["model"], told["size"])

    class Seen(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            see_batch(None)

    def epoch(see):
        nonlocal see_batch
        see_batch = see
        model.fit(dataset, epochs=1, verbose=0, callbacks=[Seen()])

    see_batch = None
    return epoch


def by_itself(dataset, told):
    """The dataset is `epoch(see)`."""
    return dataset


DRIVES = {"keras": through_keras, "fit": through_fit, "itself": by_itself}


def _epoch_iterator(dataset):
    """Returns the iterator that `fit` makes on the running backend; `dataset` may be its arguments."""
    import keras

    arguments = dataset if isinstance(dataset, dict) else {"x": dataset}
    backend = keras.backend.backend()
    if backend == "jax":
        from keras.src.backend.jax.trainer import JAXEpochIterator

        return JAXEpochIterator(**arguments, shuffle=True)
    if backend == "torch":
        from keras.src.backend.torch.trainer import TorchEpochIterator

        return TorchEpochIterator(**arguments, shuffle=True)
    import tensorflow as tf
    from keras.src.backend.tensorflow.trainer import TFEpochIterator

    return TFEpochIterator(**arguments, distribute_strategy=tf.distribute.get_strategy(), shuffle=True)
