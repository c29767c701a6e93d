from keras.preprocessing.image import ImageDataGenerator

# we create two instances with the same arguments
data_gen_args = dict(rotation_range=90, zoom_range=0.2)
image_datagen = ImageDataGenerator(**data_gen_args)
mask_datagen = ImageDataGenerator(**data_gen_args)

# Provide the same seed and keyword arguments to the fit and flow methods
seed = 1
image_generator = image_datagen.flow_from_directory('data/images', class_mode=None, seed=seed)
mask_generator = mask_datagen.flow_from_directory('data/masks', class_mode=None, seed=seed)

# combine generators into one which yields image and masks
train_generator = zip(image_generator, mask_generator)
model.fit_generator(train_generator, steps_per_epoch=2000, epochs=50)
