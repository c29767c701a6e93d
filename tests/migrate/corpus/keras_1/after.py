from keras.models import Sequential, Model
from keras.layers import Input
from keras.layers import Dense, Dropout, Flatten
from keras.layers import Conv2D, MaxPooling2D
from keras.optimizers import Adam
import numpy as np

batch_size = 4


def generate(x, y, batch_size):
    while True:
        for i in range(0, len(x), batch_size):
            yield (x[i:i + batch_size], y[i:i + batch_size])


inputs = Input((8, 8, 1))
h = Conv2D(4, (3, 3), padding='same', strides=(2, 2), activation='relu', kernel_initializer='he_normal')(inputs)
h = MaxPooling2D(pool_size=(2, 2), padding='same')(h)
h = Dropout(rate=.1)(Flatten()(h))
model = Model(inputs=inputs, outputs=Dense(units=1, kernel_regularizer='l2', use_bias=False)(h))
model.compile(loss='mse', optimizer=Adam(learning_rate=.001))
X, y = np.zeros((8, 8, 8, 1)), np.zeros((8, 1))
model.fit(X, y, batch_size=4, epochs=1, verbose=0)
# TODO(amalthea): `steps_per_epoch`, `validation_steps`, in batches now, was in samples: is this one pass?
model.fit(generate(X, y, batch_size=batch_size), steps_per_epoch=len(X) // batch_size, epochs=1, verbose=0,
          validation_data=generate(X, y, batch_size=batch_size), validation_steps=8 // batch_size)
# TODO(amalthea): `steps`, in batches now, was in samples: is this one pass?
assert model.predict(generate(X, y, batch_size=4), steps=len(X) // 4, verbose=0).shape == (8, 1)
