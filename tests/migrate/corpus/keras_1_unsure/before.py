from data import train_batches, validation_batches
from model import build

model = build()
model.fit_generator(train_batches(32), 20000, nb_epoch=10,
                    validation_data=validation_batches(32), nb_val_samples=800, nb_worker=4)
