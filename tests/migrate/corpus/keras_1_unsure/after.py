from data import train_batches, validation_batches
from model import build

model = build()
# TODO(amalthea): what was given in samples is in batches now: `samples_per_epoch` is `steps_per_epoch`, `nb_val_samples` is `validation_steps`, divided by the size of a batch
# TODO(amalthea): `workers=4` is gone from `fit`; if it is given a Sequence, write `amalthea.SequenceLoader(train_batches(32), shuffle=True, workers=4)`, `amalthea.SequenceLoader(validation_batches(32), workers=4)`
model.fit(train_batches(32), samples_per_epoch=20000, epochs=10,
          validation_data=validation_batches(32), nb_val_samples=800)
