# The generator is in another file.
from keras.models import Sequential
from scans import ScanBatches

to_learn = ScanBatches(known[:16], diagnosis, **options)
to_check = ScanBatches(known[16:], diagnosis, **options)

model = Sequential(layers)
model.compile('adam', 'mse')

# TODO(amalthea): `workers=6, use_multiprocessing=True` is gone from `fit`; if it is given a Sequence, write `amalthea.SequenceLoader(to_learn, shuffle=True, workers=6, use_multiprocessing=True)`, `amalthea.SequenceLoader(to_check, workers=6, use_multiprocessing=True)`
model.fit(x=to_learn,
          steps_per_epoch=len(to_learn),
          validation_data=to_check)


def train(model, gen, args):
    # TODO(amalthea): `workers=args.workers` is gone from `fit`; if it is given a Sequence, write `amalthea.SequenceLoader(gen, shuffle=True, workers=args.workers)`
    model.fit(gen, epochs=args.epochs)
    model.fit(*gen, epochs=3)
    # TODO(amalthea): `fit_generator` is `fit` now: give all but the first of its arguments by their names
    model.fit_generator(gen, 10, 3, 1, [], None, None, 1, None, 10)
