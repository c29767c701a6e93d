import os
import numpy
from PIL import Image
import amalthea

os.makedirs('faces/all')
for number in range(6): Image.fromarray(numpy.full((4, 4, 3), 40 * number, 'uint8')).save(f'faces/all/{number}.png')

augment = [amalthea.transforms.RandomFlip("horizontal")]   # images are their own targets
flow = amalthea.ImageLoader.from_directory(
    'faces',
    image_size = (4, 4),
    label_mode = 'input',
    batch_size = 3,
    crop_to_aspect_ratio = True,
    interpolation="nearest",
    rescale=1.0/255,
    augment=augment,
)

x, y = flow[0]
assert (x == y).all() and x.max() <= 1 and x.shape == (3, 4, 4, 3)
