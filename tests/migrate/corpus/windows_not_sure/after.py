# TODO(amalthea): Keras 3 has no `keras.preprocessing.sequence.TimeseriesGenerator`: see `amalthea.TimeSeriesLoader`
from keras.preprocessing.sequence import TimeseriesGenerator


# TODO(amalthea): TimeseriesGenerator is not in Keras 3; write a loader of amalthea.sources.Windows(data, targets[length:], length)
class Weighted(TimeseriesGenerator):
    def __getitem__(self, index):
        x, y = super().__getitem__(index)
        return x, y, 1 + index


def make(data, *args, **kwargs):
    # TODO(amalthea): TimeseriesGenerator is left as it is, for its arguments are not all known here; write amalthea.TimeSeriesLoader(data, targets[length:], length)
    return TimeseriesGenerator(data, data, *args, **kwargs)
