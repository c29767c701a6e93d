# ZCA whitening, and each sample by its own mean
import numpy as np
from keras.preprocessing import image

images = np.random.RandomState(0).uniform(size=(60, 4, 4, 1)).astype('float32')

whitener = image.ImageDataGenerator(zca_whitening=True, zca_epsilon=1e-5)
whitener.fit(images)
white = whitener.flow(images, batch_size=60, shuffle=False)[0]

covariance = np.cov(white.reshape(60, -1).T, bias=True)
assert np.allclose(np.diag(covariance), 1, atol=0.1)

per_image = image.ImageDataGenerator(samplewise_center=True, samplewise_std_normalization=True)
centred = per_image.flow(images, batch_size=60, shuffle=False)[0]
assert np.allclose(centred.mean(axis=(1, 2, 3)), 0, atol=1e-5)
assert np.allclose(centred.std(axis=(1, 2, 3)), 1, atol=1e-3)
