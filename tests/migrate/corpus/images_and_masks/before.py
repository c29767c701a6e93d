from keras.preprocessing.image import ImageDataGenerator

# the pictures and what is drawn over them have to move alike
moves = dict(horizontal_flip=True, shear_range=5)
photos = ImageDataGenerator(**moves)
outlines = ImageDataGenerator(**moves)

# one seed for both
photo_batches = photos.flow_from_directory('land/photos', class_mode=None, seed=7)
outline_batches = outlines.flow_from_directory('land/outlines', class_mode=None, seed=7)

together = zip(photo_batches, outline_batches)
model.fit_generator(together, steps_per_epoch=300, epochs=4)
