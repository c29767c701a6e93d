import numpy as np
from tensorflow.keras.preprocessing.image import ImageDataGenerator


class Trainer(object):
	'''Indented by tabs.'''

	def __init__(self, x, y, batch_size=4):
		self.x = x
		self.y = y
		self.batch_size = batch_size
		self.datagen = ImageDataGenerator(
			featurewise_center=True,
			horizontal_flip=True
		)
		self.plain_datagen = ImageDataGenerator()
		self.datagen.fit(self.x)

	def batches(self):
		return self.datagen.flow(self.x, self.y, batch_size=self.batch_size, shuffle=False)

	def plain(self):
		return self.plain_datagen.flow(self.x, self.y, self.batch_size, False)


x = np.arange(72, dtype='uint8').reshape(8, 3, 3, 1)
trainer = Trainer(x, np.arange(8))
batch, labels = trainer.batches()[1]
assert np.allclose(batch.mean(axis=(1, 2, 3)), (x - x.mean())[4:].mean(axis=(1, 2, 3)))
assert labels.tolist() == [4, 5, 6, 7]
batch, labels = trainer.plain()[0]
assert batch.dtype == np.float32 and (batch == x[:4]).all()
