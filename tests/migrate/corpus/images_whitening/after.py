# ZCA whitening, and each sample by its own mean
import numpy as np
import amalthea

images = np.random.RandomState(0).uniform(size=(60, 4, 4, 1)).astype('float32')

whitening = amalthea.transforms.ZCAWhitening.fit(images, epsilon=1e-5)
white = amalthea.ArrayLoader(images, batch_size=60, shuffle=False, transform=whitening)[0]

covariance = np.cov(white.reshape(60, -1).T, bias=True)
assert np.allclose(np.diag(covariance), 1, atol=0.1)

centred = amalthea.ArrayLoader(
    images,
    batch_size=60,
    shuffle=False,
    transform=amalthea.transforms.SampleNormalization(),
)[0]
assert np.allclose(centred.mean(axis=(1, 2, 3)), 0, atol=1e-5)
assert np.allclose(centred.std(axis=(1, 2, 3)), 1, atol=1e-3)
