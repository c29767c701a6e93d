from keras.preprocessing.sequence import TimeseriesGenerator


class Weighted(TimeseriesGenerator):
    def __getitem__(self, index):
        x, y = super().__getitem__(index)
        return x, y, 1 + index


def make(data, *args, **kwargs):
    return TimeseriesGenerator(data, data, *args, **kwargs)
