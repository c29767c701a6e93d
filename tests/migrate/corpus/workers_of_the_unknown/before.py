# The generator is in another file.
from keras.models import Sequential
from my_classes import DataGenerator

training_generator = DataGenerator(partition['train'], labels, **params)
validation_generator = DataGenerator(partition['validation'], labels, **params)

model = Sequential()
[...] # Architecture
model.compile()

model.fit_generator(generator=training_generator,
                    steps_per_epoch=len(training_generator),
                    validation_data=validation_generator,
                    use_multiprocessing=True, workers=6)


def train(model, gen, args):
    model.fit_generator(gen, epochs=args.epochs, workers=args.workers)
    model.fit(*gen, epochs=3)
    model.fit_generator(gen, 10, 3, 1, [], None, None, 1, None, 10)
