# The generator is in another file.
from keras.models import Sequential
from scans import ScanBatches

to_learn = ScanBatches(known[:16], diagnosis, **options)
to_check = ScanBatches(known[16:], diagnosis, **options)

model = Sequential(layers)
model.compile('adam', 'mse')

model.fit_generator(generator=to_learn,
                    steps_per_epoch=len(to_learn),
                    validation_data=to_check,
                    use_multiprocessing=True, workers=6)


def train(model, gen, args):
    model.fit_generator(gen, epochs=args.epochs, workers=args.workers)
    model.fit(*gen, epochs=3)
    model.fit_generator(gen, 10, 3, 1, [], None, None, 1, None, 10)
