"""Epochs that are longer and shorter than the data, as endless iterators gave them."""
import numpy as np
from keras.layers import Dense, Flatten
import amalthea
import math
from keras.models import Sequential

nb_train_samples = 48
batch_size = 8
epochs = 2

x = np.random.RandomState(0).rand(24, 6, 6, 3).astype('float32')
y = (x.mean(axis=(1, 2, 3)) > 0.5).astype('float32')

model = Sequential([Flatten(), Dense(1, activation='sigmoid')])
model.compile(loss='binary_crossentropy', optimizer='sgd')

augment = [amalthea.transforms.RandomFlip("horizontal")]
train_generator = amalthea.ArrayLoader(x, y, batch_size=batch_size, augment=augment, steps_per_epoch=nb_train_samples // batch_size)
validation_generator = amalthea.ArrayLoader(x[:8].astype("float32"), y[:8], batch_size=batch_size)

# twice the images there are
# TODO(amalthea): `validation_steps` may be more than the batches of `validation_generator`, which the legacy iterator began again: leave it out for all of them
history = model.fit(
    train_generator,
    epochs=epochs,
    validation_data=validation_generator,
    validation_steps=8 // batch_size,
    verbose=0)

# a fraction was as good as a whole number
model.fit(amalthea.ArrayLoader(x, y, batch_size=5, augment=augment), epochs=1, verbose=0)
model.fit(amalthea.ArrayLoader(x, y, batch_size=5, augment=augment, steps_per_epoch=math.ceil(13 / 5)), epochs=1, verbose=0)


def fit(model, steps=7):
    data = amalthea.ArrayLoader(x, y, batch_size=batch_size, augment=augment, steps_per_epoch=steps)
    return model.fit(data, epochs=1, verbose=0)


assert len(history.history['val_loss']) == epochs
assert fit(model).params['steps'] == 7
