import numpy as np
import amalthea


class Trainer(object):
	'''Indented by tabs.'''

	def __init__(self, x, y, batch_size=4):
		self.x = x
		self.y = y
		self.batch_size = batch_size
		self.augment = [amalthea.transforms.RandomFlip("horizontal")]
		self.normalization = amalthea.transforms.Normalization.fit(self.x, scale=False)

	def batches(self):
		return amalthea.ArrayLoader(
			self.x,
			self.y,
			batch_size=self.batch_size,
			shuffle=False,
			augment=self.augment,
			transform=self.normalization,
		)

	def plain(self):
		return amalthea.ArrayLoader(self.x.astype("float32"), self.y, batch_size=self.batch_size, shuffle=False)


x = np.arange(72, dtype='uint8').reshape(8, 3, 3, 1)
trainer = Trainer(x, np.arange(8))
batch, labels = trainer.batches()[1]
assert np.allclose(batch.mean(axis=(1, 2, 3)), (x - x.mean())[4:].mean(axis=(1, 2, 3)))
assert labels.tolist() == [4, 5, 6, 7]
batch, labels = trainer.plain()[0]
assert batch.dtype == np.float32 and (batch == x[:4]).all()
