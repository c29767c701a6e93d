import numpy as np
from tensorflow.keras.preprocessing.image import ImageDataGenerator

train_images = np.random.RandomState(1).normal(100, 20, (40, 6, 6, 1)).astype(np.float32)
train_labels = np.arange(40)
test_images = train_images[:10] + 1

datagen = ImageDataGenerator(featurewise_center=True, featurewise_std_normalization=True, rescale=1./255)
datagen.fit(train_images)

train_it = datagen.flow(train_images, train_labels, batch_size=10)
test_it = datagen.flow(test_images, train_labels[:10], batch_size=10, shuffle=False)

expected = (test_images - train_images.mean()) / train_images.std()
x, y = test_it[0]
assert np.allclose(x, expected, atol=1e-3)
assert y.tolist() == list(range(10))
means = np.mean([train_it[i][0].mean() for i in range(len(train_it))])
assert abs(means) < 1e-3
