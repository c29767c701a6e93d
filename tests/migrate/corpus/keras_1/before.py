from keras.models import Sequential, Model
from keras.layers import Input
from keras.layers.core import Dense, Dropout, Flatten
from keras.layers.convolutional import Convolution2D, MaxPooling2D
from keras.optimizers import adam
import numpy as np

batch_size = 4


def generate(x, y, batch_size):
    while True:
        for i in range(0, len(x), batch_size):
            yield (x[i:i + batch_size], y[i:i + batch_size])


inputs = Input((8, 8, 1))
h = Convolution2D(4, 3, 3, border_mode='same', subsample=(2, 2), activation='relu', init='he_normal')(inputs)
h = MaxPooling2D(pool_size=(2, 2), border_mode='same')(h)
h = Dropout(p=.1)(Flatten()(h))
model = Model(input=inputs, output=Dense(output_dim=1, W_regularizer='l2', bias=False)(h))
model.compile(loss='mse', optimizer=adam(lr=.001, decay=0.0, epsilon=None))
X, y = np.zeros((8, 8, 8, 1)), np.zeros((8, 1))
model.fit(X, y, batch_size=4, nb_epoch=1, verbose=0)
model.fit_generator(generate(X, y, batch_size=batch_size), samples_per_epoch=len(X), nb_epoch=1, verbose=0,
                    validation_data=generate(X, y, batch_size=batch_size), nb_val_samples=8,
                    max_q_size=10, nb_worker=1, pickle_safe=False)
assert model.predict_generator(generate(X, y, batch_size=4), val_samples=len(X)).shape == (8, 1)
