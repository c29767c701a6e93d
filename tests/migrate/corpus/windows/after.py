import numpy as np
import amalthea

series = np.arange(1.0, 21.0)
series = series.reshape((len(series), 1))

before = 3  # steps that are known
generator = amalthea.TimeSeriesLoader(series, series[before:], sequence_length=before, batch_size=8)
print(len(generator), 'batches')

assert len(generator) == 3
x, y = generator[0]
assert x[0].tolist() == [[1], [2], [3]] and y[0].tolist() == [4]
x, y = generator[2]
assert x.shape == (1, 3, 1) and y.tolist() == [[20]]
