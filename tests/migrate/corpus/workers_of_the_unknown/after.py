# The generator is in another file.
from keras.models import Sequential
from my_classes import DataGenerator

training_generator = DataGenerator(partition['train'], labels, **params)
validation_generator = DataGenerator(partition['validation'], labels, **params)

model = Sequential()
[...] # Architecture
model.compile()

# TODO(amalthea): `workers=6, use_multiprocessing=True` is gone from `fit`; if it is given a Sequence, write `amalthea.SequenceLoader(training_generator, shuffle=True, workers=6, use_multiprocessing=True)`, `amalthea.SequenceLoader(validation_generator, workers=6, use_multiprocessing=True)`
model.fit(x=training_generator,
          steps_per_epoch=len(training_generator),
          validation_data=validation_generator)


def train(model, gen, args):
    # TODO(amalthea): `workers=args.workers` is gone from `fit`; if it is given a Sequence, write `amalthea.SequenceLoader(gen, shuffle=True, workers=args.workers)`
    model.fit(gen, epochs=args.epochs)
    model.fit(*gen, epochs=3)
    # TODO(amalthea): `fit_generator` is `fit` now: give all but the first of its arguments by their names
    model.fit_generator(gen, 10, 3, 1, [], None, None, 1, None, 10)
