import numpy as np
import amalthea

data = np.array([[i, 10 * i] for i in range(60)])
targets = np.array([[-i] for i in range(60)])
lookback, step = 10, 3


def make(data, targets, low, high, **unused):
    return amalthea.TimeSeriesLoader(data, targets[lookback : high + 1], sequence_length=-(-lookback // step),
                                     sampling_rate=step, sequence_stride=2,  # every other one
                                     start_index=low, batch_size=4)


train = make(data, targets, 0, 39)
test = make(data, targets, low=40, high=55)
positional = amalthea.TimeSeriesLoader(
    data + 1,
    (targets + 1)[5:21],
    3,
    sampling_rate=2,
    sequence_stride=3,
    start_index=4,
    shuffle=False,
    reverse=True,
    batch_size=2,
)
drawn = amalthea.TimeSeriesLoader(list(range(20)), list(range(20))[4:], 4, shuffle=True, batch_size=5)

x, y = train[0]
assert x.shape == (4, 4, 2) and x[0, :, 0].tolist() == [0, 3, 6, 9] and y.tolist() == [[-10], [-12], [-14], [-16]]
x, y = train[len(train) - 1]
assert y[-1].tolist() == [-38] and sum(len(train[i][1]) for i in range(len(train))) == 15
x, y = test[0]
assert x[0, :, 0].tolist() == [40, 43, 46, 49] and y[0].tolist() == [-50]
x, y = test[len(test) - 1]
assert y[-1].tolist() == [-54]
x, y = positional[0]
assert x[:, :, 0].tolist() == [[9, 7, 5], [12, 10, 8]] and y.tolist() == [[-8], [-11]]
x, y = positional[len(positional) - 1]
assert y.tolist() == [[-14], [-17]]
x, y = drawn[0]
assert x.shape == (5, 4) and (x[:, -1] + 1 == y).all()
