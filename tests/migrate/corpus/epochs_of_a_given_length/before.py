"""Epochs that are longer and shorter than the data, as endless iterators gave them."""
import numpy as np
from keras.layers import Dense, Flatten
from keras.models import Sequential
from keras.preprocessing.image import ImageDataGenerator

nb_train_samples = 48
batch_size = 8
epochs = 2

x = np.random.RandomState(0).rand(24, 6, 6, 3).astype('float32')
y = (x.mean(axis=(1, 2, 3)) > 0.5).astype('float32')

model = Sequential([Flatten(), Dense(1, activation='sigmoid')])
model.compile(loss='binary_crossentropy', optimizer='sgd')

train_datagen = ImageDataGenerator(horizontal_flip=True)
train_generator = train_datagen.flow(x, y, batch_size=batch_size)
validation_generator = ImageDataGenerator().flow(x[:8], y[:8], batch_size=batch_size)

# twice the images there are
history = model.fit_generator(
    train_generator,
    steps_per_epoch=nb_train_samples // batch_size,
    epochs=epochs,
    validation_data=validation_generator,
    validation_steps=8 // batch_size,
    verbose=0)

# a fraction was as good as a whole number
model.fit_generator(train_datagen.flow(x, y, batch_size=5), steps_per_epoch=len(x) / 5, epochs=1, verbose=0)
model.fit_generator(train_datagen.flow(x, y, batch_size=5), steps_per_epoch=13 / 5, epochs=1, verbose=0)


def fit(model, steps=7):
    data = train_datagen.flow(x, y, batch_size=batch_size)
    return model.fit(data, steps_per_epoch=steps, epochs=1, verbose=0)


assert len(history.history['val_loss']) == epochs
assert fit(model).params['steps'] == 7
